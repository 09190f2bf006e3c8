"""Reads the names in Moodle's download of an assignment: `Name_id_assignsubmission_file`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.platforms import named
from autograder.platforms.entry import Entry, Gathered, Platform
from autograder.platforms.named import Named

_MOODLE = re.compile(r"(.*?)(?:_([0-9]+))?_assignsubmission_(file|onlinetext)(?:_(.*)|(?:\.html))?", re.DOTALL)


def moodle_reading(name: str) -> Named | None:
    """Read a name as Moodle makes it, `Name_id_assignsubmission_file[_]`; without folders a file's name follows.

    The default group has no number: its name stands for it.
    """
    match = _MOODLE.fullmatch(name)
    if match is None or not (match[2] or match[1]):
        return None
    group = not match[2] or named.GROUP.match(match[1]) is not None
    return Named(match[2] or match[1], match[4] or f"{match[3]}.html", match[3], match[1], group=group)


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Tell whether more than half of a folder's entries are named as Moodle does it."""
    return named.most_are(_read(entries), entries)


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each student's files, and the entries that are not Moodle's."""
    return named.gather(path, entries, _read(entries))


def _read(entries: Sequence[Entry]) -> Mapping[Entry, Named]:
    read = {entry: moodle_reading(entry.name) for entry in entries}
    return {entry: one for entry, one in read.items() if one is not None}


MOODLE = Platform(is_download, gather)
