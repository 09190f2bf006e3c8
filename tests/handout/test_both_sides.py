"""`check.py` and the grader accept the same values: tested around the tolerance of each public demand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from autograder.cases import public_cases
from autograder.checks.compare import Close, Comparator, SameDistribution
from autograder.checks.judge import checks_of
from autograder.core.records import Answer, Case, Question, Value
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON
from autograder.handout.build import PUBLIC
from autograder.reference.frozen import Fixtures
from autograder.reference.variants import as_written

RUBRIC = load_rubric()
FIXTURES = Fixtures(RUBRIC)
STEPS = (0.0, 0.5, 0.97, 1.03, 2.0, -0.97, -1.03)
"""Steps relative to the tolerance. Expected values in the student's file are rounded to a hundredth of it."""
COLD = ("public temperature", "gradient")
"""Gradients at a low temperature lose digits in right code, too: grading asks for none, and `check.py` for few."""


def rows(question: Question) -> Iterator[tuple[Case, Answer, dict[str, list[Comparator]]]]:
    """Each public case, what is expected, and how the grader compares each output: in this case and, in ways in
    which no check does so here, in others."""
    answers = {
        case.name: answer
        for case in FIXTURES.cases(question.id)
        if (answer := FIXTURES.answer(as_written(case, RUBRIC.variant)))
    }
    places = [place for check, _ in checks_of(question) for place in check.places(answers)]
    for case in public_cases(question.id):
        compared: dict[str, list[Comparator]] = {}
        for name in answers[case.name].values:
            own = [how for at, one, how in places if (at, one) == (case.name, name)]
            rest = [how for _, one, how in places if _kind(one) == _kind(name) and type(how) not in map(type, own)]
            compared[name] = own + rest
        yield case, answers[case.name], compared


def _kind(name: str) -> str:
    return name.rpartition(" ")[0] if name.startswith("gradient of") else name


def others(value: Value, how: list[Comparator]) -> Iterator[Value]:
    """The value, and values next to it: near and just beyond what is allowed, of other shapes and of other kinds."""
    yield value
    yield Value("none", "None")
    if value.array is None:
        yield Value("tensor", "torch.float32", np.zeros((), "float32"))
        return
    if value.array.dtype.kind == "b":
        yield replace(value, array=~value.array)
        return
    yield Value("tensor", f"torch.{value.array.dtype}", value.array[None])
    yield Value("tensor", "torch.bool", value.array.astype(bool))
    wanted = value.array.astype("float64")
    for one in how:
        if isinstance(one, Close):
            for step in STEPS:
                off = wanted.copy()
                off.flat[-1:] += step * one.allowed(wanted)
                yield replace(value, array=off, type_name="torch.float64")
        if isinstance(one, SameDistribution):  # the grader's own sample is off from the distribution as well
            for step in (0.5, 2.0):
                yield replace(value, array=(wanted * (1 + step * 6 / wanted.size**0.5)).astype("float32"))
    if value.kind == "number":
        yield from (Value("number", "int", np.asarray(int(value.array) + step)) for step in (-1, 1))


def returned(value: Value) -> object:
    """The value that a student's code would have returned."""
    if value.array is None:
        return None
    return torch.tensor(value.array) if value.kind == "tensor" else value.array.item()


@pytest.mark.published
@pytest.mark.parametrize("question", RUBRIC.graded, ids=lambda question: question.id)
def test_both_sides_have_one_verdict(question: Question, load_check: Callable[[Path], ModuleType]) -> None:
    check = load_check(SKELETON)
    stored = json.loads((SKELETON / PUBLIC / "public_checks.json").read_text("utf-8"))["questions"]
    found = {case["name"]: case for one in stored if one["id"] == question.id for case in one["cases"]}
    disagree: list[object] = []
    with check.as_when_grading():
        from ssl_kit.differences import report

        for (case, answer, compared), own in zip(rows(question), found.values(), strict=True):
            right = {name: returned(value) for name, value in answer.values.items()}
            for name, how in compared.items():
                if not how or (case.name == COLD[0] and name.startswith(COLD[1])):
                    continue
                for value in others(answer.values[name], how):
                    here = not report(own["expected"], own["demands"], {**right, name: returned(value)})
                    there = all(one.difference(value, answer.values[name]) is None for one in how)
                    if here is not there:
                        disagree.append((case.name, name, value, here, there))
    assert not disagree
