"""Tests the words for what student code raises: a sentence, its own lines, and nothing of the machine."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.sandbox.describe import describe, tidy
from autograder.sandbox.protocol import RAISED
from autograder.sandbox.source import Source, read_asked
from tests.course import now

KNN = read_asked((Path(__file__).parents[2] / "assignment" / "validation.py").read_text())[now("2")]
STUB = "Question 2 is not implemented yet"
SIGNATURE = "The signature was changed; it must be `def KNN(features, train_features, labels, train_labels, K=1)`."


class Folder:
    """A student's folder, in which files are imported and called as the sandbox does it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: str, name: str = "validation.py") -> Path:
        (self.path / name).write_text(textwrap.dedent(text))
        return self.path / name

    def run(self, text: str) -> dict[str, Any]:
        """The description of the exception from importing the file and calling KNN."""
        source = Source(self.write(text), KNN)
        spec = importlib.util.spec_from_file_location("validation", source._path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            return describe(error, "import", self.path, source)
        try:
            module.KNN(*[torch.ones(2, 2, requires_grad=True).clone() for _ in range(4)], 1)
        except BaseException as error:
            return describe(error, "exception", self.path, source)
        raise AssertionError("nothing was raised")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    path = tmp_path / "tmpab12cd34"
    path.mkdir()
    monkeypatch.chdir(path)
    monkeypatch.syspath_prepend(path)
    return Folder(path)


def answer(*lines: str, top: str = "import torch") -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"{top}\ndef KNN(features, train_features, labels, train_labels, K=1):\n{body}\n"


ANSWERS = {
    "return 1 / 0": ("exception", "ZeroDivisionError: division by zero"),
    "raise NotImplementedError('Question 2 is not implemented yet')": ("unfilled", "Question 2 is not implemented yet"),
    "raise NotImplementedError": ("exception", "NotImplementedError: "),
    "raise NotImplementedError('TODO')": ("exception", "NotImplementedError: TODO"),
    "x = 1; raise NotImplementedError('Question 3 is not implemented yet')": (
        *("exception", "KNN calls the answer to another question. Question 3 is not implemented yet."),
    ),
    "exit()": ("ended", "validation.py ends the program (line 3). Return a value instead."),
    "raise EOFError('EOF when reading a line')": ("ended", "validation.py waits for input (line 3);"),
    "import bdb; K = breakpoint\nraise bdb.BdbQuit": ("ended", "A debugger was left in (validation.py, near line 4)."),
    "K = 1  # breakpoint()\nimport bdb; raise bdb.BdbQuit": ("ended", "A debugger was left in (validation.py, line 3)"),
    "raise MemoryError": ("memory", "MemoryError: "),
    "return torch.ones(2, device='mps')": ("device", "An Apple GPU (mps) is asked for; there is none where this is"),
    "return features.to('mps')": ("device", "An Apple GPU (mps) is asked for; there is none where this is graded."),
    "raise RuntimeError('Found no NVIDIA driver on your system.')": ("device", "An NVIDIA GPU (cuda) is asked for; "),
    "raise AssertionError('Torch not compiled with CUDA enabled')": ("device", "An NVIDIA GPU (cuda) is asked for; "),
    "raise RuntimeError('CUDA error: no device')": ("device", "An NVIDIA GPU (cuda) is asked for; "),
    "raise RuntimeError('Attempting to deserialize object on a CUDA device but')": ("device", "An NVIDIA GPU (cuda)"),
    "return features.to('xla')": ("device", "A TPU (xla) is asked for; "),
    "raise RuntimeError('the cuda kernel is wrong')": ("exception", "RuntimeError: the cuda kernel is wrong"),
    "x = features.exp(); x += 1; x.sum().backward()": ("exception", "A tensor that the gradient still needs"),
    "p = torch.nn.Parameter(features.detach()); p += 1": ("exception", "A parameter that requires gradients"),
    "return open('/proc/1/mem')": ("sandbox", "While grading, files can be read and written only next to your own."),
    "class NotWhileGrading(PermissionError): pass\nraise NotWhileGrading('No fork.')": ("sandbox", "No fork."),
    "class LibraryMissing(ImportError): pass\nraise LibraryMissing('No pandas.')": ("library", "No pandas."),
    "from itertools import batched_": ("exception", "ImportError: cannot import name 'batched_' from 'itertools'"),
    "return features @ torch.ones(3)": ("exception", "RuntimeError: size mismatch"),
    "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd": ("exception", "Odd: (its message"),
    "raise ValueError('x' * 5000)": ("exception", "ValueError: " + "x" * 290),
    "raise KeyError('USER')": ("exception", "KeyError: 'USER'"),
    "return validation.missing": ("exception", "NameError: name 'validation' is not defined"),
    "return torch.does_not_exist": ("exception", "AttributeError: module 'torch' has no attribute 'does_not_exist'"),
}


@pytest.mark.parametrize(("body", "told"), ANSWERS.items(), ids=[str(number) for number in range(len(ANSWERS))])
def test_an_answer_that_raises(folder: Folder, body: str, told: tuple[str, str]) -> None:
    kind, message = told
    said = folder.run(answer(*body.splitlines()))
    assert (said["kind"], said["message"][: len(message)]) == (kind, message)
    assert len(said["message"].splitlines()[0]) <= 320
    assert "validation.py, line " in said["trace"] or kind == "unfilled"
    assert said["kind"] in RAISED


def test_the_line_of_a_change_in_place_is_found_where_the_gradient_fails_elsewhere(folder: Folder) -> None:
    path = folder.write(answer("x = features.exp()", "x /= 2", "return x"))
    error = RuntimeError("one of the variables has been modified by an inplace operation: enable anomaly detection")
    said = describe(error, "exception", folder.path, Source(path, KNN))
    assert said["trace"] == "validation.py, line 4, in KNN: x /= 2"
    assert "anomaly" not in said["message"]


CALLS = {
    "def KNN(features, labels): return 1": ("call", SIGNATURE),
    "def KNN(features, train_features, labels, train_labels, K, p): return 1": ("call", SIGNATURE),
    "def KNN(features, labels, train_features, train_labels, K=1): return features @ [1]": ("call", SIGNATURE),
    "def KNN(train_features, a, labels, train_labels, K=1): return features @ [1]": ("exception", "NameError"),
    "def knn(features, *rest): return 1": ("stub", "validation.py does not define KNN; it defines knn (line 1)"),
    "x = 1": ("absent", "validation.py does not define KNN."),
    f"def KNN(*a):\n    raise NotImplementedError({STUB!r})\n    return 1": ("stub", "There is code around the stub's"),
    "def f(x): return 1\ndef KNN(*a): return f(1, 2)": ("exception", "TypeError: f() takes 1 positional argument"),
}


@pytest.mark.published
@pytest.mark.parametrize(("text", "told"), CALLS.items())
def test_what_the_call_itself_says(folder: Folder, text: str, told: tuple[str, str]) -> None:
    said = folder.run(text)
    assert (said["kind"], said["message"][: len(told[1])]) == told


IMPORTS = {
    "x = 1\nraise SystemExit(2)": (
        *("ended", "validation.py ends the program when it is imported (line 2). Put this under `if __name__ == "),
    ),
    "input = 3\nraise EOFError('EOF when reading a line')": ("ended", "validation.py waits for input when it is"),
    "x = (1,\n": ("import", "SyntaxError: '(' was never closed (validation.py, line 1)"),
    "from . import engine": ("import", "ImportError: attempted relative import with no known parent package"),
    "import helper_that_ends": ("ended", "helper_that_ends.py ends the program when it is imported (line 1)."),
    "from helper import nothing": ("import", "ImportError: cannot import name 'nothing' from 'helper' (helper.py)"),
    "import torch\ntorch.ones(2, device='mps')": ("device", "An Apple GPU (mps) is asked for; "),
    "def KNN(): raise NotImplementedError('Question 2 is not implemented yet')\nKNN()": (
        *("import", "Question 2 is not implemented yet, and it is called when the file is imported (validation.py"),
    ),
    "raise ValueError(object())": ("import", "ValueError: <object object at 0x…>"),
    "import tempfile\nraise ValueError(tempfile.mkdtemp())": ("import", "ValueError: "),
}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
def test_a_file_that_needs_a_newer_python(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 11, 7))
    message = str(folder.run("def f[T](x): pass")["message"])
    assert message.startswith("Grading runs Python 3.11; line 1 needs 3.12 or newer (a type parameter).\nSyntax")


@pytest.mark.parametrize(("text", "told"), IMPORTS.items())
def test_a_file_that_cannot_be_imported(
    folder: Folder, text: str, told: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.version_info", (3, 11, 7))
    folder.write("x = 1", "helper.py")
    folder.write("exit()", "helper_that_ends.py")
    said = folder.run(text)
    assert (said["kind"], said["message"][: len(told[1])]) == told
    assert "validation.py, line " in said["trace"] or "engine" in text
    told_in_all = said["message"] + said["trace"]
    assert str(folder.path) not in told_in_all and "tmp.ab" not in told_in_all


def test_a_relative_import_that_was_tried_again_in_a_package_says_what_python_says(folder: Folder) -> None:
    path = folder.write("\nfrom .engine import x\n")
    with pytest.raises(ModuleNotFoundError) as again:
        importlib.util.find_spec("tmpab12cd34.validation")
    with pytest.raises(ImportError) as first:
        exec(compile(path.read_text(), str(path), "exec"), {"__name__": "validation", "__package__": ""})
    again.value.__context__ = first.value
    said = describe(again.value, "import", folder.path)
    assert said["message"] == "ImportError: attempted relative import with no known parent package"
    assert said["trace"] == "validation.py, line 2, in <module>: from .engine import x"


def test_only_the_innermost_lines_are_told(folder: Folder) -> None:
    said = folder.run(answer("return KNN(features, 1, 2, 3, K + 1) if K < 50 else 1 / 0"))
    assert said["trace"].count("\n") == 2


def test_lines_of_other_files_can_be_left_out(folder: Folder) -> None:
    folder.write("def f(): 1 / 0", "dividing.py")
    path = folder.write("import dividing\ndef KNN(): dividing.f()\n")
    scope: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    with pytest.raises(ZeroDivisionError) as caught:
        scope["KNN"]()
    said = describe(caught.value, "exception", folder.path, left_out=("dividing.py",))
    assert said["trace"] == "validation.py, line 2, in KNN: def KNN(): dividing.f()"


def test_nothing_of_the_machine_is_left(folder: Folder) -> None:
    library = Path(torch.__file__).parent / "nn" / "modules" / "module.py"
    text = f"{folder.path}/sub/x.pt {library} {folder.path.parent}/tmp9_ttyqsv/y <f at 0x7f3b7772ed50> other.py 0x12"
    assert tidy(text, folder.path) == "sub/x.pt torch/nn/modules/module.py tmp…/y <f at 0x…> other.py 0x12"
