"""Opens a platform's download as it came: a folder, or a zip of one, which is unpacked for the time of the run."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.collect.extract import DAMAGE, zip_name
from autograder.collect.target import safe_parts, size_text
from autograder.collect.walk import shown
from autograder.errors import AutograderError, SubmissionProblem
from autograder.platforms import gradescope

WRAPPED = ("submitted",)
"""Folders that stand alone in a download, with the students inside."""


@contextmanager
def opened_download(path: Path) -> Iterator[tuple[Path, list[str]]]:
    """The folder with an entry per student, and a sentence for each file of a zip that had to be left out.

    Raises AutograderError where the zip as a whole can not be read or does not fit on the disk.
    """
    if path.is_dir() or not zipfile.is_zipfile(path):
        yield _inner(path), []
        return
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        # Its name takes part in finding out what it is.
        root = Path(folder) / path.stem
        left_out = _unpack(path, root)
        yield _inner(root), left_out


def _inner(folder: Path) -> Path:
    """The folder itself, or the one that stands alone in it where that is a platform's."""
    try:
        inside = [one for one in folder.iterdir() if not one.name.startswith((".", "__MACOSX"))]
    except OSError:
        return folder
    if len(inside) == 1 and inside[0].is_dir() and not inside[0].is_symlink():
        only = inside[0]
        if only.name in WRAPPED or (only / gradescope.METADATA).is_file():
            return only
    return folder


def _unpack(path: Path, root: Path) -> list[str]:
    """Unpack everything that can be; one student's odd file costs nobody else anything."""
    left_out = []
    root.mkdir()
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not zip_name(info).endswith("/")]
            _check_space(sum(info.file_size for info in members), root)
            for info in members:
                if problem := _take(archive, info, root):
                    left_out.append(problem)
    except DAMAGE as error:
        hint = "Download it again, and open it once to see that it is whole."
        raise AutograderError(f"{shown(path.name)} can not be read: {error}.", hint) from error
    return left_out


def _check_space(size: int, root: Path) -> None:
    if size > shutil.disk_usage(root).free:
        problem = f"The download unpacks to {size_text(size)}, more than is free in the folder for temporary files."
        raise AutograderError(problem, "Free some space, or name another folder in TMPDIR.")


def _take(archive: zipfile.ZipFile, info: zipfile.ZipInfo, root: Path) -> str | None:
    """Unpack one file; returns why it is left out where it is."""
    try:
        place = root.joinpath(*safe_parts(zip_name(info)))
        place.parent.mkdir(parents=True, exist_ok=True)
        # zipfile reads no more than the size that was added up, whatever the data say.
        with archive.open(info) as source, open(place, "xb") as file:
            shutil.copyfileobj(source, file)
    except SubmissionProblem as problem:
        return problem.message
    except FileExistsError:
        return f"{shown(info.filename)} occurs twice."
    except DAMAGE as error:
        return f"{shown(info.filename)} can not be unpacked: {error}."
    return None
