"""Puts a submission into a private folder and finds the five student files in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collect.encoding import settle
from autograder.collect.extract import unpack
from autograder.collect.notebooks import stand_in
from autograder.collect.target import Parts, Target, safe_parts
from autograder.collect.walk import Kind, is_archive, open_regular, walk
from autograder.errors import SubmissionProblem
from autograder.records import STUDENT_FILES, Piece, Submission
from autograder.settings import SKELETON, Limits

MAX_NAMED = 3
ALL_HINT = f"Hand in {', '.join(STUDENT_FILES[:-1])} and {STUDENT_FILES[-1]}."


@dataclass(frozen=True)
class Tree:
    """A submission as plain files. Each of the five modules is in `files` or, with a sentence, in `problems`."""

    root: Path
    files: Mapping[str, Path]
    """Module name (`criterion`) to the file's path relative to `root`."""
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each module: sentences on what was taken and what was passed over, for the student and the staff."""


def materialise(submission: Submission, into: Path, limits: Limits, report_only: bool = False) -> Tree:
    """Copy or unpack a submission into the private folder `into` and find the student files, however deep.

    An archive in it is unpacked too where a file is missing, one level deep and within the same limits.

    Raises SubmissionProblem where the whole submission can not be read or holds none of the files, unless the report
    is all that is wanted; a missing or doubled file is in `problems`.
    """
    if submission.problem is not None:
        raise SubmissionProblem(submission.problem, "Hand in one folder, .zip, .tar.gz or .tgz.")
    target = Target(into, limits)
    if submission.pieces:
        for piece in submission.pieces:
            _put(piece, target)
    elif submission.origin.is_dir() and not submission.origin.is_symlink():
        _copy(submission.origin, target)
    else:
        unpack(submission.origin, target)
    if _absent(target):
        for parts in sorted(parts for parts in target.files if is_archive(parts[-1])):
            target.unpack_in_place(parts, lambda archive: unpack(archive, target))
    doubtful = stand_in(target, [name.removesuffix(".py") for name in _absent(target)])
    tree = _tree(target, dict(doubtful), submission.note)
    names = {parts[-1].casefold() for parts in (*target.files, *target.folders, *target.skipped)}
    if names.isdisjoint(STUDENT_FILES) and not doubtful and not report_only:
        problem = f"None of the five files is in it; {_held(target)}. {submission.note}".rstrip()
        raise SubmissionProblem(problem, ALL_HINT)
    return tree


def _put(piece: Piece, target: Target) -> None:
    """Copy one piece; a folder and an archive each fill a folder of the piece's name."""
    target.count()
    parts = safe_parts(piece.name)
    if piece.origin.is_symlink():
        target.skip(parts, Kind.LINK)
    elif piece.origin.is_dir():
        with target.below(parts):
            _copy(piece.origin, target)
    elif is_archive(parts[-1]):
        with target.below(parts):
            unpack(piece.origin, target)
    else:
        _copy_file(piece.origin, parts, target)


def _copy(origin: Path, target: Target) -> None:
    for found in walk(origin):
        if not found.name:
            raise SubmissionProblem("The folder can not be read.", "Check its permissions.")
        target.count()
        parts = safe_parts(found.name)
        if found.kind is Kind.FOLDER:
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
                f"{'/'.join(parts)} can not be read to its end: {error.strerror}.", "Check the file."
            ) from None


def _tree(target: Target, problems: dict[str, str], note: str) -> Tree:
    files: dict[str, Path] = {}
    notes: dict[str, tuple[str, ...]] = {}
    for name in STUDENT_FILES:
        module = name.removesuffix(".py")
        places = sorted(parts for parts in target.files if parts[-1] == name)
        places = places or sorted(parts for parts in target.files if parts[-2:] == (module, "__init__.py"))
        chosen, passed_over = _distinct(places, target)
        if len(chosen) == 1:
            files[module] = Path(*chosen[0])
            encoding = settle(target.root.joinpath(*chosen[0]))
            read_as = f"{name} is in {encoding}, and was read as that; save it as UTF-8."
            notes[module] = (*passed_over, *([read_as] if encoding else ()))
        elif module not in problems:
            problems[module] = _doubled(name, chosen) if places else f"{_missing(name, target)} {note}".rstrip()
    return Tree(target.root, files, problems, {module: found for module, found in notes.items() if found})


def _distinct(places: Sequence[Parts], target: Target) -> tuple[list[Parts], tuple[str, ...]]:
    """Which of several files of one name differ, and a sentence on each that does not.

    A copy equal to the byte is passed over, and so is one that is the file as handed out beside another that is not.
    Of equal ones the first stands that lies beside the most of the five, then the one least deep.
    """
    by_content: dict[bytes, list[Parts]] = {}
    for parts in places if len(places) > 1 else ():
        by_content.setdefault(target.root.joinpath(*parts).read_bytes(), []).append(parts)
    if not by_content:
        return list(places), ()
    untouched = (SKELETON / places[0][-1]).read_bytes() if (SKELETON / places[0][-1]).is_file() else b""
    said = []
    if len(by_content) > 1 and untouched in by_content:
        said += [
            f"{'/'.join(parts)} is as it was handed out, and was passed over." for parts in by_content.pop(untouched)
        ]
    chosen = []
    for equal in by_content.values():
        first, *rest = sorted(equal, key=lambda parts: (-_company(parts, target), len(parts), parts))
        chosen.append(first)
        said += [f"{'/'.join(parts)} is a copy of {'/'.join(first)}, and was passed over." for parts in rest]
    return sorted(chosen), tuple(said)


def _company(parts: Parts, target: Target) -> int:
    """How many of the five lie in the folder of one of them."""
    return sum((*parts[:-1], name) in target.files for name in STUDENT_FILES)


def _absent(target: Target) -> list[str]:
    here = {parts[-1] for parts in target.files}
    packages = {parts[-2] for parts in target.files if len(parts) > 1 and parts[-1] == "__init__.py"}
    return [name for name in STUDENT_FILES if name not in here and name.removesuffix(".py") not in packages]


def _held(target: Target) -> str:
    """What was handed in instead."""
    names = ["/".join(parts) for parts in sorted({*target.files, *target.skipped})]
    if not names:
        return "it is empty"
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"it holds {', '.join(names[:MAX_NAMED])}{more}"


def _doubled(name: str, places: list[Parts]) -> str:
    often = "twice" if len(places) == 2 else f"{len(places)} times"
    named = ["/".join(parts) for parts in places[:MAX_NAMED]]
    if len(places) > MAX_NAMED:
        named.append("…")
    return f"{name} occurs {often} ({', '.join(named[:-1])} and {named[-1]}); hand in one of them."


def _missing(name: str, target: Target) -> str:
    """Say that a file is missing and, where something stands in its place, what."""
    for parts, why in sorted(target.skipped.items()):
        if parts[-1] == name:
            return f"{name} is missing: {'/'.join(parts)} is {why}; hand in the file itself."
    for parts in sorted(target.folders):
        if parts[-1] == name:
            return f"{name} is missing: {'/'.join(parts)} is {Kind.FOLDER}; hand in a file of that name."
    for parts in sorted(target.files):
        if parts[-1].casefold() == name.casefold():
            return f"{name} is missing: there is {'/'.join(parts)}; rename it, capital letters count."
    others = [(parts, why) for parts, why in sorted(target.skipped.items()) if parts[-1] not in STUDENT_FILES]
    unseen = [f"{'/'.join(parts)} is {why}" for parts, why in others]
    if unseen:
        return f"{name} is missing. Left out: {'; '.join(unseen[:MAX_NAMED])}."
    return f"{name} is missing."
