"""Tests of autograder/platforms/known/classroom.py: clones called `ASSIGNMENT-USER`."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_list.roster import enrol, read_roster
from autograder.core.errors import AutograderError
from autograder.platforms.download import opened_download
from autograder.platforms.folders import collect_submissions, find_layout, told
from autograder.platforms.registry import LISTS
from tests.platforms.conftest import collected, write


def clones(root: Path, *names: str) -> Path:
    return write(root, *(f"{name}/{inside}" for name in names for inside in (".git/config", "main.py")))


def test_the_user_is_what_the_names_do_not_share(tmp_path: Path) -> None:
    write(clones(tmp_path, "ssl-hw4-ann-lee", "ssl-hw4-bob", "ssl-hw4-anna"), "notes/")
    assert find_layout(tmp_path) == "classroom"
    found = collect_submissions(tmp_path, "classroom")
    assert [one.student for one in found] == ["ann-lee", "anna", "bob", "notes"]
    assert told(found, "classroom") == ["What follows ssl-hw4- in a repository's name is taken for the user."]


def test_folders_that_are_no_repositories_are_plain(tmp_path: Path) -> None:
    assert find_layout(write(tmp_path, "hw-ann/", "hw-bob/")) == "plain"


@pytest.mark.parametrize("names", [("hw3-lee-ann", "hw3-lee-bob"), ("hw3-lee-ann",)])
def test_the_folder_around_says_the_assignments_name(tmp_path: Path, names: tuple[str, ...]) -> None:
    root = clones(tmp_path / "course" / "hw3-submissions", *names)
    write(tmp_path / "course", "roster.csv", "starter/main.py", "old-submissions/notes.txt")
    with opened_download(tmp_path / "course") as (folder, _):
        assert folder == root
    assert find_layout(root) == "classroom"
    found = collect_submissions(root, "classroom")
    assert [f"hw3-{one.student}" for one in found] == [*names]
    assert told(found, "classroom") == []


def test_of_several_assignments_one_must_be_named(tmp_path: Path) -> None:
    clones(tmp_path / "hw2-submissions", "hw2-ann")
    clones(tmp_path / "hw3-submissions", "hw3-ann")
    with opened_download(tmp_path) as (folder, _):
        assert folder == tmp_path
    assert find_layout(tmp_path) == "classroom"
    with pytest.raises(
        AutograderError, match=rf"more than one assignment in {tmp_path.name}: hw2-submissions, hw3-submissions"
    ):
        collect_submissions(tmp_path, "classroom")


def test_folders_in_each_other_without_end_are_survived(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-submissions", "b-submissions"] * 130)
    deep.mkdir(parents=True)
    write(tmp_path, "b-submissions/")
    assert find_layout(tmp_path) == "plain"


@pytest.mark.parametrize(
    ("repositories", "expected"),
    [
        (("ann-1", "bob"), ["ann", "bob"]),
        (("ann", "ann-1", "bob"), ["ann", "ann-1", "bob"]),
        (("ann-1", "ann-2", "bob"), ["ann-1", "ann-2", "bob"]),
        (("ann-2001", "bob"), ["ann-2001", "bob"]),
        (("1", "bob"), ["1", "bob"]),
    ],
)
def test_a_number_at_the_end_is_githubs(tmp_path: Path, repositories: tuple[str, ...], expected: list[str]) -> None:
    root = clones(tmp_path / "hw3-submissions", *(f"hw3-{name}" for name in repositories))
    assert [one.student for one in collect_submissions(root, "classroom")] == expected


def test_a_number_at_the_end_is_told_of(tmp_path: Path) -> None:
    root = clones(tmp_path / "hw3-submissions", "hw3-ann-1", "hw3-bob", "hw3-cy", "hw3-cy-1")
    assert told(collect_submissions(root, "classroom"), "classroom") == [
        "hw3-ann-1 is taken for ann's: GitHub adds a number to a name that is taken.",
        "hw3-cy-1 may be a second repository of cy's.",
    ]


@pytest.mark.parametrize(
    ("repositories", "users"),
    [
        (("hw3-ann-1", "hw3-bob"), ("ann-1", "bob")),
        (("hw3-ann-1", "hw3-bob"), ("Ann", "bob")),
        (("hw3-ann-1", "hw3-bob"), ("ann-1", "ann", "bob")),
        (("hw3-lee-ann", "hw3-lee-bob"), ("lee-ann", "lee-bob")),
        (("hw3-lee-ann", "hw3-lee-bob"), ("ann", "bob")),
        (("hw3-lee-ann-1", "hw3-lee-bob"), ("lee-ann", "lee-bob")),
        (("ssl-hw3-lee-ann", "ssl-hw3-lee-bob"), ("lee-ann", "lee-bob")),
    ],
)
def test_the_roster_decides_what_a_name_means(
    tmp_path: Path, repositories: tuple[str, ...], users: tuple[str, ...]
) -> None:
    root = clones(tmp_path / "in", *repositories)
    lines = (f"{user.lower()}@x.edu,{user}" for user in users)
    (tmp_path / "roster.csv").write_text("\n".join(("identifier,github_username", *lines)) + "\n")
    class_ = enrol(collect_submissions(root, "classroom"), read_roster(tmp_path / "roster.csv", LISTS))
    here = {f"{user.lower()}@x.edu" for user in (users[0], users[-1])}
    assert {one.student for one in class_.submissions} == here
    assert class_.strangers == ()


def test_a_team_is_known_by_its_whole_name(tmp_path: Path) -> None:
    root = clones(tmp_path / "in", "hw3-team-1", "hw3-team-2")
    (tmp_path / "roster.csv").write_text("id,name,group\nann,Ann,team-1\nbob,Bob,team-2\ncy,Cy,team-2\n")
    class_ = enrol(collect_submissions(root, "classroom"), read_roster(tmp_path / "roster.csv", LISTS))
    assert [[student for student, _ in one.students] for one in class_.submissions] == [["ann"], ["bob", "cy"]]


def test_who_has_an_empty_repository_handed_in_nothing(tmp_path: Path) -> None:
    root = write(clones(tmp_path, "hw3-ann", "hw3-bob"), "hw3-cy/.git/HEAD", "hw3-di/.git/HEAD", "hw3-di/README.md")
    assert {student: one.absent for student, one in collected(root, "classroom").items()} == {
        "ann": False,
        "bob": False,
        "cy": True,
        "di": False,
    }
