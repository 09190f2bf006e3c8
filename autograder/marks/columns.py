"""Finds one assignment's column in a gradebook that a platform exported, and writes marks into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.class_list.sheet import Sheet
from autograder.core.errors import AutograderError, Problem
from autograder.marks.marks import Filled, Marks, hint_for, refuse


@dataclass(frozen=True)
class Column:
    """The column of an assignment: `heading` is the whole cell, `number` the platform's, `most` its maximum."""

    at: int
    heading: str
    name: str
    number: str
    most: float


def choose(columns: Sequence[Column], wanted: str | None) -> Column:
    """The one column with this name, number or whole heading, or the only one; raises AutograderError."""
    named = [one for one in columns if wanted is None or wanted in (one.heading, one.name, one.number)]
    if len(named) != 1:
        listed = ", ".join(one.name for one in columns)
        what = "more than one column fits" if named else "no column fits"
        hint = f"Give --column with one of: {listed}." if columns else "Export one in which marks are points."
        raise AutograderError(f"Of the sheet's assignments {what}.", hint)
    return named[0]


def fill(
    sheet: Sheet,
    column: Column,
    rows: Mapping[str, int],
    marks: Marks,
    problems: Sequence[Problem] = (),
    kept: Collection[str] = (),
) -> Filled:
    """Write each student's mark into the row that is the student's.

    `kept` are cells that stay as they are. Raises AutograderError with a list of all misfits, `problems` first.
    """
    part = marks.part(column.most)
    found = [*problems, *marks.absent(rows)]
    for student in sorted(marks.by_student):
        found += marks.problems(student, part)
    refuse(found, hint_for(found, rows))
    filled = Filled(left=marks.failed(marks.without))
    for student in sorted(marks.by_student):
        row = rows[student]
        if sheet.value(row, column.at) in kept:
            filled.left.append(f"{marks.called(student)}: {sheet.value(row, column.at)} stays")
        else:
            filled.written[student] = marks.sent(student, part)
            sheet.write(row, column.at, sheet.number(filled.written[student].points))
    return filled
