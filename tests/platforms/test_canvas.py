"""Tests of autograder/platforms/known/canvas.py, and of what becomes of a platform's download."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.collect.fingerprint import fingerprint
from autograder.core.records import STUDENT_FILES
from autograder.platforms.folders import collect_submissions, find_layout, told
from autograder.platforms.known.canvas import QUIZ, canvas_readings, original_name
from tests.platforms.conftest import MODULES, collected, trees, write

UUID = "0a1b2c3d-0a1b-2c3d-4e5f-0123456789ab"
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


@given(st.from_regex(r"[a-z_0-9]{0,8}_question_([0-9]{1,3}_){1,3}[a-z_0-9]{1,9}", fullmatch=True))
@example("ann_question_77_5001_hw3.zip")
@example("_question_77_5001_hw3.zip")
@example("ann1_question_77_5001_question_78_5002_hw3.zip")
def test_what_stands_behind_question_is_no_student(name: str) -> None:
    before, _, _ = name.partition("_question_")
    assert all(one.student in before for one in canvas_readings(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("anon_Xy3_55_main.py", ("Xy3", "main.py")),
        ("LATE_anon_Xy3_55_main-2.py", ("Xy3", "main.py")),
        ("doe_101_text.html", ("101", "text.html")),
        ("doe_LATE_101_link.html", ("101", "link.html")),
        ("adams_ann1001_question_77_5001_hw3.zip", ("1001", "hw3.zip")),
        ("adams_ann1001_question_77_5001_main-1.py", ("1001", "main.py")),
        ("doe_101_2001_question_77_6_x.py", ("101", "question_77_6_x.py")),
        ("doe_LATE_101_2001_my_question_7_8_x.py", ("101", "my_question_7_8_x.py")),
    ],
)
def test_other_canvas_names(name: str, expected: tuple[str, str]) -> None:
    read = canvas_readings(name)[-1]
    assert (read.student, read.file) == expected


def test_canvas_hands_over_the_last_attempt_only(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main-1.py", "doe_5_2_criterion.py", "roe_6_3_main.py")
    made = trees(root, "canvas")
    assert made["5"].problems["validation"].startswith("validation.py is missing. A download from Canvas")
    assert made["6"].problems["validation"] == "validation.py is missing."


def test_a_canvas_download(tmp_path: Path) -> None:
    root = write(tmp_path / "in", *(f"doe_42_LATE_101_{i}_{name}" for i, name in enumerate(STUDENT_FILES)))
    write(root, "roe_43_7_10_main-1.py", "roe_43_7_11_3_notes.txt", "readme.txt")
    with zipfile.ZipFile(root / "poe_9_20_hw-1.zip", "w") as archive:
        for name in STUDENT_FILES:
            archive.writestr(f"hw/{name}", "# mine\n")
    assert find_layout(root) == "canvas"
    made = trees(root, "canvas")
    assert {student: set(tree.files) for student, tree in made.items()} == {
        "101": MODULES,
        "7": {"main"},
        "9": MODULES,
    }
    assert made["9"].files["main"] == Path("hw.zip/hw/main.py")
    assert (made["7"].root / "3_notes.txt").is_file()
    stray = next(one for one in collect_submissions(root, "canvas") if one.problem)
    assert stray.student == "readme.txt"


@pytest.mark.parametrize(
    ("names", "counts"),
    [
        (("doe_5_9_main.py", "doe_5_10_main-1.py"), "10_main-1.py counts as main.py; 9_main.py came before it"),
        (("doe_5_10_main.py", "doe_5_9_main-1.py"), "10_main.py counts as main.py; 9_main-1.py came before it"),
        (("doe_5_1_main.py", "doe_5_2_main.py"), "2_main.py counts as main.py; 1_main.py came before it"),
        (("doe1_5_1_5_1.zip", "doe1_5_2_5_1-1.zip"), "2_5_1-1.zip counts as 5_1.zip; 1_5_1.zip came before it"),
        (("doe5_question_7_1_main.py", "doe5_question_8_2_main.py"), "2_main.py counts as main.py; 1_main.py came"),
    ],
)
def test_of_two_files_of_one_name_the_later_counts(tmp_path: Path, names: tuple[str, str], counts: str) -> None:
    root = write(tmp_path / "in", *names, "roe_6_3_criterion.py")
    found = collected(root, "canvas")
    (remark,) = found["5"].remarks
    assert remark.startswith(counts) and remark.endswith(", and was passed over.")
    (piece,) = found["5"].pieces
    assert piece.origin.name.endswith(counts.partition(" ")[0])
    assert set(found) == {"5", "6"} and found["6"].remarks == ()


def test_the_student_reads_which_of_two_files_counts(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "doe_5_2_main-1.py")
    (root / "doe_5_2_main-1.py").write_text("# other code\n")
    tree = trees(root, "canvas")["5"]
    assert (tree.root / tree.files["main"]).read_text() == "# other code\n"
    assert tree.remarks == ("2_main-1.py counts as main.py; 1_main.py came before it, and was passed over.",)


@pytest.mark.parametrize("layout", [None, "canvas"])
def test_a_quiz_is_read_by_the_number_before_its_question(tmp_path: Path, layout: str | None) -> None:
    root = write(tmp_path / "in", *(f"roe_bo1002_question_77_60{i}_{name}" for i, name in enumerate(STUDENT_FILES)))
    with zipfile.ZipFile(root / "doe_ann1001_question_77_5001_hw3.zip", "w") as archive:
        archive.writestr("hw3/main.py", "# mine\n")
    assert (layout or find_layout(root)) == "canvas"
    made = trees(root, "canvas")
    assert {student: set(tree.files) for student, tree in made.items()} == {"1001": {"main"}, "1002": MODULES}
    found = collect_submissions(root, "canvas")
    assert [(one.about.name, one.about.late) for one in found] == [("doe_ann", None), ("roe_bo", None)]
    assert told(found, "canvas") == [QUIZ]


def test_an_assignment_is_no_quiz(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "doe_5_2001_question_77_6_x.py", "ann_question_7_8_main.py")
    found = collect_submissions(root, "canvas")
    assert [one.student for one in found] == ["5", "ann_question_7_8_main.py"]
    assert told(found, "canvas") == []


def test_what_is_no_download_is_plain(tmp_path: Path) -> None:
    assert find_layout(write(tmp_path / "in", "ann/main.py", "bob_1/main.py", "doe_5_1_main.py")) == "plain"


def test_an_entry_that_is_called_like_a_student_is_kept_apart(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "doe_5_2_criterion.py", "5/main.py")
    assert [one.student for one in collect_submissions(root, "canvas")] == ["5", "5 (in the download)"]


def test_a_change_in_any_piece_is_noticed(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "doe_5_1_main.py", "doe_5_2_criterion.py", "roe_6_3_main.py")
    before, others = map(fingerprint, collect_submissions(root, "canvas"))
    (root / "doe_5_2_criterion.py").write_text("changed")
    after, same = map(fingerprint, collect_submissions(root, "canvas"))
    assert before != after
    assert others == same
