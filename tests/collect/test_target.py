"""Tests of autograder/collect/target.py."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from autograder.collect.member_names import safe_parts
from autograder.collect.target import Target, size_text
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.core.settings import MIB, Limits


def test_names_are_taken_apart() -> None:
    assert safe_parts("./a//b/x.py") == ("a", "b", "x.py")
    assert safe_parts("./") == ()
    assert safe_parts("b\udce9b/x") == ("b\\xe9b", "x")


@pytest.mark.parametrize("name", ["..", "/x", "a/..", "C:/x", "C:\\x", "a\0b", "n" * 256, "é" * 128, "a/" * 101])
def test_names_that_could_lead_outside_or_break_later(name: str) -> None:
    with pytest.raises(SubmissionProblem):
        safe_parts(name)


def test_a_refused_name_is_said_in_brief() -> None:
    with pytest.raises(SubmissionProblem, match=r"^/etc/passwd is an absolute"):
        safe_parts("/etc/passwd")
    with pytest.raises(SubmissionProblem, match=r"^n{60}… is too long"):
        safe_parts("n" * 256)


def test_the_clock_is_looked_at_while_counting_and_while_writing(tmp_path: Path) -> None:
    target = Target(tmp_path, Limits())
    target._end = 0.0
    with pytest.raises(SubmissionProblem, match="within"):
        target.count()
    with pytest.raises(SubmissionProblem, match="within"):
        target.file(("x.py",), io.BytesIO(b"1"))


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    Target(tmp_path, Limits()).file(("x.py",), io.BytesIO(b"1"))
    with pytest.raises(SubmissionProblem):
        Target(tmp_path, Limits(unpacked=1)).file(("y.py",), io.BytesIO(b"12"))
    assert os.listdir("/proc/self/fd") == before


def test_a_full_disk_is_not_the_student_s_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = Target(tmp_path / "into", Limits())
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AutograderError, match="No space left") as caught:
        target.file(("x.py",), io.BytesIO(b"1"))
    assert not isinstance(caught.value, SubmissionProblem)


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data)[:3]))
    Target(tmp_path, Limits()).file(("x.py",), io.BytesIO(b"0123456789"))
    assert (tmp_path / "x.py").read_bytes() == b"0123456789"


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "x.py").symlink_to(tmp_path / "outside")
    with pytest.raises(AutograderError):
        Target(tmp_path / "into", Limits()).file(("x.py",), io.BytesIO(b"1"))
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(("size", "text"), [(7, "7 bytes"), (1536, "1.5 KiB"), (MIB, "1 MiB"), (1024 * MIB, "1 GiB")])
def test_sizes_are_said_as_people_do(size: int, text: str) -> None:
    assert size_text(size) == text
