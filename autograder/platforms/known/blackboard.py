"""Reads Blackboard's download of an assignment's files: `ASSIGNMENT_LOGIN_attempt_YYYY-MM-DD-HH-MM-SS_FILE`.

Some sites put a number before it, `ID_ASSIGNMENT_LOGIN_…`. Next to an attempt's files lies a text of Blackboard's own,
`ASSIGNMENT_LOGIN_attempt_DATE.txt`: the student, the time, the text that was typed in, and the names of the files
before Blackboard renamed them. Its headings are read in English; its first line has the name in any language.

Fills in the gradebook that Blackboard exports to work offline.

Its columns are Last Name, First Name, Username, Student ID, Last Access, Availability, then one for each item, called
`Homework 3 [Total Pts: 100 Score] |12345` with the item's number. It is quoted and has commas, or has tabs, in UTF-8 or
in UTF-16; a file called `.xls` is text, too. Rows are found by Username. A column that Blackboard computes
(`Total Pts: up to 300`) or shows as letters, text or percent does not take points.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from autograder.class_list.headings import LOGIN
from autograder.class_list.sheet import Sheet, find_column
from autograder.collect.walk import Kind, open_regular, shown
from autograder.core.errors import AutograderError, Problem
from autograder.core.records import About, Submission
from autograder.core.settings import MIB
from autograder.marks.columns import Column, choose, fill
from autograder.marks.marks import Filled, Marks
from autograder.platforms import attempts, named
from autograder.platforms.named import Named
from autograder.platforms.platform import Entry, Gathered, Platform, SheetOut, one_form

# The first time counts: a student can call a file `x_attempt_….txt`, but cannot change the part before it.
_NAME = re.compile(r"(.+?)_attempt_(\d{4}(?:-\d\d){5})(?:_(.+)|\.txt)", re.DOTALL)
_NUMBER = re.compile(r"(\d+)_(?=.+_)", re.DOTALL)
_TYPED = "Submission Field:"
_SUBMITTED, _ORIGINAL, _RENAMED = "Date Submitted:", "Original filename:", "Filename:"
_HEAD = 4
"""Lines of the text above the typed part, if its heading is not known."""
_MOST_BYTES = 4 * MIB
"""The most bytes of an attempt's text, which holds the text that the student typed in."""
_LONGEST = 255
"""The most bytes of a file's name, and characters of a line in the head."""
TYPED_IN = "submission.txt"
"""The file of an attempt without files: Blackboard's text, with the text that was typed in."""


@dataclass(frozen=True)
class Receipt:
    """The facts in Blackboard's text on an attempt; `originals` has files' original names by their present ones."""

    name: str = ""
    login: str = ""
    submitted: str = ""
    originals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    """The parts of a name: the part before the time, the attempt's time, the file; None for Blackboard's text."""

    entry: Entry
    before: str
    time: str
    file: str | None


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Whether more than half of a folder's entries are named as Blackboard does it."""
    return 2 * len(_read(entries)) > len(entries)


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """The last attempt of each student under the login, and the entries that are not Blackboard's."""
    files = _read(entries)
    texts = {(one.before, one.time): read_receipt(path / one.entry.name) for one in files if one.file is None}
    students = _logins(
        dict.fromkeys(one.before for one in files), {before: receipt for (before, _), receipt in texts.items()}
    )
    by_student: dict[str, list[_File]] = {}
    for one in files:
        by_student.setdefault(students[one.before], []).append(one)
    submissions = [_last(path, student, several, texts) for student, several in by_student.items()]
    ours = {one.entry for one in files}
    return submissions, [entry for entry in entries if entry not in ours]


def _read(entries: Sequence[Entry]) -> list[_File]:
    listed = sorted(entries, key=lambda entry: entry.name)
    read = ((entry, _NAME.fullmatch(entry.name)) for entry in listed if entry.kind is not Kind.FOLDER)
    return [_File(entry, match[1], match[2], match[3]) for entry, match in read if match]


def read_receipt(path: Path) -> Receipt:
    """Read Blackboard's text on an attempt; facts that cannot be read are empty."""
    try:
        with open_regular(path) as file:
            text = file.read(_MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return Receipt()
    lines = [line.strip() for line in text.split("\n")]
    # A student's typed text is below the head and above the list of files, whose lines come last and count.
    head = [line[:_LONGEST] for line in lines[: lines.index(_TYPED) if _TYPED in lines else _HEAD]]
    name, login = _person(next(filter(None, head), ""))
    date = next((line for line in head if line.startswith(_SUBMITTED)), "")
    time = attempts.read_time(date, alone=False)
    universal = "+00:00" if date.endswith((" UTC", " GMT")) else ""
    originals = {
        _nfc(second.removeprefix(_RENAMED).strip()): first.removeprefix(_ORIGINAL).strip()
        for first, second in pairwise(lines)
        if first.startswith(_ORIGINAL) and second.startswith(_RENAMED)
    }
    return Receipt(name, login, time.isoformat() + universal if time else "", originals)


def _person(line: str) -> tuple[str, str]:
    """Name and login of `Name: Ann Adams (aadams)`; the login is empty if there is none."""
    person = line.partition(":")[2].strip()
    name, bracket, login = person.rpartition("(")
    return (name.strip(), login[:-1].strip()) if bracket and login.endswith(")") else (person, "")


def _logins(befores: Iterable[str], receipts: Mapping[str, Receipt]) -> Mapping[str, str]:
    """The login in each `ASSIGNMENT_LOGIN`: as the texts say, or the rest after the beginning that all share."""
    numbers = {before: _NUMBER.match(before) for before in befores}
    several = len({match and match[1] for match in numbers.values()}) > 1 and all(numbers.values())
    stems = {before: before[match.end() :] if several and match else before for before, match in numbers.items()}
    told = {
        before: receipt.login
        for before, receipt in receipts.items()
        if receipt.login and stems[before].endswith(f"_{receipt.login}")
    }
    often = Counter(stems[before].removesuffix(login) for before, login in told.items())
    common = os.path.commonprefix([*stems.values()])  # noqa: RUF071  # of strings, as is wanted here
    assignments = sorted(often, key=lambda one: (-often[one], one)) or [common[: common.rfind("_") + 1]]
    found = {}
    for before, stem in stems.items():
        assignment = next(filter(stem.startswith, assignments), "")
        found[before] = one_form(told.get(before) or stem.removeprefix(assignment) or before)
    return found


def _last(path: Path, student: str, files: Sequence[_File], texts: Mapping[tuple[str, str], Receipt]) -> Submission:
    """One student's last attempt; earlier ones are only mentioned."""
    last = max(files, key=lambda one: one.time)
    receipt = texts.get((last.before, last.time), Receipt())
    own = [one for one in files if one.time == last.time]
    handed_in = [one for one in own if one.file is not None] or own
    read = {one.entry: Named(student, _called(one, receipt), str(at), student) for at, one in enumerate(handed_in)}
    submissions, _ = named.gather(path, [*read], read)
    earlier = [one for one in files if one.time != last.time and one.file is not None]
    before = [_called(one, texts.get((one.before, one.time), Receipt())) for one in earlier]
    told = attempts.told(len({one.time for one in files}), [one.file for one in read.values()], [*map(shown, before)])
    about = About(_nfc(receipt.name), submitted=receipt.submitted or _written(last.time))
    return replace(submissions[0], **told, about=about)


def _called(one: _File, receipt: Receipt) -> str:
    """The student's own name of a file, if Blackboard's text has it and it is a valid file name."""
    if one.file is None:
        return TYPED_IN
    first = receipt.originals.get(_nfc(one.entry.name), "").replace("\\", "/").rpartition("/")[2]
    usable = first.strip(".") and "\0" not in first and len(first.encode()) <= _LONGEST
    return first if usable else one.file


def _written(time: str) -> str:
    with suppress(ValueError):
        return datetime.strptime(time, "%Y-%m-%d-%H-%M-%S").isoformat()
    return ""


def _nfc(text: str) -> str:
    """Bring a name into one form: macOS takes an `é` apart when it unpacks."""
    return unicodedata.normalize("NFC", text)


_ITEM = re.compile(r"(?P<name>.+) \[[^\[\]:]*: ?(?P<most>\d+(?:[.,]\d+)?)(?P<shown>[^\[\]]*)\] ?\|(?P<number>\d+)")
_NO_POINTS = re.compile(r"letter|text|percent|complete", re.IGNORECASE)
_NEVER = ("Exempt",)


def fill_blackboard(sheet: Sheet, marks: Marks, column: str | None) -> Filled:
    """Write the marks into the sheet; raises AutograderError if anything does not fit."""
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


PLATFORM = Platform(
    key="blackboard",
    name="Blackboard",
    tried=20,
    is_download=is_download,
    gather=gather,
    sheet=SheetOut(fill_blackboard, "fill in the gradebook that Blackboard exported to work offline"),
)
