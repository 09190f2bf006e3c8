"""A library that is not installed costs nothing until an answer uses it; one that is there may do what it likes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.core.errors import WorkerLost
from autograder.core.settings import SKELETON
from autograder.sandbox.client import Server, Zygote
from autograder.sandbox.student import _SLOW, _imported_libraries
from tests.sandbox.conftest import Ask

HARMLESS = [
    "import nowhere",
    "import nowhere.deep.inside as inside",
    "from nowhere.deep import this, that as other",
    "from nowhere import *",
    "import nowhere as nw\nnw.set_theme(style='dark')\nnw.options['x'] = 1\nnw.rc.figure = 2",
    "import nowhere\n@nowhere.jit(cache=True)\ndef unused(): pass",
    "import nowhere\nclass Unused(nowhere.Module):\n    pass",
    "from nowhere import Frame\ndef unused(x: Frame | None = None) -> Frame: ...",
    "import nowhere\nwith nowhere.quiet(): pass\nfor x in nowhere.range(3): pass",
    "from google.colab import drive\ndrive.mount('/content/drive')",
]
TOUCHES = {
    "called": ("import nowhere", "return nowhere.sum(z1)"),
    "decorated": ("import nowhere\n@nowhere.jit\ndef total(x): return x.sum()", "return total(z1)"),
    "inherited": ("import nowhere\nclass Net(nowhere.Module): pass", "return Net()(z1)"),
    "imported in the answer": ("", "import nowhere\nreturn nowhere.sum(z1)"),
    "from the library": ("from nowhere.metrics import total", "return total(z1)"),
}
GUARDED = [
    "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None\nassert nowhere is None",
    "try:\n    import nowhere\nexcept (ModuleNotFoundError, OSError):\n    nowhere = None\nassert nowhere is None",
    "try:\n    import nowhere\nexcept:\n    nowhere = None\nassert nowhere is None",
    "import contextlib\nnowhere = 0\nwith contextlib.suppress(ImportError):\n    import nowhere\nassert nowhere == 0",
]


@pytest.mark.parametrize("top", HARMLESS)
def test_what_is_not_installed_costs_nothing_and_is_noted(ask: Ask, top: str) -> None:
    answered = ask("return z1.sum()", top=top)
    assert answered.answers[0].error is None, answered.answers[0].error
    assert any("is not installed where this is graded" in note for note in answered.notes)


@pytest.mark.parametrize(("top", "body"), TOUCHES.values(), ids=TOUCHES)
def test_an_answer_that_uses_it_says_what_is_missing(ask: Ask, top: str, body: str) -> None:
    (answer,) = ask(body, top=top).answers
    assert answer.error is not None
    assert "`nowhere` is not installed where this is graded. Installed are torch" in answer.error.message


@pytest.mark.parametrize("top", GUARDED)
def test_code_that_expects_it_is_left_alone(ask: Ask, top: str) -> None:
    answered = ask("return z1.sum()", top=top)
    assert answered.answers[0].error is None, answered.answers[0].error
    assert answered.notes == ()


def test_a_library_that_is_there_is_never_hidden(ask: Ask) -> None:
    (answer,) = ask("return torch.ones(1).sum() + z1.sum()", top="import torch.nowhere").answers
    assert answer.error is not None and "torch.nowhere" in answer.error.message


@pytest.mark.parametrize(
    "top",
    [
        "import torchvision\nfrom torchvision import transforms",
        "import matplotlib.pyplot as plt\nplt.figure()\nplt.show()",
        "import matplotlib\nmatplotlib.use('MacOSX')\nimport matplotlib.pyplot as plt\nmatplotlib.use('TkAgg')",
        "from PIL import Image",
        "import sklearn\nfrom sklearn.metrics import accuracy_score",
        "import scipy.stats",
        "import tqdm\nfrom tqdm.auto import tqdm",
        "from torch.utils.tensorboard import SummaryWriter\nSummaryWriter('runs')",
        "import pandas as pd",
        "import cv2",
        "import timm",
        "import wandb\nwandb.init(project='ssl')",
    ],
)
def test_the_usual_imports(ask: Ask, top: str) -> None:
    (answer,) = ask("return z1.sum()", top=top).answers
    assert answer.error is None, answer.error


SPOILERS = {
    "raises": "raise OSError('no folder to write to')",
    "exits": "import sys\nsys.exit(3)",
    "ends the process": "import os\nos._exit(3)",
    "starts a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()",
    "prints": "print('x' * 10**6)",
    "writes a cache": "import os\nopen(os.path.expanduser('~/cache'), 'w').write('x')",
}


@pytest.mark.parametrize("code", SPOILERS.values(), ids=SPOILERS)
def test_whatever_an_import_in_the_server_does_costs_that_import(code: str, tmp_path: Path) -> None:
    """The server goes on, or ends if it cannot: nothing is raised in any case."""
    (tmp_path / "spoiler.py").write_text(code + "\n")
    program = (
        "import sys\nfrom autograder.sandbox.server import _import\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n_import(['spoiler'])\nprint('\\nWENT ON')"
    )
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(SKELETON.parent)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    ends = "thread" in code or "os._exit" in code
    assert (done.stdout.endswith("WENT ON\n"), done.returncode != 0) == (not ends, ends), done.stderr
    assert done.stderr == ""


def test_a_library_that_ends_a_server_is_not_tried_again(capfd: pytest.CaptureFixture[str]) -> None:
    with Zygote(SKELETON) as zygote:
        with Server(SKELETON, zygote=zygote) as server:
            server.import_library("zen", ["this"])  # it prints
            assert zygote.spoiling == set() and server.layers.sufficient
            zygote.end_server(server._pid)
            with pytest.raises(WorkerLost):
                server.import_library("spoiler", ["spoiler"])
        with Server(SKELETON, zygote=zygote) as server:
            server.import_library("spoiler", ["spoiler"])
            assert "spoiler" not in server._imported
    assert capfd.readouterr() == ("", "")


def test_imports_are_looked_for_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "if True:\n    import torchvision\nfrom torch.utils.tensorboard import x\nimport os\n"
    )
    assert _imported_libraries(tmp_path) == {"torchvision", "tensorboard"} <= _SLOW.keys()
