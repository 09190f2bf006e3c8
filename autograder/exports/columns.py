"""One assignment's column in a gradebook that a platform exported: which it is, and marks written into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.errors import AutograderError
from autograder.exports.marks import Marks, refuse
from autograder.sheet import Sheet


@dataclass(frozen=True)
class Column:
    """Where an assignment stands: `heading` is the whole cell, `number` the platform's, `most` its maximum."""

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
    scale: bool,
    problems: Sequence[str] = (),
    kept: Collection[str] = (),
) -> list[str]:
    """Write each student's mark into the row that is the student's; returns what was left, a sentence each.

    `kept` are cells that stay as they are. Raises AutograderError with a list of what does not fit, `problems` first.
    """
    found = [*problems, *(f"{student} is not in the sheet" for student in sorted(marks.points) if student not in rows)]
    if column.most <= 0:
        found.append(f"the sheet's maximum is {column.most:g}: set it on the platform, then export anew")
    elif scale:
        marks = marks.scaled(column.most)
    elif abs(column.most - marks.most) > 1e-9:
        found.append(f"the sheet's maximum is {column.most:g}, the rubric's {marks.most:g}: give --scale to convert")
    for student, points in sorted(marks.points.items()):
        if points > column.most + 1e-9:
            found.append(f"{student} has {points:g} points, more than the sheet's {column.most:g}")
    refuse(found)
    left = [f"{student}: no grade, because grading failed" for student in marks.without]
    for student, points in sorted(marks.points.items()):
        row = rows[student]
        if sheet.value(row, column.at) in kept:
            left.append(f"{student}: {sheet.value(row, column.at)} stays")
        else:
            sheet.write(row, column.at, sheet.number(points))
    return left
