"""The inputs on which functions are called: made with NumPy on the trusted side, one file per student file.

Public cases are fixed and known to students. Hidden ones are drawn from a seed: some from the term's, the same for
everybody, and some from one of `POOL` further seeds, to which the student's id leads, so that each can be replayed.
"""

from __future__ import annotations

import hmac
import importlib
from functools import cache, lru_cache
from pathlib import Path

from autograder.cases.advice import advice_cases
from autograder.cases.draw import Draw, drawn_as
from autograder.core.records import STUDENT_FILES, Case

_STUDENT = [file.removesuffix(".py") for file in STUDENT_FILES]
_OWN = sorted(path.stem for stem in _STUDENT for path in Path(__file__).parent.glob(f"{stem}_*.py"))
"""Files of single questions, named after the student file and the function."""
POOL = 64
"""The number of sets of own inputs of a question: a class shares the work of drawing and of answering them."""
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


def place(question: str, seed: str, student: str) -> int:
    """The place in the pool whose inputs a student gets in a question: a hash of the id, keyed by the term's seed.

    So nobody without the seed can say who has the same inputs; `docs/judging.md` says what that is worth.
    """
    named = f"{drawn_as(question)}/{student}".encode("utf-8", "surrogateescape")
    return hmac.digest(seed.encode("utf-8", "surrogateescape"), named, "sha256")[0] % POOL


def own_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """The hidden cases that a student shares only with those who have the same place in the pool."""
    return _pooled(question, seed, place(question, seed, student))


@lru_cache(16 * POOL)
def _pooled(question: str, seed: str, at: int) -> tuple[Case, ...]:
    makers = [file.OWN[question] for file in _FILES if question in file.OWN]
    return tuple(case for make in makers for case in make(Draw(f"{seed}/{drawn_as(question)}/{at}")))


def common_cases(question: str, seed: str) -> tuple[Case, ...]:
    """The cases that are the same for all students: the public ones, and the term's."""
    return public_cases(question) + term_cases(question, seed)


def single_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """The other cases: those from the pool, and those for advice."""
    return own_cases(question, seed, student) + advice_cases(question)


def all_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """Public and hidden cases, and those for advice, in the order in which they are asked."""
    return common_cases(question, seed) + single_cases(question, seed, student)
