"""Puts a submission into a private folder and finds the five student files in it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collect.counting import what_counts
from autograder.collect.encoding import settle
from autograder.collect.extract import unpack
from autograder.collect.inventory import Parts
from autograder.collect.member_names import safe_parts
from autograder.collect.missing import held, near
from autograder.collect.target import Target, writing
from autograder.collect.walk import TAKEN, Kind, is_archive, open_regular, walk
from autograder.core.errors import SubmissionProblem
from autograder.core.records import STUDENT_FILES, Piece, Submission
from autograder.core.settings import Limits

MOST_ARCHIVES = 20
"""The most archives in one submission that are unpacked; nobody packs five files into more."""
NESTED = 2
"""The deepest nesting of archives inside a submission."""
ALL_HINT = f"Hand in {', '.join(STUDENT_FILES[:-1])} and {STUDENT_FILES[-1]}."


@dataclass(frozen=True)
class Tree:
    """A submission as plain files. Each of the five modules is in `files` or, with a sentence, in `problems`."""

    root: Path
    files: Mapping[str, Path]
    """Module name (`criterion`) to the file's path relative to `root`."""
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By module, sentences on files that were taken or passed over, for the student and the staff."""
    remarks: tuple[str, ...] = ()
    """Sentences on files that belong to none of the five."""


def materialise(submission: Submission, into: Path, limits: Limits, report_only: bool = False) -> Tree:
    """Copy or unpack a submission into the private folder `into` and find the student files, however deep.

    If a file is missing, an archive in it is unpacked too, and one in that, within the same limits.

    Raises SubmissionProblem if the whole submission cannot be read or holds none of the files, unless only the report
    is wanted; a missing or doubled file is in `problems`.
    """
    if submission.problem is not None:
        raise SubmissionProblem(submission.problem, f"Hand in {TAKEN}.")
    target = Target(into, limits)
    if submission.pieces:
        for piece in submission.pieces:
            _put(piece, target, alone=len(submission.pieces) == 1)
    elif submission.origin.is_dir() and not submission.origin.is_symlink():
        _copy(submission.origin, target)
    else:
        # A pseudonym stands for a name that no message may reveal.
        own = submission.origin.name.startswith(submission.student)
        unpack(submission.origin, target, "" if own else "What was handed in")
    tried: set[Parts] = set()
    for _ in range(NESTED):
        if _absent(target):
            packed = sorted(filter(target.is_packed, target.files - tried))[: MOST_ARCHIVES - len(tried)]
            for parts in packed:
                target.unpack_in_place(parts, lambda archive: unpack(archive, target))
            tried.update(packed)
    counted = what_counts(target, submission.note)
    for place, cells in counted.cells.items():
        target.file(place, io.BytesIO(cells))
    for path in (target.path(parts) for parts in counted.files.values() if parts not in counted.cells):
        with writing(path):
            settle(path)
    names = {parts[-1].casefold() for parts in (*target.files, *target.folders, *target.skipped)}
    named = not names.isdisjoint(STUDENT_FILES) or any(near(name, target) for name in STUDENT_FILES)
    if not named and not counted.has_notebook and not report_only:
        problem = f"None of the five files is in it; {held(target)}. {submission.note}".rstrip()
        raise SubmissionProblem(problem, ALL_HINT)
    files = {module: Path(*parts) for module, parts in counted.files.items()}
    return Tree(target.root, files, counted.problems, counted.notes, (*submission.remarks, *counted.remarks))


def _put(piece: Piece, target: Target, alone: bool) -> None:
    """Copy one piece; a folder and an archive each fill a folder of the piece's name.

    An archive that cannot be unpacked is left out if it is not `alone`.
    """
    target.count()
    parts = safe_parts(piece.name)
    if piece.origin.is_symlink():
        target.skip(parts, Kind.LINK)
    elif piece.origin.is_dir():
        with target.below(parts):
            _copy(piece.origin, target)
    elif is_archive(parts[-1]):
        try:
            with target.below(parts):
                unpack(piece.origin, target, parts[-1])
        except SubmissionProblem as problem:
            if alone:
                raise
            target.give_up(parts, problem.message)
    else:
        _copy_file(piece.origin, parts, target)


def _copy(origin: Path, target: Target) -> None:
    for found in walk(origin):
        if not found.name:
            raise SubmissionProblem("The folder cannot be read.", "Check its permissions.")
        if (parts := target.place(found.name)) is None:
            continue
        if found.kind is Kind.PASSED_OVER:
            target.pass_over(parts)
        elif found.kind is Kind.FOLDER:
            target.folder(parts)
        elif found.kind is Kind.FILE:
            _copy_file(found.path, parts, target)
        else:
            target.skip(parts, found.kind)


def _copy_file(path: Path, parts: Parts, target: Target) -> None:
    try:
        source = open_regular(path)
    except OSError:
        target.skip(parts, Kind.UNREADABLE)
        return
    with source:
        try:
            target.file(parts, source)
        except OSError as error:
            raise SubmissionProblem(
                f"{'/'.join(parts)} cannot be read to its end: {error.strerror}.", "Check the file."
            ) from None


def _absent(target: Target) -> list[str]:
    here = {parts[-1] for parts in target.files}
    packages = {parts[-2] for parts in target.files if len(parts) > 1 and parts[-1] == "__init__.py"}
    return [name for name in STUDENT_FILES if name not in here and name.removesuffix(".py") not in packages]
