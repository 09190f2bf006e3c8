"""Calls that cannot work while grading, or that nobody means to make then: they do nothing, or say so in words.

This helps the student and is not for safety: seccomp refuses the same, and code that undoes this gains nothing.
"""

from __future__ import annotations

import errno
import inspect
import multiprocessing.process
import os
import pdb
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import torch
from torch import nn

NO_PROCESSES = "New processes cannot be started while grading; use num_workers=0, and no pool of processes"

_EXECUTE = tuple(inspect.signature(subprocess.Popen._execute_child).parameters)  # type: ignore[attr-defined]  # private
_PIPES = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")


class NotWhileGrading(PermissionError):
    """Something was tried that works on a laptop and not here; the text is a sentence for the student."""

    def __str__(self) -> str:
        return str(self.args[-1])


def install() -> Callable[[], None]:
    """Change the libraries of this process; returns a function that undoes it."""
    matplotlib = sys.modules.get("matplotlib")  # the server has imported it if a file does
    changes: list[tuple[Any, str, object]] = [
        *((os, name, _no_processes) for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp")),
        (multiprocessing.process.BaseProcess, "start", _no_processes),
        (subprocess.Popen, "_execute_child", _no_program),
        (torch, "compile", _as_it_is),
        (nn.Module, "compile", _nothing),
        *(() if matplotlib is None else ((matplotlib, "use", _nothing),)),  # windows that only other systems have
    ]
    changes = [change for change in changes if hasattr(*change[:2])]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]

    def set_all(values: Sequence[tuple[Any, str, object]]) -> None:
        for owner, name, value in values:
            setattr(owner, name, value)

    set_all(changes)
    return lambda: set_all(before)


def pass_over_debuggers(note: Callable[[str], None]) -> None:
    """Let a debugger that was left in do nothing; `note` reports it."""

    def pass_over(*_: object, **__: object) -> None:
        caller = sys._getframe(1)
        file = os.path.basename(caller.f_code.co_filename)
        note(f"A debugger was left in, {file}, line {caller.f_lineno}: take it out.")

    sys.breakpointhook = pass_over
    pdb.set_trace = pass_over


def _nothing(*_: object, **__: object) -> None:
    """Stand in for a function that has no effect here."""


def _no_processes(*_: object, **__: object) -> NoReturn:
    raise NotWhileGrading(errno.EPERM, NO_PROCESSES)


def _no_program(*given: Any) -> None:
    """Stand in for `Popen._execute_child`: no program is there, as on a laptop where it is not installed."""
    named = dict(zip(_EXECUTE, given, strict=False))
    process, command = named["self"], named["args"]
    if named["shell"]:  # a shell that does not know the command says so by its status alone
        process._close_pipe_fds(*(named[name] for name in _PIPES))
        process.returncode = 127
        return
    program = os.fsdecode(command if isinstance(command, (str, bytes, os.PathLike)) else command[0])
    if shutil.which(program) is not None:
        _no_processes()
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)


def _as_it_is(model: Any = None, **_: object) -> Any:
    """Stand in for `torch.compile`: return the function itself, which gives the same values."""
    return model if model is not None else _as_it_is
