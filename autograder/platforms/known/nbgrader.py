"""Reads nbgrader's folder of hand-ins, `submitted/STUDENT/ASSIGNMENT/`, or the course's root around it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from autograder.collect.walk import ARCHIVE_EXTENSIONS, TAKEN, Kind, open_regular, shown
from autograder.core.errors import AutograderError
from autograder.core.records import About, Submission
from autograder.core.text import number, split_name
from autograder.marks.grades_table import text_cell
from autograder.marks.marks import Filled, Mark, Marks, Sent
from autograder.marks.tables import table
from autograder.platforms.platform import (
    Entry,
    FeedbackOut,
    Gathered,
    Page,
    Placed,
    Platform,
    TableOut,
    holds_nothing,
    listed,
    listing,
    one_form,
)

SUBMITTED = "submitted"
TIMESTAMP = "timestamp.txt"
OURS = "ssl"
"""The name of the assignment in the kit's own gradebook."""
_COURSE_FILES = frozenset(("nbgrader_config.py", "gradebook.db"))
_COURSE_FOLDERS = frozenset(("source", "release", SUBMITTED, "autograded", "feedback"))
_WORK = (".ipynb", ".py", *ARCHIVE_EXTENSIONS)
"""The endings of files that students hand in."""
_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
_ASSIGNMENT = "ssl"
"""The assignment's name in the table, as in the kit's own gradebook."""


def inner(path: Path) -> Path:
    """`submitted`, if it is a folder in a course's root or the only thing in a folder; otherwise the folder itself."""
    entries = listed(path)
    if Entry(SUBMITTED, Kind.FOLDER) in entries and (len(entries) == 1 or _is_course(entries)):
        return path / SUBMITTED
    return path


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Whether a folder is nbgrader's: a course's root, `submitted`, or one in which hand-ins have time stamps."""
    students = _students(path, entries)
    if path.name == SUBMITTED and any(map(_folders, students.values())) and not any(map(_files, students.values())):
        return True
    stamped = {name for name, inside in students.items() if any(_stamp(path / name / one) for one in _folders(inside))}
    fitting = [name for name, inside in students.items() if not inside or (name in stamped and not _files(inside))]
    worked = any(_has_work(path / name / one) for name in fitting for one in _folders(students[name]))
    return (worked and 2 * len(fitting) > len(entries)) or _is_course(entries)


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each student's folder of the only assignment, otherwise of the kit's own, and the entries that are left.

    A student without one, or with an empty one, handed in nothing. Raises AutograderError if it is unclear which
    assignment is meant, or if a course's root has no folder `submitted`.
    """
    return _gather(path, entries, None)


def gather_one(path: Path, entries: Sequence[Entry], assignment: str) -> Gathered:
    """The same for the assignment of that name; raises AutograderError if nobody has a folder for it."""
    return _gather(path, entries, assignment)


def _gather(path: Path, entries: Sequence[Entry], assignment: str | None) -> Gathered:
    if _is_course(entries):
        problem = f"{shown(path.name or str(path))} is a course of nbgrader's without the folder {SUBMITTED}."
        raise AutograderError(problem, "Collect the assignment first, or give the folder with the students' folders.")
    students = _students(path, entries)
    assignment = _chosen(path, sorted({one for inside in students.values() for one in _folders(inside)}), assignment)
    submissions = {}
    for name, inside in students.items():
        one = next((entry for entry in inside if entry.name == assignment), None)
        if one is not None or not _files(inside):
            submissions[name] = _submission(name, path / name / assignment, one)
    return [*submissions.values()], [entry for entry in entries if entry.name not in submissions]


def _chosen(path: Path, assignments: Sequence[str], asked: str | None) -> str:
    names = ", ".join(map(shown, assignments))
    if asked is not None and asked not in assignments:
        hint = f"Those in it are {names}." if assignments else "Give the folder with the students' folders."
        raise AutograderError(f"There is no assignment {asked} in {shown(path.name or str(path))}.", hint)
    if asked is None and len(assignments) > 1 and OURS not in assignments:
        problem = f"There is more than one assignment in {shown(path.name or str(path))}: {names}."
        raise AutograderError(problem, "Name the one to grade with --assignment.")
    return asked or (OURS if OURS in assignments else (*assignments, "")[0])


def _submission(student: str, folder: Path, entry: Entry | None) -> Submission:
    student = one_form(student)
    if entry is not None and entry.kind is not Kind.FOLDER:
        return Submission(student, folder, f"This is {entry.kind}; a submission is {TAKEN}.")
    if entry is None or holds_nothing(folder, TIMESTAMP):
        return Submission(student, folder, absent=True)
    return Submission(student, folder, about=About(submitted=_stamp(folder)))


def _is_course(entries: Sequence[Entry]) -> bool:
    names = {entry.name for entry in entries}
    folders = {entry.name for entry in entries if entry.kind is Kind.FOLDER}
    return bool(names & _COURSE_FILES) + len(folders & _COURSE_FOLDERS) > 1


def _students(path: Path, entries: Sequence[Entry]) -> Mapping[str, Sequence[Entry]]:
    """The entries of each student's folder, if it can be read."""
    students = {}
    for entry in entries:
        if entry.kind is Kind.FOLDER:
            with suppress(OSError):
                students[entry.name] = listing(path / entry.name)
    return students


def _folders(inside: Sequence[Entry]) -> list[str]:
    return [entry.name for entry in inside if entry.kind is Kind.FOLDER]


def _files(inside: Sequence[Entry]) -> bool:
    """Whether there are loose files, which nbgrader never puts into a student's folder."""
    return any(entry.kind is Kind.FILE for entry in inside)


def _has_work(folder: Path) -> bool:
    return any(entry.name.lower().endswith(_WORK) for entry in listed(folder))


def _stamp(folder: Path) -> str:
    """The time in `timestamp.txt`, as ISO 8601; empty without one, or if it is not a time."""
    with suppress(OSError, ValueError):
        with open_regular(folder / TIMESTAMP) as file:
            text = file.read(100).decode().strip()
        time = datetime.fromisoformat(re.sub(r" ?UTC$", "+00:00", text))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat(timespec="seconds")
    return ""


def marks_table(marks: Marks) -> tuple[str, Filled]:
    """The columns of nbgrader's own export."""

    def row(mark: Mark, sent: Sent, most: float) -> Sequence[object]:
        first, last = split_name(mark.about.name)
        names = (text_cell(text) for text in (mark.student, last, first, mark.about.email))
        penalty = number(sent.undiscounted - sent.points)
        scores = (number(sent.undiscounted), penalty, number(sent.points), number(most))
        return (_ASSIGNMENT, "", mark.about.submitted, *names, *scores)

    return table(_COLUMNS, marks, row)


def place_feedback(pages: Sequence[Page], course: Path) -> Placed:
    """Give each page its place `feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html` in a course.

    These are the folders of nbgrader's guide ("The philosophy and the approach"). `nbgrader release_feedback` also
    reads `timestamp.txt` and `submission_secret.txt` there, and students fetch a page only for a notebook that they
    handed in (`nbgrader/exchange/default/`). nbgrader's own page for a notebook stays.
    Raises AutograderError if this is not a course.
    """
    if not (course / SUBMITTED).is_dir():
        problem = f"{course} is not a course of nbgrader's: it has no folder {SUBMITTED}."
        raise AutograderError(problem, "Give the course's root with --output.")
    placed = Placed()
    for page in pages:
        inside = Path(page.student) / (page.names[0] if page.names else OURS)
        files = {entry.name for entry in listed(course / SUBMITTED / inside) if entry.kind is Kind.FILE}
        notebooks = sorted(Path(name).stem for name in files if name.endswith(".ipynb"))
        if len(inside.parts) != 2 or ".." in inside.parts or not notebooks:
            placed.left[page.student] = "no notebook of theirs is in the course: nbgrader returns a page for each"
            continue
        notebook = REPORT if REPORT in notebooks else notebooks[0]
        place = Path("feedback") / inside
        if not _ours(course / place / f"{notebook}.html"):
            placed.left[page.student] = f"{place / notebook}.html is nbgrader's own"
            continue
        placed.files[str(place / f"{notebook}.html")] = page.html
        for name in (TIMESTAMP, "submission_secret.txt"):
            if name in files:
                with suppress(OSError), open_regular(course / SUBMITTED / inside / name) as file:
                    placed.files[str(place / name)] = file.read(1000)
    return placed


REPORT = "report"


def _ours(path: Path) -> bool:
    """Whether a page may be written: there is none, or one that this command wrote."""
    try:
        with open_regular(path) as file:
            return b"Written by autograde" in file.read(200)
    except OSError:
        return not path.exists()


PLATFORM = Platform(
    key="nbgrader",
    name="nbgrader",
    tried=70,
    is_download=is_download,
    gather=gather,
    inner=inner,
    gather_one=gather_one,
    what="a course folder of nbgrader's",
    feedback=FeedbackOut(place_feedback, fills=True, by_name=True),
    table=TableOut(marks_table, "write a table of marks as `nbgrader export` does"),
)
