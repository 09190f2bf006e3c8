"""Files are found from the folder of the five and from those above it, and code is imported from its own place."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import numpy as np
import pytest

from autograder.core.records import Case, Question
from autograder.sandbox.client import Server
from autograder.sandbox.home import bring_near
from autograder.sandbox.student import Student
from tests.sandbox.conftest import LIMITS, Z

FILES = ("labels.txt", "hw3/data/labels.txt", "hw3/own.py", "hw3/tools/a.py", "hw3/src/here.txt", "hw3/src/deep/x.txt")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    return tmp_path / "in"


def test_what_is_near_is_linked_within_the_hand_in(root: Path) -> None:
    (root / "hw3" / "link").symlink_to("/nowhere")
    folder = root / "hw3" / "src"
    bring_near(folder, [root / "hw3", root])
    assert sorted(os.listdir(folder)) == ["data", "deep", "here.txt", "hw3", "labels.txt", "src"]
    found = {"data/labels.txt": "hw3/data/labels.txt", "src/here.txt": "hw3/src/here.txt", "labels.txt": "labels.txt"}
    found |= {"src/deep/x.txt": "hw3/src/deep/x.txt", "hw3/src/here.txt": "hw3/src/here.txt"}
    for name, text in found.items():
        assert (folder / name).read_text() == text
        assert (folder / name).resolve().is_relative_to(root)
    assert not list(folder.rglob("*.py"))
    assert len(glob.glob(f"{root}/**", recursive=True)) < 60, "links lead in a circle"


def test_a_name_that_is_taken_stays(root: Path) -> None:
    (root / "hw3" / "src" / "labels.txt").write_text("own")
    (root / "hw3" / "src" / "src").touch()
    bring_near(root / "hw3" / "src", [root / "hw3", root])
    assert (root / "hw3" / "src" / "labels.txt").read_text() == "own"
    assert (root / "hw3" / "src" / "src").is_file()


@pytest.mark.parametrize("name", ["data/labels.txt", "labels.txt", "hw3/data/labels.txt", "here.txt", "src/here.txt"])
def test_an_answer_opens_its_files(server: Server, root: Path, name: str) -> None:
    (root / "hw3" / "src" / "criterion.py").write_text(
        f"import own, tools.a\nassert own.__file__.endswith('hw3/own.py') and open({name!r}).read()\n"
        "class SSLLoss:\n    def __init__(self, loss_type, temperature): pass\n"
        f"    def align_loss(self, z1, z2):\n        open({name!r}).read()\n        return z1.sum()\n"
    )
    (root / "hw3" / "own.py").write_text("")
    (root / "hw3" / "tools" / "a.py").write_text("assert __file__.endswith('in/hw3/tools/a.py')")
    case = Case("1.3", "x", "loss", {"z1": np.array(Z, "float32"), "z2": np.array(Z, "float32")})
    params = {"method": "align_loss", "temperature": 0.5, "constant": None}
    case = Case("1.3", "x", "loss", case.arrays, params)
    student = Student(server, root, {"criterion": Path("hw3/src/criterion.py")}, {}, LIMITS)
    (answered,) = student.answer([(Question("1.3", "Align loss", "criterion.py", 10), [case])])
    assert answered.answers[0].error is None, answered.answers[0].error
