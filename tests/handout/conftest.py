"""A miniature repository of the kit: one question a file, a few lines each."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from autograder.checks.compare import Close, Part, WholeNumber
from autograder.checks.demands import Place
from autograder.core.records import STUDENT_FILES, Answer, Case, CodeError, Question, Value
from autograder.handout.build import CHECK, COLAB, COLLECTING, COMPARING, KIT, SHARED, WORDS, Inputs, generate
from autograder.handout.files.mistake_rows import KnownMistake
from autograder.handout.pages.fill import HANDBOOK
from autograder.handout.repository import install
from autograder.handout.term.gradescope_zip import LOCKS

REPOSITORY = Path(__file__).parents[2]
CHECKING = ("__init__.py", "check.py", "differences.py", "hand_in.py", "hints.py", "step_checks.py", "telling.py")
"""Given files that `check.py` needs."""
IDS = dict(zip(STUDENT_FILES, ("1.1", "1.2", "1.4", "2", "3"), strict=True))

SOLUTION = '''\
"""A student file."""

import torch


def double(x):
    """Twice x, and the number of entries."""
    ### Question {id}: Doubling (10 points)
    ### YOUR CODE HERE (~ 1 line)
    return 2 * x, x.numel()
    ### END OF YOUR CODE


if __name__ == "__main__":
    from ssl_kit import check

    raise SystemExit(check.main([{module!r}]))
'''

PROBE = '''\
"""Calls `double`."""


def double(module, arrays, params):
    x = arrays["x"].clone().requires_grad_()
    twice, count = module.double(x)
    return {"twice": twice, "count": count}
'''


NOTEBOOK = {
    "cells": [
        {
            "cell_type": "markdown",
            "id": "report-all",
            "metadata": {
                "nbgrader": {
                    **{"grade_id": "report-all", "points": 30, "schema_version": 3, "task": True, "locked": True},
                    **{"grade": False, "solution": False},
                }
            },
            "source": "Write.\n\n### BEGIN MARK SCHEME\n30 points for a secret reason.\n### END MARK SCHEME",
        }
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


class FakeSource:
    """Answers with the miniature solution; the mistake `square` squares, `crash` raises, others change nothing."""

    def answers(self, question: Question, cases: Sequence[Case], mistake: str | None = None) -> list[Answer]:
        return [self._answer(case, mistake) for case in cases]

    def _answer(self, case: Case, mistake: str | None) -> Answer:
        x = case.arrays["x"]
        if mistake == "crash":
            return Answer(case.name, error=CodeError("exception", "ValueError: no"))
        twice = Value("tensor", f"torch.{x.dtype}", np.asarray(x * x if mistake == "square" else 2 * x))
        return Answer(case.name, {"twice": twice, "count": Value("number", "int", np.asarray(x.size))})


def public_cases(question_id: str) -> tuple[Case, ...]:
    """Two small inputs; only the second one distinguishes doubling from squaring."""
    inputs = {"Two and zero": [2.0, 0.0], "Small numbers": [0.1, 1 / 3, -2.5]}
    return tuple(
        Case(question_id, name, "double", {"x": np.array(x, np.float32)}) for name, x in inputs.items()
    )  # fmt: skip


def demanded(question: Question, expected: Mapping[str, Answer]) -> list[tuple[Place, Part]]:
    """Both outputs of each case."""
    how = {"twice": Close(1e-4), "count": WholeNumber()}
    return [((case, name, how[name]), Part.VALUE) for case in expected for name in how]


@pytest.fixture
def inputs() -> Inputs:
    hints = {"square": "Squaring is not doubling.", "crash": "It raises.", "hidden": "Public inputs do not show it."}
    mistakes = [KnownMistake(name, hint) for name, hint in hints.items()]
    return Inputs(public_cases, FakeSource(), {"1.2": mistakes}, demanded=demanded)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which nothing has been built yet."""
    root = tmp_path / "kit"
    parts = ("sandbox/probes", "checks", "core", "collect", "reference", "language", "mystery")
    written = ("solutions/mistakes", f"solutions/{KIT}", "handouts/source/questions", "requirements")
    for folder in (*written, *(f"autograder/{part}" for part in parts)):
        (root / folder).mkdir(parents=True)
    for file, question_id in IDS.items():
        text = SOLUTION.format(id=question_id, module=file.removesuffix(".py"))
        (root / "solutions" / file).write_text(text)
        (root / "solutions" / "mistakes" / file).write_text('"""Wrong on purpose."""\n')
        (root / "autograder/sandbox/probes" / file).write_text(PROBE)
    for file in ("engine.py", "flags.py"):
        (root / "solutions" / KIT / file).write_text('"""Given."""\n')
    kit = (f"{KIT}/{file}" for file in CHECKING)
    for file in (CHECK, *kit):
        shutil.copy(REPOSITORY / "solutions" / file, root / "solutions" / file)
    shared = (*(f"sandbox/{file}" for file in SHARED), *(f"collect/{file}" for file in COLLECTING))
    for name in (*shared, *COMPARING, *WORDS):
        shutil.copy(REPOSITORY / "autograder" / name, root / "autograder" / name)
    manual = '[[manual]]\nid = "4"\ntitle = "Report"\nfile = "report.ipynb"\npoints = 30\n'
    (root / "solutions" / "course.toml").write_text(
        f'term = "2026 fall"\nseed = "hush-hush"\nvariant = "2026"\n{manual}'
    )
    (root / "solutions" / "variants.toml").write_text('["2026"]\n')
    for name in ("assignment", "assignment_readme", "changes", "lab0", "report_guide", "running", *HANDBOOK):
        (root / "handouts/source" / f"{name}.md").write_text(f'# {name}\n\nQuestion 2: {{{{ points("2") }}}} points.\n')
    with (root / "handouts/source/assignment.md").open("a") as handout:
        handout.write("\n{{ core_sections }}\n\n{{ bonus_sections }}\n")
    for question_id in (*IDS.values(), "4", "B1"):
        text = f"How $x$ is doubled in question {question_id}.\n"
        (root / "handouts/source/questions" / f"{question_id}.md").write_text(text)
    (root / "solutions" / "report.ipynb").write_text(json.dumps(NOTEBOOK))
    (root / "solutions" / COLAB).write_text("{}")
    for file in ("pyproject.toml", "LICENSE", *LOCKS):
        shutil.copy(REPOSITORY / file, root / file)
    (root / "handouts/source/release.md").write_text("# What to upload\n")
    return root


@pytest.fixture
def assignment(repository: Path, inputs: Inputs) -> Path:
    """The folder that a student of the miniature repository gets."""
    install(repository, generate(repository, inputs))
    return repository / "assignment"


BESIDE_CHECK = {*(file.removesuffix(".py") for file in STUDENT_FILES), "ssl_kit", "steps"}
"""Modules of an assignment's folder: each test has a folder of its own."""


@pytest.fixture
def load_check() -> Iterator[Callable[[Path], ModuleType]]:
    """Imports the check.py of a folder into this process, and puts back what others before have imported."""

    def taken() -> dict[str, ModuleType]:
        names = [name for name in sys.modules if name.split(".")[0] in BESIDE_CHECK]
        return {name: sys.modules.pop(name) for name in names}

    def load(folder: Path) -> ModuleType:
        taken()
        path, sys.path[:0] = list(sys.path), [str(folder)]
        module = importlib.import_module("ssl_kit.check")
        sys.path[:] = path
        return module

    others = taken()
    generator = torch.get_rng_state()
    yield load
    torch.set_rng_state(generator)
    taken()
    sys.modules.update(others)


Load = Callable[[Path], ModuleType]
STUB = 'raise NotImplementedError("Question 1.2 is not implemented yet")'


class Student:
    """Fills stubs of the miniature assignment and runs its check.py in this process."""

    def __init__(self, folder: Path, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._load, self._capsys = folder, load, capsys

    def write(self, answer: str) -> None:
        file = self.folder / "criterion.py"
        assert STUB in file.read_text()
        file.write_text(file.read_text().replace(STUB, answer))

    def run(self, *arguments: str) -> tuple[int, str]:
        status = self._load(self.folder).main(list(arguments))
        output = self._capsys.readouterr()
        return status, output.out + output.err


@pytest.fixture
def student(assignment: Path, load_check: Load, capsys: pytest.CaptureFixture[str]) -> Student:
    return Student(assignment, load_check, capsys)
