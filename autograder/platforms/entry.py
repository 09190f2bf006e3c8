"""What the reader of a platform's download is given, and what it must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.walk import Kind
from autograder.records import Submission


@dataclass(frozen=True)
class Entry:
    """One entry of a folder of submissions."""

    name: str
    kind: Kind


Gathered = tuple[list[Submission], list[Entry]]
"""The submissions that a platform's names tell of, and the entries that are not the platform's."""


def _itself(path: Path) -> Path:
    return path


@dataclass(frozen=True)
class Platform:
    """How one platform's download is read.

    `is_download` tells by a folder's path and entries whether it is the platform's; `gather` reads it, and raises
    AutograderError where it cannot. `inner` gives the folder with the submissions where the platform's download, or
    what people make of it, has that inside of another; else the folder itself.
    """

    is_download: Callable[[Path, Sequence[Entry]], bool]
    gather: Callable[[Path, Sequence[Entry]], Gathered]
    inner: Callable[[Path], Path] = _itself
