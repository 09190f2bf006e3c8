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

from autograder.collect.extract import extract, unpack
from autograder.collect.target import Target
from autograder.collect.walk import ARCHIVE_EXTENSIONS, Kind
from autograder.core.settings import MIB


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
        pytest.param(["../main.py"], "'..'", id="traversal"),
        pytest.param(["/../main.py"], "'..'", id="traversal from the top"),
        pytest.param(["a/../../main.py"], "'..'", id="traversal inside"),
        pytest.param(["C:/C:/main.py"], "absolute", id="drive"),
        pytest.param(["__MACOSX/../../main.py"], "'..'", id="traversal in litter"),
        pytest.param(["main.py", "Main.py"], "capital letters", id="case"),
        pytest.param(["x", "x/main.py"], "both a file and a folder", id="file then folder"),
        pytest.param(["main.py/y", "main.py"], "both a file and a folder", id="folder then file"),
        pytest.param(["/".join(["n" * 200] * 11) + "/main.py"], "too long", id="long path"),
        pytest.param(["a/" * 101 + "main.py"], "deeper", id="deep"),
        pytest.param([f"{i}.py" for i in range(41)], "more than 40 files", id="many"),
        pytest.param(
            [f"{i}/{i}/x.py" for i in range(14)], "more than 40 files", id="many folders that are only implied"
        ),
        pytest.param([f"{i}/.git/x" for i in range(41)], "more than 40 files", id="many folders of litter"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_are_refused(tmp_path: Path, make: Maker, name: str, members: list[str], message: str) -> None:
    assert message in refusal(make(tmp_path / name, [(member, b"") for member in members]))


def test_a_folder_counts_once_whether_it_is_listed_or_implied(tmp_path: Path) -> None:
    implied = [(f"a/{i}/x.py", b"") for i in range(19)]  # 19 files in 20 folders
    listed = [("a/", b""), *((f"a/{i}/", b"") for i in range(19))]
    for name, members in (("implied.zip", implied), ("listed.zip", [*listed, *implied])):
        extract(make_zip(tmp_path / name, [*members, ("y.py", b"")]), tmp_path / name[:-4], LIMITS)
        assert len(files_below(tmp_path / name[:-4])) == 20


def left_out(archive: Path) -> dict[str, str]:
    """Unpack an archive of which something is left out; what, and why."""
    target = Target(archive.parent / "into", LIMITS)
    unpack(archive, target)
    return {"/".join(parts): why for parts, why in target.skipped.items()}


@pytest.mark.parametrize(("make", "name"), MAKERS)
@pytest.mark.parametrize(
    ("members", "why", "kept"),
    [
        pytest.param(["x.txt", "X.txt"], "capital letters", ["X.txt", "main.py", "x.txt"], id="case"),
        pytest.param(["x", "x/y.py"], "both a file and a folder", ["main.py", "x"], id="file then folder"),
        pytest.param(["x/y.py", "x"], "both a file and a folder", ["main.py", "x/y.py"], id="folder then file"),
        pytest.param(["../x.py"], "'..'", ["main.py"], id="traversal"),
        pytest.param(["C:/C:/x.py"], "absolute", ["main.py"], id="drive"),
        pytest.param(["n" * 256 + ".pdf"], "too long", ["main.py"], id="long name"),
        pytest.param(["a/" * 101 + "x.py"], "deeper", ["main.py"], id="deep"),
        pytest.param(["x.txt", "./x.txt"], "the later one counts", ["main.py", "x.txt"], id="twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_nobody_grades_is_left_out_and_told(
    tmp_path: Path, make: Maker, name: str, members: list[str], why: str, kept: list[str]
) -> None:
    path = make(tmp_path / name, [("main.py", b"1"), *((member, member.encode()) for member in members)])
    (told,) = left_out(path).values()
    assert why in told
    assert sorted(files_below(tmp_path / "into")) == kept


def test_an_empty_folder_gives_way_to_a_file_of_its_name(tmp_path: Path) -> None:
    assert "both a file and a folder" in left_out(make_zip(tmp_path / "x.zip", [("x", b"1"), ("x/", b"")]))["x"]


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_of_a_file_that_is_there_twice_the_later_one_counts(tmp_path: Path, make: Maker, name: str) -> None:
    extract(make(tmp_path / name, [("x.txt", b"old"), ("./x.txt", b"new")]), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"x.txt": b"new"}


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_of_the_five_all_copies_are_kept(tmp_path: Path, make: Maker, name: str) -> None:
    members = [("a/main.py", b"1"), ("a/./main.py", b"2"), (".//a/main.py", b"3")]
    extract(make(tmp_path / name, members), tmp_path / "into", LIMITS)
    wanted = {"a/main.py": b"1", "a/copy 2/main.py": b"2", "a/copy 3/main.py": b"3"}
    assert files_below(tmp_path / "into") == wanted


@pytest.mark.parametrize(("make", "name"), MAKERS)
@pytest.mark.parametrize("lead", ["/srv/ann/", "C:/hw/ann/", "//server/share/ann/"])
def test_what_makes_a_path_absolute_is_dropped(tmp_path: Path, make: Maker, name: str, lead: str) -> None:
    extract(make(tmp_path / name, [(f"{lead}x.py", b"1")]), tmp_path / "into", LIMITS)
    (place,) = files_below(tmp_path / "into")
    assert place.endswith("ann/x.py") and ":" not in place


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_size_is_counted_over_all_files(tmp_path: Path, make: Maker, name: str) -> None:
    half = b"\0" * (MIB // 2)
    extract(make(tmp_path / name, [("a", half), ("b", half)]), tmp_path / "fits", LIMITS)
    assert "more than 1 MiB" in refusal(make(tmp_path / name, [("a", half), ("b", half), ("c", b"\0")]))
    assert sum(len(data) for data in files_below(tmp_path / "into").values()) <= MIB


def test_a_zip_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", [("main.py", b"\0" * 5 * MIB)])
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
def test_a_link_is_never_made_so_where_it_leads_does_not_matter(tmp_path: Path, kind: str, aim: str) -> None:
    assert left_out(linked(tmp_path, kind, "a/data", aim)) == {"a/data": Kind.LINK}
    assert not any(path.is_symlink() for path in (tmp_path / "into").rglob("*"))


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
def test_devices_in_a_tar_are_left_out(tmp_path: Path, kind: bytes) -> None:
    assert left_out(make_tar(tmp_path / "x.tgz", [(tar_member("d", kind), b"")])) == {"d": Kind.SPECIAL}


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_devices_in_a_zip_are_left_out(tmp_path: Path, kind: int) -> None:
    path = make_zip(tmp_path / "x.zip", [(zip_member("d", kind | 0o644), b"")])
    assert left_out(path) == {"d": Kind.SPECIAL}


@pytest.mark.parametrize("name", ["main.py", "x.txt"])
def test_encrypted_is_said(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path / "x.zip", [(name, b"1")])
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in (refusal(path) if name == "main.py" else left_out(path)["x.txt"])


@pytest.mark.parametrize("name", ["main.py", "x.txt"])
def test_an_unusual_compression_is_said(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path / "x.zip", [(name, b"1" * 100)])
    path.write_bytes(path.read_bytes().replace(b"\x14\0\0\0\x08\0", b"\x14\0\0\0\x09\0"))
    assert "zip method 9" in (refusal(path) if name == "main.py" else left_out(path)["x.txt"])


@pytest.mark.parametrize("name", ["main.py", "x.txt"])
def test_a_damaged_member_costs_itself_only(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(name, b"12345")
        archive.writestr("validation.py", b"2")
    path = tmp_path / "x.zip"
    path.write_bytes(path.read_bytes().replace(b"12345", b"12354"))
    if name == "main.py":
        assert "main.py is damaged" in refusal(path)
    else:
        assert left_out(path) == {"x.txt": "damaged"}
        assert files_below(tmp_path / "into") == {"validation.py": b"2"}


def test_one_part_of_several_is_said(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", [("main.py", b"1")])
    data = path.read_bytes()
    at = data.rindex(b"PK\x05\x06")
    path.write_bytes(data[: at + 4] + b"\x01\0" + data[at + 6 :])
    assert refusal(path) == "x.zip is one part of several."


@pytest.mark.parametrize("beginning", [b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c"])
def test_what_is_not_read_is_told_with_all_that_is(tmp_path: Path, beginning: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(beginning + b"\0" * 99)
    message = refusal(tmp_path / "x.zip")
    assert "RAR" in message or "7-Zip" in message
    assert all(extension in message for extension in ARCHIVE_EXTENSIONS)
