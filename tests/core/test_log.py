"""Tests of autograder/core/log.py: whose error is whose; tests/grading/test_cluster.py reads the lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.core import log
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Status

RESULT = Result("ann", Status.PROBLEM, 70.0, 0.0, (), "", "It cannot be read.")


def test_an_error_of_the_run_is_not_one_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError), log.opened(tmp_path / "log") as log_result:
        log_result(RESULT)
        raise ConnectionResetError(104, "Connection reset by peer")
    assert [json.loads(line)["submission"] for line in (tmp_path / "log").read_text().splitlines()] == ["ann"]


def test_a_log_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="The log .* cannot be written: Is a directory"), log.opened(tmp_path):
        pass
    with pytest.raises(AutograderError, match="The log /dev/full cannot be written: No space left"):  # noqa: SIM117
        with log.opened(Path("/dev/full")) as log_result:
            log_result(RESULT)
