"""The short form of `python -m tests.fuzz`; `make soak` feeds a million messages."""

from __future__ import annotations

import os

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_but_its_own_errors(target: Target) -> None:
    count = {"messages": 20_000, "files": 200}.get(target.name, 1_000)
    assert fuzz(target, count, int.from_bytes(os.urandom(2))) == []


def test_a_fault_is_found() -> None:
    broken = Target("broken", (b"12",), lambda data: 1 // (len(data) - 3), ())
    assert any("ZeroDivisionError" in problem for problem in fuzz(broken, 1_000, 1))
