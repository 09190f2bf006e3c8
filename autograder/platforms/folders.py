"""Lists a folder of submissions: every entry is one student, or the folder is a platform's download."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.collect.walk import (
    ARCHIVE_EXTENSIONS,
    FOREIGN,
    TAKEN,
    Kind,
    is_archive,
    looks_packed,
    open_regular,
    shown,
)
from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.settings import PLAIN
from autograder.core.store import MARKER
from autograder.platforms.platform import Entry, Gathered, listing, one_form
from autograder.platforms.registry import PLATFORMS, described
from autograder.platforms.unread import LIKELY, NOBODYS, SURE, refuse_unread


def find_layout(path: Path) -> str:
    """Find the platform whose download a folder is.

    Raises AutograderError as `collect_submissions` does, and if the download is of a kind that is not read.
    """
    entries = _entries(path)
    refuse_unread(path, entries, SURE)
    found = (layout for layout, platform in PLATFORMS.items() if platform.is_download(path, entries))
    layout = next(found, PLAIN)
    if layout == PLAIN:
        refuse_unread(path, entries, LIKELY)
    return layout


def collect_submissions(path: Path, layout: str = PLAIN, assignment: str | None = None) -> list[Submission]:
    """List the submissions in a folder, sorted by student; only those of `assignment` if it holds several.

    An entry of a platform's download that is not named in its way is a submission of its own, as in a plain folder.
    Hidden entries, `__MACOSX` and a platform's own files are passed over; a stray file or a link is listed with its
    `problem`. Raises AutograderError if `path` is not a folder that can be read or holds nothing to grade.
    """
    entries = _entries(path)
    submissions, entries = _gathered(path, entries, layout, assignment)
    taken = {submission.student for submission in submissions}
    for entry, student in zip(entries, _students(entries), strict=True):
        one = Submission(student, path / entry.name, _problem(path, entry))
        submissions.append(replace(one, student=f"{student} (in the download)") if student in taken else one)
    return sorted(submissions, key=lambda submission: submission.student)


def _gathered(path: Path, entries: list[Entry], layout: str, assignment: str | None) -> Gathered:
    platform = PLATFORMS.get(layout)
    if assignment is not None:
        if platform is None or platform.gather_one is None:
            name = shown(path.name or str(path))
            problem = f"--assignment belongs to nbgrader's folders, and {name} is {described(layout)}."
            raise AutograderError(problem, "Leave it out, or say with --layout nbgrader that it is nbgrader's.")
        return platform.gather_one(path, entries, assignment)
    if platform is None:
        _refuse_one_submission(path, entries)
        return [], entries
    return platform.gather(path, entries)


def told(submissions: Sequence[Submission], layout: str) -> list[str]:
    """Sentences on how the names in a platform's download were read."""
    return PLATFORMS[layout].told(submissions) if layout in PLATFORMS else []


def _is_archive(entry: Entry) -> bool:
    return entry.kind is Kind.FILE and is_archive(entry.name)


def _short_name(entry: Entry) -> str:
    if not _is_archive(entry):
        return entry.name
    extension = next(one for one in ARCHIVE_EXTENSIONS if entry.name.lower().endswith(one))
    return entry.name[: -len(extension)]


def _entries(path: Path) -> list[Entry]:
    try:
        entries = listing(path)
    except FileNotFoundError:
        raise AutograderError(
            f"There is no folder {shown(str(path))}.", "Give the folder that holds one entry per student."
        ) from None
    except NotADirectoryError:
        raise AutograderError(
            f"{shown(str(path))} is not a folder.",
            "Give a folder with one entry per student; to grade a single archive, put it into a folder of its own.",
        ) from None
    except PermissionError:
        raise AutograderError(
            f"You are not allowed to read the folder {shown(str(path))}.",
            "Change its permissions (chmod u+rx) or run as a user who may read it.",
        ) from None
    except OSError as error:
        raise AutograderError(
            f"The folder {shown(str(path))} cannot be read: {error.strerror}.", "Check the path and the disk."
        ) from None
    if (path / MARKER).is_file():
        problem = f"{shown(str(path))} holds the results of a run, and no hand-ins."
        raise AutograderError(problem, "Give the folder of the hand-ins; `autograde review` opens results.")
    entries = [entry for entry in entries if entry.kind is not Kind.FILE or entry.name not in NOBODYS]
    if not entries:
        raise AutograderError(
            f"There is no submission in {shown(str(path))}.",
            "Put one folder, .zip, .tar.gz or .tgz per student into it; hidden entries do not count.",
        )
    return entries


def _refuse_one_submission(path: Path, entries: list[Entry]) -> None:
    """Refuse the folder of a single student, whose files and folders would each be taken for a student."""
    could_be_submission = [
        entry for entry in entries if _is_archive(entry) or (entry.kind is Kind.FOLDER and entry.name != "__pycache__")
    ]
    if len(could_be_submission) < sum(entry.name in STUDENT_FILES for entry in entries):
        raise AutograderError(
            f"{shown(path.name or str(path))} looks like one student's submission, not like those of a class.",
            "Put it into a folder of its own and give that one: each entry of the folder is one student. The kit's own "
            "answers are graded by `autograde --reference`.",
        )


def _students(entries: list[Entry]) -> list[str]:
    """Give each entry the shortest name that keeps all different: without extension, in full, in full with a digest."""
    ways: list[Callable[[Entry], str]] = [
        lambda entry: one_form(_short_name(entry)),
        lambda entry: one_form(entry.name),
        lambda entry: f"{one_form(entry.name)} {hashlib.sha256(os.fsencode(entry.name)).hexdigest()[:12]}",
    ]
    chosen = [0] * len(entries)
    while True:
        names = [ways[way](entry) for way, entry in zip(chosen, entries, strict=True)]
        count = Counter(names)
        doubled = [i for i, name in enumerate(names) if count[name] > 1]
        if not doubled:
            return names
        # The shortest give way first: an entry that has its full name already keeps it.
        shortest = min(chosen[i] for i in doubled)
        for i in doubled:
            chosen[i] += chosen[i] == shortest


def _problem(path: Path, entry: Entry) -> str | None:
    if _is_archive(entry) or entry.kind is Kind.FOLDER:
        return None
    if entry.kind is not Kind.FILE:
        return f"This is {entry.kind}; a submission is {TAKEN}."
    if kind := _foreign(path / entry.name):
        return f"This is {kind}, which is not read."
    return None if looks_packed(path / entry.name) else f"This is a single file, not {TAKEN}."


def _foreign(path: Path) -> str:
    try:
        with open_regular(path) as file:
            start = file.read(max(map(len, FOREIGN)))
    except OSError:
        return ""
    return next((kind for magic, kind in FOREIGN.items() if start.startswith(magic)), "")
