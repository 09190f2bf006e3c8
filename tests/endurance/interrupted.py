"""Presses Ctrl-C in a terminal at random moments, and looks at how long it takes and what is left behind.

    python -m tests.endurance.interrupted --tries 20

prints the figures; `tests/endurance/test_interrupted.py` does the same in short.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import random
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.endurance.killed import ROOT, alive, descendants, make_class, written

SLEEPER = "\n\nimport time\n\n\ndef freeze_backbone(model):\n    time.sleep(600)\n"
"""An answer that takes all of its time; nobody may wait for it."""
PATIENCE = 60.0


@dataclass
class Terminal:
    """One run in the foreground of a terminal of its own."""

    process: subprocess.Popen[bytes]
    keyboard: int
    temporary: Path
    shown: bytearray = field(default_factory=bytearray)

    def press_ctrl_c(self) -> None:
        """The terminal turns it into a SIGINT for everything in its foreground."""
        os.write(self.keyboard, b"\x03")

    def wait(self, seconds: float = PATIENCE) -> int | None:
        """The exit status; None if the run goes on. Its output is read meanwhile, because a terminal holds little."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self._read(0.02)
        self._read(0)
        return self.process.poll()

    def _read(self, seconds: float) -> None:
        while select.select([self.keyboard], [], [], seconds)[0]:
            try:
                self.shown += os.read(self.keyboard, 1 << 16)
            except OSError:  # nobody has the other end any more
                return


def hear_ctrl_c() -> None:
    """Switch Ctrl-C on: whoever runs the tests with `&` or `nohup` has it switched off."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def in_terminal(folder: Path, output: Path, *flags: str) -> Iterator[Terminal]:
    """Start a run with a temporary folder of its own; it is killed at the end if it still goes on."""
    keyboard, screen = pty.openpty()
    temporary = Path(tempfile.mkdtemp(dir=output.parent))
    command = [sys.executable, "-m", "autograder", str(folder), "--output", str(output), *flags]

    def lead() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        hear_ctrl_c()

    environment = {**os.environ, "TMPDIR": str(temporary), "TERM": "xterm"}
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=screen, stdout=screen, stderr=screen, env=environment, preexec_fn=lead
    )
    os.close(screen)
    try:
        yield Terminal(process, keyboard, temporary)
    finally:
        process.kill()
        process.wait()
        os.close(keyboard)


def make_waiting_class(folder: Path, size: int) -> None:
    """A class in which every third answer to question 3 sleeps."""
    make_class(folder, size)
    for path in sorted(folder.iterdir())[2::3]:
        file = path / "main_linclis.py"
        if file.is_file():
            file.write_text(file.read_text() + SLEEPER)


def left_over(terminal: Terminal, processes: set[int]) -> list[str]:
    """The remains of a run that has ended: processes and temporary files."""
    files = [str(path.relative_to(terminal.temporary)) for path in terminal.temporary.rglob("*")]
    return [*files, *([f"{count} processes"] if (count := alive(processes)) else [])]


def main() -> int:
    """The full form, with its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)
    failed = 0
    for jobs in ("1", "2"):
        seconds = []
        for _ in range(arguments.tries):
            with tempfile.TemporaryDirectory() as name:
                took, problems = _try(Path(name), jobs, dice)
            seconds.append(took)
            failed += bool(problems)
            for problem in problems:
                print(f"jobs {jobs}: {problem}")
        print(f"seed {arguments.seed}, jobs {jobs}: {len(seconds)} tries, stopped after {_spread(seconds)}")
    return 1 if failed else 0


def _try(folder: Path, jobs: str, dice: random.Random) -> tuple[float, list[str]]:
    make_waiting_class(folder / "class", 12)
    with in_terminal(folder / "class", folder / "grades", "--jobs", jobs, "--timeout", "600") as terminal:
        terminal.wait(dice.uniform(0.1, 12.0))
        processes = descendants(terminal.process.pid)
        begin = time.monotonic()
        terminal.press_ctrl_c()
        status = terminal.wait()
        took = time.monotonic() - begin
        shown = terminal.shown.decode(errors="replace")
        problems = [f"exit status {status}"] if status != 130 else []
        problems += [f"took {took:.1f} s"] if took > 2 else []
        problems += ["no sentence"] if "Stopped" not in shown or "Traceback" in shown else []
        problems += left_over(terminal, processes)
    return took, [f"{problem} ({len(written(folder / 'grades'))} graded)\n{shown}" for problem in problems]


def _spread(seconds: list[float]) -> str:
    middle = sorted(seconds)[len(seconds) // 2]
    return f"{min(seconds):.2f} to {max(seconds):.2f} s, half of them within {middle:.2f} s"


if __name__ == "__main__":
    raise SystemExit(main())
