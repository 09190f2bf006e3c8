"""`autograde --self-test`: the checks and the hints hold on everything that is known, and a hole would be seen."""

from __future__ import annotations

import pytest

from autograder.checks.judge import CHECKS
from autograder.cli import main
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import SOLUTIONS
from autograder.grading import selftest
from autograder.reference.catalogue import read_stand_ins
from tests.course import now

LEAST = {"1.1": 12, "1.2": 24, "1.3": 12, "1.4": 12, "2": 14, "3": 8}
"""Known mistakes that each question must have."""


def test_nothing_is_missed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--self-test"]) == 0, capsys.readouterr().out


@pytest.mark.published
def test_the_catalogue_is_as_large_as_promised() -> None:
    mistakes = [stand_in.question for stand_in in read_stand_ins(SOLUTIONS / "mistakes")]
    assert {question: mistakes.count(question) >= least for question, least in LEAST.items()} == dict.fromkeys(
        LEAST, True
    )
    assert len(read_stand_ins(SOLUTIONS / "equivalents")) >= 60


@pytest.mark.published
def test_points_of_checks_add_up_to_the_questions() -> None:
    for question in load_rubric().graded:
        assert sum(check.points for check in CHECKS if check.question == question.id) == pytest.approx(question.points)


def test_a_hole_in_the_checks_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [check for check in CHECKS if check.question != now("3") or "frozen" in check.name]
    monkeypatch.setattr("autograder.checks.judge.CHECKS", kept)
    (tally,) = selftest.self_test(select(load_rubric(), [now("3")]), 1, lambda: None, replays=0)
    assert tally.caught < tally.mistakes
    assert any("is not caught" in miss for miss in tally.misses)
