"""Turns an exception of student code into data: its kind, a sentence, and the lines of the student's own files.

`handout build` copies this file next to the probes, so that `check.py` says the same as the feedback. It runs where
student code has run: its words are text, and decide no point.
"""

from __future__ import annotations

import errno
import linecache
import os
import re
import sys
import traceback
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ssl_kit.public.definitions import UNFILLED
from ssl_kit.public.source import Source
from ssl_kit.public.versions import newer

_CAP, _FIRST, _MORE, _INNERMOST = 2000, 300, 3, 3
"""Limits: characters of a message and of its first line, its further lines, and lines of the student's file."""
_SAID = {"NotWhileGrading": "sandbox", "LibraryMissing": "library", "Unusable": "exception", "LeftOut": "exception"}
"""The kit's own exceptions, whose text is all that a student needs."""
_DEVICES = {
    "mps": "An Apple GPU (mps)",
    "cuda|nvidia|nccl|no gpus": "An NVIDIA GPU (cuda)",
    "xpu": "An Intel GPU (xpu)",
    "xla": "A TPU (xla)",
}
_NO_DEVICE = re.compile(
    r"with arguments from the '(?:CUDA|MPS|XPU|XLA|HPU|IPU|MTIA|Vulkan)\w*' backend|not linked with support for \w+ dev"
    r"|not compiled with \w+ (?:enabled|support)|without MPS backend|no NVIDIA driver|^CUDA (?:error|driver)"
    r"|No CUDA GPUs|no GPUs found|deserialize object on|tagged with (?:cuda|mps|xpu)|Cannot access accelerator device"
    r"|No module named 'torch[._](?:hpu|xla|mtia|ipu|vulkan|privateuseone)"
)
_REFUSED = re.compile(r"(?:[\w.<>]*\.)?(\w+)\(\) (?:takes|missing|got) ")
_CHANGED = re.compile(r"modified by an inplace operation|being modified inplace")
_LEAF = re.compile(r"leaf Variable that requires grad is being used in an in-place operation")
_DEBUGGER = re.compile(r"\bbreakpoint\(|\bset_trace\(")
_NO_INPUT = re.compile(r"EOF when reading a line|lost sys\.stdin")
_OUTSIDE = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class _Line:
    """A line of the student's code that an exception passed through, and the path of its file."""

    path: str
    file: str
    number: int
    function: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.number}, in {self.function}: {self.text}".rstrip(": ")


@dataclass(frozen=True)
class _Seen:
    """An exception with everything known about its origin."""

    error: BaseException
    text: str
    importing: bool
    lines: list[_Line]
    source: Source | None

    @property
    def where(self) -> str:
        """The innermost line of the student's code, in brackets."""
        return f" ({self.lines[-1].file}, line {self.lines[-1].number})" if self.lines else ""


def describe(
    error: BaseException, kind: str, folder: Path, source: Source | None = None, left_out: Collection[str] = ()
) -> dict[str, Any]:
    """Return `kind`, `message` and `trace` of an exception; the argument `kind` is used if no closer kind is found.

    `folder` holds the student's files. Lines of other files are not shown, nor those of files in it that are `left_out`
    (names, or folders with `/`). `source` is the file that was asked, with the function that is asked for.
    """
    try:
        error = _as_python_says(error)
        lines = list(_own_lines(error, folder, tuple(left_out)))
        seen = _Seen(error, _text(error), kind == "import", lines, source)
        kind, message, more = _judged(seen, kind)
        trace = "\n".join(more or [str(line) for line in lines[-_INNERMOST:]])
        return {"kind": kind, "message": tidy(message, folder)[:_CAP], "trace": tidy(trace, folder)[:_CAP]}
    except BaseException:  # the exception's own class may do anything when it is looked at
        return {"kind": kind, "message": f"{type(error).__name__}: (its message could not be read)", "trace": ""}


def _judged(seen: _Seen, kind: str) -> tuple[str, str, list[str]]:
    """Kind, message, and the lines to show instead of those that the exception passed through."""
    for rule in (_said, _ended, _unfilled, _device, _not_there, _called, _newer, _outside):
        if (found := rule(seen)) is not None:
            # The line at which a stub raised says nothing new.
            more = [""] if found[0] in ("stub", "unfilled") else _syntax_line(seen.error)
            return *found, more
    if _CHANGED.search(seen.text):
        more = [] if seen.lines or seen.source is None else list(seen.source.in_place())
        return kind, "A tensor that the gradient still needs is changed in place. Make a new tensor instead.", more
    if _LEAF.search(seen.text):
        return kind, "A parameter that requires gradients is changed in place. Do it under `torch.no_grad()`.", []
    return kind, f"{type(seen.error).__name__}: {_short(seen.text)}", _syntax_line(seen.error)


def _said(seen: _Seen) -> tuple[str, str] | None:
    """An exception whose own text is enough, or memory that ran out."""
    name = type(seen.error).__name__
    if name in _SAID:
        return _SAID[name], seen.text
    if isinstance(seen.error, MemoryError) or "can't allocate memory" in seen.text:
        return "memory", f"{name}: {_short(seen.text)}"
    return None


def _ended(seen: _Seen) -> tuple[str, str] | None:
    """A program that ends itself, waits for input, or stops in a debugger."""
    when = " when it is imported" if seen.importing else ""
    file, line = (seen.lines[-1].file, f" (line {seen.lines[-1].number})") if seen.lines else ("The code", "")
    guard = "Put this under `if __name__ == '__main__':`."
    if isinstance(seen.error, SystemExit):
        return "ended", f"{file} ends the program{when}{line}. {guard if when else 'Return a value instead.'}"
    if type(seen.error).__name__ == "StillRunning":
        return "ended", f"{file} was still running{line} when its time for being imported was up. {guard}"
    if isinstance(seen.error, EOFError | RuntimeError) and _NO_INPUT.search(seen.text):
        told = guard if when else "Write the value into the code."
        return "ended", f"{file} waits for input{when}{line}; nobody can type anything while grading. {told}"
    if type(seen.error).__name__ == "BdbQuit":
        return "ended", f"A debugger was left in{_debugger(seen.lines)}. Delete that line."
    return None


def _debugger(lines: list[_Line]) -> str:
    """The place of the debugger's call: it stops at the line that comes next."""
    for line in reversed(lines):
        for number in range(line.number, 0, -1):
            if _DEBUGGER.search(linecache.getline(line.path, number)):
                return f" ({line.file}, line {number})"
    return f" ({lines[-1].file}, near line {lines[-1].number})" if lines else ""


def _unfilled(seen: _Seen) -> tuple[str, str] | None:
    """A stub that was reached, or that is still there although something else failed first."""
    source = seen.source
    stub = UNFILLED.fullmatch(seen.text) if isinstance(seen.error, NotImplementedError) else None
    if stub and seen.importing:
        told = f"{seen.text.rstrip('.')}, and it is called when the file is imported{seen.where}."
        return "import", f"{told} Put the call under `if __name__ == '__main__':`."
    if stub and source is not None and stub[1] != source.asked.question and not source.untouched:
        name = source.asked.target.rpartition(".")[2]
        return "exception", f"{name} calls the answer to another question. {seen.text.rstrip('.')}."
    if stub or (source is not None and source.untouched and not seen.importing):
        beside = source.beside_stub() if source is not None else None
        if beside is not None:
            return "stub", beside
        return "unfilled", seen.text if stub or source is None else source.asked.unfilled
    return None


def _device(seen: _Seen) -> tuple[str, str] | None:
    """A device that is not there: in our words, because PyTorch's tell a student to install drivers."""
    if not isinstance(seen.error, RuntimeError | AssertionError | ValueError | ImportError) or not _NO_DEVICE.search(
        seen.text
    ):
        return None
    first = seen.text[:_FIRST].lower()
    which = next((name for words, name in _DEVICES.items() if re.search(words, first)), "Another device than the CPU")
    return "device", f"{which} is asked for; there is none where this is graded. Use the device of the inputs."


def _not_there(seen: _Seen) -> tuple[str, str] | None:
    """A function that is not in its place."""
    error, source = seen.error, seen.source
    if seen.lines or source is None or not isinstance(error, AttributeError | NotImplementedError):
        return None
    if source.defines:
        if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
            return "exception", f"{source.file} does not define {error.name} when it has been run."
        return None
    elsewhere = source.elsewhere()
    if elsewhere is not None:
        return "stub", elsewhere
    return "absent", f"{source.file} does not define {source.asked.target}."


def _called(seen: _Seen) -> tuple[str, str] | None:
    """A call that was refused, or whose parameters are in another order."""
    source = seen.source
    if source is None or seen.importing:
        return None
    asked = source.asked
    refused = _REFUSED.match(seen.text) if isinstance(seen.error, TypeError) else None
    if refused and refused[1] == "__init__" and asked.constructor and not seen.lines:
        return "call", f"The constructor was changed; it must be `{asked.constructor}`."
    theirs = refused is not None and refused[1] == asked.target.rpartition(".")[2] and source.other_signature()
    if (refused and not seen.lines) or theirs or source.reordered():
        return "call", f"The signature was changed; it must be `{asked.signature}`."
    return None


def _newer(seen: _Seen) -> tuple[str, str] | None:
    """Something that only a newer Python has."""
    line = seen.lines[-1].number if seen.lines else 0
    sentence = newer(seen.error, line, sys.version_info[:2])
    kind = "import" if seen.importing else "exception"
    return None if sentence is None else (kind, f"{sentence}\n{type(seen.error).__name__}: {_short(seen.text)}")


def _outside(seen: _Seen) -> tuple[str, str] | None:
    """A file that lies outside of what student code may use."""
    error = seen.error
    if isinstance(error, OSError) and error.errno in _OUTSIDE and error.filename is not None:
        name = f"{os.strerror(error.errno)}, {error.filename!r}"
        return "sandbox", f"While grading, files can be read and written only next to your own. ({name})"
    return None


def _syntax_line(error: BaseException) -> list[str]:
    """The line at which a file cannot be read as Python, which no frame of the traceback shows."""
    if not isinstance(error, SyntaxError) or error.lineno is None:
        return []
    return [f"{os.path.basename(error.filename or '')}, line {error.lineno}: {(error.text or '').strip()}"]


def _as_python_says(error: BaseException) -> BaseException:
    """The first exception of a relative import that was tried again within a package; any other as it is."""
    first = error.__context__
    again = isinstance(error, ModuleNotFoundError) and isinstance(first, ImportError)
    return first if again and first is not None and "no known parent package" in str(first) else error


def _own_lines(error: BaseException, folder: Path, left_out: tuple[str, ...]) -> Iterator[_Line]:
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(f"{folder}{os.sep}"):
            name = os.path.relpath(frame.filename, folder).replace(os.sep, "/")
            if not any(name == one or (one.endswith("/") and name.startswith(one)) for one in left_out):
                yield _Line(frame.filename, name, frame.lineno or 0, frame.name, frame.line or "")


def tidy(text: str, folder: Path) -> str:
    """Remove from a text what differs between runs or machines: folders and addresses."""
    libraries = [os.path.dirname(os.__file__), sys.prefix, sys.base_prefix, *sys.path]
    own = [str(folder), os.path.realpath(folder), str(folder.parent)]
    for root in sorted({*own, *filter(os.path.isabs, libraries)}, key=len, reverse=True):
        if len(root) > 1:
            text = text.replace(f"{root}{os.sep}", "")
    text = re.sub(r"\b0x[0-9a-fA-F]{6,}", "0x…", text)
    return re.sub(r"\btmp[a-z0-9_]{8}(?![\w.]*\.py\b)\b", "tmp…", text)


def _short(text: str) -> str:
    """The beginning of a message: PyTorch adds its own stack, and thousands of characters for its developers."""
    lines = text.partition("Exception raised from")[0].strip().splitlines() or [""]
    first = lines[0] if len(lines[0]) <= _FIRST else f"{lines[0][:_FIRST]}…"
    return "\n".join([first, *lines[1 : 1 + _MORE]])


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # a student's class may raise anything where its text is asked for
        return "(its message could not be read)"
