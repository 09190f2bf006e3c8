"""A student's process has the same surroundings as a laptop, made harmless; none is the machine's or outlives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.conftest import Ask

LAPTOP = {
    "a user": "assert os.environ['USER'] == os.environ['LOGNAME'] == getpass.getuser()",
    "a home": "(pathlib.Path.home() / 'runs').mkdir(); open(os.path.expanduser('~/notes'), 'w').write('x')",
    "temporary files": "tempfile.NamedTemporaryFile().write(b'x'); open('/tmp/hw3.log', 'w').write('x')",
    "/dev/null": "open('/dev/null', 'w').write('x')",
    "a lock": "multiprocessing.Lock().acquire()",
    "a queue": "multiprocessing.Queue()",
    "shared tensors": "torch.ones(10).share_memory_()",
    "a shared value": "multiprocessing.Value('i', 3).value += 1",
    "a thread pool": "assert list(multiprocessing.pool.ThreadPool(2).map(abs, [-1])) == [1]",
    "executors": "assert list(concurrent.futures.ThreadPoolExecutor(2).map(abs, [-1])) == [1]",
    "a file's mode": "open('x', 'w').close(); os.chmod('x', 0o755); os.fchmod(0, 0o600)",
    "a file's owner": "open('x', 'w').close(); shutil.chown('x', os.getuid())",
    "a file's times": "open('x', 'w').close(); os.utime('x', (1, 1)); shutil.copy2('x', 'y')",
    "politeness": "os.nice(5); os.setpriority(os.PRIO_PROCESS, 0, 10)",
    "lower limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "a program that is not there": "assert raises(FileNotFoundError, subprocess.run, ['nvidia-smi-of-nobody'])",
    "a shell": "assert subprocess.run('nvidia-smi', shell=True).returncode == 127",
    "a shell's output": "assert os.popen('git rev-parse HEAD').read() == ''",
    "a compiled function": "assert torch.compile(abs)(-1) == 1 and torch.compile(mode='max-autotune')(abs)(-1) == 1",
    "a compiled module": "torch.nn.Linear(1, 1).compile()",
    "a script": "assert torch.jit.script(double)(torch.ones(1)) == 2",
    "UTF-8 on every stream": "[s.reconfigure(encoding='utf-8') for s in (sys.stdout, sys.stderr, sys.__stdout__)]",
    "wrapped streams": "sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8'); print('ü')",
    "no file where a stream is": "assert raises(OSError, sys.stdout.tell)",
    "no input": "assert sys.stdin.read() == ''",
    "a debugger": "breakpoint()",
}
TOP = """
import concurrent.futures, getpass, io, multiprocessing, multiprocessing.pool, os, pathlib, resource, shutil
import subprocess, sys, tempfile
def raises(kind, function, *arguments):
    try: function(*arguments)
    except kind: return True
def double(x: torch.Tensor) -> torch.Tensor:
    return 2 * x
"""


@pytest.mark.parametrize("statement", LAPTOP.values(), ids=LAPTOP)
@pytest.mark.parametrize("when", ["at import", "in the answer"])
def test_what_a_laptop_has(ask: Ask, statement: str, when: str) -> None:
    top, body = (f"{TOP}{statement}", "") if when == "at import" else (TOP, f"{statement}\n")
    answered = ask(f"{body}return z1.sum()", top=top)
    assert answered.answers[0].error is None, answered.answers[0].error
    assert "ends before" not in str(answered.notes), answered.notes


@pytest.mark.parametrize(
    "statement",
    [
        "multiprocessing.Process(target=print).start()",
        "multiprocessing.Pool(2).map(abs, [-1])",
        "next(iter(torch.utils.data.DataLoader([1, 2], num_workers=2)))",
        "list(concurrent.futures.ProcessPoolExecutor(2).map(abs, [-1]))",
        "os.fork()",
        "subprocess.run(['ls'])",
    ],
)
def test_what_cannot_work_says_so(ask: Ask, statement: str) -> None:
    (answer,) = ask(f"{statement}\nreturn z1.sum()", top=f"{TOP}import torch.utils.data").answers
    assert answer.error is not None
    assert "New processes cannot be started while grading" in answer.error.message


LEFT = ("/tmp/left", "/dev/shm/left", "~/left", "left")


def test_nothing_is_left_for_whoever_comes_next(ask: Ask) -> None:
    places = f"import os\nPLACES = [os.path.expanduser(place) for place in {LEFT}]"
    (answer,) = ask("for place in PLACES: open(place, 'w').write('x')\nreturn z1.sum()", top=places).answers
    assert answer.error is None, answer.error
    body = "assert not any(map(os.path.exists, PLACES))\nassert os.listdir('/dev/shm') == []\nreturn z1.sum()"
    (answer,) = ask(body, top=places).answers
    assert answer.error is None, answer.error
    assert not any(Path(place).exists() for place in LEFT if place.startswith("/"))


def test_shared_memory_is_small(ask: Ask) -> None:
    body = "for name in 'abc': open(f'/dev/shm/{name}', 'wb').write(bytes(3 * 2**20))\nreturn z1.sum()"
    (answer,) = ask(body).answers
    assert answer.error is not None and "No space left" in answer.error.message


def test_a_mode_that_seems_to_change_does_not(ask: Ask) -> None:
    body = "open('x', 'w').close()\nbefore = os.stat('x')\nos.chmod('x', 0o4777)\nos.utime('x', (1, 1))\n"
    (answer,) = ask(f"{body}assert os.stat('x') == before\nreturn z1.sum()", top="import os").answers
    assert answer.error is None, answer.error


GLOBALS = {
    "dtype": "torch.set_default_dtype(torch.float64)",
    "device": "torch.set_default_device('meta')",
    "gradients": "torch.set_grad_enabled(False)",
    "autocast": "torch.set_autocast_enabled('cpu', True)",
    "threads": "torch.set_num_threads(7)",
    "deterministic": "torch.use_deterministic_algorithms(True)",
    "anomalies": "torch.autograd.set_detect_anomaly(True)",
    "numpy's errors": "np.seterr(all='raise')",
    "warnings": "warnings.simplefilter('error')",
    "an alarm": "signal.signal(signal.SIGALRM, signal.SIG_DFL); signal.setitimer(signal.ITIMER_REAL, 0.5)",
    "recursion": "sys.setrecursionlimit(90)",
    "folder": "os.chdir('/')",
    "a tracer": "sys.settrace(lambda *_: None)",
}
STATE = """
import os, signal, sys, warnings
import numpy as np
def state():
    return [torch.get_default_dtype(), torch.get_default_device(), torch.is_grad_enabled(),
            torch.is_autocast_enabled('cpu'), torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(),
            torch.is_anomaly_enabled(), np.geterr(), list(warnings.filters), signal.getitimer(0)[0] == 0,
            sys.getrecursionlimit(), os.getcwd(), sys.gettrace()]
seen = []
"""


@pytest.mark.parametrize("statement", GLOBALS.values(), ids=GLOBALS)
def test_every_case_begins_alike(ask: Ask, statement: str) -> None:
    body = f"seen.append(state())\nassert seen[0] == seen[-1], seen\n{statement}\nreturn z1.sum()"
    for answer in ask(body, top=STATE, cases=3).answers:
        assert answer.error is None, answer.error


def test_what_a_file_sets_at_import_is_put_back_too(ask: Ask) -> None:
    body = (
        "assert torch.get_default_dtype() is torch.float32\nassert torch.ones(2).device.type == 'cpu'\nreturn z1.sum()"
    )
    top = "torch.set_default_dtype(torch.float64)\ntorch.set_default_device('meta')"
    (answer,) = ask(body, top=top).answers
    assert answer.error is None, answer.error


def test_streams_are_a_pipe_whatever_the_graders_are(ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    (answer,) = ask("print('one'); print('two', file=sys.stderr)\nreturn z1.sum()", top="import sys").answers
    assert answer.error is None
    assert capfd.readouterr() == ("", "")
