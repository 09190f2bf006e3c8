"""Ctrl-C in a terminal, at three moments; `make soak` presses it forty times, by the clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.endurance.interrupted import Terminal, in_terminal, left_over, make_waiting_class
from tests.endurance.killed import children, descendants, written

Reached = Callable[[Terminal, Path], bool]
MOMENTS: dict[str, Reached] = {
    "while PyTorch is imported": lambda terminal, _: bool(children(terminal.process.pid)),
    "after the first result": lambda _, output: len(written(output)) >= 1,
    "while an answer sleeps": lambda terminal, output: len(written(output)) >= 2 and b"Grading" in terminal.shown,
}


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_waits_for_nobody(tmp_path: Path, moment: str, jobs: str) -> None:
    make_waiting_class(tmp_path / "class", 6)
    output = tmp_path / "grades"
    # An answer that sleeps for ten minutes is given them: a run that waits for it ends far too late.
    with in_terminal(tmp_path / "class", output, "--jobs", jobs, "--timeout", "600") as terminal:
        while not MOMENTS[moment](terminal, output):
            assert terminal.wait(0.02) is None, terminal.shown.decode()
        processes = descendants(terminal.process.pid)
        terminal.press_ctrl_c()
        terminal.press_ctrl_c()
        assert terminal.wait() == 130, terminal.shown.decode()
        shown = terminal.shown.decode()
        assert "Traceback" not in shown
        told = re.search(r"Stopped: (\d) of 6 submissions are graded", shown)
        assert told is not None, shown
        assert int(told[1]) in (len(written(output)), len(written(output)) - 1)
        assert "the same command goes on from there." in shown
        assert left_over(terminal, processes) == []


def test_ctrl_c_before_anything_is_done(tmp_path: Path) -> None:
    """The command's own imports take half a second."""
    make_waiting_class(tmp_path / "class", 6)
    with in_terminal(tmp_path / "class", tmp_path / "grades") as terminal:
        while not list(terminal.temporary.iterdir()):
            assert terminal.wait(0.001) is None
        terminal.press_ctrl_c()
        assert terminal.wait() == 130
        assert "Stopped" in terminal.shown.decode()
        assert "Traceback" not in terminal.shown.decode()
        assert left_over(terminal, set()) == []
