"""Both sides' answers to a question, computed in this very process: the compute that no grader can save."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import torch

from autograder.cases import all_cases
from autograder.checks.demands import Answers
from autograder.checks.judge import beside
from autograder.core.records import Answer, Case, Value
from autograder.core.rubric import load_rubric
from autograder.core.settings import SOLUTIONS
from autograder.sandbox.apart import take_apart
from autograder.sandbox.student import in_parts

_KEPT: dict[str, Answer] = {}
"""The reference's answers by case: it is asked once for equal inputs, as when a class is graded."""


def question_answers(student: Path, question_id: str) -> Answers:
    """The answers of the student's files and of the reference's to all cases of one question."""
    rubric = load_rubric()
    cases = all_cases(question_id, rubric.seed, student.name)
    parts = in_parts(rubric[question_id], cases)
    given, expected = (
        [answer for part, own in parts for answer in _answers(_load(folder, part.module), part.module, own, kept)]
        for folder, kept in ((student, {}), (SOLUTIONS, _KEPT))
    )
    return beside(cases, given, expected)


def _answers(module: ModuleType, name: str, cases: Sequence[Case], kept: dict[str, Answer]) -> list[Answer]:
    probes = importlib.import_module(f"autograder.sandbox.probes.{name}")
    answers = []
    for case in cases:
        if case.digest in kept:
            answers.append(kept[case.digest])
            continue
        tensors = {key: torch.tensor(array) for key, array in case.arrays.items()}
        values = getattr(probes, case.probe)(module, tensors, case.params)
        answers.append(Answer(case.name, {key: Value(*take_apart(value)) for key, value in values.items()}))
        kept[case.digest] = answers[-1]
    return answers


@cache
def _load(folder: Path, name: str) -> ModuleType:
    if str(SOLUTIONS) not in sys.path:
        sys.path.append(str(SOLUTIONS))  # the given files: networks, data, engine
    spec = importlib.util.spec_from_file_location(f"{folder.name}_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
