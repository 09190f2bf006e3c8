"""Reads nbgrader's folder of what was handed in: `submitted/STUDENT/ASSIGNMENT/`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from autograder.collect.walk import Kind, open_regular, shown
from autograder.errors import AutograderError
from autograder.platforms.entry import Entry, Gathered, Platform
from autograder.records import About, Submission

TIMESTAMP = "timestamp.txt"
OURS = "ssl"
"""What the kit's own gradebook calls the assignment."""


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Tell whether a folder is nbgrader's: it says so by its name, or by the time that stands in each hand-in."""
    students = [entry for entry in entries if entry.kind is Kind.FOLDER]
    stamped = [
        student for student in students if any(_stamp(path / student.name / name) for name in _inside(path, student))
    ]
    return bool(students) and (2 * len(stamped) > len(entries) or _named_so(path, students))


def _named_so(path: Path, students: Sequence[Entry]) -> bool:
    return path.name == "submitted" and all(_inside(path, student) for student in students)


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each student's folder of the one assignment, and the entries that are left.

    Raises AutograderError where there are several assignments and none is called as in the kit's gradebook.
    """
    students = {entry: _inside(path, entry) for entry in entries if entry.kind is Kind.FOLDER}
    assignments = sorted({name for names in students.values() for name in names})
    if len(assignments) > 1 and OURS not in assignments:
        listed = ", ".join(map(shown, assignments))
        hint = "Copy the folders of the one to grade into a folder `submitted` of their own."
        raise AutograderError(f"There is more than one assignment in {shown(str(path))}: {listed}.", hint)
    assignment = OURS if OURS in assignments else (assignments or [""])[0]
    submissions = [
        Submission(
            _id(entry), path / entry.name / assignment, about=About(submitted=_stamp(path / entry.name / assignment))
        )
        for entry, names in students.items()
        if assignment in names
    ]
    # Who handed in another assignment only did not hand in this one.
    return submissions, [entry for entry in entries if entry not in students or not students[entry]]


def _id(entry: Entry) -> str:
    return unicodedata.normalize("NFC", shown(entry.name))


def _inside(path: Path, student: Entry) -> list[str]:
    return list(_folders(path / student.name))


def _folders(path: Path) -> Iterator[str]:
    with suppress(OSError):
        yield from sorted(one.name for one in path.iterdir() if one.is_dir() and not one.is_symlink())


def _stamp(folder: Path) -> str:
    """The time in `timestamp.txt`, as ISO 8601; empty where there is none or it is no time."""
    with suppress(OSError, ValueError):
        with open_regular(folder / TIMESTAMP) as file:
            text = file.read(100).decode().strip()
        time = datetime.fromisoformat(re.sub(r" ?UTC$", "+00:00", text))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat(timespec="seconds")
    return ""


NBGRADER = Platform(is_download, gather)
