"""In a container without privileges namespaces are refused: what is left confines, and the grades are the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sample_class import RIGHT, ROOT, hand_in

SPIES = """
import os, socket
def tried(what):
    try: return what()
    except BaseException as error: return type(error).__name__
SEEN = [tried(lambda: os.listdir('/')), tried(lambda: open(OTHER)), tried(socket.socket), tried(os.fork)]
"""


def run(*command: str, contained: bool = True) -> subprocess.CompletedProcess[str]:
    before = [sys.executable, "-m", "tests.sandbox.contained"] if contained else []
    return subprocess.run([*before, sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A right submission, one with a mistake, and one that looks around."""
    folder = tmp_path_factory.mktemp("class")
    hand_in(folder / "right", RIGHT)
    hand_in(folder / "wrong", RIGHT | {"1.3": "return (F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).sum()"})
    hand_in(folder / "spy", RIGHT | {"1.3": "raise RuntimeError(f'{SEEN}')"})
    path = folder / "spy" / "criterion.py"
    spies = SPIES.replace("OTHER", repr(str(folder / "right" / "criterion.py")))
    path.write_text(path.read_text().replace("import torch\n", f"import torch\n{spies}", 1))
    return folder


def graded(class_: Path, output: Path, contained: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what the spy saw."""
    done = run("autograder", str(class_), "--output", str(output), contained=contained)
    assert done.returncode == 0, done.stderr
    spy = json.loads((output / "results" / "spy.json").read_text("utf-8"))
    return (output / "grades.csv").read_text("utf-8"), spy


def test_the_entry_check_says_which_layers_there_are() -> None:
    done = run("autograder.sandbox")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["Landlock: yes", "seccomp: yes", "namespaces: no"]


def test_grades_are_the_same_and_the_other_layers_hold(class_: Path, tmp_path: Path) -> None:
    inside, spy = graded(class_, tmp_path / "inside", contained=True)
    outside, _ = graded(class_, tmp_path / "outside", contained=False)
    assert inside == outside and inside.count("\n") == 4
    # Landlock refuses files and folders, seccomp sockets and processes.
    errors = {question["error"] for question in spy["questions"] if question["error"]}
    assert len(errors) == 1
    assert "['PermissionError', 'PermissionError', 'PermissionError', 'NotWhileGrading']" in errors.pop()
