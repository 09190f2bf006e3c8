"""Tests of autograder/platforms/known/gradescope.py: folders, and metadata, some of which is students' text."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.platforms.folders import collect_submissions, find_layout
from tests.platforms.conftest import collected, write

METADATA = """---
submission_1:
  :submitters:
  - :name: Ann Lee
    :sid: '0012'
    :email: ann@example.edu
  :created_at: 2026-11-01 12:00:00.123456000 Z
  :score: 3.0
  :status: processed
  :results:
    output: "!!python/object/apply:os.system ['true']"
  :history:
  - :id: 9
    :created_at: 2026-11-02 12:00:00.000000000 Z
submission_2:
  :submitters:
  - :name: Bo
    :email: bo@example.edu
  - :name: Cy
    :sid: '34'
submission_3:
  :submitters:
  - :name: Di
submission_4:
  :submitters:
  - :sid: '56'
"""


def export(root: Path, metadata: str = METADATA, folders: tuple[str, ...] = ("1", "2", "3")) -> Path:
    for number in folders:
        (root / f"submission_{number}").mkdir(parents=True)
        (root / f"submission_{number}" / "main.py").touch()
    (root / "submission_metadata.yml").write_text(metadata)
    return root


def test_the_metadata_say_whose_each_folder_is(tmp_path: Path) -> None:
    root = export(tmp_path / "assignment_77_export")
    (root / "notes.txt").touch()
    assert find_layout(root) == "gradescope"
    found = {one.student: one for one in collect_submissions(root, "gradescope")}
    assert set(found) == {"0012", "submission_2", "submission_3", "56", "notes.txt"}
    ann = found["0012"].about
    assert (ann.name, ann.email, ann.submitted) == ("Ann Lee", "ann@example.edu", "2026-11-01T12:00:00+00:00")
    assert [student for student, _ in found["submission_2"].students] == ["bo@example.edu", "34"]
    assert {about.group for _, about in found["submission_2"].students} == {"submission_2"}
    assert found["notes.txt"].problem is not None


def test_whom_the_metadata_list_without_files_handed_in_nothing(tmp_path: Path) -> None:
    root = write(export(tmp_path / "in"), "submission_5/", "submission_6/.DS_Store")
    with open(root / "submission_metadata.yml", "a") as file:
        file.write("submission_5:\n  :submitters:\n  - :sid: '78'\n  - :sid: '34'\n")
        file.write("submission_6: {}\n../../submission_7: {}\n")
    found = collected(root, "gradescope")
    absent = {student for one in found.values() if one.absent for student, _ in one.students}
    assert absent == {"56", "78", "34", "submission_6", "../../submission_7"}
    assert {student for one in found.values() if not one.absent for student, _ in one.students} == {
        *("0012", "bo@example.edu", "34", "submission_3"),
    }


def test_a_link_in_the_place_of_a_folder_is_not_looked_into(tmp_path: Path) -> None:
    root = export(tmp_path / "in", folders=("1", "2", "3"))
    (tmp_path / "empty").mkdir()
    (root / "submission_4").symlink_to(tmp_path / "empty")
    assert not collected(root, "gradescope")["56"].absent


@pytest.mark.parametrize(
    "metadata",
    [
        "a: !!python/object/apply:os.system ['touch canary']",
        "- a\n- b",
        "a: [",
        "1: {}",
        "\x00",
        "a: " + "[" * 5000,
    ],
)
def test_metadata_that_are_none_are_refused(tmp_path: Path, metadata: str) -> None:
    root = export(tmp_path / "in", metadata)
    with pytest.raises(AutograderError, match=r"submission_metadata\.yml"):
        collect_submissions(root, "gradescope")
    assert not Path("canary").exists()


def test_odd_entries_in_the_metadata_cost_nobody_else(tmp_path: Path) -> None:
    odd = "submission_1: 3\nsubmission_2: {':submitters': 4}\nsubmission_3:\n  :submitters:\n  - :sid: 7\n  - 5\n"
    found = {one.student for one in collect_submissions(export(tmp_path / "in", odd), "gradescope")}
    assert found == {"submission_1", "submission_2", "7"}
