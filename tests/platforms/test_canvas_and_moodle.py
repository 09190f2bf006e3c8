"""Tests of autograder/platforms/canvas.py and moodle.py, and of what becomes of a platform's download."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.collect.fingerprint import fingerprint
from autograder.collect.tree import Tree, materialise
from autograder.errors import SubmissionProblem
from autograder.platforms.canvas import canvas_readings, original_name
from autograder.platforms.folders import collect_submissions, find_layout
from autograder.platforms.moodle import moodle_reading
from autograder.records import STUDENT_FILES, About, Submission
from autograder.settings import Layout, Limits

UUID = "0a1b2c3d-0a1b-2c3d-4e5f-0123456789ab"
MODULES = {name.removesuffix(".py") for name in STUDENT_FILES}
DIGITS = st.integers(1, 10**9).map(str)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("main-1.py", "main.py"),
        ("model_factory-7.py", "model_factory.py"),
        (f"criterion-{UUID}.py", "criterion.py"),
        ("x-1.tar.gz", "x.tar.gz"),
        (f"x-{UUID}.zip", "x.zip"),
        ("main-8.py", "main-8.py"),
        ("report-1.pdf", "report-1.pdf"),
        ("x.tar-1.gz", "x.tar-1.gz"),
        ("main-1-2.py", "main-1-2.py"),
    ],
)
def test_the_suffix_of_a_resubmission_is_dropped(name: str, expected: str) -> None:
    assert original_name(name) == expected


@given(
    st.from_regex(r"[a-zé]{1,8}(_[0-9]{1,3})?", fullmatch=True),
    st.booleans(),
    DIGITS,
    DIGITS,
    st.sampled_from([*STUDENT_FILES, "hw.zip", "my_work_2.tar.gz"]),
    st.sampled_from(["", "-1", "-7", f"-{UUID}"]),
)
@example("doe_42", False, "101", "2001", "criterion.py", "-1")
@example("doe_42", True, "101", "2001", "hw.zip", "")
def test_a_canvas_name_is_read_as_it_was_made(
    name: str, late: bool, user: str, attachment: str, file: str, again: str
) -> None:
    stem, dot, extension = file.partition(".")
    made = f"{name}{'_LATE' * late}_{user}_{attachment}_{stem}{again}{dot}{extension}"
    read = canvas_readings(made)[-1]
    assert (read.student, read.tag, read.file, read.owner) == (user, attachment, file, name)


@given(st.text())
def test_any_name_can_be_read(name: str) -> None:
    canvas_readings(name)
    moodle_reading(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("anon_Xy3_55_main.py", ("Xy3", "main.py")),
        ("LATE_anon_Xy3_55_main-2.py", ("Xy3", "main.py")),
        ("doe_101_text.html", ("101", "text.html")),
        ("doe_LATE_101_link.html", ("101", "link.html")),
    ],
)
def test_other_canvas_names(name: str, expected: tuple[str, str]) -> None:
    read = canvas_readings(name)[-1]
    assert (read.student, read.file) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann O Lee_12_assignsubmission_file", "12"),
        ("Ann Lee_12_assignsubmission_file_", "12"),
        ("Ann Lee_12_assignsubmission_file_main.py", "12"),
        ("Ann Lee_12_assignsubmission_onlinetext", "12"),
        ("Ann_7_12_assignsubmission_onlinetext.html", "12"),
        ("Default group_assignsubmission_file", "Default group"),
        ("Ann Lee_12", None),
        ("_assignsubmission_file", None),
    ],
)
def test_moodle_names(name: str, expected: str | None) -> None:
    read = moodle_reading(name)
    assert (read and read.student) == expected


def write(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# code\n")
    return root


def graded(root: Path, layout: Layout) -> dict[str, Tree]:
    into = root.with_name("into")
    found = collect_submissions(root, layout)
    assert len({one.student for one in found}) == len(found)
    trees = {}
    for one in found:
        with suppress(SubmissionProblem):
            trees[one.student] = materialise(one, into / one.student, Limits())
    return trees


@pytest.mark.parametrize(("names", "held"), [((), "it is empty"), (("a.pdf", "b/c.txt"), "it holds a.pdf, b/c.txt")])
def test_without_any_of_the_five_files_it_is_told_what_there_is(
    tmp_path: Path, names: tuple[str, ...], held: str
) -> None:
    root = write(tmp_path / "in", *names)
    root.mkdir(exist_ok=True)
    with pytest.raises(SubmissionProblem, match=f"None of the five files is in it; {held}"):
        materialise(Submission("ann", root), tmp_path / "into", Limits())


def test_canvas_hands_over_the_last_attempt_only(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main-1.py", "doe_5_2_criterion.py", "roe_6_3_main.py")
    trees = graded(root, Layout.CANVAS)
    assert trees["5"].problems["validation"].startswith("validation.py is missing. A download from Canvas")
    assert trees["6"].problems["validation"] == "validation.py is missing."


def test_a_canvas_download(tmp_path: Path) -> None:
    root = write(tmp_path / "in", *(f"doe_42_LATE_101_{i}_{name}" for i, name in enumerate(STUDENT_FILES)))
    write(root, "roe_43_7_10_main-1.py", "roe_43_7_11_3_notes.txt", "readme.txt")
    with zipfile.ZipFile(root / "poe_9_20_hw-1.zip", "w") as archive:
        for name in STUDENT_FILES:
            archive.writestr(f"hw/{name}", "# mine\n")
    assert find_layout(root) is Layout.CANVAS
    trees = graded(root, Layout.CANVAS)
    assert {student: set(tree.files) for student, tree in trees.items()} == {
        "101": MODULES,
        "7": {"main"},
        "9": MODULES,
    }
    assert trees["9"].files["main"] == Path("hw.zip/hw/main.py")
    assert (trees["7"].root / "3_notes.txt").is_file()
    stray = next(one for one in collect_submissions(root, Layout.CANVAS) if one.problem)
    assert stray.student == "readme.txt"


def test_two_files_of_one_name_are_told_of(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "doe_5_2_main-1.py")
    (root / "doe_5_2_main-1.py").write_text("# other code\n")
    problem = graded(root, Layout.CANVAS)["5"].problems["main"]
    assert problem == "main.py occurs twice (1/main.py and 2/main.py); hand in one of them."


def test_a_moodle_download(tmp_path: Path) -> None:
    root = write(tmp_path / "in", *(f"Ann Lee_12_assignsubmission_file_/{name}" for name in STUDENT_FILES))
    write(root, "Ann Lee_12_assignsubmission_onlinetext_/onlinetext.html", "Bo_3_assignsubmission_file/src/main.py")
    write(root, "Bo_3_assignsubmission_file/.git/main.py")
    (root / "Cy_4_assignsubmission_file").mkdir()
    write(root, "Di_6_assignsubmission_file/essay.pdf", "Group A_8_assignsubmission_file/main.py")
    (root / "Bo_3_assignsubmission_file" / "criterion.py").symlink_to(root)
    assert find_layout(root) is Layout.MOODLE
    trees = graded(root, Layout.MOODLE)
    assert {student: set(tree.files) for student, tree in trees.items()} == {
        "12": MODULES,
        "3": {"main"},
        "8": {"main"},
    }
    about = {one.student: one.about for one in collect_submissions(root, Layout.MOODLE)}
    assert (about["12"], about["8"]) == (About("Ann Lee"), About(group="Group A"))
    assert (trees["12"].root / "onlinetext.html").is_file()
    assert "links are not followed" in trees["3"].problems["criterion"]


def test_what_is_no_download_is_plain(tmp_path: Path) -> None:
    assert find_layout(write(tmp_path / "in", "ann/main.py", "bob_1/main.py", "doe_5_1_main.py")) is Layout.PLAIN


def test_an_entry_that_is_called_like_a_student_is_kept_apart(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "doe_5_2_criterion.py", "5/main.py")
    assert [one.student for one in collect_submissions(root, Layout.CANVAS)] == ["5", "5 (in the download)"]


def test_a_change_in_any_piece_is_noticed(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "doe_5_2_criterion.py", "roe_6_3_main.py")
    before, others = map(fingerprint, collect_submissions(root, Layout.CANVAS))
    (root / "doe_5_2_criterion.py").write_text("changed")
    after, same = map(fingerprint, collect_submissions(root, Layout.CANVAS))
    assert before != after
    assert others == same
