"""The figures of the class report."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from autograder.core.outcomes import Outcome
from autograder.core.records import Diagnosis, Result, Rubric, Status
from autograder.report.statistics import Concern, Spread, bins, concerns, mistake_counts, question_figures, spread


def test_spread() -> None:
    assert spread([0, 10, 70, 60]) == Spread(4, 35, 35, 0, 70)
    assert spread([]) is None


@pytest.mark.parametrize("top", [0.5, 1, 3, 5, 7, 10, 20, 60, 70, 75, 99, 100, 101, 1000])
def test_bins_are_few_and_cover_everything_once(top: float) -> None:
    scores = [top * i / 40 for i in range(41)]
    found = bins({f"s{i}": score for i, score in enumerate(scores)}, top)
    assert 5 <= len(found) <= 15
    assert found[0].low == 0
    assert found[-1].high >= top
    assert sum(bin_.count for bin_ in found) == len(scores)
    assert all(left.high == right.low for left, right in pairwise(found))
    for bin_ in found[:-1]:
        assert bin_.count == sum(bin_.low <= round(score, 6) < bin_.high for score in scores)


def test_the_best_score_is_in_the_last_bin_and_bonus_points_make_room() -> None:
    assert bins({"a": 70, "b": 69, "c": 0}, 70)[-1].students == ("a", "b")
    assert bins({"a": 74}, 70)[-1].high == 75
    assert bins({}, 0) == []


def test_question_figures_leave_out_who_has_no_grade(results: list[Result], rubric: Rubric) -> None:
    ungraded = replace(results[0], status=Status.ERROR)
    figures = {figure.id: figure for figure in question_figures([*results, ungraded], rubric)}
    loss = figures["1.2"]
    assert list(figures) == ["1.1", "1.2", "1.3", "1.4", "2", "3", "B1"]
    assert (loss.n, loss.full, loss.part, loss.zero, loss.absent) == (6, 3, 2, 0, 1)
    assert loss.mean == 11.67
    assert loss.success == pytest.approx(11.67 / 20)
    assert loss.short == (("ada_lovelace", 5), ("noether", 5), ("untouched", 0))
    assert (figures["B1"].n, figures["B1"].short) == (1, (("ada_lovelace", 2.5),))


def test_a_bonus_question_that_was_not_attempted_is_no_loss(mixed: Result, rubric: Rubric) -> None:
    bonus = next(question for question in mixed.questions if question.id == "B1")
    stub = replace(bonus, score=0.0, checks=(replace(bonus.checks[0], outcome=Outcome.NOT_ATTEMPTED, points=0.0),))
    (figures,) = question_figures([replace(mixed, questions=(stub,))], rubric)
    assert (figures.absent, figures.short) == (1, ())


def test_mistakes_are_counted_by_student(results: list[Result]) -> None:
    counts = [(m.question, m.mistake, m.students, m.certain) for m in mistake_counts(results)]
    both = ("ada_lovelace", "noether")
    assert counts == [("1.2", "keeps_self", both, 2), ("1.2", "one_view", both, 0), ("1.3", "sign", ("hopper",), 1)]


def test_the_most_frequent_mistake_comes_first(results: list[Result]) -> None:
    hopper = next(result for result in results if result.student == "hopper")
    assert next(m.mistake for m in mistake_counts([*results, hopper, hopper])) == "sign"


def test_what_stands_out_is_listed_too(rubric: Rubric, results: list[Result]) -> None:
    turing = results[0]
    quick = [replace(turing, student=f"s{i}", seconds=0.5 + i / 10) for i in range(9)]
    slow = replace(turing, student="slow", seconds=30)
    assert concerns([*quick, slow]) == [
        Concern("slow", Status.OK, ("Grading took 30.0 s, far longer than that of most.",)),
    ]
    assert concerns([*quick, replace(slow, seconds=4.9)]) == []
    first = turing.questions[0]
    failed = replace(first.checks[0], outcome=Outcome.FAILED, points=0.0, message="differs")
    lost = replace(first, score=0.0, checks=(failed,))
    (found,) = concerns([replace(turing, questions=(lost, *turing.questions[1:]))])
    assert found.reasons == ("No points for 1.1, and no known mistake explains it.",)
    named = replace(lost, diagnosis=(Diagnosis("swapped", "They are swapped."),))
    assert concerns([replace(turing, questions=(named,))]) == []


def test_errors_come_before_problems_and_say_why(results: list[Result]) -> None:
    found = [(concern.student, concern.status, concern.reasons) for concern in concerns(results)]
    assert found == [
        ("=cmd()", Status.ERROR, ("The grader's worker was lost twice.",)),
        ("ada_lovelace", Status.PROBLEM, ("2: KNN was still running after 60 s and was stopped.",)),
        ("empty.zip", Status.PROBLEM, ("Nothing in it can be read.",)),
    ]


def test_one_reason_for_several_questions_is_told_once(results: list[Result]) -> None:
    ada = next(result for result in results if result.student == "ada_lovelace")
    broken = tuple(replace(question, error="main.py is missing.") for question in ada.questions[:2])
    (found,) = concerns([replace(ada, questions=broken, message=None)])
    assert found.reasons == ("1.1, 1.2: main.py is missing.",)
    (found,) = concerns([replace(ada, questions=broken, message="main.py is missing. Hand it in.")])
    assert found.reasons == ("main.py is missing. Hand it in.",)
