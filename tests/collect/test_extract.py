"""Tests of autograder/collect/extract.py: which members come out, and which are refused."""

from __future__ import annotations

import os
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from archive_making import LIMITS, MAKERS, Maker, files_below, make_tar, make_zip, refusal, tar_member, zip_member

from autograder.collect.extract import extract
from autograder.settings import MIB


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_files_come_out_with_plain_permissions(tmp_path: Path, make: Maker, name: str) -> None:
    old = os.umask(0o077)
    try:
        extract(make(tmp_path / name, [("./a/b/x.py", b"x = 1\n"), ("y.py", b"")]), tmp_path / "into", LIMITS)
    finally:
        os.umask(old)
    into = tmp_path / "into"
    assert files_below(into) == {"a/b/x.py": b"x = 1\n", "y.py": b""}
    assert stat.S_IMODE((into / "y.py").stat().st_mode) == 0o644
    assert stat.S_IMODE((into / "a" / "b").stat().st_mode) == 0o755


@pytest.mark.parametrize(("make", "name"), MAKERS)
@pytest.mark.parametrize(
    ("members", "message"),
    [
        pytest.param(["../x.py"], "'..'", id="traversal"),
        pytest.param(["a/../../x.py"], "'..'", id="traversal inside"),
        pytest.param(["/tmp/x.py"], "absolute", id="absolute"),
        pytest.param(["C:/x.py"], "absolute", id="drive"),
        pytest.param(["__MACOSX/../../x.py"], "'..'", id="traversal in litter"),
        pytest.param(["x.py", "x.py"], "twice", id="doubled"),
        pytest.param(["a/x.py", "a/./x.py"], "twice", id="doubled by another spelling"),
        pytest.param(["x.py", "X.py"], "capital letters", id="case"),
        pytest.param(["x", "x/y.py"], "both a file and a folder", id="file then folder"),
        pytest.param(["x/y.py", "x"], "both a file and a folder", id="folder then file"),
        pytest.param(["n" * 256 + ".py"], "too long", id="long name"),
        pytest.param(["/".join(["n" * 200] * 11)], "too long", id="long path"),
        pytest.param(["a/" * 101 + "x.py"], "deeper", id="deep"),
        pytest.param([f"{i}.py" for i in range(41)], "more than 40 files", id="many"),
        pytest.param([f".git/{i}" for i in range(41)], "more than 40 files", id="many in litter"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_are_refused(tmp_path: Path, make: Maker, name: str, members: list[str], message: str) -> None:
    assert message in refusal(make(tmp_path / name, [(member, b"") for member in members]))


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_size_is_counted_over_all_files(tmp_path: Path, make: Maker, name: str) -> None:
    half = b"\0" * (MIB // 2)
    extract(make(tmp_path / name, [("a", half), ("b", half)]), tmp_path / "fits", LIMITS)
    assert "more than 1 MiB" in refusal(make(tmp_path / name, [("a", half), ("b", half), ("c", b"\0")]))
    assert sum(len(data) for data in files_below(tmp_path / "into").values()) <= MIB


def test_a_zip_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", [("a.py", b"\0" * 5 * MIB)])
    data = path.read_bytes().replace(struct.pack("<I", 5 * MIB), struct.pack("<I", 10))
    path.write_bytes(data)
    refusal(path)
    assert sum(len(data) for data in files_below(tmp_path / "into").values()) <= MIB


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_litter_is_left_out(tmp_path: Path, make: Maker, name: str) -> None:
    members = [f"a/{folder}/x.py" for folder in ("__MACOSX", ".git", "__pycache__", ".ipynb_checkpoints")]
    extract(make(tmp_path / name, [(member, b"") for member in (*members, "a/x.py")]), tmp_path / "into", LIMITS)
    assert set(files_below(tmp_path / "into")) == {"a/x.py"}


def test_a_hidden_file_is_no_litter_but_a_hidden_folder_is(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", [(".git/", b""), (".flake8", b""), ("x.py", b"")])
    extract(path, tmp_path / "into", LIMITS)
    assert sorted(os.listdir(tmp_path / "into")) == [".flake8", "x.py"]


def test_backslashes_of_a_windows_zip_are_folders(tmp_path: Path) -> None:
    extract(make_zip(tmp_path / "x.zip", [("hw\\", b""), ("hw\\x.py", b"1")]), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"hw/x.py": b"1"}


def test_backslashes_do_not_lead_out(tmp_path: Path) -> None:
    assert "'..'" in refusal(make_zip(tmp_path / "x.zip", [("..\\x.py", b"")]))


def test_utf8_names_without_the_flag_are_read(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", [("h\u00e9.py", b"")])
    data = path.read_bytes()
    # The flag bit 11 stands in the local header and in the directory.
    data = data.replace(b"\x14\0\0\x08", b"\x14\0\0\0")
    path.write_bytes(data)
    assert not zipfile.ZipFile(path).infolist()[0].flag_bits & 0x800
    extract(path, tmp_path / "into", LIMITS)
    assert set(files_below(tmp_path / "into")) == {"h\u00e9.py"}


def test_flagged_names_are_taken_as_they_are(tmp_path: Path) -> None:
    extract(make_zip(tmp_path / "x.zip", [("\u251c\u2310.py", b"")]), tmp_path / "into", LIMITS)
    assert set(files_below(tmp_path / "into")) == {"\u251c\u2310.py"}


def test_a_zip_may_begin_with_something_else(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", [("x.py", b"1")])
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    extract(path, tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"x.py": b"1"}


@pytest.mark.parametrize("kind", ["zip", "zip by mode", "tar"])
def test_empty_folders_come_along(tmp_path: Path, kind: str) -> None:
    if kind == "tar":
        path = make_tar(tmp_path / "x.tgz", [(tar_member("./", tarfile.DIRTYPE), b""), (tar_member("a", b"5"), b"")])
    else:
        path = make_zip(tmp_path / "x.zip", [("a/" if kind == "zip" else zip_member("a", stat.S_IFDIR), b"")])
    extract(path, tmp_path / "into", LIMITS)
    assert [(found.name, found.is_dir()) for found in (tmp_path / "into").iterdir()] == [("a", True)]


def test_tar_names_that_are_not_utf8_become_printable(tmp_path: Path) -> None:
    extract(make_tar(tmp_path / "x.tgz", [("b\udce9b/x.py", b"1")]), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"b\\xe9b/x.py": b"1"}


@pytest.mark.parametrize(("name", "mode"), [("x.tar.gz", "w:"), ("x.zip", "w:gz"), ("x.zip", "w:")])
def test_the_content_decides_not_the_name(tmp_path: Path, name: str, mode: str) -> None:
    extract(make_tar(tmp_path / name, [("x.py", b"1")], mode), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"x.py": b"1"}


def linked(tmp_path: Path, kind: str, name: str, aim: str) -> Path:
    if kind == "zip":
        return make_zip(tmp_path / "x.zip", [(zip_member(name, stat.S_IFLNK | 0o777), aim.encode()), ("x.py", b"1")])
    link = tarfile.SYMTYPE if kind == "symbolic" else tarfile.LNKTYPE
    return make_tar(tmp_path / "x.tgz", [("x.py", b"1"), (tar_member(name, link, aim), b"")])


@pytest.mark.parametrize("kind", ["zip", "symbolic", "hard"])
@pytest.mark.parametrize("aim", ["/etc/passwd", "../secret", "a/../../secret", ".."])
def test_links_that_lead_out_are_refused(tmp_path: Path, kind: str, aim: str) -> None:
    assert "leads out" in refusal(linked(tmp_path, kind, "link", aim))


def test_a_link_in_a_folder_may_not_climb_above_the_top(tmp_path: Path) -> None:
    assert "leads out" in refusal(linked(tmp_path, "symbolic", "a/link", "../../secret"))


@pytest.mark.parametrize(
    ("kind", "name", "aim"),
    [
        ("zip", "link.py", "x.py"),
        ("symbolic", "a/link.py", "../x.py"),
        ("hard", "a/link.py", "x.py"),
        ("symbolic", ".venv/bin/python", "/usr/bin/python3"),
    ],
)
def test_other_links_are_left_out(tmp_path: Path, kind: str, name: str, aim: str) -> None:
    extract(linked(tmp_path, kind, name, aim), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"x.py": b"1"}
    assert not any(path.is_symlink() for path in (tmp_path / "into").rglob("*"))


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    link = tar_member("link", tarfile.SYMTYPE, "a")
    extract(make_tar(tmp_path / "x.tgz", [(link, b""), ("link/x.py", b"1")]), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"link/x.py": b"1"}


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b"Z"])
def test_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    assert "neither a file nor a folder" in refusal(make_tar(tmp_path / "x.tgz", [(tar_member("d", kind), b"")]))


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_devices_in_a_zip_are_refused(tmp_path: Path, kind: int) -> None:
    path = make_zip(tmp_path / "x.zip", [(zip_member("d", kind | 0o644), b"")])
    assert "neither a file nor a folder" in refusal(path)


def test_encrypted_is_said(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", [("x.py", b"1")])
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in refusal(path)


def test_an_unusual_compression_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.py", b"1")
    assert "zip method 14" in refusal(tmp_path / "x.zip")
