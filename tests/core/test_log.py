"""Tests of autograder/core/log.py: whose error is whose; tests/grading/test_cluster.py reads the lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.core import log
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Status

RESULT = Result("ann", Status.PROBLEM, 70.0, 0.0, (), "", "It cannot be read.")


def run(path: Path, error: Exception | None = None) -> None:
    """Log one result, and end with the error if there is one."""
    with log.opened(path) as log_result:
        log_result(RESULT)
        if error is not None:
            raise error


def test_an_error_of_the_run_is_not_one_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        run(tmp_path / "log", ConnectionResetError(104, "Connection reset by peer"))
    assert [json.loads(line)["submission"] for line in (tmp_path / "log").read_text().splitlines()] == ["ann"]


@pytest.mark.parametrize(("path", "why"), [("/", "Is a directory"), ("/dev/full", "No space left on device")])
def test_a_log_that_cannot_be_written_is_told_of(path: str, why: str) -> None:
    with pytest.raises(AutograderError) as caught:
        run(Path(path))
    assert caught.value.message == f"The log {path} cannot be written: {why}."
