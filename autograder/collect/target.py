"""Fills a private folder with a student's files, within the limits and never outside of it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from autograder.collect.inventory import NOT_UNPACKED, Inventory, Parts
from autograder.collect.member_names import LEADING, PLAIN_HINT, Unusable, common, safe_parts
from autograder.collect.walk import is_archive, looks_packed, passed_over, shown
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.core.settings import MIB, Limits
from autograder.core.student_files import STUDENT_FILES

CHUNK = MIB // 4


class Readable(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class Target(Inventory):
    """A private folder being filled. It records its files and those left out."""

    def __init__(self, root: Path, limits: Limits) -> None:
        super().__init__(root)
        self.limits = limits
        self._often: Counter[Parts] = Counter()
        self._base: Parts = ()
        self._shared: Parts | None = None
        """The folders above all members of the archive that is being read, so far."""
        self._wrapping: Parts = ()
        """Those of these folders that are dropped."""
        self._members = 0
        self._unpacked = 0
        self._end = time.monotonic() + limits.unpack_seconds
        with writing(root):
            root.mkdir(mode=0o755, parents=True, exist_ok=True)

    def check_time(self) -> None:
        """Raise SubmissionProblem if filling takes too long."""
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

    def pass_over(self, parts: Parts) -> None:
        """Remember a folder that is not looked into."""
        self.passed.add((*self._base, *parts))

    def place(self, name: str, is_folder: bool = False) -> Parts | None:
        r"""Count a member and return its place; None if it is left out, or lies in a passed-over folder.

        The beginning that makes a path absolute is dropped, as is usual, and `\` counts as `/`, as Windows writes it.
        Raises SubmissionProblem if a name of one of the five could lead outside, or cannot be a file's.
        """
        name = LEADING.sub("", name.replace("\\", "/"), count=1)
        try:
            parts = safe_parts(name)
        except Unusable as unusable:
            self.count()
            self.leave_out((unusable.label,), unusable.why, unusable.hint, name.rpartition("/")[2])
            return None
        folders = parts if is_folder else parts[:-1]
        self._shared = folders if self._shared is None else common(self._shared, folders)
        start = len(self._wrapping) if parts[: len(self._wrapping)] == self._wrapping else 0
        litter = next((depth for depth in range(start + 1, len(folders) + 1) if passed_over(folders[depth - 1])), 0)
        if not litter or (*self._base, *parts[:litter]) not in self.passed:
            self.count()
        if litter:
            self.check_time()
            self.pass_over(parts[:litter])
        return None if litter else parts[start:]

    @contextmanager
    def unwrapping(self) -> Iterator[Callable[[], bool]]:
        """Read an archive's members; yields a function that says whether they must be read again.

        That is so if all lie below one folder whose name is usually passed over: then it is read after all.
        """
        self._shared, self._wrapping, before = None, (), set(self.passed)

        def again() -> bool:
            depth = max((i for i, part in enumerate(self._shared or (), 1) if passed_over(part)), default=0)
            if self._wrapping or not depth:
                return False
            self._wrapping, self.passed = (self._shared or ())[:depth], before
            return True

        try:
            yield again
        finally:
            self._wrapping = ()

    def leave_out(self, parts: Parts, why: str, hint: str, name: str = "") -> None:
        """Leave out a file that nobody grades; raises SubmissionProblem if its name is one of the five."""
        if (name or parts[-1]) in STUDENT_FILES:
            raise SubmissionProblem(f"{'/'.join(parts)} is {why}.", hint)
        self.skip(parts, why)

    @contextmanager
    def below(self, parts: Parts) -> Iterator[None]:
        """Write everything into a folder of this one for the time of a block."""
        self._base = parts
        try:
            yield
        finally:
            self._base = ()

    def unpack_in_place(self, parts: Parts, unpack: Callable[[Path], None]) -> None:
        """Unpack an archive into a folder of its own name; one that cannot be unpacked stays as it is."""
        path = self.root.joinpath(*parts)
        with tempfile.TemporaryDirectory(prefix="autograde-") as folder:
            archive = Path(folder) / parts[-1]
            with writing(archive):
                shutil.move(path, archive)
            self.files.remove(parts)
            try:
                with self.below(parts):
                    unpack(archive)
            except SubmissionProblem as problem:
                self.give_up(parts, problem.message)
                shutil.move(archive, path)
                self.files.add(parts)

    def give_up(self, parts: Parts, problem: str) -> None:
        """Remove the files of an archive that could not be read to its end."""
        shutil.rmtree(self.root.joinpath(*parts), ignore_errors=True)
        for known in (self.files, self.folders):
            known -= {one for one in known if one[: len(parts)] == parts}
        for one in [one for one in self.skipped if one[: len(parts)] == parts]:
            del self.skipped[one]
        itself, why = f"{parts[-1]} is ", problem.removesuffix(".")
        self.skip(parts, NOT_UNPACKED + (f"it is {why.removeprefix(itself)}" if why.startswith(itself) else why))

    def is_packed(self, parts: Parts) -> bool:
        """Whether a file that was put here is an archive, by its name or its first bytes."""
        return is_archive(parts[-1]) or looks_packed(self.root.joinpath(*parts))

    def folder(self, parts: Parts) -> None:
        """Make a folder and those above it."""
        parts = (*self._base, *parts)
        if not self._clashes(parts, as_folder=True):
            self._folder(parts, listed=True)

    def _folder(self, parts: Parts, listed: bool = False) -> None:
        """Make a folder and those above it, and count each; `place` has counted the last one if it is `listed`."""
        for depth in range(1, len(parts) + 1):
            part = parts[:depth]
            if part in self.folders:
                continue
            if not (listed and part == parts):
                self.count()
            if part in self.files:
                raise SubmissionProblem(f"{'/'.join(part)} is both a file and a folder.", PLAIN_HINT)
            path = self.root.joinpath(*part)
            with writing(path):
                path.mkdir()
                path.chmod(0o755)
            self.folders.add(part)

    def file(self, parts: Parts, source: Readable) -> None:
        """Write a file, counting its bytes as they come: the size in a header cannot be trusted.

        If the file is there already, the later one counts, as in every program that unpacks. Of the five files, both
        are kept and compared later.
        """
        parts = (*self._base, *parts)
        if self._clashes(parts, as_folder=False):
            return
        if parts in self.files:
            parts = self._again(parts)
        self._folder(parts[:-1])
        self.files.add(parts)
        path = self.root.joinpath(*parts)
        with writing(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            while chunk := source.read(CHUNK):
                self._charge(len(chunk))
                with writing(path):
                    _write_all(descriptor, chunk)
            with writing(path):
                os.fchmod(descriptor, 0o644)
        finally:
            os.close(descriptor)

    def drop(self, parts: Parts) -> None:
        """Remove a file of which only a part could be written."""
        parts = (*self._base, *parts)
        self.files.discard(parts)
        self.root.joinpath(*parts).unlink(missing_ok=True)

    def _clashes(self, parts: Parts, as_folder: bool) -> bool:
        """Whether a name is needed for a file and for a folder: then the later of the two is left out."""
        above = (parts[:depth] for depth in range(1, len(parts) + as_folder))
        clash = next((one for one in above if one in self.files), None)
        if clash is None and not as_folder and parts in self.folders:
            clash = parts
        if clash is None:
            return False
        if not {clash[-1], parts[-1]}.isdisjoint(STUDENT_FILES):
            raise SubmissionProblem(f"{'/'.join(clash)} is both a file and a folder.", PLAIN_HINT)
        self.skipped[clash] = "both a file and a folder, and the earlier one counts"
        return True

    def _again(self, parts: Parts) -> Parts:
        """The place of a file whose name is taken."""
        if parts[-1] not in STUDENT_FILES:
            self.root.joinpath(*parts).unlink()
            self.skipped[parts] = "there twice, and the later one counts"
            return parts
        place = parts
        while place in self.files:
            self._often[parts] += 1
            place = (*parts[:-1], f"copy {self._often[parts] + 1}", parts[-1])
        self.copies[place] = parts
        return place

    def _charge(self, size: int) -> None:
        self.check_time()
        self._unpacked += size
        if self._unpacked > self.limits.unpacked:
            raise SubmissionProblem(
                f"The submission unpacks to more than {size_text(self.limits.unpacked)}.",
                "Hand in your own files only, without data sets or checkpoints.",
            )


def size_text(size: int) -> str:
    """Word a number of bytes as people do."""
    for factor, unit in ((1024 * MIB, "GiB"), (MIB, "MiB"), (1024, "KiB")):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Separate errors of our own disk, which end the run, from errors of the submission."""
    try:
        yield
    except OSError as error:
        raise AutograderError(
            f"{shown(str(path))} cannot be written: {error.strerror}.",
            "Free some space in the folder for temporary files, or name another one in TMPDIR.",
        ) from error
