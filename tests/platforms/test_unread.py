"""Tests of autograder/platforms/unread.py: downloads that are not read are known by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.platforms.folders import collect_submissions, find_layout
from autograder.platforms.unread import nobodys

DOWNLOADS = {
    "Sakai": (
        *("HW3/grades.csv", "HW3/Adams, Ann(ann)/Submission attachment(s)/hw3.zip"),
        *("HW3/Adams, Ann(ann)/timestamp.txt", "HW3/Baker, Bob(bob)/Submission attachment(s)/hw3.zip"),
        "HW3/Baker, Bob(bob)/comments.txt",
    ),
    "Sakai, inner": (
        *("grades.csv", "Adams, Ann(ann)/Submission attachment(s)/main.py", "Adams, Ann(ann)/timestamp.txt"),
        "Baker, Bob(bob)/timestamp.txt",
    ),
    "Sakai, in another language": (
        *("과제/grades.xls", "과제/홍, 길동(gd)/제출 첨부 파일/hw3.zip", "과제/홍, 길동(gd)/timestamp.txt"),
        "과제/김, 철수(cs)/comments.txt",
    ),
    "Sakai, anonymous": ("HW/0a1b2c/Submission attachment(s)/a.zip", "HW/3d4e5f/Submission attachment(s)/b.zip"),
    "Sakai, without folders": (
        *("HW/Adams, Ann(ann)_Submission attachment(s)_hw3.zip", "HW/Adams, Ann(ann)_comments.txt", "HW/grades.csv"),
        "HW/Baker, Bob(bob)_submissionText.html",
    ),
    "Microsoft Teams": (
        "Submitted files/Ann Lee/Homework 3/Version 1/criterion.py",
        "Working files/Bob/Homework 3/x.py",
    ),
    "Microsoft Teams, inner": ("Ann Lee/Homework 3/Version 1/main.py", "Bob/Homework 3/Version 2/main.py"),
    "Microsoft Teams, Korean": ("제출된 파일/홍길동/과제 3/버전 1/main.py",),
    "Microsoft Teams, Korean, root": ("작업 파일/홍길동/main.py", "제출된 파일/홍길동/main.py"),
    "Google Classroom": ("Ann Lee - hw3.zip", "Bob Ray - homework.zip", "Cy Young - main.py"),
    "Google Classroom, titles": ("Homework 3 - Ann Lee.ipynb", "Homework 3 - Bob Ray.ipynb"),
    "Google Classroom, Korean": ("홍길동 - hw3.zip", "김철수 - hw3.zip"),
    "PrairieLearn": (
        *("HW3/ann@uni.edu_1_hw3-q1_1_1_77_criterion.py", "HW3/ann@uni.edu_1_hw3-q1_1_2_78_criterion.py"),
        "HW3/bob_ray@uni.edu_1_hw3_q1_1_1_80_main.py",
    ),
    "PrairieLearn, before": ("ann@uni.edu_1_hw3_1_1_criterion.py", "bob@uni.edu_2_hw3_1_4_criterion.py"),
    "PrairieLearn, by hand": ("ann@uni.edu_123456789_hw3_77_main.py", "bob@uni.edu_987654321_hw3_80_main.py"),
    "Autolab": ("ann@uni.edu_3_handin.tar", "ann@uni.edu_4_handin.tar", "bob_ray@cs.uni.edu_1_handin.tar"),
    "Autolab, files": ("ann@uni.edu_3_criterion.py", "bob@uni.edu_12_criterion.py"),
    "Moodle's VPL": (
        *("Ann Lee 12 ann/2026-11-26-23-59-59/main.py", "Ann Lee 12 ann/2026-11-26-23-59-59.ceg/execution.txt"),
        "Bob 13 bob/2026-11-25-10-00-00/main.py",
    ),
}
CLASSES = {
    "folders": ("ann/criterion.py", "Lee, Ann/main.py", "Ray, Bob (2)/main.py"),
    "nbgrader": ("ann/ssl/timestamp.txt", "ann/ssl/main.py", "bob/ssl/timestamp.txt"),
    "archives by address": ("ann@uni.edu.zip", "bob_ray@uni.edu.zip", "cy_3@uni.edu.tar.gz", "di@uni.edu_2.zip"),
    "titles and numbers": ("team - 1.zip", "team - 2.zip", "team - 3.zip"),
    "numbers": ("1234567 - 1.zip", "1234568 - 1.zip"),
    "copies": ("ann/main.py", "ann/main - Copy.py", "ann/criterion - Copy.py"),
    "one of each": ("ann@uni.edu_3_handin.tar", "bob.zip", "cy.zip", "Di Fu - hw3.zip"),
    "a version inside": ("ann/code/Version 2/main.py", "bob/main.py", "cy/main.py"),
    "a date inside": ("ann/2026-11-26-23-59-59/main.py", "bob/main.py", "cy/main.py"),
    "Canvas": ("lee_LATE_101_2001_hw_1_2_3_main.py", "ray_102_2002_main.py", "fu_103_2003_main - Copy.py"),
    "Moodle": ("Ann Lee_12_assignsubmission_file/main.py", "Bob_13_assignsubmission_file/main.py"),
}


def write(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("2026-11-01 12:00:00 UTC")
    return root


@pytest.mark.parametrize("kind", DOWNLOADS)
def test_a_download_that_is_not_read_is_told(tmp_path: Path, kind: str) -> None:
    root = write(tmp_path / "download", *DOWNLOADS[kind])
    with pytest.raises(AutograderError) as caught:
        find_layout(root)
    platform = kind.partition(",")[0]
    assert caught.value.message == f"download looks like a download from {platform}, and those are not read."
    assert caught.value.hint.endswith(".")


def test_the_folder_to_give_is_named(tmp_path: Path) -> None:
    with pytest.raises(AutograderError) as caught:
        find_layout(write(tmp_path / "bulk_download", *DOWNLOADS["Sakai"]))
    assert "the students' folders, HW3, with --layout plain" in caught.value.hint


def test_it_may_be_wrapped_more_than_once(tmp_path: Path) -> None:
    write(tmp_path / "in" / "bulk_download", *DOWNLOADS["Sakai"])
    write(tmp_path / "in", "readme.txt")
    with pytest.raises(AutograderError, match="in looks like a download from Sakai"):
        find_layout(tmp_path / "in")


def test_a_name_that_a_zip_had_tells_a_group_of_prairielearn(tmp_path: Path) -> None:
    names = ("Homework3/reds_1_hw3_1_1_77_criterion.py", "Homework3/blues_1_hw3_1_1_78_criterion.py")
    with pytest.raises(AutograderError, match="PrairieLearn"):
        find_layout(write(tmp_path / "uni_cs_hw3_best_files", *names))


@pytest.mark.parametrize("kind", CLASSES)
def test_a_class_is_none(tmp_path: Path, kind: str) -> None:
    layouts = {"nbgrader": "nbgrader", "Canvas": "canvas", "Moodle": "moodle"}
    assert find_layout(write(tmp_path / "class", *CLASSES[kind])) is layouts.get(kind, "plain")


def test_a_folder_that_can_not_be_read_tells_nothing(tmp_path: Path) -> None:
    root = write(tmp_path / "class", "ann/main.py")
    (root / "bob").symlink_to(root)
    assert find_layout(root) == "plain"


def test_as_it_is_it_may_be_graded_and_its_own_files_are_no_students(tmp_path: Path) -> None:
    root = write(tmp_path / "HW3", *DOWNLOADS["Sakai, inner"], "timestamp.txt", "desktop.ini")
    assert [one.student for one in collect_submissions(root)] == ["Adams, Ann(ann)", "Baker, Bob(bob)"]
    assert nobodys(root) == [
        f"{name} belongs to no student, and is passed over." for name in ("desktop.ini", "grades.csv", "timestamp.txt")
    ]


def test_a_folder_of_such_files_only_holds_no_submission(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="no submission"):
        collect_submissions(write(tmp_path / "in", "grades.csv"))


def test_a_folder_that_is_called_so_is_a_student(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "grades.csv/main.py")
    assert [one.student for one in collect_submissions(root)] == ["grades.csv"]
    assert nobodys(root) == []
