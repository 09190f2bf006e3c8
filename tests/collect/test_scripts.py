"""An export of a notebook stands in for a file as a notebook does, if no notebook answers."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from autograder.collect.notebooks import MOST_READ
from autograder.collect.scripts import MOST_CELLS, read_markdown, read_script
from autograder.collect.tree import Tree, materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import Submission
from autograder.core.settings import SKELETON, Limits

KNN = "def KNN(features, train_features, labels, train_labels, K=1):\n    return 0\n"
STUB = 'def KNN(features):\n    """Doc."""\n    raise NotImplementedError("Question 2 is not implemented yet")\n'
MARKS = ("# %%", "#%% Title", "# %% [markdown]", "# In[3]:", "# In [ ]:", "# COMMAND ----------", "# <codecell>")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def tree_of(folder: Path) -> Tree:
    return materialise(Submission("ann", folder), folder.with_name(f"into{time.monotonic_ns()}"), Limits())


def cells_of(tree: Tree) -> list[list[object]]:
    data = json.loads((tree.root / tree.files["validation"]).read_text())
    assert data["notebook"] == "hw3.py"
    cells: list[list[object]] = data["cells"]
    return cells


@pytest.mark.parametrize("mark", MARKS)
def test_the_cells_of_an_export_keep_their_lines(folder: Path, mark: str) -> None:
    (folder / "hw3.py").write_text(f"import torch\n{mark}\n{KNN}")
    tree = tree_of(folder)
    assert cells_of(tree) == [[0, "import torch"], [0, f"\n{mark}\n{KNN}"]]
    assert tree.notes["validation"] == ("validation.py is missing; what hw3.py defines counts.",)
    assert tree.problems["criterion"] == "criterion.py is missing."


WRITTEN = "import torch\n\n" + KNN.replace("return 0", "return '\\n'")
EXPORTED = {
    "Colab": "# -*- coding: utf-8 -*-\n\n# Commented out IPython magic to ensure Python compatibility.\n# %%writefile "
    "validation.py\n" + "".join(f"# {line}".rstrip() + "\n" for line in WRITTEN.splitlines()) + "\nx = 1\n",
    "nbconvert": "# In[3]:\n\n\nget_ipython().run_cell_magic('writefile', 'validation.py', " + repr(WRITTEN) + ")\n",
}


@pytest.mark.parametrize("text", EXPORTED.values(), ids=EXPORTED)
def test_a_cell_that_writes_a_file_is_found_in_an_export(folder: Path, text: str) -> None:
    (folder / "hw3.py").write_text(text)
    ((_, cell),) = cells_of(tree_of(folder))
    assert str(cell).strip().startswith(f"%%writefile validation.py\n{WRITTEN.rstrip()}")


def test_a_file_without_marks_is_one_cell(folder: Path) -> None:
    (folder / "hw3.py").write_text(KNN)
    (folder / "validation.py").write_text((SKELETON / "validation.py").read_text())
    tree = tree_of(folder)
    assert cells_of(tree) == [[0, KNN]]
    assert tree.notes["validation"] == ("validation.py is as it was handed out; what hw3.py defines counts.",)


@pytest.mark.parametrize("text", [STUB, "from x import KNN\n", "KNN = 3\n", "# def KNN(): return 1\n"])
def test_what_does_not_answer_stands_in_for_nothing(folder: Path, text: str) -> None:
    (folder / "main.py").write_text("# mine\n")
    (folder / "hw3.py").write_text(text)
    assert tree_of(folder).problems["validation"] == "validation.py is missing."


@pytest.mark.parametrize("name", ["validation (1).py", "Validation.py", "build/hw3.py", "runs/1/hw3.py", "test_x.py"])
def test_a_near_name_a_copy_that_a_program_made_and_a_test_are_no_answers(folder: Path, name: str) -> None:
    (folder / "main.py").write_text("# mine\n")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(KNN)
    assert tree_of(folder).problems["validation"].startswith("validation.py is missing")


def test_files_that_differ_are_told_of_and_equal_ones_are_taken(folder: Path) -> None:
    (folder / "hw3.py").write_text(KNN)
    (folder / "hw3_old.py").write_text(f"# %%\n{KNN}")
    assert set(tree_of(folder).files) == {"validation"}
    (folder / "hw3_old.py").write_text(KNN.replace("0", "x"))
    assert tree_of(folder).problems["validation"] == (
        "validation.py is missing, and more than one file defines it (hw3.py and hw3_old.py); keep one."
    )


def test_only_so_many_files_are_looked_into(folder: Path) -> None:
    (folder / "deep").mkdir()
    for i in range(MOST_READ):
        (folder / f"{i}.py").touch()
    (folder / "deep" / "hw3.py").write_text(KNN)
    (folder / "main.py").write_text("# mine\n")
    assert tree_of(folder).problems["validation"] == "validation.py is missing."


def test_a_notebook_counts_before_what_was_exported_from_it(folder: Path) -> None:
    (folder / "hw3.py").write_text(KNN.replace("0", "1"))
    (folder / "hw3.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": KNN}]}))
    tree = tree_of(folder)
    assert json.loads((tree.root / tree.files["validation"]).read_text())["notebook"] == "hw3.ipynb"


@pytest.mark.parametrize(
    "fence", ["```python\n{}```", "```{{python}}\n{}```", "~~~~py\n{}~~~~", "````python x\n{}````"]
)
def test_blocks_of_markdown_are_told_of(folder: Path, fence: str) -> None:
    (folder / "main.py").write_text("# mine\n")
    (folder / "hw3.md").write_text(f"# Title\n\n```\n{STUB}```\n\n{fence.format(KNN)}\n\nText\n")
    wanted = (
        "and hw3.md, whose blocks of code define it, is not read; hand in the notebook (.ipynb), or the code as .py."
    )
    assert tree_of(folder).problems["validation"] == f"validation.py is missing, {wanted}"
    (folder / "validation.py").write_text((SKELETON / "validation.py").read_text())
    assert tree_of(folder).problems["validation"] == f"validation.py is as it was handed out, {wanted}"


@pytest.mark.parametrize("text", [f"```\n{KNN}```", f"```python\n{STUB}```", KNN, f"````\n```python\n{KNN}```\n````"])
def test_other_text_is_no_answer(folder: Path, text: str) -> None:
    (folder / "README.md").write_text(text)
    with pytest.raises(SubmissionProblem, match="None of the five files"):
        tree_of(folder)


def test_the_given_files_answer_nothing(folder: Path) -> None:
    for path in SKELETON.rglob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    assert {str(path) for path in tree_of(folder).files.values()} == {
        f"{module}.py" for module in ("model_factory", "criterion", "main", "validation", "main_linclis")
    }


@pytest.mark.parametrize(
    "text", ["# %%\n" * 200_000, "".join("`" * i + "python\n" for i in range(1400, 3, -1)), "```py\n" * 150_000]
)
def test_marks_and_fences_without_end_take_no_time(folder: Path, text: str) -> None:
    (folder / "x").write_text(text)
    start = time.process_time()
    assert len(read_script(folder, ("x",)).code) <= MOST_CELLS
    read_markdown(folder, ("x",))
    assert time.process_time() - start < 20, "one second is enough"
