"""The inputs on which functions are called: made with NumPy on the trusted side, one file per student file.

Public cases are fixed and known to students. Hidden ones are drawn from a seed: some from the term's, the same for
everybody, some from the term's and the student's id, so that no two students get the same and each can be replayed.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from autograder.cases.advice import advice_cases
from autograder.cases.draw import Draw, drawn_as
from autograder.core.records import STUDENT_FILES, Case

_STUDENT = [file.removesuffix(".py") for file in STUDENT_FILES]
_OWN = sorted(path.stem for stem in _STUDENT for path in Path(__file__).parent.glob(f"{stem}_*.py"))
"""Files of single questions, named after the student file and the function."""
_FILES = [importlib.import_module(f"autograder.cases.{name}") for name in dict.fromkeys([*_STUDENT, *_OWN])]


@cache
def public_cases(question: str) -> tuple[Case, ...]:
    """The cases that a student's own run shows with inputs and expected values."""
    return tuple(case for file in _FILES if question in file.PUBLIC for case in file.PUBLIC[question]())


@cache
def term_cases(question: str, seed: str) -> tuple[Case, ...]:
    """The hidden cases that are the same for everybody; `seed` is the term's."""
    makers = [file.TERM[question] for file in _FILES if question in file.TERM]
    return tuple(case for make in makers for case in make(Draw(f"{seed}/{drawn_as(question)}")))


def own_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """The hidden cases that only this student gets."""
    makers = [file.OWN[question] for file in _FILES if question in file.OWN]
    return tuple(case for make in makers for case in make(Draw(f"{seed}/{drawn_as(question)}/{student}")))


def common_cases(question: str, seed: str) -> tuple[Case, ...]:
    """The cases that are the same for all students: the public ones, and the term's."""
    return public_cases(question) + term_cases(question, seed)


def single_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """The other cases: the student's own, and those for advice."""
    return own_cases(question, seed, student) + advice_cases(question)


def all_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """Public and hidden cases, and those for advice, in the order in which they are asked."""
    return common_cases(question, seed) + single_cases(question, seed, student)
