"""Tests of autograder/core/temporary.py: what a killed run left is removed, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.core.temporary import temporary_folder

HOLD = """
import sys, tempfile
from autograder.core.temporary import temporary_folder
with temporary_folder():
    open(tempfile.gettempdir() + "/code.py", "w").close()
    print(tempfile.gettempdir(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def hold(place: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another run, and its folder."""
    environment = {**os.environ, "TMPDIR": str(place)}
    command = [sys.executable, "-c", HOLD]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_folder_goes_at_the_end(place: Path) -> None:
    def interrupted() -> None:
        with temporary_folder():
            Path(tempfile.mkdtemp(), "x").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert tempfile.gettempdir() == str(place)
    assert os.listdir(place) == []


def test_what_a_killed_run_left_is_removed_by_the_next_one(place: Path) -> None:
    process, left = hold(place)
    other = Path(tempfile.mkdtemp(prefix="autograde-"))  # of a program that holds no lock
    with temporary_folder():
        assert (left / "code.py").exists(), "its run goes on"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (left / "code.py").exists()
    with temporary_folder():
        assert not left.exists()
        assert other.exists()


def test_a_link_is_not_followed(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    own = tmp_path_factory.mktemp("own")
    (own / "x").touch()
    (place / f"autograde-{os.uname().nodename}-x").symlink_to(own)
    with temporary_folder():
        assert (own / "x").exists()
