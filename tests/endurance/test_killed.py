"""A few kills at random moments; `make soak` makes a hundred."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.endurance.killed import children, differences, disturb, make_class, start, written


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(2))
    make_class(tmp_path / "class", 24)
    assert start(tmp_path / "class", tmp_path / "undisturbed").wait() == 0
    story = disturb(tmp_path / "class", tmp_path / "disturbed", 4, seed)
    assert differences(tmp_path / "undisturbed", tmp_path / "disturbed") == [], seed
    # What was written is never graded again: lost is only what was in flight.
    assert story.graded_twice == 0, seed
    assert story.survivors == 0, seed


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
