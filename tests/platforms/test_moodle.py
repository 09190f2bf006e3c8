"""Tests of autograder/platforms/known/moodle.py: folders, or files, called `Name_id_assignsubmission_file`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.records import STUDENT_FILES, About
from autograder.platforms.folders import find_layout
from autograder.platforms.known.moodle import moodle_reading
from tests.platforms.conftest import MODULES, collected, trees, write


@given(st.text())
def test_any_name_can_be_read(name: str) -> None:
    moodle_reading(name)


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


def test_a_moodle_download(tmp_path: Path) -> None:
    root = write(tmp_path / "in", *(f"Ann Lee_12_assignsubmission_file_/{name}" for name in STUDENT_FILES))
    write(root, "Ann Lee_12_assignsubmission_onlinetext_/onlinetext.html", "Bo_3_assignsubmission_file/src/main.py")
    write(root, "Bo_3_assignsubmission_file/.git/main.py")
    write(root, "Di_6_assignsubmission_file/essay.pdf", "Group A_8_assignsubmission_file/main.py")
    (root / "Bo_3_assignsubmission_file" / "criterion.py").symlink_to(root)
    assert find_layout(root) == "moodle"
    made = trees(root, "moodle")
    assert {student: set(tree.files) for student, tree in made.items()} == {"12": MODULES, "3": {"main"}, "8": {"main"}}
    found = collected(root, "moodle")
    assert (found["12"].about, found["8"].about) == (About("Ann Lee"), About(group="Group A"))
    assert (made["12"].root / "onlinetext.html").is_file()
    assert "links are not followed" in made["3"].problems["criterion"]


def test_who_has_empty_folders_only_handed_in_nothing(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "Ann_1_assignsubmission_file/src/", "Bo_2_assignsubmission_file/main.py")
    write(root, "Bo_2_assignsubmission_onlinetext/", "Cy_3_assignsubmission_file/", "Cy_3_assignsubmission_onlinetext/")
    write(root, "Di_4_assignsubmission_file/.DS_Store", "Ed_5_assignsubmission_file/wandb/x")
    (root / "Fay_6_assignsubmission_file").mkdir()
    (root / "Fay_6_assignsubmission_file" / "hw").symlink_to(root)
    (root / "Gil_7_assignsubmission_file").symlink_to(root / "Cy_3_assignsubmission_file")
    found = collected(root, "moodle")
    assert {student: one.absent for student, one in found.items()} == {
        "1": True,
        "2": False,
        "3": True,
        "4": True,
        "5": False,
        "6": False,
        "7": False,
    }
