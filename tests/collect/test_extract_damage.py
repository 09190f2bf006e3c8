"""Tests of autograder/collect/extract.py: damaged, hostile and random archives."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import tarfile
import tempfile
import time
import tracemalloc
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from archive_making import LIMITS, MAKERS, Maker, files_below, make_tar, make_zip, refusal, tar_member, zip_member
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect import extract as module
from autograder.collect.extract import extract
from autograder.collect.target import Target
from autograder.collect.walk import regular_descriptor
from autograder.core.errors import SubmissionProblem
from autograder.core.settings import MIB


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"<html>log in</html>", "not an archive", id="a web page"),
        pytest.param(b"Rar!\x1a\x07\x01\x00" + b"\0" * 99, "RAR", id="rar"),
        pytest.param(gzip.compress(b"no tar"), "damaged", id="gzip of something"),
        pytest.param(b"PK\x03\x04" + b"\0" * 99, "damaged", id="a beginning"),
    ],
)
def test_what_is_no_archive(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert message in refusal(tmp_path / "x.zip")


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_cut_short_anywhere_is_damaged(tmp_path: Path, make: Maker, name: str) -> None:
    whole = make(tmp_path / name, [("x.py", os.urandom(3000)), ("y.py", b"")]).read_bytes()
    for size in (1, 20, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        (tmp_path / name).write_bytes(whole[:size])
        assert "damaged" in refusal(tmp_path / name) or size == 1
        for path in (tmp_path / "into").rglob("*"):
            path.unlink()


def test_no_file_and_no_permission(tmp_path: Path) -> None:
    assert "cannot be opened: No such file" in refusal(tmp_path / "x.zip")
    os.mkfifo(tmp_path / "y.zip")
    assert "cannot be opened: it is not a file" in refusal(tmp_path / "y.zip")


def test_a_huge_header_is_not_read_into_memory(tmp_path: Path) -> None:
    """A pax header of digits costs the standard library's parser quadratic time."""
    info = tar_member("pax", tarfile.XHDTYPE)
    path = make_tar(tmp_path / "x.tgz", [(info, b"1" * (MIB // 2)), ("x.py", b"")])
    begin = time.process_time()
    assert "damaged" in refusal(path)
    assert time.process_time() - begin < 30


def test_a_long_but_honest_header_is_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("/".join(["folder" * 20] * 10) + "/x.py")
    info.pax_headers = {"comment": "c" * 9000}
    path = tmp_path / "x.tgz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO())
    extract(path, tmp_path / "into", LIMITS)
    assert len(files_below(tmp_path / "into")) == 1


def test_many_headers_in_a_row_are_refused(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "x.tgz", [(tar_member("pax", tarfile.XHDTYPE), b"9 a=bcd\n") for _ in range(2000)])
    assert "damaged" in refusal(path)


def test_a_size_that_leads_backwards_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x.py")
    info.pax_headers = {"size": "-512"}
    path = tmp_path / "x.tgz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info)
    assert "damaged" in refusal(path)


def test_endless_padding_is_cut_off(tmp_path: Path) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w"):
        pass
    (tmp_path / "x.tgz").write_bytes(gzip.compress(plain.getvalue() + b"\0" * 5 * MIB))
    assert "more than 1 MiB" in refusal(tmp_path / "x.tgz")


def test_a_zip_directory_beyond_all_measure_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PIECE", 1000)
    path = make_zip(tmp_path / "x.zip", [(f"{i}.py", b"") for i in range(30)])
    assert "too many" in refusal(path)


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_time_is_limited(tmp_path: Path, make: Maker, name: str) -> None:
    late = replace(LIMITS, unpack_seconds=-1.0)
    assert "could not be unpacked within" in refusal(make(tmp_path / name, [("x.py", b"")]), late)


def test_an_archive_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    """A dictionary of 1.5 GiB and a window of 256 MiB are stated in a few bytes."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1}]
    block = bytearray(lzma.compress(b"x" * 100, lzma.FORMAT_XZ, filters=filters))
    place = block.index(b"\x21\x01", 12)
    block[place + 2] = 39  # 3 GiB
    size = (block[12] + 1) * 4
    block[12 + size - 4 : 12 + size] = zlib.crc32(block[12 : 12 + size - 4]).to_bytes(4, "little")
    (tmp_path / "x.tar.xz").write_bytes(block)
    parameters = zstandard.ZstdCompressionParameters(window_log=28, write_content_size=0)
    packer = zstandard.ZstdCompressor(compression_params=parameters)
    (tmp_path / "x.tar.zst").write_bytes(b"".join([(one := packer.compressobj()).compress(b"x" * 5000), one.flush()]))
    for name in ("x.tar.xz", "x.tar.zst"):
        tracemalloc.start()
        assert "is damaged" in refusal(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
        tracemalloc.stop()


def test_no_read_is_unbounded_and_each_looks_at_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")

    def refuse() -> None:
        raise SubmissionProblem("Late.", "Hurry.")

    with module._BoundedFile(regular_descriptor(tmp_path / "x"), refuse) as raw, pytest.raises(SubmissionProblem):
        raw.read(1)
    target = Target(tmp_path / "into", LIMITS)
    target._end = 0.0
    with pytest.raises(SubmissionProblem):
        module._TarStream(io.BytesIO(b"1"), target).read(1)
    with pytest.raises(tarfile.ReadError):
        module._TarStream(io.BytesIO(b"1"), target).seek(0, io.SEEK_END)
    monkeypatch.setattr(module, "MAX_PIECE", 9)
    for size in (None, -1, 10):
        with (
            module._BoundedFile(regular_descriptor(tmp_path / "x"), lambda: None) as raw,
            pytest.raises(SubmissionProblem),
        ):
            raw.read(size)


names = st.lists(st.sampled_from(["..", ".", "", "a", "b", "~", "C:", "\\", "..\\", "é"]), min_size=1, max_size=4)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(names.map("/".join), st.sampled_from("flh")), max_size=4), st.booleans())
def test_never_leaves_its_target(members: list[tuple[str, str]], as_zip: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "a").mkdir()
        inner = root / "into" / "a"
        if as_zip:
            heads = [zip_member(name or "a", stat.S_IFLNK if kind == "l" else stat.S_IFREG) for name, kind in members]
            path = make_zip(root / "x.zip", [(head, b"../../a") for head in heads])
        else:
            kinds = {"f": tarfile.REGTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE}
            path = make_tar(root / "x.zip", [(tar_member(n, kinds[kind], "../../a"), b"") for n, kind in members])
        with suppress(SubmissionProblem):
            extract(path, inner, LIMITS)
        assert sorted(os.listdir(root)) == ["a", "into", "x.zip"]
        assert os.listdir(root / "into") == ["a"] and os.listdir(root / "a") == []
        assert not any(found.is_symlink() for found in inner.rglob("*"))


def seed_archives() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        content: list[tuple[str, bytes]] = [("a/x.py", b"x = 1\n" * 20), ("y.py", b"y")]
        long_names: list[tuple[str, bytes]] = [("n" * 120 + "/" + "m" * 120, b"x")]
        return [
            make_zip(path, content).read_bytes(),
            make_tar(path, content, "w:gz").read_bytes(),
            make_tar(path, content, "w:").read_bytes(),
            make_tar(path, long_names, "w:").read_bytes(),
        ]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(seed_archives()),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
)
def test_any_damage_is_a_problem_of_the_submission(seed: bytes, edits: list[tuple[int, bytes]]) -> None:
    data = bytearray(seed)
    for position, patch in edits:
        start = position % len(data)
        data[start : start + len(patch)] = patch
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.zip").write_bytes(data)
        with suppress(SubmissionProblem):
            extract(Path(folder) / "x.zip", Path(folder) / "into", LIMITS)
        assert set(os.listdir(folder)) <= {"x.zip", "into"}
