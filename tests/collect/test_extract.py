"""Tests of autograder/collect/extract.py."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect import extract as module
from autograder.collect import target as target_module
from autograder.collect.extract import extract
from autograder.errors import SubmissionProblem
from autograder.settings import MIB, Limits

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


MAKERS = [pytest.param(make_zip, "x.zip", id="zip"), pytest.param(make_tar, "x.tar.gz", id="tar")]
Maker = Callable[[Path, Iterable[tuple[str, bytes]]], Path]


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
    assert "can not be opened" in refusal(tmp_path / "x.zip")
    os.mkfifo(tmp_path / "y.zip")
    assert "can not be opened" in refusal(tmp_path / "y.zip")


def test_an_archive_beyond_the_limit_is_not_even_read(tmp_path: Path) -> None:
    with open(tmp_path / "x.zip", "wb") as file:
        file.truncate(MIB + 1)
    assert "larger than 1 MiB" in refusal(tmp_path / "x.zip")


def test_a_huge_header_is_not_read_into_memory(tmp_path: Path) -> None:
    """A pax header of digits costs the standard library's parser quadratic time."""
    info = tar_member("pax", tarfile.XHDTYPE)
    path = make_tar(tmp_path / "x.tgz", [(info, b"1" * (MIB // 2)), ("x.py", b"")])
    begin = time.monotonic()
    assert "damaged" in refusal(path)
    assert time.monotonic() - begin < 30


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
def test_time_is_limited(tmp_path: Path, make: Maker, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_module, "SECONDS", -1.0)
    assert "could not be unpacked within" in refusal(make(tmp_path / name, [("x.py", b"")]))


names = st.lists(st.sampled_from(["..", ".", "", "a", "b", "~", "C:", "\\", "..\\", "é"]), min_size=1, max_size=4)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=150, deadline=None)
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
        try:
            extract(path, inner, LIMITS)
        except SubmissionProblem:
            pass
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
@settings(max_examples=300, deadline=None)
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
        try:
            extract(Path(folder) / "x.zip", Path(folder) / "into", LIMITS)
        except SubmissionProblem:
            pass
        assert set(os.listdir(folder)) <= {"x.zip", "into"}
