"""The reply is capped as a whole, however it is cut into messages."""

from __future__ import annotations

import pytest

from autograder.sandbox import wire
from tests.sandbox.conftest import Ask


def test_the_answers_to_one_question_have_a_cap_together(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "return z1.sum() * torch.ones(10_000)"  # 40 kB
    monkeypatch.setattr(wire, "PAYLOAD_CAP", 140_000)  # of this side: each answer is far below it
    assert [answer.error for answer in ask(body, cases=3).answers] == [None] * 3
    last = ask(body, cases=6).answers[-1]
    assert last.error is not None
    assert "larger than the limit" in last.error.message
