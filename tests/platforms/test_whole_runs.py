"""Tests of what a whole run makes of whom a platform lists without anything handed in."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.grader import SKELETON, SOLUTIONS


def rows(output: Path) -> list[tuple[str, str, str]]:
    listed = csv.DictReader((output / "grades.csv").read_text().splitlines())
    return [(row["student"], row["status"], row["score"]) for row in listed]


def test_whom_the_platform_lists_without_files_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of two assignments in a course of nbgrader's, and repositories of which one is empty."""
    for student, assignment in (("ann", "hw3"), ("ann", "hw2"), ("bob", "hw2")):
        folder = tmp_path / "course" / "submitted" / student / assignment
        folder.mkdir(parents=True)
        shutil.copy(SOLUTIONS / "main_linclis.py", folder)
    (tmp_path / "course" / "nbgrader_config.py").touch()
    command = [str(tmp_path / "course"), "--output", str(tmp_path / "nbgrader"), "--question", "3"]
    assert main([*command, "--assignment", "hw3"]) == 0
    assert rows(tmp_path / "nbgrader") == [("ann", "ok", "10"), ("bob", "missing", "0")]
    assert "This is a course folder of nbgrader's." in capsys.readouterr().out

    for name in ("hw3-ann-1", "hw3-bob"):
        (tmp_path / "github" / "hw3-submissions" / name / ".git").mkdir(parents=True)
    shutil.copy(SOLUTIONS / "main_linclis.py", tmp_path / "github" / "hw3-submissions" / "hw3-ann-1")
    assert main([str(tmp_path / "github"), "--output", str(tmp_path / "classroom"), "--question", "3"]) == 0
    assert rows(tmp_path / "classroom") == [("ann", "ok", "10"), ("bob", "missing", "0")]
    assert "hw3-ann-1 is taken for ann's" in capsys.readouterr().out


def test_who_handed_in_beside_an_empty_submission_is_not_missing(tmp_path: Path) -> None:
    (tmp_path / "export" / "submission_1").mkdir(parents=True)
    shutil.copy(SKELETON / "main_linclis.py", tmp_path / "export" / "submission_1")
    both = "submission_2:\n  :submitters:\n  - :sid: ann\n  - :sid: bob\n"
    metadata = f"submission_1:\n  :submitters:\n  - :sid: ann\n{both}"
    (tmp_path / "export" / "submission_metadata.yml").write_text(metadata)
    assert main([str(tmp_path / "export"), "--output", str(tmp_path / "grades"), "--question", "3"]) == 0
    assert rows(tmp_path / "grades") == [("ann", "ok", "0"), ("bob", "missing", "0")]
