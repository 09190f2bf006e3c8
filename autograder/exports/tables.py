"""Tables of marks for programs: one of our own, and one with the columns of `nbgrader export`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from autograder.exports.marks import Mark, Marks
from autograder.report.exports import text_cell
from autograder.report.text import split_name

OURS = ("student", "name", "email", "group", "score", "max_score", "undiscounted", "days_late", "submitted")
NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
ASSIGNMENT = "ssl"
"""As in the kit's own gradebook."""


def plain(marks: Marks) -> str:
    """Ids, names, marks after and before what a late hand-in costs."""

    def row(mark: Mark) -> Sequence[object]:
        about = mark.about
        who = (text_cell(text) for text in (mark.student, about.name, about.email, about.group))
        return (
            *who,
            _short(mark.points),
            _short(marks.most),
            _short(mark.undiscounted),
            mark.days_late,
            about.submitted,
        )

    return _table(OURS, (row(mark) for _, mark in sorted(marks.by_student.items())))


def nbgrader(marks: Marks) -> str:
    """The columns of nbgrader's own export."""

    def row(mark: Mark) -> Sequence[object]:
        first, last = split_name(mark.about.name)
        names = (text_cell(text) for text in (mark.student, last, first, mark.about.email))
        penalty = _short(mark.undiscounted - mark.points)
        scores = (_short(mark.undiscounted), penalty, _short(mark.points), _short(marks.most))
        return (ASSIGNMENT, "", mark.about.submitted, *names, *scores)

    return _table(NBGRADER, (row(mark) for _, mark in sorted(marks.by_student.items())))


TABLES: Mapping[str, Callable[[Marks], str]] = {"csv": plain, "nbgrader": nbgrader}


def _short(number: float) -> str:
    return f"{round(number, 4):g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()
