"""Tests of autograder/collect/packed.py: members of a zip that zipfile would unpack at once."""

from __future__ import annotations

import os
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from archive_making import LIMITS, files_below, refusal

from autograder.collect.extract import extract
from autograder.core.errors import SubmissionProblem
from autograder.core.settings import MIB

METHODS = [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def packed(path: Path, method: int, content: bytes, name: str = "main.py") -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, content)
    return path


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [0, 1, 5000, MIB])
def test_bzip2_and_lzma_come_out(tmp_path: Path, method: int, size: int) -> None:
    content = os.urandom(size // 2) + b"x" * (size - size // 2)
    extract(packed(tmp_path / "x.zip", method, content), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"main.py": content}


@pytest.mark.parametrize("method", METHODS)
def test_little_that_gives_much_takes_little_memory(tmp_path: Path, method: int) -> None:
    path = packed(tmp_path / "x.zip", method, bytes(200 * MIB))
    tracemalloc.start()
    assert "more than 1 MiB" in refusal(path)
    assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    tracemalloc.stop()


@pytest.mark.parametrize("method", METHODS)
def test_a_change_anywhere_is_damage(tmp_path: Path, method: int) -> None:
    whole = packed(tmp_path / "x.zip", method, bytes(range(256)) * 8).read_bytes()
    end = whole.index(b"PK\x01\x02")
    for at in range(30 + len("main.py"), end, 7):
        (tmp_path / "x.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with suppress(SubmissionProblem):
            extract(tmp_path / "x.zip", tmp_path / f"into{at}", LIMITS)
        assert b"".join(files_below(tmp_path / f"into{at}").values()) in (b"", bytes(range(256)) * 8)


def test_a_dictionary_that_is_too_large_is_not_made(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", zipfile.ZIP_LZMA, b"x" * 100)
    data = bytearray(path.read_bytes())
    start = 30 + len("main.py") + 5
    data[start : start + 4] = (1 << 31).to_bytes(4, "little")
    path.write_bytes(data)
    tracemalloc.start()
    assert "main.py is damaged" in refusal(path)
    assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    tracemalloc.stop()
