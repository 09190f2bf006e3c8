"""Finds the notebook that stands in for each file, and words the reasons for those that do not."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from autograder.collect.excerpts import read_excerpts
from autograder.collect.needed import needed
from autograder.collect.tree import Tree, materialise
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import MIB, SKELETON, Limits

MODULES = [name.removesuffix(".py") for name in STUDENT_FILES]
KNN = "def KNN(features, train_features, labels, train_labels, K=1):\n    return 0\n"
STUB = 'def KNN(features):\n    """Doc."""\n    raise NotImplementedError("Question 2 is not implemented yet")\n'


def notebook(path: Path, *cells: str, kind: str = "code") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    code = [{"cell_type": kind, "source": cell} for cell in cells]
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "# Homework"}, *code]}))


def tree_of(root: Path) -> Tree:
    return materialise(Submission("ann", root), root.with_name("into"), Limits())


def cells_of(tree: Tree, module: str) -> tuple[str, list[list[object]]]:
    data = json.loads((tree.root / tree.files[module]).read_text())
    return data["notebook"], data["cells"]


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("model_factory", "class Model: pass"),
        ("criterion", "class SSLLoss(nn.Module): pass"),
        ("criterion", "from criterion import SSLLoss\ndef f(self): pass\nSSLLoss.align_loss = f"),
        ("criterion", "from criterion import SSLLoss\nsetattr(SSLLoss, 'align_loss', f)"),
        ("main", "if True:\n    def update_momentum_encoder(model, m): pass"),
        ("validation", "KNN = knn_predict"),
        ("validation", "async def KNN(): pass"),
    ],
)
def test_a_notebook_stands_in_for_a_file_that_it_defines(tmp_path: Path, module: str, code: str) -> None:
    notebook(tmp_path / "in" / "a" / "hw.ipynb", "x = 1", code)
    tree = tree_of(tmp_path / "in")
    assert set(tree.files) == {module}
    assert cells_of(tree, module) == ("hw.ipynb", [[2, "x = 1"], [3, code]])
    assert tree.files[module].parent == Path("a")
    assert tree.notes == {}


WRITTEN = f"%%writefile validation.py\n{KNN}"
OTHER = "%%writefile own.py\nx = 1"


@pytest.mark.parametrize(
    ("cells", "counting"),
    [
        ([OTHER, WRITTEN, "def KNN(): return 'a trial'"], [2, 3]),
        (["%%writefile validation.py\nbroken(", WRITTEN], [3]),
        ([WRITTEN, "%%writefile -a validation.py\nx = 1"], [2, 3]),
        ([f"%%file /content/drive/hw/validation.py\n{KNN}", "x = 1"], [2]),
        ([f"%%writefile 'validation.py'\n{STUB}", KNN], [2, 3]),
        ([f"%%writefile own.py\n{KNN}", "from own import *"], [2, 3]),
        ([WRITTEN, "%%writefile criterion.py\nclass SSLLoss: pass"], [2]),
    ],
)
def test_a_cell_that_writes_a_file_is_that_file(tmp_path: Path, cells: list[str], counting: list[int]) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", *cells)
    assert [number for number, _ in cells_of(tree_of(tmp_path / "in"), "validation")[1]] == counting


@pytest.mark.parametrize("code", ["x = KNN(1)", "# def KNN", "if KNN == 3: pass", "defKNN = 3"])
def test_to_speak_of_a_function_is_not_to_define_it(tmp_path: Path, code: str) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", code)
    (tmp_path / "in" / "main.py").write_text("# main\n")
    assert set(tree_of(tmp_path / "in").files) == {"main"}


def test_a_file_counts_before_a_notebook(tmp_path: Path) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", KNN)
    (tmp_path / "in" / "validation.py").write_text("# mine\n")
    tree = tree_of(tmp_path / "in")
    assert tree.files["validation"] == Path("validation.py")
    assert tree.problems["main"] == "main.py is missing."


@pytest.mark.parametrize("change", ["", "# Name: Ann\n\n", "\r\n"])
def test_the_untouched_skeleton_gives_way(tmp_path: Path, change: str) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", KNN)
    given = (SKELETON / "validation.py").read_text()
    text = given.replace("\n", "\r\n") if change == "\r\n" else change + given
    (tmp_path / "in" / "validation.py").write_bytes(text.encode())
    tree = tree_of(tmp_path / "in")
    assert cells_of(tree, "validation")[0] == "hw.ipynb"
    assert tree.notes["validation"] == ("validation.py is as it was handed out; what hw.ipynb defines counts.",)


@pytest.mark.parametrize("code", [STUB, (SKELETON / "validation.py").read_text(), "x = 1"])
def test_the_skeleton_stays_where_a_notebook_is_not_filled_either(tmp_path: Path, code: str) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", code)
    (tmp_path / "in" / "validation.py").write_text((SKELETON / "validation.py").read_text())
    tree = tree_of(tmp_path / "in")
    assert (tree.files["validation"], tree.notes) == (Path("validation.py"), {})


def test_a_copy_and_a_template_are_passed_over(tmp_path: Path) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", KNN)
    notebook(tmp_path / "in" / "hw-Copy1.ipynb", "# Again\n" + KNN)
    notebook(tmp_path / "in" / "template.ipynb", STUB)
    notebook(tmp_path / "in" / ".ipynb_checkpoints" / "hw.ipynb", KNN + "x = 2")
    tree = tree_of(tmp_path / "in")
    assert cells_of(tree, "validation")[0] == "hw.ipynb"
    assert tree.notes["validation"] == (
        "hw-Copy1.ipynb defines the same as hw.ipynb, and is passed over.",
        "template.ipynb has the stubs only, and is passed over.",
    )


def test_a_template_with_some_answers_gives_way_where_they_are_the_same(tmp_path: Path) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", "def freeze_backbone(model):\n    pass", KNN)
    notebook(tmp_path / "in" / "old.ipynb", "def freeze_backbone(model):\n    pass", STUB)
    tree = tree_of(tmp_path / "in")
    assert cells_of(tree, "main_linclis")[0] == cells_of(tree, "validation")[0] == "hw.ipynb"
    notebook(tmp_path / "in" / "old.ipynb", "def freeze_backbone(model):\n    return 1", STUB)
    again = materialise(Submission("ann", tmp_path / "in"), tmp_path / "again", Limits())
    assert "more than one notebook defines it (hw.ipynb and old.ipynb)" in again.problems["main_linclis"]
    assert set(again.files) == {"validation"}


def test_an_answer_above_the_stub_counts_as_filled(tmp_path: Path) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", STUB.replace("    raise", "    x = 1\n    raise"))
    notebook(tmp_path / "in" / "template.ipynb", STUB)
    assert cells_of(tree_of(tmp_path / "in"), "validation")[0] == "hw.ipynb"


LOSS = """class SSLLoss:
    \'\'\'A loss; tau is in the docstring only.
model = 3
    \'\'\'
    def align_loss(self, z1, z2):
        z = F.normalize(z1,
            dim=1)
        return scaled(z @ z2, T=T)
"""
USED = ["import torch.nn.functional as F", "T = 0.5", "def scaled(x, T): return x / T", LOSS]


@pytest.mark.parametrize(
    "cell",
    [
        *("print('done')", "# nothing", "%matplotlib inline\nplt.plot(T)", "torch.manual_seed(0)", "name = 'a'"),
        "for z1, z2 in loader:\n    z = model(z1)\n    loss = SSLLoss().align_loss(z, z2)\n    loss.backward()",
        *("model = SSLLoss()\nmodel.tau = 3", "def unused(T):\n    T = 3\n    return T", "print(f'{T}', end='T = 4')"),
        *(
            "torch.save(\n    z,\n    T=3,\n)",
            "%%time\nx = 1",
            "!pip install torch",
            "@torch.no_grad()\ndef show(): pass",
        ),
    ],
)
def test_a_cell_that_no_answer_needs_makes_no_difference(tmp_path: Path, cell: str) -> None:
    notebook(tmp_path / "in" / "a.ipynb", *USED)
    notebook(tmp_path / "in" / "b.ipynb", *USED, cell)
    notebook(tmp_path / "in" / "c.ipynb", USED[0], cell, *USED[1:])
    tree = tree_of(tmp_path / "in")
    assert (
        tree.problems["validation"]
        == "validation.py is missing, and no code cell of a.ipynb or b.ipynb or c.ipynb defines KNN."
    )
    assert cells_of(tree, "criterion")[0] == "a.ipynb"
    assert tree.notes["criterion"] == tuple(
        f"{name}.ipynb defines the same as a.ipynb, and is passed over." for name in ("b", "c")
    )


@pytest.mark.parametrize(
    "cell",
    [
        *("T = 1", "T: float = 1", "T /= 2", "x = T = 1", "x, T = 1, 2", "(x,\n T) = 1, 2", "x = 1; T = 2"),
        *("if x:\n    T = 1", "for T in range(3): pass", "with x as T: pass", "(T := 3)", "import own as T"),
        *("F.normalize = f", "SSLLoss.align_loss = f", "setattr(SSLLoss, 'x', f)", "SSLLoss.register(f)"),
        *("vars(SSLLoss)['x'] = f", "del T", "def scaled(x, T): return x", "@deco\ndef scaled(x, T): return x / T"),
        *(
            "class SSLLoss: pass",
            "print(f'{x}'); T = 1; y = 'a'",
            "from own import *",
            "from own import (a,\n scaled)",
            "%run own.py",
        ),
        *("%%writefile own.py\nx = 1", "try:\n    T\nexcept NameError:\n    T = 1"),
    ],
)
def test_a_cell_that_changes_what_an_answer_means_makes_a_difference(tmp_path: Path, cell: str) -> None:
    notebook(tmp_path / "in" / "a.ipynb", *USED)
    notebook(tmp_path / "in" / "b.ipynb", *USED, cell)
    assert "more than one notebook defines it (a.ipynb and b.ipynb)" in tree_of(tmp_path / "in").problems["criterion"]


@pytest.mark.parametrize(
    "text",
    [
        *("(" * 60_000, '\\"' * 60_000, "'" * 120_001, "f'" * 60_000, "for " + " " * 120_000, "x" * 120_000),
        *("a=a;" * 30_000, "def f(a): pass\n" * 8_000, "class C:\n" + " def f(a): pass\n" * 7_000),
        "".join(f"a{n} = a{n + 1}\n" for n in range(9_000)),
    ],
    ids=range(10),
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    needed([text], ["a0"])
    assert time.process_time() - begun < 5


def test_notebooks_that_differ_are_told_of(tmp_path: Path) -> None:
    for name in ("a", "b"):
        notebook(tmp_path / "in" / f"{name}.ipynb", KNN.replace("0", f"'{name}'"))
    problem = tree_of(tmp_path / "in").problems["validation"]
    assert problem.startswith("validation.py is missing, and more than one notebook defines it (a.ipynb and b.ipynb)")
    (tmp_path / "in" / "validation.py").write_text((SKELETON / "validation.py").read_text())
    assert (
        "is as it was handed out, and more"
        in materialise(Submission("ann", tmp_path / "in"), tmp_path / "again", Limits()).problems["validation"]
    )


def test_data_in_a_cell_hides_no_answer(tmp_path: Path) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", "DATA = '" + "A" * (2 * MIB) + "'", KNN)
    assert set(tree_of(tmp_path / "in").files) == {"validation"}


def test_what_a_notebook_lacks_is_named(tmp_path: Path) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", KNN)
    problems = tree_of(tmp_path / "in").problems
    assert problems["criterion"] == "criterion.py is missing, and no code cell of hw.ipynb defines SSLLoss."


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_answers_in_other_cells_are_told_of(tmp_path: Path, kind: str) -> None:
    notebook(tmp_path / "in" / "hw.ipynb", "text", KNN, kind=kind)
    problem = tree_of(tmp_path / "in").problems["validation"]
    assert f"the code cells of hw.ipynb do not define it; cell 3, which does, is a {kind} cell" in problem


def test_a_notebook_that_cannot_be_read_says_why_for_every_missing_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hw.ipynb").touch()
    problems = tree_of(tmp_path / "in").problems
    assert problems == {
        module: f"{module}.py is missing, and hw.ipynb is empty; save it in Jupyter again." for module in MODULES
    }


def test_a_name_of_any_length_and_half_an_emoji_are_taken(tmp_path: Path) -> None:
    name = "h" * 249 + ".ipynb"
    notebook(tmp_path / "in" / name, f"# \ud83d\n{KNN}")
    tree = tree_of(tmp_path / "in")
    assert cells_of(tree, "validation")[0] == name


@pytest.mark.published
def test_what_answers_a_question_is_shown_with_its_cell(tmp_path: Path) -> None:
    patched = "x = 1\ndef align_loss(self, z1, z2):\n    return 3\nSSLLoss.align_loss = align_loss"
    notebook(tmp_path / "in" / "hw.ipynb", STUB, f"y = 'a\u2028b'\n{KNN}", "class SSLLoss: pass", patched)
    shown = {one.question: one for one in read_excerpts(tree_of(tmp_path / "in"), SKELETON, load_rubric().graded)}
    assert (shown["2"].file, shown["2"].lines[0][0]) == ("hw.ipynb, cell 3", 2)
    assert shown["1.3"].file == "hw.ipynb, cell 5"
    assert shown["1.3"].lines == ((2, "def align_loss(self, z1, z2):"), (3, "    return 3"))
