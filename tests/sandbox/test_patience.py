"""Only what others have kept a process waiting is granted next to its limit: by a clock of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from autograder.sandbox.patience import MOST, TOO_LONG, Patience, interrupt, peak_memory
from tests.sandbox.conftest import Ask


class Machine:
    """A process as the kernel describes it, after so many seconds on the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cpu: float, delay: float) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(Patience, "_cpu", lambda _: cpu * self.now)
        monkeypatch.setattr(Patience, "_delay", lambda _: delay * self.now)

    def ends_at(self, limit: float) -> float:
        patience = Patience(limit, None)
        patience._pid = 1
        while not patience.over():
            assert patience.left() > 0
            self.now += 0.1
        return round(self.now, 1)


@pytest.mark.parametrize(
    ("cpu", "delay", "ends"),
    [
        pytest.param(1.0, 0.0, 6.0, id="works"),
        pytest.param(0.0, 0.0, 6.0, id="sleeps"),
        pytest.param(0.05, 0.01, 6.1, id="wakes up often"),
        pytest.param(0.5, 0.5, 12.0, id="shares its core with another"),
        pytest.param(0.0, 1.0, MOST * 6.0, id="never gets a core"),
        pytest.param(1.0, 50.0, 6.0, id="has threads that keep each other waiting"),
        pytest.param(2.0, 50.0, 6.0, id="has such threads on two cores"),
    ],
)
def test_what_is_granted(monkeypatch: pytest.MonkeyPatch, cpu: float, delay: float, ends: float) -> None:
    assert Machine(monkeypatch, cpu, delay).ends_at(6.0) == pytest.approx(ends, abs=0.11)


def test_where_nobody_tells_nothing_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, 0.0, 1.0)
    patience = Patience(6.0, None)
    machine.now = 6.0
    assert patience.over()


def test_time_that_is_up_stays_so_until_it_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = Patience(6.0, None)
    patience._pid = 1
    machine = Machine(monkeypatch, 0.0, 0.0)
    patience.restart()
    machine.now = 6.1
    assert patience.over()
    monkeypatch.setattr(Patience, "_delay", lambda _: 3.0)  # since then it has been waiting for a core
    assert patience.over()
    patience.restart()
    assert not patience.over()


def test_the_kernel_tells_of_a_process() -> None:
    one_core = f"import os, time\nos.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\n"
    code = one_core + "while time.process_time() < 0.2: pass\nprint('done', flush=True)\ninput()"
    other = subprocess.Popen(
        [sys.executable, "-c", one_core + "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE
    )
    assert other.stdout is not None and other.stdout.readline(), "it keeps the core busy from now on"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        handle = os.pidfd_open(process.pid)
        assert process.stdout is not None and process.stdout.readline() == b"done\n"
        patience = Patience(100.0, handle)
        assert patience._pid == process.pid
        assert patience._cpu() >= 0.19 and patience._delay() > 0.01
        assert peak_memory(handle) > 2**20
        assert interrupt(handle, TOO_LONG) and process.wait() == -signal.SIGALRM
        assert peak_memory(handle) == 0
        os.close(handle)
    finally:
        for each in (process, other):
            each.kill()
            each.communicate()


@pytest.mark.parametrize(
    "body",
    [
        "while True: time.sleep(0.0005)",
        "while True: threading.Event().wait(0.01)",
        "while True:\n    try: queue.Queue().get(timeout=0.01)\n    except queue.Empty: pass",
        "while True: select.select([], [], [], 0.01)",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "threading.Thread(target=beat, daemon=True).start()\nthreading.Lock().acquire() and threading.Event().wait()",
    ],
)
def test_waiting_is_the_answers_own_time(ask: Ask, body: str) -> None:
    top = "import os, queue, select, signal, threading, time\ndef beat():\n    while True: time.sleep(0.001)"
    (answer,) = ask(body, top=top).answers
    assert answer.error is not None and answer.error.kind == "timeout"


def test_cpu_time_that_is_used_up_ends_a_process_by_the_signal_that_says_so() -> None:
    code = "from autograder.core.settings import Limits\nfrom autograder.sandbox.confine import limit_resources\n"
    code += "limit_resources(Limits(timeout=0.01), 1, 1 << 40)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGXCPU
