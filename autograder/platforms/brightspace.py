"""Reads Brightspace's (D2L's) download of an assignment's files.

It has a folder for each time somebody handed in, `USER-FOLDER - NAME - Nov 26, 2026 1159 PM`, or files that are called
so, with ` - FILE` behind; both numbers are Brightspace's own, and so is `index.html`. The time is in the site's
language (see `attempts.read_time`). NAME is what the site shows of a person: first and last name, with a user name or a
student's number at some. The user's number is in none of Brightspace's lists, so a roster knows people by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from autograder.collect.walk import Kind, shown
from autograder.core.records import About, Submission
from autograder.platforms import attempts, named
from autograder.platforms.entry import Entry, Gathered, Platform, holds_nothing, listed, one_form
from autograder.platforms.named import Named

INDEX = "index.html"
_BETWEEN = " - "
_NUMBERS = re.compile(r"(\d+)-\d+")


@dataclass(frozen=True)
class _Handed:
    """What a name says: the user's number and name, when, and of a file its own name."""

    entry: Entry
    student: str
    name: str
    time: datetime
    file: str


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Tell whether more than half of a folder's entries are named as Brightspace does it."""
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
    """One student's last attempt; of what was handed in before is only told."""
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
    """What the files were called that were handed in at once."""
    if one.entry.kind is not Kind.FOLDER:
        return [one.file]
    return [inside.name for inside in listed(path / one.entry.name)]


BRIGHTSPACE = Platform(is_download, gather)
