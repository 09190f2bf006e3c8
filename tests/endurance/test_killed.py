"""A few kills at random moments; `make soak` makes a hundred."""

from __future__ import annotations

import os
from pathlib import Path

from tests.endurance.killed import JOBS, differences, disturb, make_class, start


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(2))
    make_class(tmp_path / "class", 24)
    assert start(tmp_path / "class", tmp_path / "undisturbed").wait() == 0
    story = disturb(tmp_path / "class", tmp_path / "disturbed", 4, seed)
    assert differences(tmp_path / "undisturbed", tmp_path / "disturbed") == [], seed
    # What was written is never graded again: lost is only what was in flight.
    assert story.graded_twice == 0, seed
    assert story.survivors == 0, seed
    assert JOBS == 2
