"""Tests of autograder/platforms/known/nbgrader.py: `submitted/STUDENT/ASSIGNMENT/`, and the course around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.platforms.download import opened_download
from autograder.platforms.folders import collect_submissions, find_layout
from tests.platforms.conftest import collected, write

STAMP = "2026-11-01 12:00:00.123456 UTC"
COURSE = ("source/hw4/", "release/hw4/", "autograded/", "feedback/", "gradebook.db", "nbgrader_config.py")


def hand_in(root: Path, student: str, assignment: str, stamp: str = "", *names: str) -> Path:
    folder = root / student / assignment
    folder.mkdir(parents=True)
    write(folder, *(names or ("main.py",)))
    if stamp:
        (folder / "timestamp.txt").write_text(stamp)
    return root


def test_each_student_is_a_submission(tmp_path: Path) -> None:
    root = tmp_path / "submitted"
    hand_in(root, "ann", "hw4", STAMP)
    hand_in(root, "bob", "hw4")
    assert find_layout(root) == "nbgrader"
    ann, bob = collect_submissions(root, "nbgrader")
    assert (ann.student, ann.origin, ann.about.submitted) == ("ann", root / "ann" / "hw4", "2026-11-01T12:00:00+00:00")
    assert (bob.student, bob.about.submitted) == ("bob", "")


@pytest.mark.parametrize("work", ["main.py", "report.ipynb", "hw.zip", "HW.ZIP"])
def test_the_time_stamps_tell_it_under_any_name(tmp_path: Path, work: str) -> None:
    root = tmp_path / "class"
    hand_in(root, "ann", "hw4", STAMP, work)
    write(root, "bob/hw4/", "cy/", "di/", "eve/")
    (root / "bob" / "hw4" / "timestamp.txt").write_text(STAMP)
    assert find_layout(root) == "nbgrader"


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("ann/timestamp.txt", "ann/attachment/main.py"), id="beside the hand-in"),
        pytest.param(("ann/hw/timestamp.txt", "ann/hw/attachment/hw.zip"), id="around the hand-in"),
        pytest.param(("ann/hw/timestamp.txt", "ann/hw/main.py", "bob/main.py", "cy/main.py"), id="one student's own"),
        pytest.param(("ann/src/main.py", "bob/src/main.py"), id="none"),
        pytest.param(("ann/hw/timestamp.txt", "ann/hw/main.py", "ann/main.py"), id="loose files"),
    ],
)
def test_a_time_stamp_alone_is_not_nbgraders(tmp_path: Path, names: tuple[str, ...]) -> None:
    root = write(tmp_path / "class", *names)
    for stamp in root.rglob("timestamp.txt"):
        stamp.write_text(STAMP)
    assert find_layout(root) == "plain"
    assert find_layout(write(tmp_path / "submitted", "ann/main.py", "bob/src/main.py")) == "plain"


@pytest.mark.parametrize("names", [COURSE, COURSE[:2], COURSE[4:5], COURSE[5:]])
def test_a_courses_root_is_gone_into(tmp_path: Path, names: tuple[str, ...]) -> None:
    write(tmp_path / "course", *names)
    root = hand_in(tmp_path / "course" / "submitted", "ann", "hw4")
    with opened_download(tmp_path / "course") as (folder, _):
        assert folder == root
        assert find_layout(folder) == "nbgrader"


def test_a_course_in_which_nothing_was_collected_is_refused(tmp_path: Path) -> None:
    root = write(tmp_path / "course", *COURSE)
    assert find_layout(root) == "nbgrader"
    with pytest.raises(AutograderError, match="without the folder submitted"):
        collect_submissions(root, "nbgrader")


def test_a_class_with_one_stray_file_is_no_course(tmp_path: Path) -> None:
    assert find_layout(write(tmp_path, "ann/main.py", "source/main.py", "notes.txt")) == "plain"
    assert find_layout(write(tmp_path, "gradebook.db", "source.txt")) == "nbgrader"


def several(root: Path) -> Path:
    for student, assignment in (("ann", "a"), ("ann", "b"), ("bob", "b"), ("cy", "a")):
        hand_in(root, student, assignment, STAMP)
    return write(root, "bob/.ipynb_checkpoints/x.ipynb")


@pytest.mark.parametrize(("assignment", "present"), [("a", ["ann", "cy"]), ("b", ["ann", "bob"])])
def test_the_assignment_that_is_named_is_graded(tmp_path: Path, assignment: str, present: list[str]) -> None:
    found = collected(several(tmp_path / "submitted"), "nbgrader", assignment)
    assert set(found) == {"ann", "bob", "cy"}
    assert [student for student, one in found.items() if not one.absent] == present
    assert {one.origin.name for one in found.values()} == {assignment}


def test_of_several_assignments_one_must_be_named(tmp_path: Path) -> None:
    root = several(tmp_path / "submitted")
    with pytest.raises(AutograderError, match=r"more than one assignment in submitted: a, b\.$") as caught:
        collect_submissions(root, "nbgrader")
    assert "--assignment" in caught.value.hint


@pytest.mark.parametrize("name", ["c", "", "A", "../ann", ".ipynb_checkpoints"])
def test_an_assignment_that_is_not_there_is_told_those_that_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(AutograderError, match=r"There is no assignment .*in submitted\.") as caught:
        collect_submissions(several(tmp_path / "submitted"), "nbgrader", name)
    assert caught.value.hint == "Those in it are a, b."


def test_of_several_assignments_the_kits_own_is_meant(tmp_path: Path) -> None:
    root = tmp_path / "submitted"
    hand_in(root, "ann", "ssl")
    hand_in(root, "ann", "other")
    hand_in(root, "bob", "other")
    assert {student: one.absent for student, one in collected(root, "nbgrader").items()} == {
        "ann": False,
        "bob": True,
    }


def test_who_has_nothing_but_a_time_stamp_handed_in_nothing(tmp_path: Path) -> None:
    root = tmp_path / "submitted"
    hand_in(root, "ann", "hw4", STAMP)
    write(root, "bob/hw4/", "cy/", "di/hw4/src/", "eve/hw4/src/timestamp.txt", "fay/hw4/.DS_Store")
    for student in ("bob", "di"):
        (root / student / "hw4" / "timestamp.txt").write_text(STAMP)
    assert find_layout(root) == "nbgrader"
    found = collected(root, "nbgrader")
    assert [student for student, one in found.items() if one.absent] == ["bob", "cy", "di", "fay"]
    assert set(found) == {"ann", "bob", "cy", "di", "eve", "fay"}


def test_what_is_no_folder_of_an_assignment_is_listed(tmp_path: Path) -> None:
    root = hand_in(tmp_path / "submitted", "ann", "hw4", STAMP)
    write(root, "bob/main.py", "bob/other/main.py", "notes.csv", "cy/")
    (root / "cy" / "hw4").symlink_to(root / "ann" / "hw4")
    found = collected(root, "nbgrader", "hw4")
    assert {student: (one.absent, one.problem is None) for student, one in found.items()} == {
        "ann": (False, True),
        "bob": (False, True),
        "cy": (False, False),
        "notes.csv": (False, False),
    }
    assert found["bob"].origin == root / "bob"


def test_an_empty_folder_of_nbgraders_has_students_who_handed_in_nothing(tmp_path: Path) -> None:
    root = write(tmp_path / "submitted", "ann/", "bob/")
    assert all(one.absent for one in collected(root, "nbgrader").values())


@pytest.mark.parametrize(
    ("layout", "what"),
    [
        ("plain", "a folder with an entry per student"),
        ("canvas", "a Canvas download"),
        ("classroom", "a GitHub Classroom download"),
    ],
)
def test_other_platforms_have_no_assignments_to_choose_from(tmp_path: Path, layout: str, what: str) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "ann/main.py")
    with pytest.raises(AutograderError, match=f"--assignment belongs to nbgrader's folders, and .* is {what}"):
        collect_submissions(root, layout, "hw4")
