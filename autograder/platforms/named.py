"""Puts one student's entries together, if the names of a platform's files say whose they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from autograder.collect.walk import Kind, passed_over
from autograder.core.records import About, Piece, Submission
from autograder.platforms.platform import Entry, Gathered, holds_nothing, one_form

GROUP = re.compile(r"(?:default )?(?:group|team|gruppe|groupe|grupo|gruppo|groep)\b", re.IGNORECASE)
"""The beginning of names that belong to no person."""


@dataclass(frozen=True)
class Named:
    """The facts in the name of one entry. `tag` tells apart two files of one student that have the same name."""

    student: str
    file: str
    tag: str
    owner: str
    """The part of the name up to the student's id: the same for all files of one student."""
    late: bool | None = None
    again: bool = False
    """Whether the file was handed in again."""
    called: str = ""
    """The name without the parts that say whose it is."""
    group: bool = False


def most_are(read: Mapping[Entry, Named], entries: Sequence[Entry]) -> bool:
    """Whether more than half of a folder's entries are named in a platform's way."""
    return 2 * len(read) > len(entries)


def gather(path: Path, entries: Sequence[Entry], read: Mapping[Entry, Named], note: str = "") -> Gathered:
    """Put each student's entries together, as they were read; the others are not the platform's.

    `note` is for students who handed something in again. A student with only empty folders handed in nothing.
    """
    of: dict[str, list[tuple[Entry, Named]]] = {}
    for entry, named in read.items():
        of.setdefault(one_form(named.student), []).append((entry, named))
    submissions = []
    for student, several in of.items():
        absent = all(entry.kind is Kind.FOLDER and holds_nothing(path / entry.name) for entry, _ in several)
        pieces = _pieces([one for entry, named in several for one in _files(path / entry.name, entry.kind, named)])
        told = _told([named for _, named in several], note)
        submissions.append(Submission(student, path, pieces=pieces, absent=absent, **told))
    return submissions, [entry for entry in entries if entry not in read]


class _Told(TypedDict):
    note: str
    about: About


def _told(names: Sequence[Named], note: str) -> _Told:
    """Further facts in the names: whose they are, and whether something came late or for the second time."""
    first = names[0]
    owner = one_form(first.owner)
    late = None if first.late is None else any(named.late for named in names)
    about = About(group=owner, late=late) if first.group else About("" if owner == "anon" else owner, late=late)
    return _Told(note=note if any(named.again for named in names) else "", about=about)


def _files(path: Path, kind: Kind, named: Named) -> Iterator[tuple[str, str, Path]]:
    """Yield name, tag and place of the files of one entry: itself, or for a folder each of its own entries."""
    try:
        listed = sorted(path.iterdir()) if kind is Kind.FOLDER else []
        inside = [one for one in listed if not (passed_over(one.name) and one.is_dir())]
    except OSError:
        inside = []
    if inside:
        yield from ((one.name, named.tag, one) for one in inside)
    else:
        # A folder that is empty or cannot be read is reported when it is copied.
        yield named.file, named.tag, path


def _pieces(files: Sequence[tuple[str, str, Path]]) -> tuple[Piece, ...]:
    """Make pieces of the files; if two have the same name, each goes into a folder that its tag names."""
    often = Counter(name for name, _, _ in files)
    return tuple(sorted(Piece(name if often[name] == 1 else f"{tag}/{name}", place) for name, tag, place in files))
