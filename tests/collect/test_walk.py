"""Tests of autograder/collect/walk.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.collect.walk import Kind, looks_packed, open_regular, passed_over, shown, walk


def test_everything_is_told_apart_and_nothing_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.py").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert {found.name: found.kind for found in walk(tmp_path)} == {
        "a": Kind.FOLDER,
        "a/x.py": Kind.FILE,
        "loop": Kind.LINK,
        "pipe": Kind.SPECIAL,
    }


def test_litter_is_not_entered(tmp_path: Path) -> None:
    for name in (".git", "__MACOSX", "__pycache__", ".ipynb_checkpoints", "kept"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "criterion.py").write_text("")
    found = {one.name for one in walk(tmp_path) if one.kind is not Kind.PASSED_OVER}
    assert found == {"kept", "kept/criterion.py"}
    assert {one.name for one in walk(tmp_path)} - found == {".git", "__MACOSX", "__pycache__", ".ipynb_checkpoints"}
    assert not passed_over("kept")


@pytest.mark.parametrize("name", ["site-packages", "dist-packages", "python3.11", "python3.14t", "wandb", "mlruns"])
def test_what_programs_install_and_record_is_litter(name: str) -> None:
    assert passed_over(name)
    assert not passed_over(f"{name}-mine") and not passed_over("python3")


@pytest.mark.parametrize(
    ("name", "content", "packed"),
    [
        ("hw3", b"PK\x03\x04", True),
        ("1234.crdownload", b"\x1f\x8b\x08", True),
        ("hw3.rar", b"Rar!\x1a\x07", True),
        ("hw3.7z", b"7z\xbc\xaf", True),
        ("hw3.final", b"\0" * 257 + b"ustar", True),
        ("report.docx", b"PK\x03\x04", False),
        ("encoder.pt", b"PK\x03\x04", False),
        ("hw3.z01", b"PK\x03\x04", False),
        ("hw3", b"import torch", False),
    ],
)
def test_an_archive_is_known_by_its_content(tmp_path: Path, name: str, content: bytes, packed: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert looks_packed(tmp_path / name) is packed
    assert not looks_packed(tmp_path / "nowhere")


def test_a_folder_that_can_not_be_listed_is_reported(tmp_path: Path) -> None:
    assert [(found.name, found.kind) for found in walk(tmp_path / "nowhere")] == [("", Kind.UNREADABLE)]


def test_shown_names_can_be_written() -> None:
    assert shown(os.fsdecode(b"b\xe9b")) == "b\\xe9b"
    assert shown("bébé") == "bébé"


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_regular_files_are_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "link":
        (tmp_path / "y").write_text("secret")
        path.symlink_to("y")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    before = os.listdir("/proc/self/fd")
    with pytest.raises(OSError, match=r"not a regular file|symbolic links"):
        open_regular(path)
    assert os.listdir("/proc/self/fd") == before
