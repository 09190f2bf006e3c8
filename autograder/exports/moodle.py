"""Fills in the grading worksheet of a Moodle assignment.

Its columns depend on the assignment's settings and on the site's language: Identifier (`Participant 4711`), name,
e-mail, status, Grade, Maximum grade, Grade can be changed, times, Feedback comments.
"""

from __future__ import annotations

import re

from autograder.errors import AutograderError
from autograder.exports.marks import Marks, refuse
from autograder.headings import CHANGEABLE, FEEDBACK, GRADE, MAXIMUM, NO
from autograder.sheet import Sheet, find_column

IDENTIFIER = re.compile(r"\D*?(\d+)")


def fill_moodle(sheet: Sheet, marks: Marks, scale: bool = False) -> list[str]:
    """Write marks, and a line of feedback where there is none; returns what was left as it was.

    Raises AutograderError where anything does not fit.
    """
    headings = [sheet.value(0, at) for at in range(len(sheet.rows[0]))]
    grade, most = find_column(headings, GRADE), find_column(headings, MAXIMUM)
    if grade is None or most is None:
        problem = "The sheet has no column for the grade and its maximum."
        raise AutograderError(problem, "Download the assignment's grading worksheet, in one of the known languages.")
    changeable, feedback = find_column(headings, CHANGEABLE), find_column(headings, FEEDBACK)
    rows: dict[str, int] = {}
    problems: list[str] = []
    for row in range(1, len(sheet.rows)):
        if match := IDENTIFIER.fullmatch(sheet.value(row, 0)):
            if match[1] in rows:
                problems.append(f"Identifier {match[1]} is there twice")
            rows[match[1]] = row
    problems += [f"{student} is not in the sheet" for student in sorted(marks.points) if student not in rows]
    points: dict[str, float] = {}
    for student, earned in sorted(marks.points.items()):
        if student in rows:
            points[student] = _converted(sheet, rows[student], most, student, earned, marks.most, scale, problems)
    refuse(problems)
    left = [f"{student}: no grade, because grading failed" for student in marks.without if student in rows]
    for student, earned in points.items():
        row = rows[student]
        if changeable is not None and sheet.value(row, changeable).casefold() in NO:
            left.append(f"{student}: the grade is locked")
            continue
        sheet.write(row, grade, sheet.number(earned))
        if feedback is not None and not sheet.value(row, feedback):
            sheet.write(row, feedback, marks.by_student[student].text)
        elif feedback is not None:
            left.append(f"{student}: the comment that is there stays")
    return left


def _converted(
    sheet: Sheet, row: int, column: int, student: str, earned: float, most: float, scale: bool, problems: list[str]
) -> float:
    """The mark in the sheet's scale; what is wrong with it is added to `problems`."""
    try:
        maximum = float(sheet.value(row, column).replace(",", "."))
    except ValueError:
        problems.append(f"{student}: the sheet's maximum is {sheet.value(row, column)!r}, which is no number")
        return earned
    if scale:
        return earned * maximum / most
    if abs(maximum - most) > 1e-9:
        problems.append(
            f"{student}: the sheet's maximum is {maximum:g}, the rubric's {most:g}: give --scale to convert"
        )
    elif earned > maximum + 1e-9:
        problems.append(f"{student} has {earned:g} points, more than the sheet's {maximum:g}")
    return earned
