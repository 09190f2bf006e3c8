"""A student's own lines next to the result; those that an error message names are marked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.core.records import Excerpt, QuestionResult, Result


@dataclass(frozen=True)
class Line:
    """One line to show; `marked` if an error message of this question names it, `gap` if lines before it are left
    out."""

    number: int
    text: str
    marked: bool
    gap: bool


def shown_excerpts(result: Result, question: QuestionResult) -> list[tuple[str, list[Line]]]:
    """The file and the lines of every excerpt that belongs to a question."""
    told = "\n".join([question.error or "", *(check.message for check in question.checks)])
    excerpts = [excerpt for excerpt in result.excerpts if excerpt.question == question.id]
    return [(excerpt.file, _lines(excerpt, told)) for excerpt in excerpts]


def _lines(excerpt: Excerpt, told: str) -> list[Line]:
    named = {int(number) for number in re.findall(rf"(?<![\w.]){re.escape(excerpt.file)}, line (\d{{1,7}})\b", told)}
    before, lines = None, []
    for number, text in excerpt.lines:
        lines.append(Line(number, text, number in named, before is not None and number != before + 1))
        before = number
    return lines


def answer(result: Result, question: str) -> list[str]:
    """A student's lines for a question, wherever in a file they stand."""
    return [text for one in result.excerpts if one.question == question for _, text in one.lines]
