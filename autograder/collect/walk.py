"""Reads a folder that somebody else filled: follows no link, opens no pipe, and survives what it may not read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader
from pathlib import Path

ARCHIVE_EXTENSIONS = (
    *(".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".tar"),
)


class Kind(StrEnum):
    """What an entry of a folder is; the value continues the sentence "src/criterion.py is …"."""

    FILE = "a file"
    FOLDER = "a folder"
    LINK = "a link, and links are not followed"
    SPECIAL = "neither a file nor a folder"
    UNREADABLE = "not readable"


@dataclass(frozen=True)
class Found:
    """One entry; `name` is relative to where the walk began, with `/` between folders."""

    name: str
    path: Path
    kind: Kind


def walk(root: Path) -> Iterator[Found]:
    """Yield what is below `root`, in an order that depends on the names only; passed-over folders are not entered.

    A folder that can not be listed is yielded as UNREADABLE; for `root` itself the name is then empty.
    """
    pending = [Found("", root, Kind.FOLDER)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder.path) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            yield Found(folder.name, folder.path, Kind.UNREADABLE)
            continue
        for entry in listing:
            name = f"{folder.name}/{entry.name}" if folder.name else entry.name
            found = Found(name, Path(entry.path), kind_of(entry))
            if found.kind is Kind.FOLDER:
                if passed_over(entry.name):
                    continue
                pending.append(found)
            yield found


def kind_of(entry: os.DirEntry[str]) -> Kind:
    """Tell what an entry is without following or opening it."""
    try:
        if entry.is_symlink():
            return Kind.LINK
        if entry.is_dir(follow_symlinks=False):
            return Kind.FOLDER
        return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.SPECIAL
    except OSError:
        return Kind.UNREADABLE


def is_archive(name: str) -> bool:
    """Tell whether a file is called like an archive that is unpacked."""
    return name.lower().endswith(ARCHIVE_EXTENSIONS)


def passed_over(folder_name: str) -> bool:
    """Tell whether a folder inside a submission is litter of some program: it is neither searched nor copied."""
    return folder_name.startswith(".") or folder_name in ("__MACOSX", "__pycache__")


def shown(name: str) -> str:
    r"""Return a file name as text that can be written everywhere: a byte that is not UTF-8 becomes `\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def regular_descriptor(path: Path) -> int:
    """Open a regular file for reading; a link or a pipe put in its place raises OSError instead of being followed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading, as `regular_descriptor` does, as a file object."""
    return open(regular_descriptor(path), "rb")
