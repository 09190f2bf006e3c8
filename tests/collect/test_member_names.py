"""The places of members of archives: the names that Windows writes, and folders that are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_making import LIMITS, MAKERS, Maker, files_below, make_zip, refusal

from autograder.collect.extract import extract, unpack
from autograder.collect.target import Target
from autograder.collect.tree import materialise
from autograder.core.records import Submission
from autograder.core.settings import MIB


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_backslashes_of_windows_are_folders(tmp_path: Path, make: Maker, name: str) -> None:
    extract(make(tmp_path / name, [("hw\\x.py", b"1")]), tmp_path / "into", LIMITS)
    assert files_below(tmp_path / "into") == {"hw/x.py": b"1"}


def test_backslashes_do_not_lead_out(tmp_path: Path) -> None:
    assert "'..'" in refusal(make_zip(tmp_path / "x.zip", [("..\\main.py", b"")]))


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_what_lies_in_litter_counts_for_nothing(tmp_path: Path, make: Maker, name: str) -> None:
    members = [(f"hw/venv/lib/python3.11/site-packages/torch/{i}.py", b"\0" * (MIB if i < 4 else 0)) for i in range(41)]
    target = Target(tmp_path / "into", LIMITS)
    unpack(make(tmp_path / name, [*members, ("hw/main.py", b"1")]), target)
    assert files_below(tmp_path / "into") == {"hw/main.py": b"1"}
    assert target.passed == {("hw", "venv", "lib", "python3.11")}


@pytest.mark.parametrize(("make", "name"), MAKERS)
@pytest.mark.parametrize(
    "lead", ["/data/.cache/hw/", "C:\\data\\.cache\\hw\\", "\\\\server\\.cache\\hw\\", ".cache/hw/"]
)
def test_a_passed_over_folder_around_everything_is_none(tmp_path: Path, make: Maker, name: str, lead: str) -> None:
    target = Target(tmp_path / "into", LIMITS)
    unpack(make(tmp_path / name, [(f"{lead}main.py", b"1"), (f"{lead}.git/x", b""), (f"{lead}a/x.py", b"")]), target)
    assert files_below(tmp_path / "into") == {"hw/main.py": b"1", "hw/a/x.py": b""}
    assert {parts[-1] for parts in target.passed} == {".git"}


def test_backslashes_in_a_folder_are_folders(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "hw\\main.py").write_text("1")
    (tmp_path / "ann" / "hw\\.git\\main.py").write_text("2")
    tree = materialise(Submission("ann", tmp_path / "ann"), tmp_path / "into", LIMITS)
    assert tree.files == {"main": Path("hw/main.py")}
