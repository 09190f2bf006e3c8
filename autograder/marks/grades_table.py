"""The table of grades that other programs read."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence

from autograder.core.records import Result, Rubric
from autograder.core.text import number
from autograder.marks.points import code_part

ABOUT = ("name", "email", "group", "late", "lateness")


class _Rows(list[str]):
    """Collects the output of `csv.writer`: one string for each row."""

    write = list.append


def text_cell(text: str) -> str:
    """Write a text in a form that a spreadsheet takes for text, never for a formula, and that any file can hold."""
    if text and (text[0] in "=+-@" or unicodedata.category(text[0]) == "Cc"):
        text = f"'{text}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _cells(result: Result, rubric: Rubric) -> list[str]:
    code = code_part(result, rubric)
    score = code.score
    scores = {} if score is None else {question.id: number(question.score) for question in result.questions}
    total = "" if score is None else number(score)
    first = [text_cell(result.student), str(result.status), total, number(code.max_score)]
    about = result.about
    late = {True: "yes", False: "no", None: ""}[about.late]
    last = [text_cell(about.name), text_cell(about.email), text_cell(about.group), late, text_cell(about.lateness)]
    return first + [scores.get(question.id, "") for question in rubric.questions] + last


def grades_csv(results: Sequence[Result], rubric: Rubric) -> str:
    """Write `grades.csv`: one row per submission, sorted by student; questions that were not graded are blank.

    `score` is the code's alone; the questions that people grade have columns of their own.
    """
    question_ids = [question.id for question in rubric.questions]
    rows = _Rows()
    # With "\r\n" the writer quotes cells that hold either character; a row itself ends in "\n".
    writer = csv.writer(rows, lineterminator="\r\n")
    writer.writerow(["student", "status", "score", "max_score", *question_ids, *ABOUT])
    for result in sorted(results, key=lambda result: result.student):
        writer.writerow(_cells(result, rubric))
    return "".join(row.removesuffix("\r\n") + "\n" for row in rows)
