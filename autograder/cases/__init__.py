"""The inputs on which functions are called: made with NumPy on the trusted side, one file per student file.

Public cases are fixed and known to students. Hidden ones are drawn from a seed: some from the term's, the same for
everybody, some from the term's and the student's id, so that no two students get the same and each can be replayed.
"""

from __future__ import annotations

from autograder.cases import criterion, main, main_linclis, model_factory, validation
from autograder.cases.advice import advice_cases
from autograder.cases.draw import Draw
from autograder.records import Case

_FILES = (model_factory, criterion, main, validation, main_linclis)
_PUBLIC = {question: make for file in _FILES for question, make in file.PUBLIC.items()}
_HIDDEN = {question: make for file in _FILES for question, make in file.HIDDEN.items()}


def public_cases(question: str) -> tuple[Case, ...]:
    """The cases that a student's own run shows with inputs and expected values."""
    return tuple(_PUBLIC[question]())


def hidden_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """The cases that are graded unseen: `seed` is the term's, `student` an id."""
    return tuple(_HIDDEN[question](Draw(f"{seed}/{question}"), Draw(f"{seed}/{question}/{student}")))


def all_cases(question: str, seed: str, student: str) -> tuple[Case, ...]:
    """Public and hidden cases, and those for advice, in the order in which they are asked."""
    return public_cases(question) + hidden_cases(question, seed, student) + tuple(advice_cases(question))
