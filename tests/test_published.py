"""Tests that pin the published course are left out if it was edited, and the run says what differs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import course


@pytest.mark.published
def test_this_is_the_published_course(golden: Callable[[str, str], None]) -> None:
    golden(course.PUBLISHED.name, json.dumps(course.described(), indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("seed", "another", "seed: the published one -> one of its own"),
        ("variants", [{"name": "2027"}], "variant: 2026 -> 2027"),
        ("names", {"language": "xx"}, "language: en -> xx"),
        ("questions", [], "question 1.2: Contrastive loss, 20 points -> not there"),
    ],
)
def test_an_edit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: object, said: str) -> None:
    rubric = json.loads(course.RUBRIC_FILE.read_text("utf-8"))
    (tmp_path / "rubric.json").write_text(json.dumps({**rubric, key: value}))
    monkeypatch.setattr(course, "RUBRIC_FILE", tmp_path / "rubric.json")
    assert said in course.edits.__wrapped__()


CONFTEST = """
from tests import conftest
from tests.conftest import pytest_addoption, pytest_collection_modifyitems, pytest_terminal_summary
conftest.edits = lambda: ("seed: another",)
"""
PINNED = """
import pytest

@pytest.mark.published
def test_pinned():
    assert False

def test_any():
    pass
"""


def test_they_are_left_out_and_the_run_says_so(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(PINNED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = published\n")
    for flags, status, counted in (([], 0, "1 passed, 1 deselected"), (["--published"], 1, "1 failed, 1 passed")):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", str(tmp_path), *flags],
            env={**os.environ, "PYTHONPATH": str(course.ROOT)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == status and counted in done.stdout, done.stdout
        assert ("seed: another" in done.stdout) == (not flags)
