"""Recognises downloads whose names are not read, and says what to do with one.

Otherwise its assignments, files or attempts would be taken for students. `--layout plain` takes any folder as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.walk import Kind, shown
from autograder.core.errors import AutograderError
from autograder.platforms.platform import Entry, listed

NOBODYS = frozenset(
    ("grades.csv", "grades.xls", "grades.xlsx", "timestamp.txt", "comments.txt", "desktop.ini", "Thumbs.db")
)
"""Files that Sakai and Windows put next to hand-ins: they are nobody's, wherever they lie."""
_MOST = 20
"""The most folders that are looked into: the first few are enough."""
_FEW = 3
"""The most entries of a folder that only wraps another, wrappings inside each other, and folders of one student."""


@dataclass(frozen=True)
class Unread:
    """A download that is not read: its platform, a test whether a folder is one, and the way out.

    In the way out, FOLDER is the name of the folder that was recognised.
    """

    name: str
    is_one: Callable[[Path, Sequence[Entry]], bool]
    hint: str


def refuse_unread(path: Path, entries: Sequence[Entry], kinds: Sequence[Unread]) -> None:
    """Raise AutograderError if a folder, or the only one in it, is one of these downloads."""
    for place, inside in _wrapped(path, entries):
        for kind in kinds:
            if kind.is_one(place, inside):
                problem = f"{_name(path)} looks like a download from {kind.name}, and those are not read."
                raise AutograderError(problem, kind.hint.replace("FOLDER", _name(place)))


def _wrapped(path: Path, entries: Sequence[Entry]) -> Iterator[tuple[Path, Sequence[Entry]]]:
    """Yield a folder, the only folder in it, and the only one in that, as packing and unpacking programs make them."""
    for _ in range(_FEW):
        yield path, entries
        folders = [entry for entry in entries if entry.kind is Kind.FOLDER]
        if len(folders) != 1 or len(entries) > _FEW:
            return
        path /= folders[0].name
        entries = listed(path)


def nobodys(path: Path) -> list[str]:
    """A sentence on each file in a folder that a platform or Windows put there."""
    names = [entry.name for entry in listed(path) if entry.kind is Kind.FILE and entry.name in NOBODYS]
    return [f"{name} belongs to no student, and is passed over." for name in names]


def _name(path: Path) -> str:
    return shown(path.name or str(path))


def _inside(path: Path, entries: Sequence[Entry]) -> Iterator[tuple[Entry, list[Entry]]]:
    """Yield the first few folders, and the entries of each."""
    folders = sorted(entry.name for entry in entries if entry.kind is Kind.FOLDER)
    yield from ((Entry(name, Kind.FOLDER), listed(path / name)) for name in folders[:_MOST])


def _most(told: Sequence[bool]) -> bool:
    return 2 * sum(told) > len(told)


_ACCOUNT = re.compile(r".*\([^()]+\)", re.DOTALL)
_ATTACHMENTS = "Submission attachment(s)"
_STAMPS = frozenset(("timestamp.txt", "comments.txt"))


def _is_sakai(path: Path, entries: Sequence[Entry]) -> bool:
    """Recognise `Last, First(eid)/` with the folder of attachments or, in another language, the files next to it."""

    def is_student(entry: Entry, inside: Sequence[Entry]) -> bool:
        names = {one.name for one in inside}
        return _ATTACHMENTS in names or bool(_ACCOUNT.fullmatch(entry.name) and names & _STAMPS)

    return _most([is_student(entry, inside) for entry, inside in _inside(path, entries)])


_SAKAI_FILE = re.compile(
    r".*\([^()]+\)_(?:submission attachment\(s\)_.+|comments\.txt|(?:submission|feedback)text\.html)",
    re.DOTALL | re.IGNORECASE,
)


_TEAMS = re.compile(
    r"(submitted|working) files|eingereichte dateien|arbeitsdateien|제출된 파일|작업 파일", re.IGNORECASE
)
_VERSION = re.compile(r"(version|versión|versione|versie|versão|버전|バージョン|版本) ?\d+", re.IGNORECASE)


def _is_teams(path: Path, entries: Sequence[Entry]) -> bool:
    """Recognise `Submitted files/Student/Assignment/Version 1/`, or one of the folders in it."""
    if any(entry.kind is Kind.FOLDER and _TEAMS.fullmatch(entry.name) for entry in entries):
        return True

    def has_versions(student: Path, inside: Sequence[Entry]) -> bool:
        assignments = [student / one.name for one in inside if one.kind is Kind.FOLDER][:_FEW]
        return any(_VERSION.fullmatch(one.name) for assignment in assignments for one in listed(assignment))

    found = [has_versions(path / entry.name, inside) for entry, inside in _inside(path, entries)]
    return _TEAMS.fullmatch(path.name) is not None or _most(found)


_DATED = re.compile(r"\d{4}(-\d\d){5}(\.ceg)?")


def _is_vpl(path: Path, entries: Sequence[Entry]) -> bool:
    """Recognise `Student id/2026-11-26-23-59-59/` next to `2026-11-26-23-59-59.ceg` with the output of its run."""
    dated = [any(_DATED.fullmatch(one.name) for one in inside) for _, inside in _inside(path, entries)]
    return _most(dated)


_ADDRESS = r".+@[^_/]+\.[^_/]+"
_PRAIRIELEARN = re.compile(rf"{_ADDRESS}_(?:\d+_.+_\d+_\d+(?:_\d+)?|\d{{5,}}_.+_\d+)_.+", re.DOTALL)
_PRAIRIELEARN_ZIP = re.compile(r".*_(best|final|all)_files|.*_files_for_manual_grading", re.DOTALL)
_NUMBERED = re.compile(r".+(_\d+){2,}_.+", re.DOTALL)
_AUTOLAB = re.compile(rf"{_ADDRESS}_\d{{1,4}}_.+", re.DOTALL)


def _named(pattern: re.Pattern[str]) -> Callable[[Path, Sequence[Entry]], bool]:
    def is_one(_: Path, entries: Sequence[Entry]) -> bool:
        return _most([bool(pattern.fullmatch(entry.name)) for entry in entries if entry.kind is Kind.FILE])

    return is_one


def _is_prairielearn(path: Path, entries: Sequence[Entry]) -> bool:
    """Recognise `UID_instance_question_variant_submission_file`; a group's UID has no `@`: then by the zip's name."""
    if _named(_PRAIRIELEARN)(path, entries):
        return True
    around = (path.name, path.parent.name)
    return any(map(_PRAIRIELEARN_ZIP.fullmatch, around)) and _named(_NUMBERED)(path, entries)


_TITLED = re.compile(r"(?P<left>.+?) - (?P<right>.+)\.\w+", re.DOTALL)
_COPY = re.compile(r" - (copy|kopie|copie|copia|복사본)\b", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_][^\d_]*")


def _is_google(path: Path, entries: Sequence[Entry]) -> bool:
    """Recognise `First Last - hw3.zip`, or `hw3 - First Last.ipynb`: one side is a name that differs in each file."""
    files = [entry.name for entry in entries if entry.kind is Kind.FILE]
    titled = [match for name in files if (match := _TITLED.fullmatch(name)) and not _COPY.search(name)]
    if len(titled) < 2 or 2 * len(titled) <= len(entries):
        return False
    sides = ([match[side] for match in titled] for side in ("left", "right"))
    return any(len({*names}) > 1 and all(map(_PERSON.fullmatch, names)) for names in sides)


SURE: Sequence[Unread] = (
    Unread("Sakai", _is_sakai, "Unpack it, and give the folder of the students' folders, FOLDER, with --layout plain."),
    Unread(
        "Sakai",
        _named(_SAKAI_FILE),
        "Download it again with a folder for each student, unpack that, and give the inner folder with --layout plain.",
    ),
    Unread(
        "Microsoft Teams",
        _is_teams,
        "Unpack it, leave only the last `Version` folder of each student in `Submitted files`, and give that folder "
        "with --layout plain.",
    ),
    Unread(
        "Moodle's VPL",
        _is_vpl,
        "Unpack it, leave only the last dated folder of each student, and none that ends in .ceg, and give it with "
        "--layout plain.",
    ),
    Unread(
        "PrairieLearn",
        _is_prairielearn,
        "Make a folder for each student, put the last attempt's files into it under their own names "
        "(ann@uni.edu/criterion.py), and give the folder around these.",
    ),
    Unread(
        "Autolab",
        _named(_AUTOLAB),
        "Leave only the last version of each student, call it by the address alone (ann@uni.edu_3_handin.tar becomes "
        "ann@uni.edu.tar), and give the folder again.",
    ),
)
"""Downloads with names that no readable platform has; they are asked before the platforms."""
LIKELY: Sequence[Unread] = (
    Unread(
        "Google Classroom",
        _is_google,
        "Where each file is one student's archive, --layout plain takes it under its name; else make a folder for each "
        "student, put the student's files into it under their own names, and give the folder around these.",
    ),
)
"""Downloads with names that others may have; they are asked if no readable platform knows a folder."""
