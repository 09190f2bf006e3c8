"""Fills in the gradebook that Canvas exports.

Its columns are Student, ID, SIS columns, Section, then one an assignment, called `Homework 1 (4711)` with the
assignment's number, then totals, which are read only. Above the students stands a row `Points Possible`, before it
sometimes one more.
"""

from __future__ import annotations

import re

from autograder.errors import AutograderError
from autograder.exports.marks import Marks, refuse
from autograder.headings import CANVAS_ID
from autograder.roster import TEST_STUDENT
from autograder.sheet import Sheet, find_column

POSSIBLE = re.compile(
    r"points possible|mögliche punkte|points possibles|puntos posibles|punti possibili", re.IGNORECASE
)
READ_ONLY = re.compile(r"read.?only", re.IGNORECASE)
NEVER = {"EX", "N/A"}


def fill_canvas(sheet: Sheet, marks: Marks, column: str | None, scale: bool = False) -> list[str]:
    """Write the marks into the sheet; returns what was left as it was, a sentence each. Raises AutograderError."""
    target, ids = _find(sheet, column)
    start, possible = _first_student(sheet, target)
    if possible is None:
        raise AutograderError("The sheet has no row `Points Possible`.", "Export the gradebook from Canvas anew.")
    if scale:
        marks = marks.scaled(possible)
    rows: dict[str, int] = {}
    problems: list[str] = []
    for row in range(start, len(sheet.rows)):
        if student := sheet.value(row, ids):
            if student in rows:
                problems.append(f"ID {student} is there twice")
            rows[student] = row
    problems += [f"{student} is not in the sheet" for student in sorted(marks.points) if student not in rows]
    if abs(possible - marks.most) > 1e-9:
        problems.append(f"the sheet's maximum is {possible:g}, the rubric's {marks.most:g}: give --scale to convert")
    for student, points in sorted(marks.points.items()):
        if points > possible + 1e-9:
            problems.append(f"{student} has {points:g} points, more than the sheet's {possible:g}")
    refuse(problems)
    left = [f"{student}: no grade, because grading failed" for student in marks.without if student in rows]
    for student, points in sorted(marks.points.items()):
        row = rows[student]
        if sheet.value(row, target) in NEVER:
            left.append(f"{student}: {sheet.value(row, target)} stays")
        elif sheet.value(row, 0) == TEST_STUDENT:
            left.append(f"{student}: the test student")
        else:
            sheet.write(row, target, sheet.number(points))
    return left


def _find(sheet: Sheet, column: str | None) -> tuple[int, int]:
    headings = [sheet.value(0, at) for at in range(len(sheet.rows[0]))]
    ids = find_column(headings, CANVAS_ID)
    if ids is None:
        raise AutograderError("The sheet has no column ID.", "Export the gradebook from Canvas: it matches by ID only.")
    assignments = [
        at
        for at, heading in enumerate(headings)
        if re.search(r" \(\d+\)$", heading) and not _read_only(sheet, at) and at > ids
    ]
    named = [
        at
        for at in assignments
        if column is None
        or column in (headings[at], re.sub(r" \(\d+\)$", "", headings[at]), headings[at].rpartition("(")[2][:-1])
    ]
    if len(named) != 1:
        listed = ", ".join(headings[at] for at in assignments) or "none"
        what = "more than one column fits" if named else "no column fits"
        raise AutograderError(f"Of the sheet's assignments {what}.", f"Give --column with one of: {listed}.")
    return named[0], ids


def _first_student(sheet: Sheet, target: int) -> tuple[int, float | None]:
    """The row where students begin, and the points possible in the target column."""
    for row in range(1, min(4, len(sheet.rows))):
        if POSSIBLE.search(sheet.value(row, 0)):
            try:
                return row + 1, float(sheet.value(row, target).replace(",", "."))
            except ValueError:
                return row + 1, None
    return 1, None


def _read_only(sheet: Sheet, column: int) -> bool:
    return any(READ_ONLY.search(sheet.value(row, column)) for row in range(1, min(4, len(sheet.rows))))
