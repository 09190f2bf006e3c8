"""Opens a platform's download as it came: a folder, or a zip of one, which is unpacked for the run."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.collect.extract import DAMAGE, zip_name
from autograder.collect.member_names import PLAIN_HINT, safe_parts
from autograder.collect.target import CHUNK, size_text, writing
from autograder.collect.walk import Kind, shown
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.platforms.platform import Platform, listed, listing
from autograder.platforms.registry import PLATFORMS


@contextmanager
def opened_download(path: Path, layout: str | None = None) -> Iterator[tuple[Path, list[str]]]:
    """Yield the folder with an entry per student, and a sentence for each file of a zip that had to be left out.

    If the layout is known, only its own folders are entered. Raises AutograderError if the zip as a whole cannot be
    read or does not fit on the disk.
    """
    platforms = [*PLATFORMS.values()] if layout is None else [PLATFORMS[layout]] if layout in PLATFORMS else []
    if path.is_dir() or not zipfile.is_zipfile(path):
        yield _inner(path, platforms), []
        return
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        # The name of the folder helps to recognise its platform.
        root = Path(folder) / path.stem
        left_out = _unpack(path, root)
        yield _inner(root, platforms, packed=True), left_out


def _inner(folder: Path, platforms: Sequence[Platform], packed: bool = False) -> Path:
    """The folder that is a platform's: the given one, or one inside that the platform names."""
    candidates = [folder, *_alone(folder, packed)]
    for one in candidates:
        for platform in platforms:
            if (inner := platform.inner(one)) != one:
                return inner
            if len(candidates) > 1 and _is_download(platform, one):
                return one
    return folder


def _alone(folder: Path, packed: bool) -> list[Path]:
    """The only folder in a zip, or in a folder of the same name, as unpacking programs make one.

    A folder of another name may belong to the only student, who decides what is in it.
    """
    entries = listed(folder)
    if len(entries) == 1 and entries[0].kind is Kind.FOLDER and (packed or entries[0].name == folder.name):
        return [folder / entries[0].name]
    return []


def _is_download(platform: Platform, folder: Path) -> bool:
    with suppress(OSError):
        return platform.is_download(folder, listing(folder))
    return False


def _unpack(path: Path, root: Path) -> list[str]:
    """Unpack everything that can be unpacked; one student's odd file affects nobody else."""
    left_out = []
    with writing(root):
        root.mkdir()
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_space(sum(info.file_size for info in members), root)
            for info in members:
                if problem := _take(archive, info, root):
                    left_out.append(problem)
    except DAMAGE as error:
        hint = "Download it again, and open it once to see that it is whole."
        raise AutograderError(f"{shown(path.name)} cannot be read: {error}.", hint) from error
    return left_out


def _check_space(size: int, root: Path) -> None:
    if size > shutil.disk_usage(root).free:
        problem = f"The download unpacks to {size_text(size)}, more than is free in the folder for temporary files."
        raise AutograderError(problem, "Free some space, or name another folder in TMPDIR.")


def _take(archive: zipfile.ZipFile, info: zipfile.ZipInfo, root: Path) -> str | None:
    """Unpack one file; returns the reason if it is left out. Raises AutograderError if our own disk is full."""
    name = zip_name(info)
    try:
        place = root.joinpath(*safe_parts(name))
        folder = place if name.endswith("/") else place.parent
        with writing(place), _clashing(info):
            folder.mkdir(parents=True, exist_ok=True)
            if folder != place:
                _write(archive, info, place)
    except SubmissionProblem as problem:
        return problem.message
    return None


@contextmanager
def _clashing(info: zipfile.ZipInfo) -> Iterator[None]:
    """Raise SubmissionProblem for a name that is taken already."""
    try:
        yield
    except FileExistsError:
        raise SubmissionProblem(f"{shown(info.filename)} occurs twice.", PLAIN_HINT) from None
    except NotADirectoryError:
        raise SubmissionProblem(f"{shown(info.filename)} lies in what is a file as well.", PLAIN_HINT) from None


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path) -> None:
    """Write a file; one that cannot be read to its end is written empty, so that its student stays listed."""
    with open(place, "xb") as file:
        try:
            file.writelines(_pieces(archive, info))
        except SubmissionProblem:
            file.truncate(0)
            raise


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Read a file of the zip piece by piece; raises SubmissionProblem if it is damaged."""
    try:
        # zipfile reads no more than the size that was added up, whatever the data say.
        with archive.open(info) as source:
            while piece := source.read(CHUNK):
                yield piece
    except DAMAGE as error:
        problem = f"{shown(info.filename)} cannot be unpacked: {error}."
        raise SubmissionProblem(problem, "Download it again.") from error
