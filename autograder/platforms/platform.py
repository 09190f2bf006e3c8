"""What the kit knows of a learning platform: how to read its download and its lists, and how marks go back."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.class_list.headings import ListHeadings
from autograder.class_list.sheet import Sheet
from autograder.collect.walk import Kind, kind_of, shown, walk
from autograder.core.records import Submission
from autograder.marks.marks import Filled, Marks


@dataclass(frozen=True)
class Entry:
    """One entry of a folder of submissions."""

    name: str
    kind: Kind


NO_HEADINGS = ListHeadings()
Gathered = tuple[list[Submission], list[Entry]]
"""The submissions that a platform's names tell of, and the entries that are not the platform's."""


def listing(path: Path) -> list[Entry]:
    """The entries of a folder but hidden ones and `__MACOSX`, sorted by name; raises OSError."""
    with os.scandir(path) as found:
        entries = [Entry(one.name, kind_of(one)) for one in found if not _is_hidden(one.name)]
    return sorted(entries, key=lambda entry: entry.name)


def listed(path: Path) -> list[Entry]:
    """The same; nothing of a folder that cannot be read."""
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
class SheetOut:
    """How marks are written into the sheet that a platform exported; `help` is for `autograde export --help`.

    `fill` takes the sheet, the marks, and the column that a person named. `has_columns`: the sheet has one for each
    assignment. `refuses_more`: the platform's import refuses a mark above the maximum.
    """

    fill: Callable[[Sheet, Marks, str | None], Filled]
    help: str
    has_columns: bool = True
    refuses_more: bool = False


@dataclass(frozen=True)
class TableOut:
    """How marks are written as a table of their own: its text, and what it holds."""

    make: Callable[[Marks], tuple[str, Filled]]
    help: str


@dataclass(frozen=True)
class Platform:
    """One learning platform: how its download is read, and how marks get back into it.

    `key` is what commands call it, `name` what people do. The lower `tried`, the surer is the reader, and the earlier
    it is asked whose a download is.

    `is_download` tells by a folder's path and entries whether it is the platform's; `gather` reads it, and raises
    AutograderError where it cannot. `inner` gives the folder with the submissions where the platform's download, or
    what people make of it, has that inside of another; else the folder itself. `told` gives sentences on what the names
    of these submissions were taken for. Where a download holds several assignments, `gather_one` reads the one of that
    name. `what` is what a folder of its kind is called. `lists` are the headings of its own lists. Marks go into a
    `sheet` that it exported, or into a `table` that it takes.
    """

    key: str
    name: str
    tried: int
    is_download: Callable[[Path, Sequence[Entry]], bool]
    gather: Callable[[Path, Sequence[Entry]], Gathered]
    inner: Callable[[Path], Path] = _itself
    told: Callable[[Sequence[Submission]], list[str]] = _nothing
    gather_one: Callable[[Path, Sequence[Entry], str], Gathered] | None = None
    what: str = ""
    lists: ListHeadings = NO_HEADINGS
    sheet: SheetOut | None = None
    table: TableOut | None = None

    @property
    def described(self) -> str:
        """What a folder that is laid out in its way is, for a sentence."""
        return self.what or f"a {self.name} download"
