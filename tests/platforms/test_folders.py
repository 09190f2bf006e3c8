"""Tests of autograder/platforms/folders.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.store import open_output
from autograder.platforms.folders import collect_submissions


def make(root: Path, *names: str) -> Path:
    """Make folders (a name ending in `/`) and files."""
    root.mkdir(exist_ok=True)
    for name in names:
        if name.endswith("/"):
            (root / name).mkdir()
        else:
            (root / name).write_bytes(b"")
    return root


def ids(root: Path) -> list[str]:
    return [submission.student for submission in collect_submissions(root)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["b/", "a.zip", "c.tar.gz", "d.tgz"], ["a", "b", "c", "d"], id="every kind"),
        pytest.param(["A.ZIP", "b.Tar.Gz"], ["A", "b"], id="extensions in capitals"),
        pytest.param(["é/", "Z/", "a/"], ["Z", "a", "é"], id="sorted by code points"),
        pytest.param(["ann.lee.zip", "v1.tar/"], ["ann.lee", "v1.tar"], id="other dots stay"),
        pytest.param(["ann.zip/", "bob.tgz/"], ["ann.zip", "bob.tgz"], id="a folder keeps its name"),
        pytest.param(["a/", "a.zip"], ["a", "a.zip"], id="folder and archive"),
        pytest.param(["a.zip", "a.tgz", "b.zip"], ["a.tgz", "a.zip", "b"], id="two archives"),
        pytest.param(["a/", "a.zip", "a.zip.zip"], ["a", "a.zip", "a.zip.zip"], id="a full name that is another's id"),
        pytest.param([".git/", ".x.zip", "__MACOSX/", "a/"], ["a"], id="passed over"),
    ],
)
def test_ids(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    assert ids(make(tmp_path / "in", *names)) == expected


def test_good_entries_have_no_problem(tmp_path: Path) -> None:
    root = make(tmp_path / "in", "a/", "b.zip")
    found = collect_submissions(root)
    assert [(one.problem, one.origin) for one in found] == [(None, root / "a"), (None, root / "b.zip")]


def test_strays_are_listed_with_a_sentence(tmp_path: Path) -> None:
    root = make(tmp_path / "in", "a/", "notes.txt", "b.rar")
    (root / "link").symlink_to(root / "a")
    (root / "link.zip").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe.zip")
    problems = {one.student: one.problem or "" for one in collect_submissions(root)}
    assert problems.pop("a") == ""
    assert set(problems) == {"notes.txt", "b.rar", "link", "link.zip", "pipe.zip"}
    assert all(text.endswith(".") for text in problems.values())
    assert "single file" in problems["notes.txt"]
    assert "link" in problems["link"] and "link" in problems["link.zip"]
    assert "neither a file nor a folder" in problems["pipe.zip"]


def test_names_that_are_not_utf8_become_printable_and_stay_apart(tmp_path: Path) -> None:
    root = make(tmp_path / "in", "\\xff/", "plain/")
    os.mkdir(os.fsencode(root) + b"/\xff")
    os.mkdir(os.fsencode(root) + b"/b\xe9b")
    found = collect_submissions(root)
    names = [one.student for one in found]
    "".join(names).encode("utf-8")
    assert len(set(names)) == 4
    assert "b\\xe9b" in names
    assert all(one.origin.is_dir() for one in found)


def test_a_folder_that_is_a_link_may_be_given(tmp_path: Path) -> None:
    make(tmp_path / "in", "a/")
    (tmp_path / "link").symlink_to("in")
    assert ids(tmp_path / "link") == ["a"]


def test_only_strays_are_still_a_class(tmp_path: Path) -> None:
    assert ids(make(tmp_path / "in", "notes.txt")) == ["notes.txt"]


@pytest.mark.parametrize("other", ["a/", "a.zip"])
def test_student_files_beside_submissions_are_strays(tmp_path: Path, other: str) -> None:
    assert ids(make(tmp_path / "in", "criterion.py", other)) == ["a", "criterion.py"]


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        pytest.param(lambda root: None, "no folder", id="missing"),
        pytest.param(lambda root: root.mkdir(), "no submission", id="empty"),
        pytest.param(lambda root: make(root, ".git/", "__MACOSX/"), "no submission", id="hidden only"),
        pytest.param(lambda root: root.write_bytes(b""), "is not a folder", id="a file"),
        pytest.param(lambda root: root.symlink_to(root), "cannot be read", id="a loop of links"),
        pytest.param(lambda root: make(root, "criterion.py", "__pycache__/"), "one student", id="one student's folder"),
        pytest.param(
            lambda root: open_output(root, root.with_name("class")), "holds the results of a run", id="a results folder"
        ),
    ],
)
def test_what_is_no_folder_of_submissions(tmp_path: Path, prepare: object, message: str) -> None:
    root = tmp_path / "in"
    prepare(root)  # type: ignore[operator]
    with pytest.raises(AutograderError, match=message) as caught:
        collect_submissions(root)
    assert caught.value.message.endswith(".") and caught.value.hint.endswith(".")


def test_a_single_archive_must_be_put_into_a_folder(tmp_path: Path) -> None:
    make(tmp_path, "a.zip")
    with pytest.raises(AutograderError) as caught:
        collect_submissions(tmp_path / "a.zip")
    assert "put it into a folder" in caught.value.hint


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(AutograderError, match="not allowed to read"):
        collect_submissions(tmp_path)
