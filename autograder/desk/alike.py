"""Finds the students who gave the same wrong answer: the same known mistake, the same repair, or the same code."""

from __future__ import annotations

import hashlib

from autograder.core.records import Diagnosis, QuestionResult, Result
from autograder.report.own_lines import answer
from autograder.report.statistics import changed_lines


def cause(result: Result, question: str) -> tuple[str, ...] | None:
    """The cause of a wrong answer, to compare; None if the answer is right, or if there is none."""
    graded = next((one for one in result.questions if one.id == question), None)
    if graded is None or graded.not_attempted or all(check.passed for check in graded.checks):
        return None
    if graded.diagnosis:
        return ("mistake", *sorted(map(_one, graded.diagnosis)))
    return _code(result, graded)


def _one(diagnosis: Diagnosis) -> str:
    """A known mistake by its name, a repair by the lines that it changes, without their place."""
    return changed_lines(diagnosis.change) if diagnosis.change else diagnosis.mistake


def _code(result: Result, graded: QuestionResult) -> tuple[str, ...] | None:
    """The tokens of the answer, without names that anybody can change, and the checks that failed."""
    from autograder.report.tokens import tokens  # its lexer takes a moment

    code = answer(result, graded.id)
    if not code:
        return None
    digest = hashlib.sha256("\0".join(token.text for token in tokens("\n".join(code))).encode()).hexdigest()
    return ("code", digest, *(check.name for check in graded.checks if not check.passed))
