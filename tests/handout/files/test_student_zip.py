"""Tests the students' zip and package lists."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from autograder.handout.files.student_zip import environment, requirements, zipped

PYPROJECT = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")


def test_a_zip_has_fixed_times_and_order() -> None:
    made = zipped({"b.py": b"2", "a/c.py": b"1"})
    assert made == zipped({"a/c.py": b"1", "b.py": b"2"})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == ["assignment/a/c.py", "assignment/b.py"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("assignment/b.py") == b"2" and archive.testzip() is None


def test_students_install_what_their_work_needs_and_no_more() -> None:
    listed = requirements(PYPROJECT)
    assert "\ntorch>=" in listed and "\njupyter>=" in listed
    assert "nbgrader" not in listed and "typst" not in listed
    assert all(f"      - {line}\n" in environment(PYPROJECT) for line in listed.splitlines()[1:])
