"""Has mutants judged by the checks: one confined process holds them all and answers for each in turn."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.core.records import STUDENT_FILES, Answer, Case, Question, Rubric
from autograder.core.settings import SKELETON, SOLUTIONS, Limits
from autograder.reference.process import Reference
from autograder.sandbox.client import Server
from autograder.sandbox.session import Session
from tests.mutation.mutants import Mutant

LIMITS = Limits(timeout=20.0)
MODULES = [file.removesuffix(".py") for file in STUDENT_FILES]
HOLDER = '''
def hold(source, path, number):
    """One function of a whole mutated file, ready to take the place of the right one."""
    space = {"__name__": "mutant"}
    exec(source, space)
    first, *rest = path.split(".")
    function = space[first]
    for name in rest:
        function = getattr(function, name)
    function.replaces = path
    globals()[f"m{number}"] = function
'''


class Fate(StrEnum):
    """The fate of a mutant."""

    RAISES = "raises"
    WRONG = "wrong"
    SURVIVES = "survives"


@dataclass(frozen=True)
class Verdict:
    """A mutant and its fate; it is caught unless it survives."""

    mutant: Mutant
    fate: Fate


def try_all(mutants: Sequence[Mutant], rubric: Rubric, student: str = "mutants") -> Iterator[Verdict]:
    """Judge each on the public inputs and on those of `student`, in order."""
    with Server(SKELETON) as server, contextlib.closing(Reference(server, SOLUTIONS, LIMITS)) as reference:
        expected = {}
        for question in dict.fromkeys(mutant.question for mutant in mutants):
            cases = all_cases(question.id, rubric.seed, student)
            expected[question] = (cases, reference.answers(rubric[question.id], cases))
        session = _open(server, list(enumerate(mutants)))
        try:
            for number, mutant in enumerate(mutants):
                if not session.alive:  # the mutant before ended the process
                    session = _open(server, list(enumerate(mutants))[number:])
                cases, right = expected[mutant.question]
                # Of a question in two files, the mutant is in one: the other is answered rightly.
                own = [case for case in cases if (case.file or mutant.question.file) == mutant.question.file]
                given = {answer.case: answer for answer in [*right, *_answers(session, mutant, number, own)]}
                yield Verdict(mutant, _fate(mutant.question, cases, list(given.values()), right))
        finally:
            session.close()


def _answers(session: Session, mutant: Mutant, number: int, cases: Sequence[Case]) -> list[Answer]:
    outcome = session.ask(mutant.question, cases, [f"mutants/{mutant.question.module}/m{number}"] * len(cases))
    assert outcome.failed is None, f"{mutant.difference}\ncan not be put in place: {outcome.failed}"
    missing = cases[len(outcome.answers) :]
    return [*outcome.answers, *(Answer(case.name, error=outcome.died) for case in missing)]


def _fate(question: Question, cases: Sequence[Case], given: Sequence[Answer], expected: Sequence[Answer]) -> Fate:
    if judge.all_pass(question, judge.beside(cases, given, expected)):
        return Fate.SURVIVES
    return Fate.RAISES if any(answer.error is not None for answer in given) else Fate.WRONG


def _open(server: Server, numbered: Sequence[tuple[int, Mutant]]) -> Session:
    with tempfile.TemporaryDirectory() as folder:
        for path in SOLUTIONS.glob("*.py"):
            shutil.copy(path, folder)
        holders: dict[str, str] = {}
        for number, mutant in numbered:
            text = holders.setdefault(mutant.question.module, HOLDER)
            holders[mutant.question.module] = f"{text}hold({mutant.source!r}, {mutant.function!r}, {number})\n"
        (Path(folder) / "mutants").mkdir()
        for module, text in holders.items():
            (Path(folder) / "mutants" / f"{module}.py").write_text(text, encoding="utf-8")
        files = {name: Path(f"{name}.py") for name in MODULES}
        preload = [*MODULES, *(f"mutants.{module}" for module in holders)]
        return Session(server, Path(folder), files, LIMITS, questions=10**6, preload=preload)
