"""Fills in the grading worksheet of a Moodle assignment.

Its columns depend on the assignment's settings and on the site's language: Identifier (`Participant 4711`), name,
e-mail, status, Grade, Maximum grade, Grade can be changed, times, Feedback comments.
"""

from __future__ import annotations

import re

from autograder.class_list.headings import CHANGEABLE, FEEDBACK, GRADE, MAXIMUM, NO
from autograder.class_list.sheet import Sheet, find_column
from autograder.core.errors import AutograderError, Problem
from autograder.marks.marks import Filled, Marks, Part, hint_for, refuse

IDENTIFIER = re.compile(r"\D*?(\d+)")
OWN = re.compile(
    r"[\d.]+\s+of\s+[\d.]+\s+\((?:[\w.]+:\s+[\d.]+/[\d.]+,?\s*)*"
    r"(?:;?\s*[\d.]+\s+(?:before\s+\d+\s+days?\s+late|with\s+bonus\s+points))*\s*\)"
)
"""The line of feedback that is written here (`Sent.text`), however Moodle wraps it."""


def fill_moodle(sheet: Sheet, marks: Marks, column: str | None = None) -> Filled:
    """Write marks, and a line of feedback: an earlier one is replaced, and what a person wrote stays.

    Raises AutograderError where anything does not fit. There is no column to choose.
    """
    headings = sheet.headings
    grade, most = find_column(headings, GRADE), find_column(headings, MAXIMUM)
    if grade is None or most is None:
        problem = "The sheet has no column for the grade and its maximum."
        raise AutograderError(problem, "Download the assignment's grading worksheet, in one of the known languages.")
    changeable, feedback = find_column(headings, CHANGEABLE), find_column(headings, FEEDBACK)
    rows: dict[str, int] = {}
    problems: list[Problem] = []
    for row in range(1, len(sheet.rows)):
        if match := IDENTIFIER.fullmatch(sheet.value(row, 0)):
            if match[1] in rows:
                problems.append((f"Identifier {match[1]}", "is there twice"))
            rows[match[1]] = row
    problems += marks.absent(rows)
    known = [student for student in sorted(marks.by_student) if student in rows]
    parts = {student: _part(sheet, rows[student], most, marks) for student in known}
    for student, part in parts.items():
        problems += marks.problems(student, part)
    refuse(problems, hint_for(problems, (sheet.value(row, 0) for row in range(1, len(sheet.rows)))))
    filled = Filled(left=marks.failed(rows))
    for student, part in parts.items():
        row = rows[student]
        if changeable is not None and sheet.value(row, changeable).casefold() in NO:
            filled.left.append(f"{marks.called(student)}: the grade is locked")
            continue
        sent = filled.written[student] = marks.sent(student, part)
        sheet.write(row, grade, sheet.number(sent.points))
        if feedback is not None and not _told(sheet, row, feedback, sent.text):
            filled.notes.append(f"{marks.called(student)}: the comment that is there stays")
    return filled


def _told(sheet: Sheet, row: int, column: int, text: str) -> bool:
    """Write the line of feedback, in the place of an earlier one; whether there was room for it."""
    before = sheet.value(row, column)
    if before and not OWN.search(before):
        return False
    after = OWN.sub(text.replace("\\", r"\\"), before, count=1) if before else text
    if after != before:
        sheet.write(row, column, after)
    return True


def _part(sheet: Sheet, row: int, column: int, marks: Marks) -> Part:
    """What goes into a row, which has a maximum of its own."""
    text = sheet.value(row, column)
    try:
        return marks.part(float(text.replace(",", ".")))
    except ValueError:
        return Part(False, marks.code, problem=f"the sheet's maximum is {text!r}, which is no number")
