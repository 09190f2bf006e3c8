"""Finds out whether a submission changed since it was graded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from autograder.collect.walk import Kind, open_regular, walk
from autograder.core.records import Submission
from autograder.core.settings import MIB

READ_WHOLE = 256 * MIB
"""A larger file counts by size and time of change: reading a class's data sets would take longer than grading."""


def fingerprint(submission: Submission) -> str:
    """Return a SHA-256, in hex, of the names and bytes of a submission.

    Links are not followed, and an unreadable entry counts as unreadable: this never raises OSError.
    """
    digest = hashlib.sha256()
    if submission.problem is not None:
        digest.update(_record("problem", submission.problem, b""))
    for piece in submission.pieces:
        digest.update(_record("piece", piece.name, b""))
        _add(digest.update, piece.origin)
    if submission.problem is None and not submission.pieces:
        _add(digest.update, submission.origin)
    return digest.hexdigest()


def _add(update: Callable[[bytes], None], origin: Path) -> None:
    if origin.is_symlink() or not origin.is_dir():
        update(_record("archive", "", _contents(origin)))
        return
    for found in walk(origin):
        if found.kind is Kind.PASSED_OVER:
            continue
        contents = _contents(found.path) if found.kind is Kind.FILE else b""
        update(_record(found.kind.name, found.name, contents))


def _record(kind: str, name: str, contents: bytes) -> bytes:
    """Frame one entry so that no two lists of entries give the same bytes: a name cannot hold a NUL."""
    return b"\0".join((kind.encode(), name.encode("utf-8", "surrogateescape"), contents.hex().encode(), b""))


def _contents(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            status = os.fstat(file.fileno())
            if status.st_size > READ_WHOLE:
                return f"{status.st_size} {status.st_mtime_ns}".encode()
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b"unreadable"
