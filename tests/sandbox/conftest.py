"""A warm server for all tests of the sandbox, and a way to ask one small file one question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.core.records import Case, Question
from autograder.core.settings import MIB, SKELETON, Limits
from autograder.sandbox.client import Server
from autograder.sandbox.student import Answered, Student

QUESTION = Question("1.3", "Align loss", "criterion.py", 10)
HEADER = "import torch\n"
LIMITS = Limits(timeout=3.0, memory=512 * MIB, file_size=8 * MIB)
Z = [[1.0, 2.0], [3.0, 4.0]]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server(SKELETON) as server:
        yield server


Ask = Callable[..., Answered]


@pytest.fixture
def ask(server: Server, tmp_path: Path) -> Ask:
    """Put `body` into `align_loss`, and `top` at the top of the file; returns what came back."""

    def ask(body: str, top: str = "", limits: Limits = LIMITS, cases: int = 1) -> Answered:
        import numpy as np

        text = f"{HEADER}{top}\nclass SSLLoss:\n    def __init__(self, loss_type, temperature): pass\n"
        lines = body.splitlines() or ["pass"]
        text += "    def align_loss(self, z1, z2):\n" + "".join(f"        {line}\n" for line in lines)
        folder = tmp_path / "submission"
        folder.mkdir(exist_ok=True)
        (folder / "criterion.py").write_text(text)
        arrays = {"z1": np.array(Z, "float32"), "z2": np.array(Z[::-1], "float32")}
        params = {"method": "align_loss", "temperature": 0.5, "constant": None}
        listed = [Case("1.3", f"case {number}", "loss", arrays, params) for number in range(cases)]
        student = Student(server, folder, {"criterion": Path("criterion.py")}, {}, limits)
        (answered,) = student.answer([(QUESTION, listed)])
        return answered

    return ask
