"""Changes a function of the file that is asked, for one call, and takes the change back."""

from __future__ import annotations
import __future__

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any, TypeAlias

from autograder.sandbox.edits.file import File
from autograder.sandbox.wire import Json

_SECONDS = 0.15
"""Seconds of CPU time for one call: a change may make a loop endless."""


Probe: TypeAlias = Callable[[ModuleType, Mapping[str, Any], Mapping[str, Any]], Mapping[str, object]]
"""Calls a student's function in a module on tensors with parameters; gives named values."""


class NotRight(Exception):
    """A changed function raises, or the change cannot be made."""


class TooLong(BaseException):
    """A changed function takes more time than any repair would."""


class Edited:
    """The functions of a student's file, to which `edits` can be made."""

    def __init__(self, file: File, target: str, given: File) -> None:
        """`target` is the function that is asked for, `given` the file as handed out."""
        self._file = file
        self.edits = file.edits(target, given)

    @classmethod
    def find(cls, texts: Sequence[bytes], target: str, given: File) -> tuple[int, Edited | None]:
        """Find the last piece that defines a function, by number: in its class, or alone if it is put there later."""
        for number, file in reversed([*enumerate(map(File, texts))]):
            for name in (target, target.rpartition(".")[2]):
                if name in file.places:
                    return number, cls(file, name, given)
        return 0, None

    @contextmanager
    def made(self, module: ModuleType, numbers: Sequence[int]) -> Iterator[None]:
        """Run a block with the numbered changes made; raises SyntaxError or ValueError if they cannot be made."""
        undo: list[Callable[[], None]] = []
        try:
            for target, lines in self._file.changed([self.edits[number] for number in numbers]).items():
                undo.append(_put(module, target, lines))
            with _at_most(_SECONDS):
                yield
        finally:
            for one in undo:
                one()

    def changing(self, probe: Probe, numbers: Sequence[int]) -> Probe:
        """A probe that makes the numbered changes while it runs; it raises NotRight if anything is raised."""

        def changed(module: ModuleType, tensors: Mapping[str, Any], params: Mapping[str, Any]) -> Mapping[str, object]:
            try:
                with self.made(module, numbers):
                    return probe(module, tensors, params)
            except BaseException:  # nobody reads the exception of a change, and to describe it takes longer than to try
                raise NotRight from None

        return changed

    def listed(self) -> list[Json]:
        """The changes in a form that can be sent."""
        return [[edit.start, edit.end, edit.text, edit.kind] for edit in self.edits]


def _put(module: ModuleType, target: str, lines: str) -> Callable[[], None]:
    """Give a function the code and the defaults of its new lines; its decorators and closure stay."""
    owner, _, name = target.rpartition(".")
    holder: Any = getattr(module, owner) if owner else module
    old = holder.__dict__[name]
    while not isinstance(old, FunctionType):
        old = getattr(old, "__func__", None) or old.__wrapped__
    while hasattr(old, "__wrapped__"):
        old = old.__wrapped__
    text = f"class {owner}:\n{lines}" if owner else lines
    code = compile(text, old.__code__.co_filename, "exec", __future__.annotations.compiler_flag, dont_inherit=True)
    space: dict[str, Any] = {}
    exec(code, old.__globals__, space)
    new = space[owner].__dict__[name] if owner else space[name]
    before = old.__code__, old.__defaults__, old.__kwdefaults__
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__

    def back() -> None:
        old.__code__, old.__defaults__, old.__kwdefaults__ = before

    return back


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong in what runs inside once it has used so much CPU time."""

    def stop(*_: object) -> None:
        raise TooLong("It takes too long.")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
