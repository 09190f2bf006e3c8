"""Tests of autograder/platforms/known/brightspace.py: whose files, of which attempt, as folders and as files."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.collect.tree import materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import STUDENT_FILES, About, Submission
from autograder.core.settings import Limits
from autograder.platforms.download import opened_download
from autograder.platforms.folders import collect_submissions, find_layout

EARLY, LATE = "Nov 20, 2026 905 AM", "Nov 26, 2026 1159 PM"
MODULES = {name.removesuffix(".py") for name in STUDENT_FILES}


def handed_in(root: Path, who: str, *files: str, time: str = LATE, flat: bool = False) -> None:
    """Write files that were handed in together, in a folder or as files with long names."""
    for file in files:
        path = root / (f"{who} - {time} - {file}" if flat else f"{who} - {time}/{file}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {time}\n")
    (root / "index.html").write_text("<html>")


def found(root: Path) -> dict[str, Submission]:
    assert find_layout(root) == "brightspace"
    listed = collect_submissions(root, "brightspace")
    assert len({one.student for one in listed}) == len(listed)
    return {one.student: one for one in listed}


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("time", [LATE, "26 November, 2026 2359", "26 nov. 2026 2359", "2026-11-26 2359"])
def test_a_class(tmp_path: Path, flat: bool, time: str) -> None:
    """Brightspace's own page is not a student, even if only one student handed in."""
    root = tmp_path / "dl"
    handed_in(root, "1234-99 - Ann Adams", *STUDENT_FILES, time=time, flat=flat)
    students = found(root)
    assert {*students} == {"1234"}
    handed_in(root, "1235-99 - N0123 - Bob O'Neil-Smith", *STUDENT_FILES, time=time, flat=flat)
    students = found(root)
    names = {"1234": "Ann Adams", "1235": "N0123 - Bob O'Neil-Smith"}
    assert {one.student: one.about for one in students.values()} == {
        student: About(name, submitted="2026-11-26T23:59:00") for student, name in names.items()
    }
    for one in students.values():
        assert materialise(one, tmp_path / "into" / one.student, Limits()).files.keys() == MODULES
        assert not one.note


@pytest.mark.parametrize("flat", [False, True])
def test_the_last_attempt_counts_and_the_others_are_told_of(tmp_path: Path, flat: bool) -> None:
    """`Nov 6` comes before `Nov 26`, which comes before `Dec 1`, whatever their letters are."""
    root = tmp_path / "dl"
    handed_in(root, "7-9 - Ann", *STUDENT_FILES, "hw.zip", time="Nov 6, 2026 905 AM", flat=flat)
    handed_in(root, "7-9 - Ann", "main.py", "hw.zip", time="Dec 1, 2026 105 AM", flat=flat)
    handed_in(root, "7-9 - Ann", *STUDENT_FILES, time=LATE, flat=flat)
    handed_in(root, "8-9 - Bob", *STUDENT_FILES, flat=flat)
    ann = found(root)["7"]
    tree = materialise(ann, tmp_path / "into", Limits())
    assert {*tree.files} == {"main"}
    assert (tree.root / tree.files["main"]).read_text() == "# Dec 1, 2026 105 AM\n"
    lost = "criterion.py, main_linclis.py, model_factory.py, validation.py"
    assert tree.problems["criterion"].endswith(f" Only an attempt before the one that counts has {lost}.")
    assert tree.remarks[0] == "Of 3 attempts the last counts."


def test_a_files_own_name_may_look_like_a_time(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", "7-9 - Ann", f"x - {EARLY} - main.py", "a - b.py", flat=True)
    ann = found(tmp_path / "dl")["7"]
    assert ann.about == About("Ann", submitted="2026-11-26T23:59:00")
    assert {piece.name for piece in ann.pieces} == {f"x - {EARLY} - main.py", "a - b.py"}


def test_a_folders_time_is_its_last_part(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", f"7-9 - Ann - {EARLY}", "main.py")
    assert found(tmp_path / "dl")["7"].about == About(f"Ann - {EARLY}", submitted="2026-11-26T23:59:00")


def test_a_group(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", "7-9 - Group 3", "main.py")
    assert found(tmp_path / "dl")["7"].about == About(group="Group 3", submitted="2026-11-26T23:59:00")


@pytest.mark.parametrize("flat", [False, True])
def test_a_zip_and_what_is_none_of_brightspaces(tmp_path: Path, flat: bool) -> None:
    handed_in(tmp_path / "dl", "7-9 - Ann", "main.py", flat=flat)
    handed_in(tmp_path / "dl", "8-9 - Bob", "main.py", flat=flat)
    with zipfile.ZipFile(tmp_path / "HW3 Download Nov 27, 2026 912 AM.zip", "w") as archive:
        for path in (tmp_path / "dl").rglob("*"):
            archive.write(path, path.relative_to(tmp_path / "dl"))
        archive.writestr("cy/main.py", "")
    with opened_download(tmp_path / "HW3 Download Nov 27, 2026 912 AM.zip") as (folder, left_out):
        assert {*found(folder)} == {"7", "8", "cy"}
    assert not left_out


@pytest.mark.parametrize("name", ["7-9 - Ann", "7-9 - Ann - soon", f"7 - Ann - {LATE}", f"7-9 - {LATE}", "index.html"])
def test_names_that_are_not_brightspaces(tmp_path: Path, name: str) -> None:
    (tmp_path / "dl" / name).mkdir(parents=True)
    assert find_layout(tmp_path / "dl") == "plain"


def test_a_folder_that_is_empty_is_no_attempt(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", "7-9 - Ann", "main.py", time=EARLY)
    (tmp_path / "dl" / f"7-9 - Ann - {LATE}").mkdir()
    (tmp_path / "dl" / f"8-9 - Bob - {LATE}").mkdir()
    students = found(tmp_path / "dl")
    assert {student: one.absent for student, one in students.items()} == {"7": False, "8": True}
    assert not students["7"].remarks


@pytest.mark.parametrize("several", [False, True])
def test_what_is_said_of_an_archive_names_nobody(tmp_path: Path, several: bool) -> None:
    """The download's name of it is the student's; with pseudonyms nobody may read that."""
    handed_in(tmp_path / "dl", "7-9 - Ann", "hw.zip", *["main.py"] * several, flat=True)
    handed_in(tmp_path / "dl", "8-9 - Bob", "hw.zip", flat=True)
    ann = replace(found(tmp_path / "dl")["7"], student="anon-1")
    try:
        said = "".join(materialise(ann, tmp_path / "into", Limits()).problems.values())
    except SubmissionProblem as problem:
        said = problem.message
    assert "hw.zip is not" in said
    assert "Ann" not in said
