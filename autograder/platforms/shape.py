"""Checks, before anything is graded, whether a folder looks like the hand-ins of a class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.collect.walk import Kind, is_archive, passed_over, shown
from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, Submission
from autograder.platforms.platform import Entry, listed

_DEPTH = 4
_FOLDERS = 50
"""The depth, and the number of folders of one submission, that are searched: a few are enough, and quick."""
_CLASS = 3
"""The number of hand-ins next to each other that no single student has."""
_OF_FIVE = 2
"""The number of the five files that make a folder a hand-in."""


def refuse_nested_class(submissions: Sequence[Submission]) -> None:
    """Raise AutograderError if at least half of the folders hold the hand-ins of a class instead of one each.

    One such folder among many others is left to its student.
    """
    folders = [one.origin for one in submissions if not one.problem and one.origin.is_dir()]
    found = [(folder, inside) for folder in folders if len(inside := _hand_ins(folder, len(folders) == 1)) >= _CLASS]
    if found and 2 * len(found) >= len(folders):
        folder, inside = found[0]
        names = ", ".join(map(shown, inside[:3])) + (", …" if len(inside) > 3 else "")
        problem = f"{shown(folder.name)} seems to hold a whole class and not one student's hand-in: {names}."
        hint = "Give that folder itself, unpacked; --layout plain takes it as one student's all the same."
        raise AutograderError(problem, hint)


def _hand_ins(folder: Path, alone: bool) -> list[str]:
    """The hand-ins inside a folder: folders with some of the five files and, if it is `alone`, archives.

    There are none if the folder has some of the five files itself.
    """
    entries = _listed(folder)
    if any(entry.name in STUDENT_FILES for entry in entries):
        return []
    inside = [entry.name for entry in entries if entry.kind is Kind.FOLDER and not passed_over(entry.name)]
    archives = [entry.name for entry in entries if entry.kind is Kind.FILE and is_archive(entry.name)]
    return [*(name for name in inside[:_FOLDERS] if _is_hand_in(folder / name)), *(archives if alone else [])]


def _is_hand_in(folder: Path) -> bool:
    """Whether some of the five files lie in a folder, or in the only one in it."""
    entries = _listed(folder)
    if len(entries) == 1 and entries[0].kind is Kind.FOLDER:
        entries = _listed(folder / entries[0].name)
    return sum(entry.name in STUDENT_FILES for entry in entries) >= _OF_FIVE


def unlike_a_class(submissions: Sequence[Submission]) -> list[str]:
    """A sentence if most hold nothing that could be graded: it may be another assignment's folder."""
    handed_in = [one for one in submissions if not one.absent]
    empty = [one.student for one in handed_in if not _holds_anything(one)]
    if 2 * len(empty) <= len(handed_in):
        return []
    named = ", ".join(empty[:3]) + (", …" if len(empty) > 3 else "")
    return [
        f"This does not look like a class: of {len(handed_in)} entries, {len(empty)} hold none of the five files, no "
        f"notebook and no archive ({named})."
    ]


def _holds_anything(submission: Submission) -> bool:
    if not submission.problem and not submission.pieces and not submission.origin.is_dir():
        return True  # an archive, whatever it is called
    places = [piece.origin for piece in submission.pieces] or [submission.origin]
    names = [piece.name for piece in submission.pieces] or [submission.origin.name]
    return any(map(_is_wanted, names)) or any(_is_wanted(name) for place in places for name in _names(place))


def _is_wanted(name: str) -> bool:
    """Whether a file has the name of one of the five or nearly so, or of something that they may be in."""
    near = ".py" in name and any(file.removesuffix(".py") in name.casefold() for file in STUDENT_FILES)
    return near or name.endswith(".ipynb") or is_archive(name)


def _names(root: Path) -> Iterator[str]:
    """Yield the names of files below a folder, the least deep first, up to the limits."""
    pending = [(root, 0)]
    for folder, depth in pending:
        for entry in _listed(folder):
            if entry.kind is Kind.FILE:
                yield entry.name
            more = depth < _DEPTH and len(pending) < _FOLDERS
            if more and entry.kind is Kind.FOLDER and not passed_over(entry.name):
                pending.append((folder / entry.name, depth + 1))


def _listed(folder: Path) -> list[Entry]:
    return [] if folder.is_symlink() else listed(folder)
