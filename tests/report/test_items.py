"""Item analysis: what a check's figures are, and to which cause lost points are put."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Diagnosis, Question, Result, Rubric, Status
from autograder.report.class_report import class_report
from autograder.report.items import ENOUGH, WEAK, LostPoints, check_figures, lost_points
from tests.report.conftest import check, question

ASKED = Question("1.1", "Forward", "model_factory.py", 6)
BONUS = Question("B1", "Queue", "criterion.py", 4, bonus=True)
RUBRIC = Rubric((ASKED, BONUS), "seed")


def student(number: int, *passed: bool) -> Result:
    """Somebody who passes these three checks of two points each, and did not attempt the bonus question."""
    checks = [check(name, 2 * one, 2) for name, one in zip("abc", passed, strict=True)]
    absent = question(BONUS, CheckResult("queue", Outcome.NOT_ATTEMPTED, 0, 4, False, ""))
    return Result(str(number), Status.OK, 6, 1.0, (question(ASKED, *checks), absent), "")


def test_a_check_is_compared_with_the_score_of_everything_else() -> None:
    """`a` goes with `c`, nobody fails `b`; the correlation of two columns that are equal is 1."""
    half = [student(i, i % 2 == 0, True, i % 2 == 0) for i in range(ENOUGH)]
    a, b, c = check_figures(half, RUBRIC)
    assert (a.name, a.n, a.passed, a.discrimination, a.note) == ("a", ENOUGH, ENOUGH // 2, 1.0, "")
    assert (b.discrimination, b.note) == (None, "everybody passes")
    # Passing `a` says nothing about the rest: with itself in the score the correlation would be about 0.7.
    apart = [student(i, i % 2 == 0, False, i % 4 < 2) for i in range(2 * ENOUGH)]
    a, b, c = check_figures(apart, RUBRIC)
    assert a.discrimination == c.discrimination == 0.0 and a.note == "weak"
    assert b.note == "nobody passes"


def test_a_small_class_has_no_figures_and_the_page_says_from_when_on() -> None:
    class_ = [student(i, i % 2 == 0, True, i % 2 == 0) for i in range(ENOUGH)]
    missing = replace(class_[0], student="gone", status=Status.MISSING)
    assert check_figures([*class_[1:], missing], RUBRIC) == []
    assert f"from {ENOUGH} graded hand-ins on" in class_report(class_[1:], RUBRIC)
    assert 'class="items"' in class_report(class_, RUBRIC)
    assert 1 / (ENOUGH - 1) ** 0.5 <= WEAK < 1 / (ENOUGH - 2) ** 0.5


@pytest.mark.parametrize("credit", [0.0, 1.5])
def test_each_lost_point_has_one_cause(results: list[Result], rubric: Rubric, credit: float) -> None:
    by_id = {one.id: one for one in lost_points(results, rubric)}
    # 1.2 is wrong twice for a known mistake, and once not attempted; a repair explains B1, which most left alone.
    assert by_id["1.2"] == LostPoints("1.2", "Contrastive loss", mistake=30, absent=20)
    assert by_id["2"] == LostPoints("2", "k-NN evaluation", error=10, absent=10)
    assert by_id["B1"].mistake == 2.5 and by_id["B1"].absent == 0
    wrong = student(1, True, False, False)
    (one,) = lost_points([wrong], RUBRIC)
    assert (one.unexplained, one.total) == (4, 4)
    named = replace(wrong.questions[0], score=2 + credit, credited="sign", diagnosis=_any(results))
    (one,) = lost_points([replace(wrong, questions=(named,))], RUBRIC)
    assert (one.mistake, one.unexplained) == (4 - credit, 0)


def _any(results: list[Result]) -> tuple[Diagnosis, ...]:
    return next(q.diagnosis for result in results for q in result.questions if q.diagnosis)
