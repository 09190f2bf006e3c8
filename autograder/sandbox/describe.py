"""What an exception of student code is, as data: its kind, its message, and the lines of the student's own files."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from types import ModuleType

from autograder.sandbox.wire import Json

_TEXT_CAP = 2000


def describe(error: BaseException, kind: str, scratch: Path) -> dict[str, Json]:
    """`kind`, `message` and `trace` of an exception; `kind` is what it is where nothing more particular is known.

    `scratch` is the folder that holds the student's files: lines of other files are left out.
    """
    if isinstance(error, NotImplementedError):
        kind = "unfilled"
    elif isinstance(error, MemoryError) or "can't allocate memory" in _text(error):
        kind = "memory"
    message = f"{type(error).__name__}: {_text(error)}"[:_TEXT_CAP]
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        message = f"{error.obj.__name__}.py does not define {error.name}."
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(str(scratch)):
            name = os.path.relpath(frame.filename, scratch)
            lines.append(f"{name}, line {frame.lineno}, in {frame.name}: {frame.line or ''}".rstrip(": "))
    if isinstance(error, SyntaxError) and error.lineno is not None:
        lines.append(f"{os.path.basename(error.filename or '')}, line {error.lineno}: {(error.text or '').strip()}")
    return {"kind": kind, "message": message, "trace": "\n".join(lines)[:_TEXT_CAP]}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:
        return "(its message could not be read)"
