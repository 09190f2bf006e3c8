"""Collects the messages of a process on one question: checked as they come, and capped."""

from __future__ import annotations

import time
from collections.abc import Sequence

from autograder.core.records import Answer, Case, CodeError
from autograder.sandbox import wire
from autograder.sandbox.protocol import Outcome, read_answer, read_error, read_left

_IMPORTS_CAP = 100
"""The most imports in progress at a time: student files may import each other, each by several names."""
_NOTES_CAP, _NOTE_CAP = 20, 300
"""The most notes of one question, and the most letters of one note, that are kept."""


class Transcript:
    """The messages of a process on one question so far; `give_up` is the time at which even imports must end."""

    def __init__(self, cases: Sequence[Case], give_up: float) -> None:
        self._cases = cases
        self._give_up = give_up
        self._received = 0
        self._notes: list[str] = []
        self.answers: list[Answer] = []
        self.importing: list[str] = []
        """Files whose import has begun and not ended, the last one within the others."""
        self.asked: set[str] = set()
        """Files that were asked whether their import is where it was given up in an earlier process."""
        self.left: dict[str, int] = {}
        """Files whose import was given up, each with the line of the statement that it was at."""
        self.interrupted = False

    def read(self, message: wire.Message) -> CodeError | None:
        """Take the next message; the error if it says that the file cannot be imported. Raises WireError."""
        match message.header:
            case {"type": "importing", "module": str(name)}:
                self.importing.append(name)
                self._refuse_flood()
            case {"type": "imported", "module": str(name)} if self.importing and self.importing[-1] == name:
                self.importing.pop()
                self._refuse_flood()
                if (line := read_left(message)) is not None:
                    self.left[name] = line
            case {"type": "noted", "text": str(text)}:
                if len(self._notes) < _NOTES_CAP:
                    self._notes.append(text[:_NOTE_CAP])
                self._refuse_flood()
            case {"type": "failed", "error": error}:
                return read_error(error)
            case _:
                if len(self.answers) == len(self._cases):
                    raise wire.WireError("it answers more cases than it was asked")
                self.answers.append(read_answer(message, self._cases[len(self.answers)]))
                self._received += sum(array.nbytes for array in message.arrays)
                if self._received > wire.PAYLOAD_CAP:
                    raise wire.WireError("the answers are larger than the limit")
        return None

    def outcome(self, died: CodeError | None, importing: str | None) -> Outcome:
        """The outcome of the whole question."""
        return Outcome(tuple(self.answers), died, importing, notes=tuple(self._notes))

    def _refuse_flood(self) -> None:
        """Limit the number and time of import reports: student code can send them as easily as ours."""
        if len(self.importing) > _IMPORTS_CAP or time.monotonic() > self._give_up:
            raise wire.WireError("it tells of imports without end")
