"""Changes that people make to grades, kept in the output folder in `overrides.toml`.

The file is a record: changes are added at its end and never altered, and a change is undone by a further one. Results
keep the points of the checks, so a change holds when the class is graded again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.regrade import RegradeRequest
from autograder.core.store import write_whole

FILE = "overrides.toml"
HEAD = "# Changes to grades by people, in order. autograde adds to this file and never alters what is in it.\n"
LONGEST = 8_000
"""The most characters of a reason or a comment."""


class Kind(StrEnum):
    """The kinds of changes."""

    POINTS = "points"
    """Other points for a question, or for one of its checks."""
    COMMENT = "comment"
    """Words to the student about a question."""
    EXCUSE = "excuse"
    """The student gets no mark for the assignment, and loses nothing."""
    ZERO = "zero"
    """The student gets no points for any question."""
    HOLD = "hold"
    """Neither a mark nor a page goes out before the hold is undone."""
    REVIEWED = "reviewed"
    """A person has looked at this student's result as it is now, and its page may go out."""
    REQUEST = "request"
    """A student asks that a person looks at a question again."""
    ANSWER = "answer"
    """The answer to such a request; the last one counts."""
    UNDO = "undo"
    """An earlier change does not count any more."""


STANDINGS = (Kind.EXCUSE, Kind.ZERO, Kind.HOLD)
"""The kinds that say something about the whole hand-in. The last one counts."""
EXCUSED = "You are excused from this assignment: it does not count for you."
"""The words to an excused student, on the page and in nbgrader's gradebook."""


Amount = Annotated[float, msgspec.Meta(ge=0, lt=1e6)]


class Change(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A change: its number, the time (ISO 8601, UTC), the person, and what is changed for which students."""

    id: int
    at: str
    by: str
    kind: Kind
    students: tuple[str, ...] = ()
    question: str = ""
    check: str = ""
    points: Amount | None = None
    items: dict[str, Amount] = {}
    """Of a question with a mark scheme: the points of each of its lines, by id; `points` is their sum."""
    reason: str = ""
    """Words for the record; students do not see them."""
    comment: str = ""
    """Words to the student."""
    text: str = ""
    """The student's own words, of a request."""
    answers: int = 0
    """The number of the request that is answered."""
    undoes: int = 0
    """The number of the change that is undone."""
    results: dict[str, str] = {}
    """By student, a digest of the result that was in view (`looked_at.py`)."""


class _Record(msgspec.Struct):
    override: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Overrides:
    """A whole record, undone changes included."""

    changes: tuple[Change, ...] = ()

    @property
    def live(self) -> tuple[Change, ...]:
        """The changes that count, in order: neither undone nor an undo. An undo may be undone itself."""
        undone: set[int] = set()
        found = []
        for change in reversed(self.changes):
            if change.id in undone:
                continue
            if change.kind is Kind.UNDO:
                undone.add(change.undoes)
            else:
                found.append(change)
        return tuple(reversed(found))

    def of(self, student: str) -> tuple[Change, ...]:
        """The changes that count for a student."""
        return self._by_student.get(key(student), ())

    @cached_property
    def _by_student(self) -> dict[str, tuple[Change, ...]]:
        found: dict[str, tuple[Change, ...]] = {}
        for change in self.live:
            for student in dict.fromkeys(change.students):
                found[student] = (*found.get(student, ()), change)
        return found

    @property
    def last(self) -> int:
        """The number of the last change, undone ones included; 0 if there is none."""
        return max((one.id for one in self.changes), default=0)

    def about(self, change: Change) -> tuple[str, ...]:
        """The students whom a change is about; an undo is about those of the change that it undoes."""
        earlier = {one.id: one for one in self.changes}
        while change.kind is Kind.UNDO:  # the file can be written by hand: it may name no change, or itself
            if change.undoes not in earlier:
                return ()
            change = earlier.pop(change.undoes)
        return change.students

    def added(self, change: Change) -> Overrides:
        """The record with one change more, which gets the next number."""
        return Overrides((*self.changes, msgspec.structs.replace(change, id=self.last + 1)))


def key(student: str) -> str:
    r"""A student's id as the record has it: a byte of a file's name that is not text reads `\udcff`."""
    return student.encode("utf-8", "backslashreplace").decode("utf-8")


def new(kind: Kind, by: str, students: Sequence[str] = (), **rest: object) -> Change:
    """A change that is made now; `Overrides.added` gives it its number."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    known = {"students": [key(one) for one in students], **rest}
    return msgspec.convert({"id": 0, "at": at, "by": by, "kind": kind, **known}, Change)


def load_overrides(output: Path) -> Overrides:
    """Read the record of an output folder; empty if nobody changed anything. Raises AutograderError if damaged."""
    path = output / FILE
    try:
        changes = msgspec.toml.decode(path.read_bytes(), type=_Record).override
    except (FileNotFoundError, NotADirectoryError):
        return Overrides()
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        hint = f"Mend that line, or take {FILE} out of the folder: then no change by a person counts."
        raise AutograderError(f"{path} is damaged: {error}.", hint) from error
    numbers = [change.id for change in changes]
    if numbers != sorted(set(numbers)):
        hint = "Number the changes upwards, each with its own number."
        raise AutograderError(f"{path} is damaged: its changes are not in order.", hint)
    return Overrides(changes)


def save_overrides(output: Path, overrides: Overrides) -> None:
    """Write the record, whole or not at all. The caller holds the folder (`store.only_run`)."""
    write_whole(output / FILE, HEAD + "".join(f"\n[[override]]\n{_block(one)}" for one in overrides.changes))


def _block(change: Change) -> str:
    """A change as TOML, a line for each field that is set."""
    fields: dict[str, object] = msgspec.to_builtins(change)
    return "".join(f"{name} = {_value(value)}\n" for name, value in fields.items())


def _value(value: object) -> str:
    """A text, a number, a list or a table as TOML: as JSON, but for a raw DEL and for what is not text."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_value(name)} = {_value(one)}' for name, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    plain = key(value) if isinstance(value, str) else value
    return json.dumps(plain, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")


def points_of(written: str) -> float:
    """The number that a person wrote, with a point or a comma; raises ValueError, whose text says what to write."""
    try:
        found = float(written.replace(",", "."))
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e6:
        raise ValueError(f"{written} is not a number of points. Write a number from 0 on.")
    return found


def requests(changes: Sequence[Change]) -> tuple[RegradeRequest, ...]:
    """The regrade requests among changes that count, in order, each with its last answer."""
    answers = {change.answers: change.comment for change in changes if change.kind is Kind.ANSWER}
    asked = (change for change in changes if change.kind is Kind.REQUEST)
    return tuple(RegradeRequest(one.id, one.question, one.at, one.text, answers.get(one.id, "")) for one in asked)


def lines(changes: Sequence[Change]) -> Iterator[str]:
    """A line for each change, for the terminal and the desk."""
    for change in changes:
        whom = ", ".join(change.students[:3]) + (f" and {len(change.students) - 3} more" * (len(change.students) > 3))
        said = f"({change.reason})" if change.reason else ""
        words = filter(None, [f"{change.id}. {change.at} {change.by}:", whom, what(change), said])
        yield " ".join(words)


def what(change: Change) -> str:
    """The thing that a change changes, without whom and why: `1.4: 3 points`."""
    if change.kind is Kind.POINTS and change.points is not None:
        of = f" “{change.check}”" if change.check else ""
        return f"{change.question}{of}: {change.points:g} points"
    if change.kind is Kind.COMMENT:
        return f"{change.question}: a comment"
    if change.kind is Kind.REQUEST:
        return f"asks about {change.question}"
    if change.kind is Kind.ANSWER:
        return f"answers {change.answers}"
    return f"undoes {change.undoes}" if change.kind is Kind.UNDO else change.kind.value
