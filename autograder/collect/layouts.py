"""Reads the names in a learning platform's download: which student each entry is of, and which file it holds."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from autograder.collect.walk import ARCHIVE_EXTENSIONS, Kind, passed_over, shown
from autograder.records import STUDENT_FILES, About, Piece, Submission
from autograder.settings import Layout

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_FIVE = "|".join(name.removesuffix(".py") for name in STUDENT_FILES)
_AGAIN_FIVE = re.compile(rf"({_FIVE})-(?:[1-7]|{_UUID})(\.py)")
_AGAIN_ARCHIVE = re.compile(
    rf"(.+)-(?:[1-7]|{_UUID})({'|'.join(map(re.escape, ARCHIVE_EXTENSIONS))})", re.DOTALL | re.IGNORECASE
)
_ANONYMOUS = re.compile(r"(?:LATE_)?anon_([A-Za-z0-9]+)_(?:([0-9]+)_(.+)|((?:text|link)\.html))", re.DOTALL)
# Looked for at every place: a name may end in a number, and so may a file's name begin with one.
_CANVAS = re.compile(r"(?<=.)(?:_LATE)?_([0-9]+)_(?:([0-9]+)_(.+)|((?:text|link)\.html))", re.DOTALL)
LAST_ATTEMPT = "A download from Canvas holds the last attempt only: a file that was not handed in again is not in it."
_GROUP = re.compile(r"(?:default )?(?:group|team|gruppe|groupe|grupo|gruppo|groep)\b", re.IGNORECASE)
_MOODLE = re.compile(r"(.*?)(?:_([0-9]+))?_assignsubmission_(file|onlinetext)(?:_(.*)|(?:\.html))?", re.DOTALL)


@dataclass(frozen=True)
class Named:
    """What the name of one entry says. `tag` tells apart two files of one student that have the same name."""

    student: str
    file: str
    tag: str
    owner: str
    """The name with all that stands before the student's id: the same for all files of one student."""
    late: bool | None = None
    again: bool = False
    """Whether the file was handed in once more."""
    group: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry of a folder of submissions."""

    name: str
    kind: Kind


def original_name(name: str) -> str:
    """Drop what Canvas puts into the name of a file that is handed in again: `main-1.py`, `x-2.tar.gz`.

    Only the five files and archives are renamed; for any other file nobody needs to know its first name.
    """
    match = _AGAIN_FIVE.fullmatch(name) or _AGAIN_ARCHIVE.fullmatch(name)
    return match[1] + match[2] if match else name


def canvas_readings(name: str) -> list[Named]:
    """Every way to read a name as Canvas makes it, `name[_LATE]_userid_attachmentid_file`; the likeliest last.

    An anonymous `[LATE_]anon_ID_attachmentid_file` has one; a name that is none of these has none.
    """
    if match := _ANONYMOUS.fullmatch(name):
        return [_named(match, "anon")]
    places = [place.start() for place in re.finditer("_", name)]
    found = [match for place in places if (match := _CANVAS.fullmatch(name, place))]
    late = [match for match in found if match[0].startswith("_LATE")]
    # Canvas writes names in small letters, so the first LATE is most likely its own.
    found.sort(key=lambda match: match in late[:1])
    return [_named(match, name[: match.start()]) for match in found]


def _named(match: re.Match[str], owner: str) -> Named:
    student, attachment, file, other = match.groups()
    name = other or original_name(file)
    late = match[0].startswith(("_LATE", "LATE_"))
    return Named(student, name, attachment or "", owner, late, again=name != (other or file))


def moodle_reading(name: str) -> Named | None:
    """Read a name as Moodle makes it, `Name_id_assignsubmission_file[_]`; without folders a file's name follows.

    The default group has no number: its name stands for it.
    """
    match = _MOODLE.fullmatch(name)
    if match is None or not (match[2] or match[1]):
        return None
    group = not match[2] or _GROUP.match(match[1]) is not None
    return Named(match[2] or match[1], match[4] or f"{match[3]}.html", match[3], match[1], group=group)


def is_download(layout: Layout, entries: Sequence[Entry]) -> bool:
    """Tell whether more than half of a folder's entries are named in a platform's way."""
    return 2 * len(_read(layout, entries)) > len(entries)


def gather(path: Path, layout: Layout, entries: Sequence[Entry]) -> tuple[list[Submission], list[Entry]]:
    """Put each student's entries together; returns the submissions and the entries that are not the platform's."""
    read = _read(layout, entries)
    files: dict[str, list[tuple[str, str, Path]]] = {}
    named_so: dict[str, list[Named]] = {}
    for entry, named in read.items():
        student = unicodedata.normalize("NFC", shown(named.student))
        files.setdefault(student, []).extend(_files(path / entry.name, entry.kind, named))
        named_so.setdefault(student, []).append(named)
    submissions = [
        Submission(student, path, pieces=_pieces(listed), **_told(named_so[student]))
        for student, listed in files.items()
    ]
    return submissions, [entry for entry in entries if entry not in read]


class _Told(TypedDict):
    note: str
    about: About


def _told(names: Sequence[Named]) -> _Told:
    """What the names say besides: whose they are, and whether something came late or for the second time."""
    first = names[0]
    owner = unicodedata.normalize("NFC", shown(first.owner))
    late = None if first.late is None else any(named.late for named in names)
    about = About(group=owner, late=late) if first.group else About("" if owner == "anon" else owner, late=late)
    return _Told(note=LAST_ATTEMPT if any(named.again for named in names) else "", about=about)


def _read(layout: Layout, entries: Sequence[Entry]) -> Mapping[Entry, Named]:
    if layout is Layout.MOODLE:
        named = {entry: moodle_reading(entry.name) for entry in entries}
        return {entry: one for entry, one in named.items() if one is not None}
    readings = {entry: canvas_readings(entry.name) for entry in entries if entry.kind is not Kind.FOLDER}
    # `doe_42_7_x.py` can be user 42 or 7: whoever has more files in this download is meant.
    support = Counter((one.owner, one.student) for several in readings.values() for one in several)
    return {
        entry: max(reversed(several), key=lambda one: support[one.owner, one.student])
        for entry, several in readings.items()
        if several
    }


def _files(path: Path, kind: Kind, named: Named) -> Iterator[tuple[str, str, Path]]:
    """Yield name, tag and place of what one entry holds: itself, or for a folder each of its own entries."""
    try:
        listed = sorted(path.iterdir()) if kind is Kind.FOLDER else []
        inside = [one for one in listed if not (passed_over(one.name) and one.is_dir())]
    except OSError:
        inside = []
    if inside:
        yield from ((one.name, named.tag, one) for one in inside)
    else:
        # A folder that is empty or can not be read is told of when it is copied.
        yield named.file, named.tag, path


def _pieces(files: Sequence[tuple[str, str, Path]]) -> tuple[Piece, ...]:
    """Where two files of a student have the same name, each goes into a folder that its tag names."""
    often = Counter(name for name, _, _ in files)
    return tuple(sorted(Piece(name if often[name] == 1 else f"{tag}/{name}", place) for name, tag, place in files))
