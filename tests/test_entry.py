"""If nothing can work, the commands say so in two lines, and end with a status."""

from __future__ import annotations

import json
import os
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


IGNORED = shutil.ignore_patterns("__pycache__")


def call(folder: Path, *arguments: str, code: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`autograde` in a folder, from the code in another one."""
    environment = {**os.environ, "PYTHONPATH": str(code or folder)}
    command = [sys.executable, "-P", "-m", "autograder", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of `pip install .`: the package, and a note on its origin."""
    folder = tmp_path_factory.mktemp("site") / "site-packages"
    shutil.copytree(ROOT / "autograder", folder / "autograder", ignore=IGNORED)
    (folder / "autograder" / "cli.py").write_text("raise SystemExit('the installed code')\n")
    note = folder / "ssl_assignment_kit-1.dist-info"
    note.mkdir()
    (note / "METADATA").write_text("Metadata-Version: 2.1\nName: ssl-assignment-kit\nVersion: 1\n")
    (note / "direct_url.json").write_text(json.dumps({"url": ROOT.as_uri(), "dir_info": {}}))
    return folder


def test_away_from_the_checkout_nothing_is_tried(installed: Path, tmp_path: Path) -> None:
    done = call(tmp_path, "class", code=installed)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "The kit works from its checkout, and there is none around the current folder.",
        "Go into the folder that you cloned, or name it with --root.",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "tests"])
def test_an_installed_copy_finds_the_checkout_that_it_was_installed_from(installed: Path, below: str) -> None:
    done = call(ROOT / below, "show", "nowhere", "ann", code=installed)
    assert done.returncode == 2 and "holds no whole grading run" in done.stderr


def test_the_checkout_may_be_named(installed: Path, tmp_path: Path) -> None:
    for arguments in (["--root", str(ROOT)], [f"--root={ROOT}"]):
        done = call(tmp_path, *arguments, "show", "nowhere", "ann", code=installed)
        assert done.returncode == 2 and "nowhere holds no whole grading run" in done.stderr
    done = call(tmp_path, "--root", str(tmp_path), "class", code=installed)
    assert done.stderr.startswith(f"{tmp_path} is not a checkout of the kit.\n")


def test_a_students_folder_that_looks_like_a_checkout_runs_nothing(installed: Path, tmp_path: Path) -> None:
    for name in ("assignment", "autograder", "solutions"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemError('REACHED')\n")
    (tmp_path / "torch.py").write_text("raise SystemError('REACHED')\n")
    done = call(tmp_path, "class", code=installed)
    assert done.returncode == 2 and "REACHED" not in done.stderr
    assert "was not installed from the checkout" in done.stderr and len(done.stderr.splitlines()) == 2
    assert "REACHED" in call(tmp_path, "--root", ".", "class", code=installed).stderr, "who names it has said so"


@pytest.mark.parametrize(("command", "package"), [("handout", "pypandoc"), ("handout", "typst"), ("autograde", "rich")])
def test_a_package_that_is_not_installed_is_one_sentence(command: str, package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from autograder.entry import {command}; {command}()"
    done = subprocess.run([sys.executable, "-c", code, "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"The Python package {package} is not installed.",
        "Run `make install` in the kit's folder, then use what is in .venv/bin.",
    ]


def test_a_file_of_the_kit_with_an_open_conflict_is_named(installed: Path, tmp_path: Path) -> None:
    """A merge that was left open in a file that the command itself imports."""
    code = tmp_path / "kit"
    for name in ("assignment", "solutions"):
        (code / name).mkdir(parents=True)
    shutil.copytree(installed / "autograder", code / "autograder")
    (code / "autograder/cli.py").write_text("A = 1\n<<<<<<< HEAD\nB = 1\n=======\nB = 2\n>>>>>>> kit/main\n")
    done = call(code, "show", "grades", "ann")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    first, second = done.stderr.splitlines()
    assert first.endswith("autograder/cli.py, line 2, begins a conflict that a merge left open.")
    assert second.startswith("Choose between the marked lines")


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
