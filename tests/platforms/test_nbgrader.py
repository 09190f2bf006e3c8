"""Tests of autograder/platforms/nbgrader.py: `submitted/STUDENT/ASSIGNMENT/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.platforms.folders import collect_submissions, find_layout
from autograder.settings import Layout


def hand_in(root: Path, student: str, assignment: str, stamp: str = "") -> None:
    folder = root / student / assignment
    folder.mkdir(parents=True)
    (folder / "main.py").touch()
    if stamp:
        (folder / "timestamp.txt").write_text(stamp)


def test_each_student_is_a_submission(tmp_path: Path) -> None:
    root = tmp_path / "submitted"
    hand_in(root, "ann", "hw4", "2026-11-01 12:00:00.123456 UTC")
    hand_in(root, "bob", "hw4")
    assert find_layout(root) is Layout.NBGRADER
    ann, bob = collect_submissions(root, Layout.NBGRADER)
    assert (ann.student, ann.origin, ann.about.submitted) == ("ann", root / "ann" / "hw4", "2026-11-01T12:00:00+00:00")
    assert (bob.student, bob.about.submitted) == ("bob", "")


def test_the_time_stamps_tell_it_under_any_name(tmp_path: Path) -> None:
    for student in ("ann", "bob", "cy"):
        hand_in(tmp_path / "class", student, "hw4", "2026-11-01 12:00:00 UTC")
    assert find_layout(tmp_path / "class") is Layout.NBGRADER


def test_of_several_assignments_the_kits_own_is_meant(tmp_path: Path) -> None:
    root = tmp_path / "submitted"
    hand_in(root, "ann", "ssl")
    hand_in(root, "ann", "other")
    hand_in(root, "bob", "other")
    assert [one.student for one in collect_submissions(root, Layout.NBGRADER)] == ["ann"]


def test_several_unknown_assignments_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "submitted"
    hand_in(root, "ann", "a")
    hand_in(root, "ann", "b")
    with pytest.raises(AutograderError, match="more than one assignment") as caught:
        collect_submissions(root, Layout.NBGRADER)
    assert "a, b" in caught.value.message
