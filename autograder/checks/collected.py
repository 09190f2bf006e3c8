"""Makes pytest's tests from a table of checks: one for each row, named after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autograder.checks.demands import Check


class Row(pytest.Function):
    """The test of one check. It needs a fixture `answers`, the student's next to the reference's."""

    def __init__(self, *, check: Check, **rest: Any) -> None:
        super().__init__(name=check.name, callobj=check.judge, **rest)
        self.check = check


def tests_of(collector: pytest.Collector, table: object) -> Iterator[Row]:
    """Yield a test for each row."""
    assert isinstance(table, list)
    for check in table:
        yield Row.from_parent(collector, check=check)
