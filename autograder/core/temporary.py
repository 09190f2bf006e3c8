"""One folder for everything temporary of a run.

A run holds a lock on its folder, which goes with the process. So if a run is killed (`kill -9`), the next one can tell,
and removes what it left there: unpacked hand-ins, for instance.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

if sys.platform != "win32":
    import fcntl

_TRIES = 5


@contextlib.contextmanager
def temporary_folder() -> Iterator[None]:
    """Put everything temporary into one folder, which is removed at the end, whatever the end is."""
    before = tempfile.tempdir
    with contextlib.suppress(OSError):
        _remove_leftovers()
    folder, lock = _made()
    tempfile.tempdir = folder
    try:
        yield
    finally:
        tempfile.tempdir = before
        for _ in range(_TRIES):  # a thread that nobody waits for may be writing there
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
        if lock is not None:
            os.close(lock)


def _prefix() -> str:
    """With the machine's name: a folder may be shared by machines that do not see the locks of each other."""
    return f"autograde-{os.uname().nodename}-" if sys.platform != "win32" else "autograde-"


def _made() -> tuple[str, int | None]:
    """A new folder and a lock on it; None where there are no locks, and then nobody removes it."""
    while True:
        folder = tempfile.mkdtemp(prefix=_prefix())
        lock = _locked(folder)
        if os.path.exists(folder):
            return folder, lock
        if lock is not None:  # another run took it for a leftover before it was locked
            os.close(lock)


def _remove_leftovers() -> None:
    """Remove the folders of this user's runs that have ended."""
    if sys.platform != "win32":
        with os.scandir(tempfile.gettempdir()) as entries:
            named = [entry for entry in entries if entry.name.startswith(_prefix())]
        for entry in named:
            with contextlib.suppress(OSError):
                own = entry.stat(follow_symlinks=False).st_uid == os.getuid()
                if own and (lock := _locked(entry.path, wait=False)) is not None:
                    shutil.rmtree(entry.path, ignore_errors=True)
                    os.close(lock)


def _locked(folder: str, wait: bool = True) -> int | None:
    """A descriptor that holds a lock on a folder; None if another process has it, or there are no locks here."""
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
