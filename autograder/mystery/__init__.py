"""The mystery run: each student gets the curves of a training run and names the mistake that was made in it, if any."""

from __future__ import annotations

from autograder.core.records import Question, Rubric
from autograder.mystery.entries import FILE as FILE


def mystery_of(rubric: Rubric) -> Question | None:
    """The question that is the mystery run; None if the course has none."""
    return next((question for question in rubric.questions if question.manual and question.file == FILE), None)
