"""Fills in the grades that Brightspace (D2L) exports as CSV.

Its columns are OrgDefinedId or Username or both, the person's names where they were chosen, then one an item, called
`HW3 Points Grade <Numeric MaxPoints:100 Weight:10>`, at last End-of-Line Indicator; ids begin with `#`. A download of
hand-ins has numbers that are no ids of this sheet: of who is called by a number the name counts, and the number only
where the names have a word in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.class_list.headings import FIRST, LAST, LOGIN, ORGANISATION
from autograder.class_list.roster import name_key
from autograder.class_list.sheet import Sheet, find_column
from autograder.core.errors import AutograderError, Problem
from autograder.marks.columns import Column, choose, fill
from autograder.marks.marks import Filled, Mark, Marks

_ITEM = re.compile(r"(?P<name>.+?)(?: Points Grade)? <Numeric\b[^<>]*?\bMaxPoints:(?P<most>\d+(?:\.\d+)?)[^<>]*>")


def fill_brightspace(sheet: Sheet, marks: Marks, column: str | None) -> Filled:
    """Write the marks into the sheet; raises AutograderError where anything does not fit."""
    headings = sheet.headings
    ids = [at for names in (LOGIN, ORGANISATION) if (at := find_column(headings, names)) is not None]
    if not ids:
        hint = "Export the grades from Brightspace as CSV, with the key field Username or both."
        raise AutograderError("The sheet has no column Username and no column OrgDefinedId.", hint)
    target = choose(list(_items(headings)), column)
    people = _People(sheet, ids, [at for names in (FIRST, LAST) if (at := find_column(headings, names)) is not None])
    rows: dict[str, int] = {}
    problems: list[Problem] = []
    for student, mark in sorted(marks.by_student.items()):
        found = people.rows(mark)
        if len(found) > 1:
            problems.append(
                (marks.called(student), f"can be any of {len(found)} people in the sheet: grade with --roster")
            )
        elif found and found[0] in rows.values():
            other = next(one for one, row in rows.items() if row == found[0])
            problems.append((f"{marks.called(student)} and {marks.called(other)}", "are one person in the sheet"))
        elif found:
            rows[student] = found[0]
    return fill(sheet, target, rows, marks, problems)


def _items(headings: list[str]) -> Iterator[Column]:
    for at, heading in enumerate(headings):
        if match := _ITEM.fullmatch(heading):
            yield Column(at, heading, match["name"], "", float(match["most"]))


class _People:
    """Who stands in which row."""

    def __init__(self, sheet: Sheet, ids: list[int], names: list[int]) -> None:
        self._by_id: dict[str, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._words: dict[int, set[str]] = {}
        for row in range(1, len(sheet.rows)):
            own = [sheet.value(row, at).removeprefix("#") for at in ids]
            name = " ".join(sheet.value(row, at) for at in names).strip()
            self._words[row] = set(name_key(name).split())
            for one in filter(None, own):
                self._by_id.setdefault(one, []).append(row)
            for key in {name_key(name), *(name_key(f"{name} {one}") for one in own)} if name else ():
                self._by_name.setdefault(key, []).append(row)

    def rows(self, mark: Mark) -> list[int]:
        """The rows that can be a student's."""
        ids, names = (
            set(known.get(key, ()))
            for known, key in ((self._by_id, mark.student), (self._by_name, name_key(mark.about.name)))
        )
        called = set(name_key(mark.about.name).split())
        if called and mark.student.isdecimal():  # the download's own number, perhaps
            agreed = {row for row in ids if not self._words[row] or called & self._words[row]}
            return sorted(ids & names or names or agreed)
        return sorted(ids & names or ids or names)
