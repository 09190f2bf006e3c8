"""Gives a student's process what every laptop has: a user's name, a home, temporary files, shared memory.

Nothing of it outlives the process, and no process sees another one's: home and temporary files lie in the folder that
the server made for this process, and shared memory is a file system of its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.machinery import all_suffixes
from pathlib import Path

from autograder.sandbox import namespaces

HOME, TEMPORARY, SHARED = Path("/student"), Path("/tmp"), Path("/dev/shm")
"""Their places in a process that has a file tree of its own: messages then name no folder of this machine."""
USER = "student"
_SHARED_SIZE, _SHARED_FILES = 8 * 1024 * 1024, 256


@dataclass(frozen=True)
class Home:
    """The folders of a process: `hand_in` is the student's, and only `writable` places may be written."""

    hand_in: Path
    writable: tuple[Path, ...]


def places_of_its_own(visible: Collection[Path]) -> tuple[Path, ...]:
    """The well-known places that can be made in a new file tree that shows `visible`: libraries may lie in one."""
    taken = {parent for path in visible for parent in (path, *path.parents)}
    return tuple(place for place in (HOME, TEMPORARY, SHARED) if place not in taken)


def move_in(folder: Path, places: Collection[Path], size: int, files: int) -> Home:
    """Make `folder` the home of this process, and tell the libraries so. Raises OSError.

    `places` are those that the file tree of the server has a mount point for; none if it shares the machine's tree. If
    it has its own, the home is a file system of at most `size` bytes and so many `files`: a process that fills it
    leaves the others their room.
    """
    if places:
        namespaces.own_mounts()
        namespaces.mount_memory(folder, size, files)
    for name in ("hand-in", "tmp"):
        (folder / name).mkdir()
    home, temporary = folder, folder / "tmp"
    if places:
        # The home comes first: the server's folders may lie below /tmp, and are hidden by the next mount.
        if HOME in places:
            namespaces.bind(folder, HOME)
            home, temporary = HOME, HOME / "tmp"
        if TEMPORARY in places:
            namespaces.bind(temporary, TEMPORARY)
            temporary = TEMPORARY
        if SHARED in places:
            namespaces.mount_memory(SHARED, _SHARED_SIZE, _SHARED_FILES)
    os.environ |= {"HOME": str(home), "TMPDIR": str(temporary), "USER": USER, "LOGNAME": USER}
    tempfile.tempdir = None  # the server may have looked for one already
    return Home(home / "hand-in", (home, *(place for place in places if place != HOME)))


def bring_near(folder: Path, above: Iterable[Path]) -> None:
    """Let files be opened from `folder` as from each of the folders `above` it: their owner may have worked in any.

    Names that are taken stay as they are, and code is left out, so the same modules are imported as before.
    """
    own = list(os.scandir(folder))

    def link_all(source: Path, into: Path) -> None:
        for entry in own if source == folder else os.scandir(source):
            near = into / entry.name
            if entry.is_symlink() or os.path.lexists(near):
                continue
            if folder.is_relative_to(entry.path):  # a link would lead in a circle
                near.mkdir()
                link_all(Path(entry.path), near)
            elif not _is_code(entry):
                near.symlink_to(os.path.relpath(entry.path, into))

    for other in above:
        link_all(other, folder)


def _is_code(entry: os.DirEntry[str]) -> bool:
    """Whether a file or a folder could be imported."""
    names = os.listdir(entry.path) if entry.is_dir() else [entry.name]
    return any(name.endswith(tuple(all_suffixes())) for name in names)
