"""`autograde … --watch` grades what is dropped in, not what is still being copied, and survives an empty class."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.commands import watch
from autograder.core.settings import SOLUTIONS
from tests.course import now
from tests.endurance.interrupted import hear_ctrl_c


def test_what_grows_is_still_being_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, file, slept = watch.look(tmp_path), tmp_path / "one.zip", []

    def sleep(_: float) -> None:
        slept.append(len(slept))
        if len(slept) in (2, 3, 4):
            file.write_bytes(b"x" * len(slept))

    monkeypatch.setattr(watch.time, "sleep", sleep)
    watch.wait_for_change(tmp_path, seen)
    assert len(slept) == 5
    assert file.stat().st_size == 4


def test_a_change_of_the_same_size_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text("x = 1\n")
    before = watch.look(tmp_path)
    other = tmp_path / "other.py"
    other.write_text("x = 2\n")
    other.replace(file)
    assert watch.look(tmp_path) != before
    assert watch.look(tmp_path / "gone") == frozenset()


def test_a_hand_in_that_is_dropped_in_is_graded(tmp_path: Path) -> None:
    class_, log = tmp_path / "class", tmp_path / "log"
    _hand_in(class_ / "ann")
    command = [sys.executable, "-m", "autograder", str(class_), "--question", now("1.3"), "--watch", "--jobs", "1"]
    with (
        log.open("w") as out,
        subprocess.Popen(command, stdout=out, stderr=out, cwd=tmp_path, preexec_fn=hear_ctrl_c) as process,
    ):
        said: Callable[[str], bool] = lambda text: re.search(text, log.read_text(), re.MULTILINE) is not None  # noqa: E731
        try:
            _until(lambda: said(f"^{watch.WAITING}$"))
            _hand_in(class_ / "bob")
            _until(lambda: said(r"^bob: [1-9][\d.]* of \d+$"))
            _until(lambda: "bob" in (tmp_path / "grades" / "grades.csv").read_text())
            shutil.rmtree(class_)
            class_.mkdir()
            _until(lambda: said("There is no submission"))
            _hand_in(class_ / "bob")
            _until(lambda: log.read_text().count(watch.WAITING) == 4)
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert watch.ENDED in log.read_text()
    assert "Traceback" not in log.read_text()


def _hand_in(folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(SOLUTIONS / "criterion.py", folder)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 300  # of a busy machine
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
