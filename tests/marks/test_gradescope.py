"""Gradescope adds up the rows that it is given: what a named mistake gives must be one of them."""

from __future__ import annotations

from dataclasses import replace

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Diagnosis, QuestionResult
from autograder.core.rubric import load_rubric
from autograder.gradescope.results import results_json

CHECKS = tuple(
    CheckResult(name, outcome, points, 10, False, "")
    for name, outcome, points in (
        ("values", Outcome.FAILED, 0),
        ("dtypes", Outcome.PASSED, 10),
    )
)
WRONG = QuestionResult("1.2", "Contrastive loss", 10, 20, CHECKS, (Diagnosis("kept", "Look."),))


def test_rows_sum_to_the_score() -> None:
    credited = replace(WRONG, score=14, credited="kept")
    for result, names in ((WRONG, 2), (credited, 3)):
        made = results_json([result], load_rubric(), "", 1.0)
        rows = made["tests"]
        assert isinstance(rows, list) and len(rows) == names
        assert sum(row["score"] for row in rows) == made["score"] == result.score
    assert rows[-1]["name"].endswith(": named mistake, 14 of 20")
