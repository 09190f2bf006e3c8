"""Fills in the gradebook that Blackboard exports to work offline.

Its columns are Last Name, First Name, Username, Student ID, Last Access, Availability, then one an item, called
`Homework 3 [Total Pts: 100 Score] |12345` with the item's number; quoted and with commas, or with tabs, in UTF-8 or in
UTF-16 as `.xls`, which is text all the same. Rows are found by Username. What Blackboard computes
(`Total Pts: up to 300`) or shows as letters, text or percent is no column for points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.class_list.headings import LOGIN
from autograder.class_list.sheet import Sheet, find_column
from autograder.core.errors import AutograderError, Problem
from autograder.marks.columns import Column, choose, fill
from autograder.marks.marks import Filled, Marks

_ITEM = re.compile(r"(?P<name>.+) \[[^\[\]:]*: ?(?P<most>\d+(?:[.,]\d+)?)(?P<shown>[^\[\]]*)\] ?\|(?P<number>\d+)")
_NO_POINTS = re.compile(r"letter|text|percent|complete", re.IGNORECASE)
_NEVER = ("Exempt",)


def fill_blackboard(sheet: Sheet, marks: Marks, column: str | None) -> Filled:
    """Write the marks into the sheet; raises AutograderError where anything does not fit."""
    headings = sheet.headings
    user = find_column(headings, LOGIN)
    if user is None:
        hint = "Download the grades from Blackboard to work offline: it matches by Username only."
        raise AutograderError("The sheet has no column Username.", hint)
    target = choose(list(_items(headings)), column)
    rows: dict[str, int] = {}
    problems: list[Problem] = []
    for row in range(1, len(sheet.rows)):
        if student := sheet.value(row, user):
            if student in rows:
                problems.append((f"Username {student}", "is there twice"))
            rows[student] = row
    return fill(sheet, target, rows, marks, problems, _NEVER)


def _items(headings: list[str]) -> Iterator[Column]:
    for at, heading in enumerate(headings):
        match = _ITEM.fullmatch(heading)
        if match and not _NO_POINTS.search(match["shown"]):
            yield Column(at, heading, match["name"], match["number"], float(match["most"].replace(",", ".")))
