"""Tests of autograder/handout/mystery/distances.py, and that the runs which are kept can be told apart."""

from __future__ import annotations

import pytest

from autograder.core.rubric import load_rubric
from autograder.core.settings import ROOT
from autograder.handout.mystery.distances import measured
from autograder.handout.mystery.kinds import KINDS, SEEDS
from autograder.mystery.runs import COLUMNS, NO_MISTAKE, PATH, Run, load_runs


def run(mistake: str, loss: float, rank: float = 40.0) -> Run:
    return Run(
        "python main.py --method simclr", mistake, mistake, (), ((0, None, 90, 0.2, 40), (1, loss, 90.0, 0.9, rank))
    )


def two(mistake: str, losses: tuple[float, float], ranks: tuple[float, float] = (40.0, 42.0)) -> list[Run]:
    first, second = (run(mistake, loss, rank) for loss, rank in zip(losses, ranks, strict=True))
    rows = tuple((one[0], one[1], (one[2] or 0) + 1, (one[3] or 0) + 0.1, one[4]) for one in second.rows)
    return [first, Run(second.command, second.mistake, second.function, (), rows)]


def test_the_smallest_difference_between_kinds_is_divided_by_the_largest_between_seeds() -> None:
    kinds = {one.mistake: one for one in measured([*two(NO_MISTAKE, (3.0, 3.1)), *two("sign", (5.0, 5.05))])}
    assert kinds["sign"].ratio == pytest.approx(19)  # 5.0 - 3.1 over 3.1 - 3.0
    assert kinds["sign"].measure == "loss" and kinds["sign"].nearest == NO_MISTAKE and kinds["sign"].told_apart


def test_the_measure_that_tells_most_counts() -> None:
    same_loss = two("flat", (3.0, 3.1), (80.0, 82.0))
    kinds = {one.mistake: one for one in measured([*two(NO_MISTAKE, (3.0, 3.1)), *same_loss])}
    assert kinds["flat"].ratio == pytest.approx(19) and kinds["flat"].measure == "effective_rank"  # 80 - 42 over 2


def test_the_kind_that_is_most_alike_counts() -> None:
    others = [*two("near", (5.0, 5.1)), *two("far", (9.0, 9.1))]
    kinds = {one.mistake: one for one in measured([*two(NO_MISTAKE, (3.0, 3.1)), *others])}
    assert [kinds[name].nearest for name in (NO_MISTAKE, "near", "far")] == ["near", NO_MISTAKE, "near"]


def test_kinds_that_are_alike_are_named() -> None:
    kinds = {one.mistake: one for one in measured([*two(NO_MISTAKE, (3.0, 3.1)), *two("alike", (3.0, 3.1))])}
    assert not kinds["alike"].told_apart and "CANNOT BE TOLD APART" in kinds["alike"].line


@pytest.mark.published
def test_the_kept_runs_are_those_of_the_list_and_some_measure_tells_each_kind_from_the_others() -> None:
    runs = load_runs(ROOT, load_rubric().seed).runs
    assert len(runs) == SEEDS * len(KINDS)
    assert {len(row) for one in runs for row in one.rows} == {len(COLUMNS)}
    assert [one.mistake for one in runs[::SEEDS]] == [kind.mistake for kind in KINDS]
    assert [kind.line for kind in measured(runs) if not kind.told_apart] == [], PATH
