"""A small graded class, made by hand, and the questions that it answers."""

from __future__ import annotations

import pytest

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Diagnosis, Excerpt, Question, QuestionResult, Result, Rubric, Status


@pytest.fixture
def rubric() -> Rubric:
    core = Question("1.2", "Contrastive loss", "criterion.py", 20)
    report = Question("4", "Report", "report.ipynb", 30, manual=True)
    return Rubric((core, report, Question("B1", "Key queue", "criterion.py", 5, bonus=True)), "seed")


def graded(student: str, score: float = 20.0, bonus: float = 0.0) -> Result:
    check = CheckResult("values", _outcome(score == 20), score, 20.0, True, "expected 1\nreceived <b>2</b>")
    hints = () if score == 20 else (Diagnosis("sign", "The sign."), Diagnosis("mean", "The mean.", certain=False))
    loss = QuestionResult("1.2", "Contrastive loss", score, 20.0, (check,), hints, ("Slow.",))
    queue = QuestionResult(
        "B1",
        "Key queue",
        bonus,
        5.0,
        (CheckResult("wraps", _outcome(bonus == 5), bonus, 5.0, False, ""),),
    )
    lines = ((41, "    def contrastive_loss(self):"), (42, "        return '</script>'"))
    excerpts = (Excerpt("1.2", "criterion.py", lines),)
    return Result(student, Status.OK, 20, 1.0, (loss, queue), "f", excerpts=excerpts)


def _outcome(passed: bool) -> Outcome:
    return Outcome.PASSED if passed else Outcome.FAILED
