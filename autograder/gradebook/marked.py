"""Reads points that people entered in nbgrader's gradebook: for the report, and instead of the code's scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

from autograder.core.records import Rubric
from autograder.gradebook.changes import Entered, Kept, Replaced
from autograder.gradebook.database import ASSIGNMENT, opened, score_of, student_id
from autograder.gradebook.formgrader import CODE, REPORT, cell_name
from autograder.marks.points import ByHand, Given

Rows = dict[str, dict[str, dict[str, Any]]]
"""Rows by student's id there, notebook and cell."""


def points_by_hand(url: str, rubric: Rubric, students: Collection[str], kept: Kept | None = None) -> ByHand:
    """The points that people gave each student in formgrader; a report with an unmarked part has no points.

    `kept` are the cells that changes of the desk replaced: they count as they were before, for the desk has its own
    record.

    Raises AutograderError if the gradebook cannot be read.
    """
    with opened(url) as (api, gradebook):
        kinds = ("auto_score", "manual_score", "extra_credit", "needs_manual_grade")
        grades = _rows(api, gradebook.db, api.Grade, kinds)
        comments = _rows(api, gradebook.db, api.Comment, ("auto_comment", "manual_comment"))
    for student, cells in (kept or {}).items():
        _bring_back(grades.get(student, {}), comments.get(student, {}), cells)
    found = {}
    for student in students:
        name = student_id(student)
        code, report = (_given(grades.get(name, {}), comments.get(name, {}), notebook) for notebook in (CODE, REPORT))
        # A score of the code counts here only if a person changed it; a talk has no other.
        given = {
            question.id: Given(score_of(row) or 0.0, said.manual_comment or "" if said else "")
            for question in rubric.questions
            for row, said in [code.get(cell_name(question.id), (None, None))]
            if row is not None and score_of(row) is not None and (row.manual_score is not None or row.extra_credit)
        }
        given |= {
            question.id: _report(report)
            for question in rubric.questions
            if question.manual and question.file == f"{REPORT}.ipynb" and report
            if not any(row.needs_manual_grade or score_of(row) is None for row, _ in report.values())
        }
        if given:
            found[student] = given
    return found


def _bring_back(
    grades: Mapping[str, dict[str, Any]], comments: Mapping[str, dict[str, Any]], cells: Mapping[str, Replaced]
) -> None:
    """Put the rows of cells that are as a change left them back to the values before it."""
    for place, replaced in cells.items():
        notebook, _, cell = place.partition("/")
        row, said = grades.get(notebook, {}).get(cell), comments.get(notebook, {}).get(cell)
        if row is None or not replaced.still(Entered(row.manual_score, said and said.manual_comment)):
            continue
        before = replaced.before
        entered = {"manual_score": before.score, "needs_manual_grade": before.asks}
        grades[notebook][cell] = SimpleNamespace(**{**row._mapping, **entered})
        if said is not None:
            comments[notebook][cell] = SimpleNamespace(**{**said._mapping, "manual_comment": before.comment})


def _given(
    grades: Mapping[str, Mapping[str, Any]], comments: Mapping[str, Mapping[str, Any]], notebook: str
) -> dict[str, tuple[Any, Any]]:
    """By cell of a notebook, the row with the grade, and the one with the comment if there is one."""
    told = comments.get(notebook, {})
    return {cell: (row, told.get(cell)) for cell, row in grades.get(notebook, {}).items()}


def _report(parts: Mapping[str, tuple[Any, Any]]) -> Given:
    """The sum of the parts, with the comments on each."""
    points = sum(score_of(row) or 0.0 for row, _ in parts.values())
    texts = {name: said.manual_comment or said.auto_comment for name, (_, said) in parts.items() if said is not None}
    different = dict.fromkeys(text.strip() for text in texts.values() if text)
    if len(different) == 1:
        return Given(round(points, 4), next(iter(different)))
    return Given(round(points, 4), "\n".join(f"{name}: {text.strip()}" for name, text in texts.items() if text))


def _rows(api: Any, session: Any, kind: Any, columns: Collection[str]) -> Rows:
    """All rows of a kind of the assignment, columns only: for whole rows the database would add up scores."""
    one, part = api.SubmittedAssignment, api.SubmittedNotebook
    asked = (one.student_id, api.Notebook.name.label("notebook"), api.BaseCell.name.label("cell"))
    query = (
        session.query(*asked, *(getattr(kind, column) for column in columns))
        .select_from(kind)
        .join(part, kind.notebook_id == part.id)
        .join(one, part.assignment_id == one.id)
        .join(api.Assignment, one.assignment_id == api.Assignment.id)
        .join(api.Notebook, part.notebook_id == api.Notebook.id)
        .join(api.BaseCell, kind.cell_id == api.BaseCell.id)
        .filter(api.Assignment.name == ASSIGNMENT)
    )
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for row in query:
        found[row.student_id][row.notebook][row.cell] = row
    return found
