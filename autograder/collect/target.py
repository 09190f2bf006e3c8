"""Fills a private folder with a student's files, within the limits and never outside of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from autograder.collect.walk import shown
from autograder.errors import AutograderError, SubmissionProblem
from autograder.settings import MIB, Limits

CHUNK = MIB // 4
MAX_PART = 255
MAX_PATH = 2048
DRIVE = re.compile(r"[A-Za-z]:[/\\]")
PLAIN_HINT = "Hand in plain files and folders only."

Parts = tuple[str, ...]


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


def safe_parts(name: str, depth: int = Limits.depth) -> Parts:
    """Split the name of a member into folders and a file name; raises SubmissionProblem when it could lead outside.

    A byte that is not UTF-8 is spelled out, so that the name can be written, sent and printed later.
    """
    label = shown(name) if len(name) <= MAX_PART else shown(name[:60]) + "…"
    if name.startswith("/") or DRIVE.match(name):
        raise SubmissionProblem(f"{label} has an absolute path.", PLAIN_HINT)
    parts = tuple(shown(part) for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise SubmissionProblem(f"{label} has '..' in its path.", PLAIN_HINT)
    if "\0" in name:
        raise SubmissionProblem(f"{label!r} is not a file name.", PLAIN_HINT)
    if len(parts) > depth:
        raise SubmissionProblem(f"{label} lies deeper than {depth} folders.", "Hand in a flat folder.")
    sizes = [len(part.encode()) for part in parts]
    if sum(sizes) + len(sizes) > MAX_PATH or max(sizes, default=0) > MAX_PART:
        raise SubmissionProblem(f"{label} has a name that is too long.", "Give it a shorter name.")
    return parts


class Target:
    """A private folder being filled. What it holds and what was left out can be read off afterwards."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self.root = root
        self.limits = limits
        self.files: set[Parts] = set()
        self.folders: set[Parts] = set()
        self.skipped: dict[Parts, str] = {}
        self._base: Parts = ()
        self._members = 0
        self._unpacked = 0
        self._end = time.monotonic() + limits.unpack_seconds
        with _writing(root):
            root.mkdir(mode=0o755, parents=True, exist_ok=True)

    def check_time(self) -> None:
        """Raise SubmissionProblem when filling takes too long."""
        if time.monotonic() > self._end:
            raise SubmissionProblem(
                f"The submission could not be unpacked within {self.limits.unpack_seconds:g} seconds.",
                "Hand in your own files only.",
            )

    def count(self) -> None:
        """Count one more file, folder or other member."""
        self.check_time()
        self._members += 1
        if self._members > self.limits.members:
            raise SubmissionProblem(
                f"The submission holds more than {self.limits.members:,} files and folders.",
                "Hand in your own files only, without data sets or installed packages.",
            )

    def skip(self, parts: Parts, why: str) -> None:
        """Remember a member that is left out; `why` continues the sentence "src/criterion.py is …"."""
        self.skipped[(*self._base, *parts)] = why

    @contextmanager
    def below(self, parts: Parts) -> Iterator[None]:
        """Let all that is written meanwhile go into a folder of this one."""
        self._base = parts
        try:
            yield
        finally:
            self._base = ()

    def unpack_in_place(self, parts: Parts, unpack: Callable[[Path], None]) -> None:
        """Put what an archive holds into a folder of its own name; one that can not be unpacked is left out."""
        path = self.root.joinpath(*parts)
        with tempfile.TemporaryDirectory(prefix="autograde-") as folder:
            archive = Path(folder) / parts[-1]
            shutil.move(path, archive)
            self.files.remove(parts)
            try:
                with self.below(parts):
                    unpack(archive)
            except SubmissionProblem as problem:
                shutil.rmtree(path, ignore_errors=True)
                self.files = {one for one in self.files if one[: len(parts)] != parts}
                self.folders = {one for one in self.folders if one[: len(parts)] != parts}
                self.skip(parts, f"not unpacked: {problem.message.removesuffix('.')}")

    def folder(self, parts: Parts) -> None:
        """Make a folder and those above it."""
        self._folder((*self._base, *parts))

    def _folder(self, parts: Parts) -> None:
        for depth in range(1, len(parts) + 1):
            part = parts[:depth]
            if part in self.folders:
                continue
            if part in self.files:
                raise SubmissionProblem(f"{'/'.join(part)} is both a file and a folder.", PLAIN_HINT)
            path = self.root.joinpath(*part)
            with _writing(path):
                path.mkdir()
                path.chmod(0o755)
            self.folders.add(part)

    def file(self, parts: Parts, source: Readable) -> None:
        """Write a file, counting its bytes as they come: what a header promises is worth nothing."""
        parts = (*self._base, *parts)
        if parts in self.files:
            raise SubmissionProblem(f"{'/'.join(parts)} occurs twice.", "Hand in each file once.")
        if parts in self.folders:
            raise SubmissionProblem(f"{'/'.join(parts)} is both a file and a folder.", PLAIN_HINT)
        self._folder(parts[:-1])
        self.files.add(parts)
        path = self.root.joinpath(*parts)
        with _writing(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            while chunk := source.read(CHUNK):
                self._charge(len(chunk))
                with _writing(path):
                    _write_all(descriptor, chunk)
            with _writing(path):
                os.fchmod(descriptor, 0o644)
        finally:
            os.close(descriptor)

    def _charge(self, size: int) -> None:
        self.check_time()
        self._unpacked += size
        if self._unpacked > self.limits.unpacked:
            raise SubmissionProblem(
                f"The submission unpacks to more than {size_text(self.limits.unpacked)}.",
                "Hand in your own files only, without data sets or checkpoints.",
            )


def size_text(size: int) -> str:
    """Say a number of bytes as people do."""
    for factor, unit in ((1024 * MIB, "GiB"), (MIB, "MiB"), (1024, "KiB")):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Tell trouble with our own disk apart from trouble with the submission."""
    try:
        yield
    except OSError as error:
        raise AutograderError(
            f"{shown(str(path))} can not be written: {error.strerror}.",
            "Free space in the folder for temporary files, or name another one in TMPDIR.",
        ) from error
