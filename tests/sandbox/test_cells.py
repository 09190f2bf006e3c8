"""Cells become Python exactly at the places where IPython would see a magic, each by itself."""

from __future__ import annotations

import ast
import json
import linecache
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.core.settings import CELLS
from autograder.sandbox.cells import as_python, read_notebook

UNTOUCHED = {
    "an operator first": "x = (\n    7\n    % 4\n)\n",
    "not equal first": "x = (\n    7\n    != 4\n)\n",
    "behind a backslash": "x = 7 \\\n  % 4\n",
    "lines of a string": 's = """\n%matplotlib inline\n!pip install torch\n?\n"""\n',
    "other line ends in a string": "s = 'a\u2028b\x0cc'\n%matplotlib inline\n".replace("%matplotlib inline\n", ""),
}
MAGIC = {
    "a magic": ("%matplotlib inline\nx = 1", "x"),
    "a command": ("!pip install torch\nx = 1", "x"),
    "help": ("torch.nn?\nx = 1", "x"),
    "on the right of a command": ("gpu = !nvidia-smi\nx = 1", "x"),
    "on the right of a magic": ("t = %time 3\nx = 1", "x"),
    "in a function": ("def x():\n    !ls\n    files = !ls\n    %time 3\n    return 1", "x"),
    "a prompt": (">>> x = 1\n", "x"),
    "a timed cell": ("%%time\n\n!ls\nx = 1", "x"),
    "a captured cell": ("%%capture out\n%%time\nx = 1", "x"),
    "a magic that nobody knows": ("%%heat\nx = 1", "x"),
}
NOTHING = ["%%bash\nx=1\necho", "%%html\n<b>x = 1</b>", "%%javascript\nlet x = 1", "%%timeit\nx = 1", "%%!\nls"]


@pytest.mark.parametrize("code", UNTOUCHED.values(), ids=UNTOUCHED)
def test_what_is_python_stays_as_it_is(code: str) -> None:
    assert as_python(code) == code
    assert as_python(f"%matplotlib inline\n{code}").endswith(code.lstrip())


@pytest.mark.parametrize(("code", "name"), MAGIC.values(), ids=MAGIC)
def test_what_only_ipython_reads_becomes_python_on_its_own_line(code: str, name: str) -> None:
    body = ast.parse(as_python(code)).body
    names = {target.id: target.lineno for one in body if isinstance(one, ast.Assign) for target in one.targets}  # type: ignore[attr-defined]
    names |= {one.name: one.lineno for one in body if isinstance(one, ast.FunctionDef)}
    written = next(
        i for i, line in enumerate(code.split("\n"), 1) if line.removeprefix(">>> ")[:5] in ("x = 1", "def x")
    )
    assert names[name] == written


@pytest.mark.parametrize("code", NOTHING)
def test_a_cell_of_another_language_is_nothing(code: str) -> None:
    assert ast.parse(as_python(code)).body == []


def test_what_takes_magics_apart_is_there_before_any_fork() -> None:
    code = "import sys, autograder.sandbox.child; sys.exit('IPython.core.inputtransformer2' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_blank_lines_before_a_magic_keep_their_place() -> None:
    assert ast.parse(as_python("\n\n%matplotlib inline\nx = 1")).body[-1].lineno == 4


def notebook(folder: Path, *sources: str) -> Path:
    path = folder / f"x{CELLS}"
    path.write_text(json.dumps({"notebook": "hw.ipynb", "cells": list(enumerate(sources, 1))}))
    return path


def test_a_cell_is_told_by_its_number_and_its_lines_are_known(tmp_path: Path) -> None:
    read = read_notebook(notebook(tmp_path, "x = 1", "def broken(:\n    pass"))
    assert read is not None
    sound, broken = read.cells("criterion")
    assert (sound.number, sound.file, sound.error) == (1, f"{tmp_path}/hw.ipynb, cell 1", None)
    assert broken.error is not None and broken.error.filename == f"{tmp_path}/hw.ipynb, cell 2"
    assert linecache.getline(broken.file, 1) == "def broken(:\n"


def test_half_an_emoji_and_a_zero_byte_are_read(tmp_path: Path) -> None:
    read = read_notebook(notebook(tmp_path, "x = 1  # \ud83d", "y = '\0'"))
    assert read is not None
    emoji, zero = read.cells("criterion")
    assert len(emoji.body) == 1
    assert zero.error is not None


def test_a_cell_that_writes_a_file_counts_for_that_file(tmp_path: Path) -> None:
    path = notebook(
        tmp_path, "%%writefile criterion.py\nx = 1", "%%writefile main.py\ny = 1", "%%writefile own.py\nz = 1"
    )
    read = read_notebook(path)
    assert read is not None
    cells = list(read.cells("criterion"))
    assert [cell.number for cell in cells] == [1]
    assert cells[0].body[0].lineno == 2
    assert (tmp_path / "own.py").read_text() == "z = 1\n"
    assert not (tmp_path / "main.py").exists()


@pytest.mark.parametrize(
    ("sources", "written"),
    [
        (["%%writefile own.py\nx = 1\n", "%%writefile own.py\nx = 2\n"], {"own.py": "x = 2\n"}),
        (["%%writefile own.py\nx = 1\n", "%%file -a 'own.py'\ny = 2\n"], {"own.py": "x = 1\ny = 2\n"}),
        (["%%writefile own.py\nx = 1", "%%writefile -a own.py\ny = 2"], {"own.py": "x = 1\ny = 2\n"}),
        (["%%writefile a/own.py\nx = 1\n"], {"a/own.py": "x = 1\n"}),
        (["%%writefile /content/own.py\nx = 1\n"], {"own.py": "x = 1\n"}),
        (["%%writefile ../own.py\nx = 1\n"], {"own.py": "x = 1\n"}),
        (["%%writefile there.py\nx = 1\n"], {"there.py": "handed in"}),
    ],
)
def test_a_helper_is_written_as_the_kernel_would(tmp_path: Path, sources: list[str], written: dict[str, str]) -> None:
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "there.py").write_text("handed in")
    read = read_notebook(notebook(tmp_path / "hw", *sources))
    assert read is not None
    assert list(read.cells("criterion")) == []
    assert {name: (tmp_path / "hw" / name).read_text() for name in written} == written
    assert not (tmp_path / "own.py").exists()


FILE = "%%writefile criterion.py\n"
MORE = "%%writefile -a criterion.py\n"


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            [f"{FILE}class A:\n    x = 1", "y = 2", f"{MORE}    z = 3"],
            {1: "class A:\n    x = 1\n    z = 3", 2: "y = 2"},
        ),
        ([f"{FILE}a = (", f"{MORE}1,", f"{MORE})"], {1: "a = (1,)"}),
        ([f"{FILE}if a:\n    b = 1", f"{MORE}else:\n    b = 2"], {1: "if a:\n    b = 1\nelse:\n    b = 2"}),
        ([f"{FILE}a = 1", f"{MORE}b = 2"], {1: "a = 1", 2: "b = 2"}),
        ([f"{FILE}a = (", f"{FILE}b = 2", f"{MORE}c = 3"], {1: "", 2: "b = 2", 3: "c = 3"}),
        ([f"{FILE}a = 1", f"{MORE}def broken(:", f"{MORE}b = 2"], {1: "a = 1", 2: "", 3: "b = 2"}),
        ([f"{FILE}class A:\n    x = 1", f"{MORE}    !ls"], {1: "class A:\n    x = 1\n    get_ipython().system('ls')"}),
    ],
)
def test_cells_that_append_are_read_as_the_file_that_they_write(
    tmp_path: Path, sources: list[str], expected: dict[int, str]
) -> None:
    read = read_notebook(notebook(tmp_path, *sources))
    assert read is not None
    found = {cell.number: ast.unparse(ast.Module(cell.body, [])) for cell in read.cells("criterion")}
    assert found == {number: ast.unparse(ast.parse(code)) for number, code in expected.items()}


def test_the_lines_of_an_exported_file_stay_when_cells_are_read_together(tmp_path: Path) -> None:
    cells = [f"{FILE}class A:\n    x = 1\n", "\n" * 5 + f"{MORE}    def z(self): pass\n"]
    (tmp_path / "hw.py").write_text("")
    path = tmp_path / f"x{CELLS}"
    path.write_text(json.dumps({"notebook": "hw.py", "cells": [(0, cell) for cell in cells]}))
    read = read_notebook(path)
    assert read is not None
    (cell,) = read.cells("criterion")
    assert [node.lineno for node in ast.walk(cell.body[0]) if isinstance(node, ast.FunctionDef)] == [7]


@pytest.mark.parametrize("line", ["%run own.py", "%run -i ./own.py", "%run own.py --flag"])
def test_what_another_file_defines_comes_by_run(line: str) -> None:
    assert as_python(f"\n{line}\nx = 1").splitlines()[1:3] == ["from own import *", "x = 1"]
    assert "import" not in as_python(f"def f():\n    {line}")


def test_the_cells_of_an_exported_file_are_told_by_its_lines(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text("x = 1\n# %%\ndef broken(:\n")
    path = tmp_path / f"x{CELLS}"
    path.write_text(json.dumps({"notebook": "hw.py", "cells": [(0, "x = 1"), (0, "\n# %%\ndef broken(:\n")]}))
    read = read_notebook(path)
    assert read is not None
    _, broken = read.cells("criterion")
    assert broken.error is not None and broken.error.lineno == 3
    assert linecache.getline(broken.file, 3) == "def broken(:\n"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("x = 1\n", False),
        ("x = (7\n% 4)\n", False),
        ("def broken(:\n", False),
        ("!pip install torch\nx = 1\n", True),
        ("get_ipython().system('ls')\nx = 1\n", True),
        ("# %%\n%matplotlib inline\n# %% [markdown]\n# Text\n# %%\nx = 1\n", True),
    ],
)
def test_a_file_with_magics_is_a_notebook_of_one_cell(tmp_path: Path, text: str, taken: bool) -> None:
    path = tmp_path / "criterion.py"
    path.write_text(text)
    read = read_notebook(path)
    assert (read is not None) is taken
    if read is not None:
        (cell,) = read.cells("criterion")
        assert (cell.file, cell.error) == (str(path), None)
