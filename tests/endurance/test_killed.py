"""A few kills at random moments; `make soak` makes a hundred."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from autograder.core.records import STUDENT_FILES
from autograder.core.rubric import load_rubric
from autograder.core.settings import SOLUTIONS
from autograder.core.store import load_results
from autograder.marks.previous import PREVIOUS
from tests.endurance.killed import children, differences, disturb, make_class, start, written


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(2))
    make_class(tmp_path / "class", 24)
    assert start(tmp_path / "class", tmp_path / "undisturbed").wait() == 0
    story = disturb(tmp_path / "class", tmp_path / "disturbed", 4, seed)
    assert differences(tmp_path / "undisturbed", tmp_path / "disturbed") == [], seed
    # A written result is never graded again: only those in flight are lost.
    assert story.graded_twice == 0, seed
    assert story.survivors == 0, seed


@pytest.mark.published
def test_a_regrade_that_is_killed_is_compared_with_the_last_whole_run(tmp_path: Path) -> None:
    """Nobody's move is lost, however the results that were written again lie next to those that were not."""
    make_class(tmp_path / "class", 12)
    output = tmp_path / "grades"
    assert start(tmp_path / "class", output).wait() == 0
    before, first = {one.student: one.score for one in load_results(output)}, written(output)
    for folder in (tmp_path / "class").iterdir():
        for name in STUDENT_FILES:
            (folder / name).write_bytes((SOLUTIONS / name).read_bytes())
    for due in (1, 5):
        process = start(tmp_path / "class", output)
        while sum(first[name] != stamp for name, stamp in written(output).items()) < due:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (output / PREVIOUS).exists()
    assert start(tmp_path / "class", output).wait() == 0
    assert {one.student: one.score for one in load_results(output / PREVIOUS)} == before
    assert {one.score for one in load_results(output)} == {sum(question.points for question in load_rubric().graded)}


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    """Both workers' servers are killed from outside while they grade, one after the other."""
    make_class(tmp_path / "class", 24)
    assert start(tmp_path / "class", tmp_path / "undisturbed").wait() == 0
    process = start(tmp_path / "class", tmp_path / "disturbed")
    servers: list[int] = []
    for due in (1, 7):
        while len(written(tmp_path / "disturbed")) < due:
            assert process.poll() is None
            time.sleep(0.01)
        servers = servers or sorted(server for zygote in children(process.pid) for server in children(zygote))
        os.kill(servers.pop(), signal.SIGKILL)
    # Each submission in flight was tried once more, so nothing is lost.
    assert process.wait() == 0
    assert differences(tmp_path / "undisturbed", tmp_path / "disturbed") == []
