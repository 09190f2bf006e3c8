"""The table of grades that other programs read."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from autograder.core.records import Result, Rubric
from autograder.core.text import number
from autograder.marks.points import code_part


class _Rows(list[str]):
    """Collects the output of `csv.writer`: one string for each row."""

    write = list.append


def text_cell(text: str) -> str:
    """Write a text in a form that a spreadsheet takes for text, never for a formula, and that any file can hold."""
    if text and (text[0] in "=+-@" or unicodedata.category(text[0]) == "Cc"):
        text = f"'{text}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV, each ended by a line feed."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


Column: TypeAlias = tuple[str, Callable[[Result, Result], str]]
"""A heading, and the cell below it: of the whole result, and of its code's part."""

BEFORE_QUESTIONS: tuple[Column, ...] = (
    ("student", lambda result, code: text_cell(result.student)),
    ("status", lambda result, code: str(result.status)),
    ("score", lambda result, code: "" if code.score is None else number(code.score)),
    ("max_score", lambda result, code: number(code.max_score)),
)
AFTER_QUESTIONS: tuple[Column, ...] = (
    ("name", lambda result, code: text_cell(result.about.name)),
    ("email", lambda result, code: text_cell(result.about.email)),
    ("group", lambda result, code: text_cell(result.about.group)),
    ("late", lambda result, code: {True: "yes", False: "no", None: ""}[result.about.late]),
    ("lateness", lambda result, code: text_cell(result.about.lateness)),
)

CHANGED: Column = (
    "changed",
    lambda result, code: " ".join(
        filter(None, [result.standing, *(one.id for one in result.questions if one.changed)])
    ),
)
"""By a person: the standing, and the ids of questions. The column is there if there is any change."""


def _of_question(question_id: str) -> Column:
    def cell(result: Result, code: Result) -> str:
        scores = {} if code.score is None else {question.id: number(question.score) for question in result.questions}
        return scores.get(question_id, "")

    return question_id, cell


def grades_csv(results: Sequence[Result], rubric: Rubric) -> str:
    """Write `grades.csv`: one row per submission, sorted by student; questions that were not graded are blank.

    `score` is the code's alone; the questions that people grade have columns of their own.
    """
    changed = (CHANGED,) if any(CHANGED[1](result, result) for result in results) else ()
    of_questions = (_of_question(question.id) for question in rubric.questions)
    columns = (*BEFORE_QUESTIONS, *of_questions, *AFTER_QUESTIONS, *changed)
    rows = _Rows()
    # With "\r\n" the writer quotes cells that hold either character; a row itself ends in "\n".
    writer = csv.writer(rows, lineterminator="\r\n")
    writer.writerow([heading for heading, _ in columns])
    for result in sorted(results, key=lambda result: result.student):
        code = code_part(result, rubric)
        writer.writerow([cell(result, code) for _, cell in columns])
    return "".join(row.removesuffix("\r\n") + "\n" for row in rows)
