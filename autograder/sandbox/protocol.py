"""The messages that a student's process may send, checked word by word on the trusted side."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from autograder.core.records import Answer, Case, CodeError, Value
from autograder.sandbox.edits.file import MOST, MOST_LETTERS, Edit
from autograder.sandbox.edits.scope import KINDS
from autograder.sandbox.wire import Message, WireError

_TEXT_CAP = 4000
_VALUES_CAP = 256
_SECONDS_CAP = 1e6
_PLACE_CAP = 1 << 30
RAISED = {
    "exception": "an answer raised it",
    "import": "a file raised it while it was imported",
    "unfilled": "a stub says that it is one",
    "stub": "a stub was reached although there is an answer next to it",
    "absent": "the function that is asked for is not there",
    "call": "the call itself was refused: the function takes other arguments",
    "device": "a device was asked for that the machine does not have",
    "library": "a library was used that is not installed where this is graded",
    "sandbox": "something was tried that is not possible while grading, a new process for instance",
    "ended": "the file or the answer ended the program, or stopped in a debugger",
    "memory": "there was no memory left",
}
"""The kinds of exception that the student's process reports."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one question in one process.

    `died` says how the process ended, if it did, and `importing` which module it was importing then. `failed` is set
    if the file itself could not be imported. `notes` are sentences for the student.
    """

    answers: tuple[Answer, ...]
    died: CodeError | None
    importing: str | None
    failed: CodeError | None = None
    notes: tuple[str, ...] = ()


def case_seed(case: Case) -> int:
    """The seed of the random generators during a case: the same in every process, from the case's own name."""
    return int.from_bytes(hashlib.sha256(f"{case.question}/{case.name}".encode()).digest()[:4])


def read_answer(message: Message, case: Case) -> Answer:
    """The answer to `case`; raises WireError for anything that is not one."""
    match message.header:
        case {
            "type": "answer",
            "case": str(name),
            "values": [*listed],
            "error": error,
            "seconds": int() | float() as seconds,
        }:
            if name != case.name or len(listed) > _VALUES_CAP:
                raise WireError("it answers another question")
            values = dict(_read_value(entry, message) for entry in listed)
            if not 0 <= seconds < _SECONDS_CAP:
                raise WireError("its time is not a time")
            return Answer(name, values, None if error is None else read_error(error), float(seconds))
    raise WireError("it is not an answer")


def read_error(error: object) -> CodeError:
    """An exception as the process reports it; raises WireError."""
    match error:
        case {"kind": str(kind), "message": str(text), "trace": str(trace)} if kind in RAISED:
            return CodeError(kind, text[:_TEXT_CAP], trace[:_TEXT_CAP])
    raise WireError("its error is not well formed")


def read_left(message: Message) -> int | None:
    """The line of the statement at which a file's import was given up; None if it ended otherwise, or for nonsense."""
    line = message.header.get("left")
    return line if type(line) is int and 0 < line < _PLACE_CAP else None


def read_edits(message: Message) -> tuple[int, list[Edit]]:
    """The piece of the file, and the changes in it, that a process lists; raises WireError for anything else."""
    match message.header:
        case {"type": "edits", "piece": int(piece), "edits": [*listed]} if piece >= 0 and len(listed) <= MOST:
            return piece, [_read_edit(entry) for entry in listed]
    raise WireError("it is not a list of changes")


def _read_edit(entry: object) -> Edit:
    match entry:
        case [int(start), int(end), str(text), str(kind)] if kind in KINDS and 0 <= start <= end < _PLACE_CAP:
            if len(text) <= MOST_LETTERS:
                return Edit(start, end, text, kind)
    raise WireError("one of its changes is not well formed")


def _read_value(entry: object, message: Message) -> tuple[str, Value]:
    if type(entry) is list and len(entry) == 4:
        name, kind, type_name, at = entry
        if type(name) is type(kind) is type(type_name) is str and len(name) <= 200:
            if at is None and kind in ("none", "other"):
                return name, Value(kind, type_name[:200])
            if type(at) is int and 0 <= at < len(message.arrays) and kind in ("tensor", "number"):
                array = message.arrays[at]
                if kind == "tensor" or array.ndim == 0:
                    return name, Value(kind, type_name[:200], array)
    raise WireError("one of its values is not well formed")
