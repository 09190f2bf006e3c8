"""The description of a learning platform: how to read its download and its lists, and how to return marks."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from autograder.class_list.headings import ListHeadings
from autograder.class_list.sheet import Sheet
from autograder.collect.walk import Kind, kind_of, shown, walk
from autograder.core.records import QuestionResult, Submission
from autograder.marks.marks import Filled, Marks


@dataclass(frozen=True)
class Entry:
    """One entry of a folder of submissions."""

    name: str
    kind: Kind


NO_HEADINGS = ListHeadings()
Gathered = tuple[list[Submission], list[Entry]]
"""The submissions found by a platform's names, and the entries that are not the platform's."""


def listing(path: Path) -> list[Entry]:
    """The entries of a folder except hidden ones and `__MACOSX`, sorted by name; raises OSError."""
    with os.scandir(path) as found:
        entries = [Entry(one.name, kind_of(one)) for one in found if not _is_hidden(one.name)]
    return sorted(entries, key=lambda entry: entry.name)


def listed(path: Path) -> list[Entry]:
    """The same; nothing for a folder that cannot be read."""
    with suppress(OSError):
        return listing(path)
    return []


def one_form(name: str) -> str:
    """A name in the form that is shown: macOS takes an `é` apart, other systems do not."""
    return unicodedata.normalize("NFC", shown(name))


def holds_nothing(folder: Path, besides: str | None = None) -> bool:
    """Whether a folder can be read and holds no file at any depth, except hidden ones and the one named `besides`."""
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
    """The way marks are written into the sheet that a platform exported; `help` is for `autograde export --help`.

    `fill` takes the sheet, the marks, and the column that a person named. `has_columns`: the sheet has one for each
    assignment. `refuses_more`: the platform's import refuses a mark above the maximum.
    """

    fill: Callable[[Sheet, Marks, str | None], Filled]
    help: str
    has_columns: bool = True
    refuses_more: bool = False


@dataclass(frozen=True)
class TableOut:
    """The way marks are written as a table of their own; it gives its text, and the marks in it."""

    make: Callable[[Marks], tuple[str, Filled]]
    help: str


@dataclass(frozen=True)
class Page:
    """One student's page of feedback on its way back, and what a platform needs to know to place it.

    `names` are those of the student's files in the download, `questions` the results that the page shows.
    """

    student: str
    name: str
    html: bytes
    names: tuple[str, ...] = ()
    questions: tuple[QuestionResult, ...] = ()


@dataclass(frozen=True)
class Placed:
    """Files by their names in a zip or below a folder, and by student, why a page is in none of them."""

    files: dict[str, bytes] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FeedbackOut:
    """The way pages of feedback go back.

    `place` takes the pages and the path of the output: a zip that the platform takes or, if it `fills` one, a folder.
    With `comments`, the lines about the marks are written as a table next to it. `by_name`: pages go back under the
    names that the hand-ins had in the download. `to_groups`: everybody in a group sees the one page of its hand-in.
    """

    place: Callable[[Sequence[Page], Path], Placed]
    fills: bool = False
    comments: bool = False
    by_name: bool = False
    to_groups: bool = False


@dataclass(frozen=True)
class Platform:
    """One learning platform: how its download is read, and how marks are returned to it.

    `key` is its name in commands, `name` its name for people. The lower `tried`, the more certain is the reader, and
    the earlier it is asked whether a download is its own.

    `is_download` decides by a folder's path and entries whether it is the platform's; `gather` reads it, and raises
    AutograderError if it cannot. `inner` returns the folder with the submissions if it lies inside another, in the
    download or as people unpack it; otherwise the folder itself. `told` gives sentences on how the names of the
    submissions were read. If a download holds several assignments, `gather_one` reads the one of that name. `what` is
    the name of a folder of its kind. `lists` are the headings of its own lists. Marks go into a `sheet` that it
    exported, or into a `table` that it takes; pages of feedback go back as `feedback` says.
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
    feedback: FeedbackOut | None = None

    @property
    def described(self) -> str:
        """The words for a folder of its kind in a sentence."""
        return self.what or f"a {self.name} download"
