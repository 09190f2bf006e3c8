"""Tests of autograder/collect/notebooks.py: what of a notebook is taken, and what is not run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.collect.notebooks import DEFINED, kept
from autograder.collect.tree import Tree, materialise
from autograder.records import STUDENT_FILES, Submission
from autograder.settings import Limits

TAKEN = [
    "import torch\n",
    "from torch import (\n    nn,\n)\n",
    "K = 5\n",
    "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n",
    "import os; import sys\n",
    "x: int = 3\n",
    "scale = (1 + 2) * 3\n",
    "def f():\n    while True:\n        pass\n\n    return 1\n",
    "@decorated(1)\n@again\nclass A:\n    pass\n",
    "async def g(): pass\n",
    "def broken(:\n    pass\n",
]
LEFT = [
    "train()\n",
    "model = Model(args)\n",
    "data = load()['x'](1)\n",
    "for i in range(10):\n    pass\nelse:\n    x = 1\n",
    "if __name__ == '__main__':\n    main()\n",
    "import os; os.system('true')\n",
    "x += 1\n",
    "with open('f') as f:\n    pass\n",
    "try:\n    pass\nexcept Exception:\n    y = 1\n",
    "x = (\n",
]


@pytest.mark.parametrize("code", TAKEN)
def test_what_a_module_would_hold_is_taken(code: str) -> None:
    assert "".join(kept(code)) == code


@pytest.mark.parametrize("code", LEFT)
def test_what_runs_is_left(code: str) -> None:
    assert list(kept(code)) == []


def test_statements_come_apart(tmp_path: Path) -> None:
    assert "".join(kept("".join([*LEFT[:-1], *TAKEN[:-1]] * 2))) == "".join(TAKEN[:-1] * 2)


@given(st.text())
@example("\r\x80")  # Python 3.12 and newer answer it with a UnicodeDecodeError
def test_any_text_can_be_read(text: str) -> None:
    list(kept(text))


def notebook(path: Path, *cells: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "def KNN(): pass"}, *code]}))


def tree_of(root: Path) -> Tree:
    return materialise(Submission("ann", root), root.with_name("into"), Limits())


def test_a_notebook_stands_in_for_all_files(tmp_path: Path) -> None:
    definitions = [f"{kind} {name}():\n    pass\n" for kind, name in DEFINED.values()]
    notebook(
        tmp_path / "in" / "hw.ipynb", "!pip install torch\nimport torch", *definitions, "from main import x\nrun()"
    )
    tree = tree_of(tmp_path / "in")
    assert set(tree.files) == {name.removesuffix(".py") for name in STUDENT_FILES}
    text = (tree.root / "validation.py").read_text()
    assert text.startswith("# From hw.ipynb.\n")
    assert "import torch\n" in text
    assert "def KNN" in text
    assert not any(word in text for word in ("pip", "run()", "from main"))


def test_a_file_counts_before_a_notebook(tmp_path: Path) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", "def KNN(): pass")
    (tmp_path / "in" / "validation.py").write_text("# mine\n")
    tree = tree_of(tmp_path / "in")
    assert (tree.root / "validation.py").read_text() == "# mine\n"
    assert tree.problems["main"] == "main.py is missing."


def test_two_notebooks_with_one_function_are_told_of(tmp_path: Path) -> None:
    for name in ("a.ipynb", "b.ipynb", ".ipynb_checkpoints/a.ipynb"):
        notebook(tmp_path / "in" / name, "def KNN(): pass")
    problem = tree_of(tmp_path / "in").problems["validation"]
    assert "more than one notebook defines it (a.ipynb and b.ipynb)" in problem


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [{"cell_type": "code"}]}', "[" * 100_000])
def test_a_notebook_that_is_none_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hw.ipynb").write_text(text)
    (tmp_path / "in" / "main.py").write_text("# main\n")
    assert set(tree_of(tmp_path / "in").files) == {"main"}


def test_a_notebook_without_end_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    cells = [{"cell_type": "code", "source": "a=1\n" * 30_000}] * 100
    last = {"cell_type": "code", "source": "def KNN(): pass"}
    (tmp_path / "in" / "hw.ipynb").write_text(json.dumps({"cells": [*cells, last]}))
    (tmp_path / "in" / "main.py").write_text("# main\n")
    start = time.process_time()
    assert set(tree_of(tmp_path / "in").files) == {"main"}
    assert time.process_time() - start < 5
