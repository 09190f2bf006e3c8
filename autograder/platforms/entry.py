"""What the reader of a platform's download is given, and what it must be able to do."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.walk import Kind, kind_of, shown, walk
from autograder.core.records import Submission


@dataclass(frozen=True)
class Entry:
    """One entry of a folder of submissions."""

    name: str
    kind: Kind


Gathered = tuple[list[Submission], list[Entry]]
"""The submissions that a platform's names tell of, and the entries that are not the platform's."""


def listing(path: Path) -> list[Entry]:
    """The entries of a folder but hidden ones and `__MACOSX`, sorted by name; raises OSError."""
    with os.scandir(path) as found:
        entries = [Entry(one.name, kind_of(one)) for one in found if not _is_hidden(one.name)]
    return sorted(entries, key=lambda entry: entry.name)


def listed(path: Path) -> list[Entry]:
    """The same; nothing of a folder that can not be read."""
    with suppress(OSError):
        return listing(path)
    return []


def one_form(name: str) -> str:
    """A name as it is shown, in one form: macOS takes an `é` apart, other systems do not."""
    return unicodedata.normalize("NFC", shown(name))


def holds_nothing(folder: Path, besides: str | None = None) -> bool:
    """Tell whether a folder can be read and holds no file, however deep, but hidden ones and the one `besides`."""
    found = (one for one in walk(folder) if one.kind is not Kind.FOLDER and one.name != besides)
    return all(any(map(_is_hidden, one.name.split("/"))) for one in found)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _itself(path: Path) -> Path:
    return path


def _nothing(submissions: Sequence[Submission]) -> list[str]:
    return []


@dataclass(frozen=True)
class Platform:
    """How one platform's download is read.

    `is_download` tells by a folder's path and entries whether it is the platform's; `gather` reads it, and raises
    AutograderError where it cannot. `inner` gives the folder with the submissions where the platform's download, or
    what people make of it, has that inside of another; else the folder itself. `told` gives sentences on what the names
    of these submissions were taken for. Where a download holds several assignments, `gather_one` reads the one of that
    name.
    """

    is_download: Callable[[Path, Sequence[Entry]], bool]
    gather: Callable[[Path, Sequence[Entry]], Gathered]
    inner: Callable[[Path], Path] = _itself
    told: Callable[[Sequence[Submission]], list[str]] = _nothing
    gather_one: Callable[[Path, Sequence[Entry], str], Gathered] | None = None
