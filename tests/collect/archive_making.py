"""Makes the archives that the tests of autograder/collect/extract.py unpack."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest
import zstandard

from autograder.collect.extract import extract
from autograder.core.errors import SubmissionProblem
from autograder.core.settings import MIB, Limits

LIMITS = Limits(unpacked=MIB, members=40)


def make_zip(path: Path, members: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def make_tar(path: Path, members: Iterable[tuple[str | tarfile.TarInfo, bytes]], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def zip_member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def tar_member(name: str, kind: bytes, aim: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = aim
    return info


def files_below(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def refusal(archive: Path, limits: Limits = LIMITS) -> str:
    """Return the sentence with which an archive is refused, having looked that nothing else was touched."""
    into = archive.parent / "into"
    before = set(os.listdir(archive.parent))
    with pytest.raises(SubmissionProblem) as caught:
        extract(archive, into, limits)
    assert caught.value.message.endswith(".") and caught.value.hint.endswith(".")
    assert set(os.listdir(archive.parent)) <= before | {"into"}
    return caught.value.message


def make_zst(path: Path, members: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> Path:
    make_tar(path, members, "w:")
    path.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
    return path


MAKERS = [
    pytest.param(make_zip, "x.zip", id="zip"),
    pytest.param(make_tar, "x.tar.gz", id="tar"),
    pytest.param(partial(make_tar, mode="w:bz2"), "x.tar.bz2", id="bzip2"),
    pytest.param(partial(make_tar, mode="w:xz"), "x.tar.xz", id="xz"),
    pytest.param(make_zst, "x.tar.zst", id="zstd"),
]
Maker = Callable[[Path, Iterable[tuple[str, bytes]]], Path]
