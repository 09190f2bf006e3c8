"""Habits within the answers, next to the files, and in how a file is written."""

from __future__ import annotations

import textwrap

from tests.habits.habit import Habit
from tests.sample_class import RIGHT


def before(question: str, lines: str) -> dict[str, str]:
    """The right answer below some lines."""
    return {question: textwrap.dedent(lines) + textwrap.dedent(RIGHT[question])}


def returned(question: str, expression: str) -> dict[str, str]:
    """The right answer as a function within the function, its value in an expression of `value`."""
    inner = textwrap.indent(textwrap.dedent(RIGHT[question]).strip("\n"), "    ")
    return {question: f"def answer():\n{inner}\nvalue = answer()\nreturn {expression}\n"}


LINES = {
    "print": "print('z1', z1.shape, z1)",
    "tqdm": "from tqdm import tqdm\nfor _ in tqdm(range(2)): pass",
    "assert": "assert z1.shape == z2.shape, 'shapes'",
    "shape unpacked": "B, D = z1.shape",
    "seed": "torch.manual_seed(3)",
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "no grad left off": "torch.set_grad_enabled(True)",
    "anomaly": "torch.autograd.set_detect_anomaly(True)",
    "device of the inputs": "device = z1.device; z1, z2 = z1.to(device), z2.to(device)",
    "cuda if there is one": "device = 'cuda' if torch.cuda.is_available() else 'cpu'; z1 = z1.to(device)",
    "contiguous clones": "z1, z2 = z1.clone().contiguous(), z2.clone().contiguous()",
    "float": "dtype = z1.dtype; z1, z2 = z1.double(), z2.double()",
    "attribute kept": "self.last = z1.detach()",
    "buffer kept": "self.calls = getattr(self, 'calls', 0) + 1",
    "global": "global CALLS; CALLS = 1",
    "import inside": "import math, torch.nn.functional as F",
    "threads": "import threading; t = threading.Thread(target=print); t.start(); t.join()",
    "thread pool": "from concurrent.futures import ThreadPoolExecutor as P\nwith P(2) as pool: pool.map(abs, [1])",
    "data loader": "from torch.utils.data import DataLoader\nfor _ in DataLoader(range(4), num_workers=0): pass",
    "temporary file": "import tempfile\nwith tempfile.TemporaryFile() as file: file.write(b'x')",
    "file beside": "with open('debug.txt', 'w') as file: file.write('x')",
    "saves a tensor": "torch.save(z1.detach(), 'z1.pt'); torch.load('z1.pt', weights_only=True)",
    "logging": "import logging; logging.getLogger(__name__).warning('loss')",
    "warning": "import warnings; warnings.warn('slow')",
    "time": "import time; time.sleep(0.001)",
    "walrus and match": "if (n := len(z1)) > 1: pass\nmatch n:\n    case 1: pass\n    case _: pass",
    "no_grad for a norm": "with torch.no_grad(): z1.norm()",
    "autocast off": "with torch.autocast('cpu', enabled=False): pass",
    "a missing program": "import subprocess\ntry: subprocess.run(['no-such'])\nexcept FileNotFoundError: pass",
    "deep copy": "import copy; copy.deepcopy(z1.detach())",
    "hook": "if z1.requires_grad: z1.register_hook(lambda g: g)",
    "retain_grad": "if z1.requires_grad: z1.retain_grad()",
    "garbage": "import gc; gc.collect()",
    "home": "import os; os.path.expanduser('~')",
    "profiler": "import time; start = time.perf_counter()",
}
RESULTS = {
    "int()": "int(value)",
    "float()": "float(value)",
    "numpy scalar": "__import__('numpy').int64(value)",
    "numpy float": "__import__('numpy').float32(value)",
    "0-d array": "torch.tensor(value).cpu().numpy()",
    "0-d tensor": "torch.tensor(value)",
    "0-d float tensor": "torch.tensor(float(value))",
}
FUNCTION = "def KNN("
DECORATORS = {
    "no_grad": "@torch.no_grad()\n",
    "inference mode": "@torch.inference_mode()\n",
    "own timer": (
        "def timer(f):\n    def wrapper(*args, **kwargs):\n        return f(*args, **kwargs)\n"
        "    return wrapper\n\n\n@timer\n"
    ),
    "functools.wraps": (
        "import functools\n\n\ndef log(f):\n    @functools.wraps(f)\n    def wrapper(*args, **kwargs):\n"
        "        return f(*args, **kwargs)\n    return wrapper\n\n\n@log\n"
    ),
    "compile": "@torch.compile\n",
    "compile with options": "@torch.compile(mode='max-autotune')\n",
    "missing library": "import numba_is_not_there\n\n\n@torch.no_grad()\n",
}
MODEL = "class Model(nn.Module):"
HABITS = (
    *(
        Habit(f"in 1.2: {name}", answers=before("1.2", lines + "\n"))
        for name, lines in LINES.items()
        if name != "float"
    ),
    *(Habit(f"KNN returns {name}", "validation.py", answers=returned("2", text)) for name, text in RESULTS.items()),
    *(
        Habit(f"KNN with {name}", "validation.py", replace={FUNCTION: text + FUNCTION})
        for name, text in DECORATORS.items()
    ),
    Habit("tuple of parameters", "main_linclis.py", answers=returned("3", "tuple(value)")),
    Habit("further keys", "model_factory.py", answers=returned("1.1", "dict(value, extra=1)")),
    Habit("OrderedDict", "model_factory.py", answers=returned("1.1", "__import__('collections').OrderedDict(value)")),
    Habit("Windows line ends", replace={"\n": "\r\n"}),
    Habit("byte order mark", encoding="utf-8-sig"),
    Habit("an encoding line", first="# -*- coding: utf-8 -*-\n"),
    Habit("a shebang", first="#!/usr/bin/env python3\n"),
    Habit("Latin-1 with its line", first="# -*- coding: latin-1 -*-\n# \xe9\n", encoding="latin-1", check=False),
    Habit("star imports", top="from torch import *\nfrom torch.nn.functional import *\nimport torch"),
    Habit("star import of a given file", "main.py", top="from engine import *"),
    Habit("import check at the top", first="import check\n", replace={"from __future__ import annotations\n": ""}),
    Habit("check inside", "validation.py", top="import check"),
    Habit("engine.__file__", "main.py", top="import os\nHERE = os.path.dirname(engine.__file__)"),
    Habit("the source of a given file", "main.py", top="import inspect\ninspect.getsource(engine)"),
    Habit("own helper module", top="from helper import scale", beside={"helper.py": "def scale(x): return x\n"}),
    Habit(
        "own package", top="from tools.deep import f", beside={"tools/__init__.py": "", "tools/deep.py": "f = abs\n"}
    ),
    Habit("own package without init", top="from tools.deep import f", beside={"tools/deep.py": "f = abs\n"}),
    Habit("a folder logs", "main.py", beside={"logs/events.txt": "x"}),
    Habit("a folder views", "main_linclis.py", beside={"views/index.html": "x"}),
    Habit("a folder data", beside={"data/readme.txt": "x"}),
    Habit("a folder runs", beside={"runs/a/events.out": "x"}),
    Habit("notes beside", beside={"notes.md": "x", "todo.txt": "y", ".gitignore": "z"}),
    Habit(
        "a notebook beside",
        beside={"scratch.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'},
    ),
    Habit(
        "type hints",
        replace={"def align_loss(self, z1: Tensor, z2: Tensor) -> Tensor:": "def align_loss(self, z1, z2):"},
    ),
    Habit(
        "renamed parameters",
        answers={"1.3": "return -F.cosine_similarity(a, b).mean()"},
        replace={"def align_loss(self, z1: Tensor, z2: Tensor)": "def align_loss(self, a: Tensor, b: Tensor)"},
    ),
    Habit(
        "further parameter with a default",
        "validation.py",
        replace={"K: int = 1)": "K: int = 1, verbose: bool = False)"},
    ),
    Habit("keyword arguments swallowed", "validation.py", replace={"K: int = 1)": "K: int = 1, **unused: object)"}),
    Habit("dataclass", top="from dataclasses import dataclass\n@dataclass\nclass Config:\n    lr: float = 0.1"),
    Habit("enum", top="import enum\nclass Kind(enum.Enum):\n    A = 1"),
    Habit(
        "lru_cache helper",
        top="import functools\n@functools.lru_cache(maxsize=None)\ndef eye(n): return torch.eye(n)",
        answers=before("1.2", "eye(4)\n"),
    ),
    Habit(
        "jit script helper",
        top="@torch.jit.script\ndef twice(x: Tensor) -> Tensor:\n    return x * 2",
        answers=before("1.2", "twice(z1)\n"),
    ),
    Habit("compiled helper", top="twice = torch.compile(lambda x: x * 2)", answers=before("1.2", "twice(z1)\n")),
    Habit("super with names", replace={"super().__init__()": "super(SSLLoss, self).__init__()"}),
    Habit("a print in __init__", replace={"super().__init__()": "super().__init__(); print('loss made')"}),
    Habit(
        "one submodule more",
        replace={"super().__init__()": "super().__init__(); self.sim = nn.CosineSimilarity(dim=1)"},
    ),
    Habit("tabs in a helper", top="def helper(x):\n\tif x:\n\t\treturn 1\n\treturn 2"),
    Habit("semicolons", top="a = 1; b = 2; c = a + b"),
    Habit("a lambda", top="norm = lambda x: F.normalize(x, dim=1)", answers=before("1.2", "norm(z1)\n")),
    Habit(
        "missing library behind try",
        top="try:\n    import apex_is_not_there\nexcept ImportError:\n    apex_is_not_there = None",
    ),
    Habit(
        "missing library's names", top="from lightning_is_not_there import Trainer, seed_everything\nseed_everything(3)"
    ),
    Habit(
        "missing library's decorator", top="import hydra_is_not_there\n@hydra_is_not_there.main()\ndef run(cfg): pass"
    ),
    Habit("missing library's class", top="import lightning_is_not_there as pl\nclass Module(pl.LightningModule): pass"),
    Habit(
        "GPU at the margin of another file",
        "model_factory.py",
        top="if torch.cuda.is_available(): torch.cuda.set_device(0)",
    ),
    Habit("two notebooks' cells", top="# In[1]:\n# In[2]:\nget_ipython = lambda: None"),
    Habit("abc", top="import abc\nclass Base(abc.ABC): pass"),
)
