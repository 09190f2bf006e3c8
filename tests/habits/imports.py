"""Habits of importing, of settings at the top of a file, and of what stands at its end."""

from __future__ import annotations

from tests.habits.habit import Habit

LIBRARIES = {
    **dict.fromkeys(("torchvision", "matplotlib.pyplot as plt", "sklearn.metrics", "scipy.stats", "PIL.Image"), True),
    **dict.fromkeys(("tqdm", "torch.utils.tensorboard", "torchvision.transforms.v2 as T", "torch.distributed"), True),
    **dict.fromkeys(("pandas as pd", "seaborn as sns", "cv2", "timm", "wandb", "lightly", "einops", "tyro"), False),
    **dict.fromkeys(("pytorch_lightning as pl", "torchmetrics", "transformers", "kornia", "faiss", "hydra"), False),
}
"""Imports at the top of a file that no answer uses; some may be installed on the testing machine."""

SETTINGS = (
    "torch.set_default_dtype(torch.float64)",
    "torch.set_default_device('cpu')",
    "torch.set_default_device('mps')",
    "torch.set_default_device('cuda')",
    "torch.set_grad_enabled(False)",
    "torch.set_num_threads(8)",
    "torch.set_num_interop_threads(2)",
    "torch.manual_seed(0)",
    "torch.use_deterministic_algorithms(True)",
    "torch.autograd.set_detect_anomaly(True)",
    "torch.backends.cudnn.benchmark = True",
    "torch.backends.cudnn.deterministic = True",
    "torch.set_float32_matmul_precision('high')",
    "torch.set_printoptions(precision=3, sci_mode=False)",
    "torch.set_autocast_enabled('cpu', True)",
    "torch.inference_mode().__enter__()",
    "torch.cuda.empty_cache()",
    "torch.cuda.manual_seed_all(1)",
    "DEVICE = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
    "import numpy as np; np.random.seed(1)",
    "import numpy as np; np.seterr(all='raise')",
    "import numpy as np; np.set_printoptions(suppress=True)",
    "import random; random.seed(1)",
    "import warnings; warnings.filterwarnings('ignore')",
    "import warnings; warnings.simplefilter('error')",
    "import logging; logging.basicConfig(level=logging.DEBUG, force=True)",
    "import logging; logging.basicConfig(filename='run.log')",
    "import logging; logging.disable(logging.CRITICAL)",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "import faulthandler; faulthandler.enable()",
    "import sys; sys.setrecursionlimit(10_000)",
    "import sys; sys.path.append('..')",
    "import sys; sys.path.insert(0, '/content/drive/MyDrive/hw3')",
    "import sys; sys.stdout.reconfigure(encoding='utf-8')",
    "import sys; sys.stderr.reconfigure(line_buffering=True)",
    "import io, sys; sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')",
    "import sys; sys.stdout.flush(); sys.stdout.isatty(); sys.stdout.fileno()",
    "import os; os.environ['CUDA_VISIBLE_DEVICES'] = '0'",
    "import os; os.environ['OMP_NUM_THREADS'] = '4'",
    "import os; os.environ.setdefault('KMP_DUPLICATE_LIB_OK', 'TRUE')",
    "import os; os.makedirs('checkpoints', exist_ok=True)",
    "import os; os.makedirs('logs/run1', exist_ok=True)",
    "import os; os.chdir(os.path.dirname(os.path.abspath(__file__)))",
    "import os; os.nice(1)",
    "import os; WORKERS = os.cpu_count()",
    "import os; print(os.getcwd(), os.getpid(), os.uname())",
    "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    "import locale; locale.setlocale(locale.LC_ALL, '')",
    "import gc; gc.disable()",
    "import decimal; decimal.getcontext().prec = 3",
    "import matplotlib; matplotlib.use('TkAgg')",
    "import matplotlib; matplotlib.use('Agg')",
    "import matplotlib.pyplot as plt; plt.style.use('ggplot')",
    "import argparse; ARGS = argparse.ArgumentParser().parse_args()",
    "import argparse; ARGS, _ = argparse.ArgumentParser().parse_known_args()",
    "import getpass; USER = getpass.getuser()",
    "import os; USER = os.environ['USER'] if 'USER' in os.environ else os.environ.get('HOME')",
    "import socket; HOST = socket.gethostname()",
    "import platform; print(platform.platform())",
    "import multiprocessing; multiprocessing.set_start_method('spawn', force=True)",
    "import torch.multiprocessing as mp; mp.set_sharing_strategy('file_system')",
    "import threading; threading.Thread(target=print, daemon=True).start()",
    "import atexit; atexit.register(print, 'bye')",
    "import shutil; HAS_GIT = shutil.which('git')",
    "import tempfile; SCRATCH = tempfile.mkdtemp()",
    "import time; START = time.time()",
    "import typing; typing.TYPE_CHECKING or print('here')",
    "print('lr = 0.03', flush=True); print('\\N{GREEK SMALL LETTER TAU} = 0.5 \\N{PARTY POPPER}')",
    "assert torch.__version__ >= '1'",
    "torch.multiprocessing.Lock",
    "LOCK = __import__('threading').RLock()",
    "POOL = __import__('concurrent.futures').futures.ThreadPoolExecutor(2)",
    "WRITER = open('train.csv', 'w'); WRITER.write('epoch,loss')",
    "from pathlib import Path; Path('out').mkdir(exist_ok=True); Path('out/a.txt').write_text('x')",
)
"""One line at the top of a file that no answer needs."""
NEED_THE_GRADER = ("sys.path.insert", "set_num_interop", "os.uname", "sys.stdout = io", "TkAgg")
"""Settings that would change more than a test may; the grader alone is asked."""

BOTTOMS = {
    "a main guard with prints": "\nif __name__ == '__main__':\n    print('hello')\n",
    "a guard that calls exit": "\nif __name__ == '__main__':\n    exit()\n",
    "sys.exit at the end": "\nimport sys\nsys.exit(0)\n",
    "quit at the end": "\nquit()\n",
    "a failing assertion at the end": "\nassert 1 == 2, 'sanity'\n",
    "an exception at the end": "\nprint(undefined_name)\n",
    "a try-out at the end": "\nloss = SSLLoss()\nprint(loss(torch.randn(4, 8), torch.randn(4, 8)))\n",
    "tests below": "\ndef test_it():\n    assert SSLLoss() is not None\n\n\ntest_it()\n",
    "a string at the end": "\n'''\nold code\nx = (\n'''\n",
    "__all__": "\n__all__ = ['SSLLoss']\n",
    "input at the end": "\nname = input('Your name: ')\n",
    "data that is not there at the end": "\nopen('no/such/file.csv')\n",
    "a missing library at the end": "\nimport no_such_library_at_all\nno_such_library_at_all.init(project='x')\n",
    "comments in Chinese": "\n# \N{CJK UNIFIED IDEOGRAPH-4F60}\N{CJK UNIFIED IDEOGRAPH-597D}\n",
    "no newline at the end": "\nx = 1",
    "form feed": "\n\f\nx = 1\n",
    "doctest": "\nimport doctest\ndoctest.testmod()\n",
    "unittest main under the guard": "\nif __name__ == '__main__':\n    import unittest\n    unittest.main()\n",
    "argparse, required": "\nimport argparse as a\np = a.ArgumentParser()\np.add_argument('x'); p.parse_args()\n",
    "a deleted helper": "\n_x = 1\ndel _x\n",
}

HABITS = (
    *(
        Habit(f"imports {name.split()[0]}", file, top=f"import {name}")
        for name in LIBRARIES
        for file in ("validation.py",)
    ),
    *(
        Habit(f"top: {line[:60]}", "criterion.py", top=line, check=not any(word in line for word in NEED_THE_GRADER))
        for line in SETTINGS
    ),
    *(
        Habit(f"main: {line[:60]}", "main.py", top=line)
        for line in SETTINGS
        if line.startswith(("torch.set_default", "torch.set_grad", "torch.inf", "import numpy", "import warn"))
    ),
    *(Habit(f"bottom: {name}", "criterion.py", bottom=text) for name, text in BOTTOMS.items()),
)
