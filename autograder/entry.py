"""The entry of the commands: opens the streams, makes one temporary folder, and ends without a traceback.

It imports very little itself, so that even a Ctrl-C while the rest is imported ends in a sentence.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from types import FrameType

from autograder.core.errors import AutograderError, unmerged
from autograder.core.temporary import temporary_folder

INTERRUPTED = 130
_CHECKOUT = ("assignment", "autograder", "solutions")
"""The folders that every checkout has."""


def autograde() -> None:
    """The entry of the command `autograde`."""
    _run("autograder.cli")


def handout() -> None:
    """The entry of the command `handout`."""
    _run("autograder.handout.cli")


def _run(tool: str) -> None:
    """End the process with what the module's `main` returns; an error that a person can mend is two lines."""
    _open_streams()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # `nohup` and `&` switch it off
        signal.signal(signal.SIGINT, _stop)
    try:
        _go_to_checkout(tool)
        with temporary_folder():
            status = importlib.import_module(tool).main(sys.argv[1:])
    except AutograderError as error:
        status = _told(error)
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        if package == "autograder":
            raise
        problem = f"The Python package {package} is not installed."
        status = _told(
            AutograderError(problem, "Run `make install` in the kit's folder, then use what is in .venv/bin.")
        )
    except SyntaxError as error:
        if not (error.text or "").startswith("<<<<<<< "):
            raise
        status = _told(unmerged(error.filename or "", error.lineno))
    except KeyboardInterrupt as stop:
        print(f"\n{str(stop) or 'Stopped.'}", file=sys.stderr, flush=True)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(INTERRUPTED)  # a thread may still be unpacking; nobody waits for it
    raise SystemExit(status)


def _told(error: AutograderError) -> int:
    """Print an error; without colours if the package for them is missing or does not work on this system."""
    try:
        from autograder.core.console import make_console, print_error

        print_error(error, make_console(sys.stderr))
    except ImportError:
        print(error.message, error.hint, sep="\n", file=sys.stderr)
    return error.exit_code


def _go_to_checkout(tool: str) -> None:
    """Go on in a checkout: this one, or the one whose code then takes this process over.

    The checkout is the one around this file. A copy that `pip install .` made looks around the current folder, and
    takes only the checkout that it was installed from: the current folder may be a student's, whose code would run
    unconfined. `--root` names any checkout. Raises AutograderError on Windows, and if there is no checkout.
    """
    if sys.platform == "win32":
        hint = "Use WSL2: after `wsl --install` clone the repository there and run the same (docs/installing.md)."
        raise AutograderError("This is Windows, and the kit runs on Linux.", hint)
    placed = _is_checkout(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    grading = tool == "autograder.cli"
    named = _root_named(taken_out=grading) if grading or not placed else None
    if placed and named is None:
        return
    if named is not None and not _is_checkout(named):
        raise AutograderError(f"{named} is not a checkout of the kit.", "Name the folder with --root that you cloned.")
    root = named or _around(os.path.realpath(os.curdir))
    if root is None:
        problem = "The kit works from its checkout, and there is none around the current folder."
        raise AutograderError(problem, "Go into the folder that you cloned, or name it with --root.")
    if named is None and root != _installed_from():
        problem = f"This was not installed from the checkout in {root}, whose code would run unconfined."
        raise AutograderError(problem, "If you trust it, name it with --root, or run `make grade` there.")
    environment = {**os.environ, "PYTHONPATH": root}
    os.execve(sys.executable, [sys.executable, "-P", "-m", tool, *sys.argv[1:]], environment)


def _root_named(taken_out: bool) -> str | None:
    """The folder that `--root` names. `handout` takes its sources from there, too, so for it the argument stays."""
    arguments = sys.argv[1:]
    for number, one in enumerate(arguments):
        name, equals, value = one.partition("=")
        if name == "--root" and (equals or arguments[number + 1 :]):
            if taken_out:
                sys.argv[1:] = arguments[:number] + arguments[number + (1 if equals else 2) :]
            return os.path.realpath(value if equals else arguments[number + 1])
    return None


def _is_checkout(folder: str) -> bool:
    return all(os.path.isdir(os.path.join(folder, name)) for name in _CHECKOUT)


def _around(folder: str) -> str | None:
    """The first checkout among a folder and the folders that contain it."""
    while not _is_checkout(folder):
        folder, inner = os.path.dirname(folder), folder
        if folder == inner:
            return None
    return folder


def _installed_from() -> str:
    """The folder that `pip install .` was called in; empty for another installation."""
    import json
    from importlib import metadata
    from urllib.parse import unquote, urlsplit

    with contextlib.suppress(metadata.PackageNotFoundError, ValueError):
        written = metadata.distribution("ssl-assignment-kit").read_text("direct_url.json")
        address = urlsplit(json.loads(written or "{}").get("url", ""))
        return os.path.realpath(unquote(address.path)) if address.scheme == "file" else ""
    return ""


def _open_streams() -> None:
    """Put /dev/null instead of a stream that is closed (`>&-`): otherwise a file opened later gets its number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _stop(number: int, frame: FrameType | None) -> None:
    """Begin to end at the first Ctrl-C; ignore a second one, which would only disturb that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
