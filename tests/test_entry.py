"""Where nothing can work the commands say so in two lines, and end with a status."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.core.errors import SandboxUnavailable
from autograder.core.settings import SKELETON
from autograder.entry import handout
from autograder.sandbox.client import Zygote

ROOT = Path(__file__).parent.parent


def test_a_copy_without_the_checkout_refuses_at_once(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder", ignore=ignored)
    command = [sys.executable, "-m", "autograder", "class"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "The kit works from its checkout, and there is no assignment/ beside this copy of it.",
        "Clone the repository and run `make grade` there; `pip install .` is not enough.",
    ]
    assert not (tmp_path / "grades").exists()


def test_on_windows_both_commands_say_where_it_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("autograder.entry.sys.platform", "win32")
    with pytest.raises(SystemExit, match="2"):
        handout()
    assert "Use WSL2" in capsys.readouterr().err


def test_on_a_mac_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.sandbox.client.sys.platform", "darwin")
    with pytest.raises(SandboxUnavailable, match="on Linux only"):
        Zygote(SKELETON)
