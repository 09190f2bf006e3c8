"""Reads a folder that somebody else filled: follows no link, opens no pipe, and goes on after unreadable entries."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader
from pathlib import Path

ARCHIVE_EXTENSIONS = (
    *(".zip", ".zipx", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".tar"),
)
TAKEN = f"a folder, {', '.join(ARCHIVE_EXTENSIONS[:-1])} or {ARCHIVE_EXTENSIONS[-1]}"
"""Everything that a submission may be, as messages name it."""
BEGINNINGS = (b"PK\x03\x04", b"PK\x07\x08", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
FOREIGN = {b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7-Zip archive"}
"""Archives that are not read: the first bytes of each, and its kind."""
PACKED_BESIDES = frozenset(
    (
        *("docx", "docm", "xlsx", "xlsm", "pptx", "odt", "ods", "odp", "pages", "numbers", "key", "epub", "vsdx"),
        *("pt", "pth", "ckpt", "bin", "npz", "keras", "safetensors", "pkl", "whl", "jar", "egg", "apk", "py", "ipynb"),
    )
)
"""Endings of files that are packed like an archive but are something else."""
PART = re.compile(r"(.+)\.(?:z\d\d|\d{3}|part\d+\.rar|r\d\d)", re.IGNORECASE | re.DOTALL)
"""Names that programs give to the parts of a split archive."""


class Kind(StrEnum):
    """The kind of a folder's entry; the value continues the sentence "src/criterion.py is …"."""

    FILE = "a file"
    FOLDER = "a folder"
    LINK = "a link, and links are not followed"
    SPECIAL = "neither a file nor a folder"
    UNREADABLE = "not readable"
    PASSED_OVER = "passed over: no answer needs it"


LITTER = frozenset(("__MACOSX", "__pycache__", "site-packages", "dist-packages", "node_modules", "wandb", "mlruns"))
LIBRARY = re.compile(r"python\d\.\d+t?")
"""The folder in `lib` by which an installed Python is recognised."""


_PLAIN = sum(getattr(os, f"O_{flag}", 0) for flag in ("NOFOLLOW", "NONBLOCK", "CLOEXEC", "BINARY"))
"""The flags to open a file with, as far as the system has them: students run this too."""


@dataclass(frozen=True)
class Found:
    """One entry; `name` is relative to the folder where the walk began, with `/` between folders."""

    name: str
    path: Path
    kind: Kind


def walk(root: Path) -> Iterator[Found]:
    """Yield everything below `root`, in an order that depends on the names only.

    Passed-over folders are not entered, and are yielded as PASSED_OVER. A folder that cannot be listed is yielded as
    UNREADABLE; for `root` itself the name is then empty.
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
            if found.kind is Kind.FOLDER and passed_over(entry.name):
                found = Found(name, found.path, Kind.PASSED_OVER)
            elif found.kind is Kind.FOLDER:
                pending.append(found)
            yield found


def kind_of(entry: os.DirEntry[str]) -> Kind:
    """Find the kind of an entry without following or opening it."""
    try:
        if entry.is_symlink():
            return Kind.LINK
        if entry.is_dir(follow_symlinks=False):
            return Kind.FOLDER
        return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.SPECIAL
    except OSError:
        return Kind.UNREADABLE


def is_archive(name: str) -> bool:
    """Whether a file has the name of an archive that is unpacked."""
    return name.lower().endswith(ARCHIVE_EXTENSIONS)


def looks_packed(path: Path) -> bool:
    """Whether a file is an archive by its first bytes, whatever its name; False if its name means another kind."""
    if path.suffix[1:].lower() in PACKED_BESIDES or PART.fullmatch(path.name):
        return False
    try:
        with open_regular(path) as file:
            start = file.read(512)
    except OSError:
        return False
    return start.startswith((*BEGINNINGS, *FOREIGN)) or start[257:262] == b"ustar"


def passed_over(folder_name: str) -> bool:
    """Whether a folder inside a submission is litter of some program: it is neither searched nor copied.

    The libraries of a virtual environment are recognised by their folder, whatever the environment's name.
    """
    return folder_name.startswith(".") or folder_name in LITTER or LIBRARY.fullmatch(folder_name) is not None


def shown(name: str) -> str:
    r"""Return a file name as text that can be written everywhere: a byte that is not UTF-8 becomes `\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def regular_descriptor(path: Path) -> int:
    """Open a regular file for reading; a link or a pipe put in its place raises OSError instead of being followed."""
    descriptor = os.open(path, os.O_RDONLY | _PLAIN)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading, as `regular_descriptor` does, as a file object."""
    return open(regular_descriptor(path), "rb")
