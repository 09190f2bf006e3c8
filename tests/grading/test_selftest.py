"""`autograde --self-test`: the checks and the hints hold on everything that is known, and a hole would be seen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cases import POOL
from autograder.checks.judge import CHECKS
from autograder.checks.test_validation import _unchanged as unchanged
from autograder.cli import main
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import SOLUTIONS, Limits, usable_cores
from autograder.grading import selftest
from autograder.grading.grader import Grader
from autograder.reference.catalogue import read_stand_ins
from tests.course import now

LEAST = {"1.1": 12, "1.2": 24, "1.3": 12, "1.4": 12, "2": 14, "3": 8}
"""Known mistakes that each question must have."""


def test_nothing_is_missed() -> None:
    tallies = selftest.self_test(load_rubric(), usable_cores(), lambda: None, sets=4)
    assert [miss for tally in tallies for miss in tally.misses] == []


@pytest.mark.published
def test_a_question_is_tried_from_the_command_line_on_every_set_of_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--self-test", "--question", "B5"]) == 0
    assert re.search(rf" {POOL} +0 *$", capsys.readouterr().out, re.MULTILINE)


def test_points_that_depend_on_a_students_own_inputs_are_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = [replace(one, demands=unchanged("K = 5")) if one.name == "test_inputs" else one for one in CHECKS]
    monkeypatch.setattr("autograder.checks.judge.CHECKS", own)
    rubric = select(load_rubric(), [now("2")])
    with Grader(rubric, Limits()) as grader:
        tester = selftest._Tester(grader, rubric, tmp_path)
        tallies = [part(tester) for part in selftest.parts(rubric, sets=3)[-3:]]
    assert any(re.search(r"gets .* points with the inputs of", miss) for tally in tallies for miss in tally.misses)


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
    (tally,) = selftest.self_test(select(load_rubric(), [now("3")]), 1, lambda: None, sets=0)
    assert tally.caught < tally.mistakes
    assert any("is not caught" in miss for miss in tally.misses)
