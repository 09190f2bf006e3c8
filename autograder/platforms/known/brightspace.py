"""Reads Brightspace's (D2L's) download of an assignment's files.

It has a folder for each attempt, `USER-FOLDER - NAME - Nov 26, 2026 1159 PM`, or files with such names followed by
` - FILE`; both numbers are Brightspace's own, and so is `index.html`. The time is in the site's language (see
`attempts.read_time`). NAME is the name that the site shows: first and last name, on some sites with a user name or a
student's number. The user's number is in none of Brightspace's lists, so a roster knows people by name.

Fills in the grades that Brightspace (D2L) exports as CSV.

Its columns are OrgDefinedId or Username or both, the person's names if they were chosen, then one for each item, called
`HW3 Points Grade <Numeric MaxPoints:100 Weight:10>`, and last End-of-Line Indicator; ids begin with `#`. A download of
hand-ins has numbers that are not ids of this sheet. So a student whose id is a number is found by name, and by the
number only if the names have a word in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from autograder.class_list.headings import FIRST, LAST, LOGIN, ListHeadings
from autograder.class_list.roster import name_key
from autograder.class_list.sheet import Sheet, find_column
from autograder.collect.walk import Kind, shown
from autograder.core.errors import AutograderError, Problem
from autograder.core.records import About, Submission
from autograder.marks.columns import Column, choose, fill
from autograder.marks.marks import Filled, Mark, Marks
from autograder.platforms import attempts, named
from autograder.platforms.named import Named
from autograder.platforms.platform import Entry, Gathered, Platform, SheetOut, holds_nothing, listed, one_form

INDEX = "index.html"
_BETWEEN = " - "
_NUMBERS = re.compile(r"(\d+)-\d+")


@dataclass(frozen=True)
class _Handed:
    """The parts of a name: the user's number and name, the time, and a file's own name."""

    entry: Entry
    student: str
    name: str
    time: datetime
    file: str


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Whether more than half of a folder's entries are named as Brightspace does it."""
    return 2 * len(list(_read(entries))) > len([entry for entry in entries if entry.name != INDEX])


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Everybody's last attempt under the user's number, and the entries that are not Brightspace's."""
    by_student: dict[str, list[_Handed]] = {}
    for one in _read(entries):
        by_student.setdefault(one.student, []).append(one)
    ours = {one.entry for several in by_student.values() for one in several}
    submissions = [_last(path, student, several) for student, several in by_student.items()]
    return submissions, [entry for entry in entries if entry not in ours and entry.name != INDEX]


def _read(entries: Sequence[Entry]) -> Iterator[_Handed]:
    for entry in entries:
        numbers, *parts = entry.name.split(_BETWEEN)
        match = _NUMBERS.fullmatch(numbers)
        # A folder ends with its time; in a file's name the student's part comes last, and may look like a time.
        places = [len(parts) - 1] if entry.kind is Kind.FOLDER else range(1, len(parts) - 1)
        times = ((at, time) for at in places if at > 0 and (time := attempts.read_time(parts[at])))
        if match and (found := next(times, None)):
            at, time = found
            yield _Handed(entry, match[1], _BETWEEN.join(parts[:at]), time, _BETWEEN.join(parts[at + 1 :]))


def _last(path: Path, student: str, handed: Sequence[_Handed]) -> Submission:
    """One student's last attempt; earlier ones are only mentioned."""
    handed = [one for one in handed if not _is_empty(path, one)] or handed
    last = max(handed, key=lambda one: one.time)
    read = {
        one.entry: Named(student, one.file or one.entry.name, str(at), one.name)
        for at, one in enumerate(handed)
        if one.time == last.time
    }
    submissions, _ = named.gather(path, [*read], read)
    counted = [piece.name.rpartition("/")[2] for piece in submissions[0].pieces]
    before = [name for one in handed if one.time != last.time for name in _names(path, one)]
    told = attempts.told(len({one.time for one in handed}), counted, [*map(shown, before)])
    name = one_form(last.name)
    about = About(group=name) if named.GROUP.match(name) else About(name)
    return replace(submissions[0], **told, about=replace(about, submitted=last.time.isoformat()), by_name=True)


def _is_empty(path: Path, one: _Handed) -> bool:
    return one.entry.kind is Kind.FOLDER and holds_nothing(path / one.entry.name)


def _names(path: Path, one: _Handed) -> list[str]:
    """The names of the files that were handed in together."""
    if one.entry.kind is not Kind.FOLDER:
        return [one.file]
    return [inside.name for inside in listed(path / one.entry.name)]


_ORGANISATION = ("orgdefinedid", "org defined id")
"""The column of ids if a list has no user names."""
_ITEM = re.compile(r"(?P<name>.+?)(?: Points Grade)? <Numeric\b[^<>]*?\bMaxPoints:(?P<most>\d+(?:\.\d+)?)[^<>]*>")


def fill_brightspace(sheet: Sheet, marks: Marks, column: str | None) -> Filled:
    """Write the marks into the sheet; raises AutograderError if anything does not fit."""
    headings = sheet.headings
    ids = [at for names in (LOGIN, _ORGANISATION) if (at := find_column(headings, names)) is not None]
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
    """The students by row."""

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


PLATFORM = Platform(
    key="brightspace",
    name="Brightspace",
    tried=30,
    is_download=is_download,
    gather=gather,
    lists=ListHeadings(logins=_ORGANISATION),
    sheet=SheetOut(fill_brightspace, "fill in the grades that Brightspace exported", refuses_more=True),
)
