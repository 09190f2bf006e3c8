"""Only statements that the asked definitions need are run, in order; a failure affects only what depends on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.core.records import STUDENT_FILES, Result, Status, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import CELLS, Limits
from autograder.grading.grader import Grader
from autograder.sandbox.cells import read_notebook
from autograder.sandbox.notebook import Run
from tests.course import now
from tests.sample_class import RIGHT, hand_in

RUBRIC = load_rubric()
CORE = [question for question in RUBRIC.graded if not question.bonus]
Made = tuple[dict[str, Any], list[str]]
TAKEN = {
    "an import and a call in one line": ("import math; math.sqrt(4)", "def KNN(): return math.floor(1.5)"),
    "a try": ("try:\n    import nowhere\n    N = 2\nexcept ImportError:\n    N = 1", "def KNN(): return N"),
    "an if": ("if True: N = 1\nelse: N = 2", "def KNN(): return N"),
    "a main guard": ("if __name__ == '__main__':\n    N = 1\n    undefined()", "def KNN(): return N"),
    "an augmented assignment": ("N = 0", "N += 1", "def KNN(): return N"),
    "a loop that fills a table": ("T = {}", "for i in range(3): T[i] = i", "def KNN(): return T[1]"),
    "calls that fill a list": ("T = []", "T.append(0)", "T.append(1)", "def KNN(): return T[1]"),
    "a with": ("import contextlib", "with contextlib.suppress(OSError):\n    N = 1", "def KNN(): return N"),
    "objects made by a call": ("from functools import partial", "f = partial(max, 1)", "def KNN(): return f(0)"),
    "a class over cells": ("class A:\n    def a(self): return 1", "class A(A): pass", "def KNN(): return A().a()"),
    "a patched method": ("class A: pass", "def a(self): return 1", "A.a = a", "def KNN(): return A().a()"),
    "setattr": ("class A: pass", "setattr(A, 'a', lambda self: 1)", "def KNN(): return A().a()"),
    "an alias": ("def other(): return 1", "KNN = other"),
    "a decorator": (
        "def make(x):\n    def deco(f): return f\n    return deco",
        "timer = make('x')",
        "@timer\ndef KNN(): return 1",
    ),
    "a base class": ("Base = type('Base', (), {'a': 1})", "class A(Base): pass", "def KNN(): return A.a"),
    "the last definition": ("def KNN(): return 2", "undefined()", "def KNN(): return 1"),
    "a name that is bound again later": ("N = 2", "def KNN(n=N): return n - 1", "N = 5"),
    "everything of a library": ("from math import *", "def KNN(): return floor(1.5)"),
    "a future import": ("from __future__ import annotations", "x = 3", "def KNN(x: nowhere = 1): return x"),
    "a second future import": ("x = 3\nfrom __future__ import annotations", "def KNN(x: nowhere = 1): return x"),
    "a magic": ("%matplotlib inline\nN = 1", "def KNN():\n    !ls\n    return N"),
    "what IPython has": ("get_ipython().run_line_magic('x', '')", "def KNN():\n    display(3)\n    return 1"),
}
NOT_RUN = {
    "training": "while True: pass",
    "what only training uses": "loader = undefined\nsteps = len(loader)\ndef train(steps=steps): pass",
    "a class that nobody asks for": "class Trainer(undefined.Module):\n    lr = cfg.lr",
    "settings of a library": "import math\nmath.undefined(3)",
    "an await": "await undefined()",
}


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Made]:
    """Run cells as `validation`, asked for `KNN`; what is there afterwards, and the notes."""

    def made(*sources: str, importing: bool = False, lent: dict[str, object] | None = None) -> Made:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}{CELLS}"
        path.write_text(json.dumps({"notebook": "hw.ipynb", "cells": list(enumerate(sources, 1))}))
        notes: list[str] = []
        names: dict[str, Any] = {}
        read = read_notebook(path)
        assert read is not None
        say = lambda error: f"{type(error).__name__}: {error}"  # noqa: E731
        cells = list(read.cells("validation"))
        lend = SimpleNamespace(**(lent or {})).__getattribute__
        run = Run("validation", read.name, cells, names, ["KNN"], lambda: importing, lend, say, notes.append)
        run.run()
        return names, notes

    return made


@pytest.mark.parametrize("sources", TAKEN.values(), ids=TAKEN)
def test_what_an_answer_needs_is_there(made: Callable[..., Made], sources: tuple[str, ...]) -> None:
    names, notes = made(*sources)
    assert (names["KNN"](), notes) == (1, [])


@pytest.mark.parametrize("source", NOT_RUN.values(), ids=NOT_RUN)
def test_what_no_answer_needs_is_not_run(made: Callable[..., Made], source: str) -> None:
    names, notes = made(source, "import math\ndef KNN(): return math.floor(1.5)")
    assert (names["KNN"](), notes) == (1, [])


def test_what_fails_is_told_and_costs_what_depends_on_it(made: Callable[..., Made]) -> None:
    names, notes = made("x = 1\ntable = open('nowhere.csv')", "def KNN(lazy=True): return 1 if lazy else len(table)")
    assert names["KNN"]() == 1
    said = "FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.csv'. It was left out."
    assert notes == [f"hw.ipynb, cell 1, line 2: {said}"]
    names, _ = made("table = undefined()", "def KNN(): return table.size")
    with pytest.raises(Exception, match=r"`table` was not made: hw.ipynb, cell 1, line 1: NameError"):
        names["KNN"]()


def test_a_name_whose_statement_failed_keeps_what_it_was(made: Callable[..., Made]) -> None:
    names, notes = made("N = 1", "N += undefined", "def KNN(): return N")
    assert names["KNN"]() == 1
    assert "cell 2, line 1: NameError" in notes[0]


def test_what_a_failed_statement_would_have_replaced_stays(made: Callable[..., Made]) -> None:
    names, notes = made("N = 1", "N = undefined", "N = other", "def KNN(): return N")
    assert names["KNN"]() == 1
    assert len(notes) == 2
    assert made("def KNN(): return 1", "@undefined\ndef KNN(): return 2")[0]["KNN"]() == 1
    assert len(made(*["N = undefined"] * 500, "def KNN(): return 1 if notes else N", "notes = 1")[1]) > 1


def test_a_failed_name_is_borne_at_the_margin(made: Callable[..., Made]) -> None:
    names, _ = made("args = parse()", "def KNN(k=args.k): return 1", importing=True)
    assert names["KNN"]() == 1


def test_a_broken_cell_costs_what_it_defines(made: Callable[..., Made]) -> None:
    names, notes = made("def KNN(:\n    pass", "def KNN(): return 1")
    assert names["KNN"]() == 1
    assert notes[0].startswith("hw.ipynb, cell 1, line 1: SyntaxError")
    with pytest.raises(SyntaxError, match=r"hw.ipynb, cell 2"):
        made("x = 1", "def KNN(:\n    pass")


def test_a_cell_of_a_shell_that_has_the_definition_is_named(made: Callable[..., Made]) -> None:
    shell = "%%bash\ncat > validation.py << 'EOF'\ndef KNN(): return 1\nEOF"
    names, notes = made("x = 1", shell, "%%bash\nls")
    assert "KNN" not in names
    assert len(notes) == 1 and notes[0].startswith("hw.ipynb, cell 2 has KNN and begins with %%bash")
    assert "`%%writefile validation.py`" in notes[0]
    assert made(shell, "def KNN(): return 1")[1] == []


def test_a_definition_that_fails_says_why(made: Callable[..., Made]) -> None:
    with pytest.raises(NameError, match="undefined"):
        made("@undefined\ndef KNN(): return 1")


def test_what_is_awaited_is_left_out_and_told(made: Callable[..., Made]) -> None:
    names, notes = made("N = await undefined()", "def KNN(): return 1 if notes else N", "notes = 1")
    assert names["KNN"]() == 1
    assert "cell 1, line 1" in notes[0] and "await" in notes[0]


def test_a_file_that_the_notebook_is_gives_its_own_names_or_the_skeletons(made: Callable[..., Made]) -> None:
    given = {"KNN": lambda: 2, "helper": lambda: 1}
    names, _ = made("def KNN(): return 1", "from validation import KNN", lent=given)
    assert names["KNN"]() == 1
    names, _ = made("from validation import helper, KNN as old", "def KNN(): return helper()", lent=given)
    assert (names["KNN"](), names["old"]()) == (1, 2)


def test_an_end_of_the_program_ends_nothing(made: Callable[..., Made]) -> None:
    names, notes = made("import sys", "N = 1", "N = sys.exit(0)", "def KNN(): return N")
    assert names["KNN"]() == 1
    assert "cell 3, line 1: it ends the program. It was left out." in notes[0]


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(RUBRIC, Limits(timeout=60)) as grader:
        yield grader


@pytest.fixture
def right(tmp_path: Path) -> dict[str, str]:
    """The five files with right answers, by name."""
    hand_in(tmp_path / "files", RIGHT)
    return {name: (tmp_path / "files" / name).read_text("utf-8") for name in STUDENT_FILES}


def graded(grader: Grader, folder: Path, *cells: str) -> Result:
    folder.mkdir(exist_ok=True)
    listed = [{"cell_type": "code", "source": cell} for cell in cells]
    (folder / "hw.ipynb").write_text(json.dumps({"cells": listed}))
    return grader.grade(Submission("ann", folder), CORE)


BEFORE = """
!pip install nowhere
import nowhere
%matplotlib inline
loader = nowhere.undefined(open("nowhere.csv"))
steps = len(loader)
def train(steps=steps): pass
while True: pass
"""


@pytest.mark.parametrize("magic", ["", "%%writefile {}\n", "%%time\n"], ids=["pasted", "written", "timed"])
def test_the_five_files_as_cells_get_full_marks(
    grader: Grader, tmp_path: Path, right: dict[str, str], magic: str
) -> None:
    cells = [magic.format(name) + text for name, text in right.items()]
    result = graded(grader, tmp_path / "ann", BEFORE, *cells, "from criterion import SSLLoss\ntrain(SSLLoss())")
    assert (result.score, result.status) == (RUBRIC.max_score, Status.OK), [one.error for one in result.questions]
    assert [one.advisories for one in result.questions] == [()] * len(CORE)


@pytest.mark.published
def test_what_goes_wrong_is_told_with_its_cell(grader: Grader, tmp_path: Path, right: dict[str, str]) -> None:
    raises = "def KNN(features, train_features, labels, train_labels, K=1):\n    return {}[K]\n"
    freeze = "class A: pass\n\ndef freeze_backbone(model:\n    pass\n"
    cells = [text for name, text in right.items() if name not in ("validation.py", "main_linclis.py")]
    result = graded(grader, tmp_path / "ann", *cells, raises, freeze)
    found = {one.id: one for one in result.questions}
    assert sum(one.score for one in result.questions) == RUBRIC.max_score - 20
    assert "KeyError" in str(found[now("2")].error)
    assert "hw.ipynb, cell 4, line 2, in KNN: return {}[K]" in str(found[now("2")].error)
    assert "hw.ipynb, cell 5, line 3" in str(found[now("3")].error)
    assert any("hw.ipynb, cell 5, line 3: SyntaxError" in note for note in found[now("1.1")].advisories)


def test_files_exported_from_a_notebook_get_full_marks(grader: Grader, tmp_path: Path, right: dict[str, str]) -> None:
    (tmp_path / "ann").mkdir()
    for name, text in right.items():
        (tmp_path / "ann" / name).write_text(f"# %%\n!pip install x\nget_ipython().system('ls')\n# %%\n{text}", "utf-8")
    result = grader.grade(Submission("ann", tmp_path / "ann"), CORE)
    assert (result.score, result.status) == (RUBRIC.max_score, Status.OK), [one.error for one in result.questions]
