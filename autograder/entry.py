"""Where the commands begin: streams that are there, one folder for what is temporary, and an end without a traceback.

It imports next to nothing itself, so that even a Ctrl-C while the rest is imported ends in a sentence.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from types import FrameType

from autograder.core.errors import AutograderError

INTERRUPTED = 130
_TRIES = 5


def autograde() -> None:
    """What the command `autograde` calls."""
    _run("autograder.cli")


def handout() -> None:
    """What the command `handout` calls."""
    _run("autograder.handout.cli")


def _run(tool: str) -> None:
    """End the process with what the module's `main` returns; an error that a person can mend is two lines."""
    _open_streams()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # `nohup` and `&` switch it off
        signal.signal(signal.SIGINT, _stop)
    if refusal := _out_of_place():
        print(refusal, file=sys.stderr)
        raise SystemExit(AutograderError.exit_code)
    try:
        with _temporary_folder():
            status = importlib.import_module(tool).main(sys.argv[1:])
    except AutograderError as error:
        from autograder.core.console import make_console, print_error

        print_error(error, make_console(sys.stderr))
        status = error.exit_code
    except KeyboardInterrupt as stop:
        print(f"\n{str(stop) or 'Stopped.'}", file=sys.stderr, flush=True)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(INTERRUPTED)  # a thread may still be unpacking; nobody waits for it
    raise SystemExit(status)


def _out_of_place() -> str:
    """Why nothing can work here, and what to do: on Windows, and away from what is graded; empty where it can.

    Told without the console, which imports what is not there on Windows.
    """
    if sys.platform == "win32":
        return (
            "This is Windows, and the kit runs on Linux.\n"
            "Use WSL2: after `wsl --install` clone the repository there and run the same."
        )
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name in ("assignment", "solutions"):
        if not os.path.isdir(os.path.join(root, name)):
            return (
                f"The kit works from its checkout, and there is no {name}/ beside this copy of it.\n"
                "Clone the repository and run `make grade` there; `pip install .` is not enough."
            )
    return ""


def _open_streams() -> None:
    """Put /dev/null in the place of a stream that is closed (`>&-`): else a file opened later gets its number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _stop(number: int, frame: FrameType | None) -> None:
    """Begin to end at the first Ctrl-C; a second one would only disturb that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def _temporary_folder() -> Iterator[None]:
    """Let everything temporary lie in one folder, which is gone at the end, however that comes."""
    before, folder = tempfile.tempdir, tempfile.mkdtemp(prefix="autograde-")
    tempfile.tempdir = folder
    try:
        yield
    finally:
        tempfile.tempdir = before
        for _ in range(_TRIES):  # a thread that nobody waits for may be writing there
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
