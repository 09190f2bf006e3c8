"""Fills in the gradebook that Canvas exports.

Its columns are Student, ID, SIS columns, Section, then one an assignment, called `Homework 1 (4711)` with the
assignment's number, then totals, which are read only. Above the students stands a row `Points Possible`, before it
sometimes one more.
"""

from __future__ import annotations

import re

from autograder.class_list.headings import CANVAS_ID
from autograder.class_list.roster import TEST_STUDENT
from autograder.class_list.sheet import Sheet, find_column
from autograder.core.errors import AutograderError, Problem
from autograder.marks.marks import Filled, Marks, hint_for, refuse

POSSIBLE = re.compile(
    r"points possible|mögliche punkte|points possibles|puntos posibles|punti possibili", re.IGNORECASE
)
READ_ONLY = re.compile(r"read.?only", re.IGNORECASE)
NEVER = {"EX", "N/A"}
TOTAL = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)")
"""In a heading at the end of the row, Canvas's import takes it for one of its own totals."""
COMPLETE = {"complete", "incomplete"}


def fill_canvas(sheet: Sheet, marks: Marks, column: str | None) -> Filled:
    """Write the marks into the sheet; raises AutograderError where anything does not fit."""
    target, ids = _find(sheet, column)
    start = _first_student(sheet)
    part = marks.part(_possible(sheet, start - 1, target))
    rows: dict[str, int] = {}
    problems: list[Problem] = []
    for row in range(start, len(sheet.rows)):
        if student := sheet.value(row, ids):
            if student in rows:
                problems.append((f"ID {student}", "is there twice"))
            rows[student] = row
    tests = {student for student, row in rows.items() if sheet.value(row, 0) == TEST_STUDENT}
    problems += marks.absent(rows)
    for student in sorted(marks.by_student.keys() - tests):
        problems += marks.problems(student, part)
    refuse(problems, hint_for(problems, rows))
    filled = Filled(left=marks.failed(rows), notes=_odd(sheet, target, start))
    for student in sorted(marks.by_student):
        row = rows[student]
        if sheet.value(row, target) in NEVER:
            filled.left.append(f"{marks.called(student)}: {sheet.value(row, target)} stays")
        elif student in tests:
            filled.left.append(f"{marks.called(student)}: the test student")
        else:
            filled.written[student] = marks.sent(student, part)
            sheet.write(row, target, sheet.number(filled.written[student].points))
    return filled


def _odd(sheet: Sheet, target: int, start: int) -> list[str]:
    """What is odd about the column: Canvas then makes something else of points, or nothing."""
    heading, notes = sheet.value(0, target), []
    after = range(target, len(sheet.rows[0]))
    if all(TOTAL.search(sheet.value(0, at)) or not sheet.value(0, at) for at in after):
        notes.append(f"the title of {heading!r} reads like one of Canvas's totals: its import may pass the column over")
    cells = {sheet.value(row, target) for row in range(start, len(sheet.rows))} - NEVER
    words = {cell for cell in cells if re.match(r"[A-Za-z]", cell)}
    if {word.casefold() for word in words} & COMPLETE:
        notes.append(f"{heading!r} is marked complete or incomplete: Canvas makes one of the two of the points")
    elif words:
        shown = ", ".join(sorted(words)[:3])
        notes.append(f"{heading!r} holds letters ({shown}): see that Canvas takes points there")
    return notes


def _find(sheet: Sheet, column: str | None) -> tuple[int, int]:
    headings = sheet.headings
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


def _first_student(sheet: Sheet) -> int:
    """The row below `Points Possible`, where students begin; raises AutograderError where there is no such row."""
    for row in range(1, min(4, len(sheet.rows))):
        if POSSIBLE.search(sheet.value(row, 0)):
            return row + 1
    raise AutograderError("The sheet has no row `Points Possible`.", "Export the gradebook from Canvas anew.")


def _possible(sheet: Sheet, row: int, target: int) -> float:
    """The points possible in the target column; raises AutograderError where that is no number."""
    text = sheet.value(row, target)
    try:
        return float(text.replace(",", "."))
    except ValueError:
        problem = f"The points possible of {sheet.value(0, target)!r} are {text!r}, which is no number."
        raise AutograderError(
            problem, "Set the assignment's points in Canvas, then export the gradebook anew."
        ) from None


def _read_only(sheet: Sheet, column: int) -> bool:
    return any(READ_ONLY.search(sheet.value(row, column)) for row in range(1, min(4, len(sheet.rows))))
