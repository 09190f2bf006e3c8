"""Grades do not depend on jobs, order, load or time: one worker, eight, and both cores kept busy by others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.endurance.killed import ROOT, differences, make_class

BURNERS = 6
HEAVY = """
import time
while time.process_time() < 1.6:
    pass
"""


def grade(folder: Path, output: Path, *flags: str) -> None:
    command = [sys.executable, "-m", "autograder", str(folder), "--output", str(output), "--timeout", "3", *flags]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def load() -> Iterator[None]:
    """Keep all cores busy."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BURNERS)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of which some need more than half of their time, graded by one worker on an idle machine."""
    folder = tmp_path_factory.mktemp("load")
    make_class(folder / "class", 12)
    for number in (0, 6):
        path = folder / "class" / f"student-{number:03}" / "criterion.py"
        path.write_text(path.read_text() + HEAVY)
    grade(folder / "class", folder / "one", "--jobs", "1")
    assert "problem" not in (folder / "one" / "results" / "student-000.json").read_text().split(",")[1]
    return folder


def test_eight_workers_on_two_cores(graded: Path) -> None:
    grade(graded / "class", graded / "eight", "--jobs", "8")
    assert differences(graded / "one", graded / "eight") == []


def test_both_cores_kept_busy(graded: Path) -> None:
    with load():
        grade(graded / "class", graded / "loaded")
    assert differences(graded / "one", graded / "loaded") == []
