"""Puts changes of the desk into nbgrader's gradebook, as scores and comments of a person, and takes them back.

nbgrader counts `manual_score` before `auto_score`. A person may have entered one in formgrader before, so the output
folder keeps the values that were there (`gradebook_before.json`), and an undone change brings them back. A value that
somebody entered after ours is theirs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.records import Result, Rubric
from autograder.core.store import write_whole
from autograder.core.text import printable
from autograder.gradebook.formgrader import CODE, REPORT, cell_name
from autograder.marks.changed import part_points
from autograder.marks.overrides import EXCUSED, STANDINGS, Change, Kind

FILE = "gradebook_before.json"


class Entered(msgspec.Struct, frozen=True):
    """The part of a cell that people enter."""

    score: float | None = None
    comment: str | None = None
    asks: bool = False
    """nbgrader's "needs manual grade"."""


class Replaced(msgspec.Struct, frozen=True):
    """A cell before a change, and as the change left it; while the database is written there are two of these."""

    before: Entered
    after: tuple[Entered, ...]

    def still(self, now: Entered) -> bool:
        """Whether a cell is as a change left it; whether it asks for a grade may have changed with the checks."""
        return any((now.score, now.comment) == (one.score, one.comment) for one in self.after)


Kept = dict[str, dict[str, Replaced]]
"""By the student's id in the gradebook, and by `NOTEBOOK/CELL`."""


@dataclass(frozen=True)
class Wanted:
    """A change of a cell: a score, a comment, a request to look at it; what is not set stays as it is."""

    score: float | None = None
    comment: str = ""
    asks: bool = False

    def over(self, before: Entered) -> Entered:
        """The cell after it."""
        if self.score is None:
            return Entered(before.score, self.comment or before.comment, self.asks or before.asks)
        return Entered(self.score, self.comment or before.comment, self.asks)


def load_kept(output: Path) -> Kept:
    """The cells that changes replaced in the gradebook of an output folder; raises AutograderError if damaged."""
    try:
        return msgspec.json.decode((output / FILE).read_bytes(), type=Kept)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        hint = "Take it out of the folder: scores that changes replaced in the gradebook then count as a person's."
        raise AutograderError(f"{output / FILE} is damaged: {error}.", hint) from error


def save_kept(output: Path, kept: Kept) -> None:
    """Store the replaced cells."""
    if kept or (output / FILE).exists():
        write_whole(output / FILE, msgspec.json.format(msgspec.json.encode(kept)).decode() + "\n")


def wanted(result: Result, rubric: Rubric, changes: Sequence[Change], parts: Mapping[str, float]) -> dict[str, Wanted]:
    """The cells that a student's changes are about, by `NOTEBOOK/CELL`; `result` is as it counts now.

    `parts` are the parts of the report with their points. nbgrader has no line of a mark scheme: a part gets the sum.
    """
    found: dict[str, Wanted] = {}
    graded = {question.id: question for question in result.questions}
    for question in rubric.questions:
        mine = [one for one in changes if one.question == question.id and one.kind in (Kind.POINTS, Kind.COMMENT)]
        given = [one for one in mine if one.kind is Kind.POINTS]
        if not mine or question.id not in graded:
            continue
        now = graded[question.id]
        if not question.manual or question.spoken:
            words = printable(now.words, multiline=True)
            found[f"{CODE}/{cell_name(question.id)}"] = Wanted(now.score if given else None, words)
        elif parts and question.file == f"{REPORT}.ipynb":
            scores = (
                _shared(now.score, given[-1].items and part_points(question, given[-1].items), parts) if given else {}
            )
            for at, name in enumerate(parts):
                found[f"{REPORT}/{name}"] = Wanted(scores.get(name), printable(now.comment, multiline=True) * (at == 0))
    return _standing(found, result, rubric, changes, parts)


def _shared(score: float, items: Mapping[str, float], parts: Mapping[str, float]) -> dict[str, float]:
    """The points of each part: those of its lines, or else its share of the whole, so that all sum to the score."""
    if items.keys() >= parts.keys():
        return {name: items[name] for name in parts}
    total = sum(parts.values()) or math.inf
    shares = {name: round(score * points / total, 2) for name, points in parts.items()}
    last = [*parts][-1]
    return {**shares, last: round(score - sum(shares.values()) + shares[last], 4)}


def _standing(
    found: dict[str, Wanted], result: Result, rubric: Rubric, changes: Sequence[Change], parts: Mapping[str, float]
) -> dict[str, Wanted]:
    """Add what a person said of the whole hand-in."""
    standing = next((one for one in reversed(changes) if one.kind in STANDINGS), None)
    names = [f"{CODE}/{cell_name(one.id)}" for one in rubric.questions if not one.manual or one.spoken]
    if standing is None or not names:
        return found
    if standing.kind is Kind.ZERO:
        cells = [*names, *(f"{REPORT}/{name}" for name in parts)]
        found |= {name: Wanted(0.0, found[name].comment if name in found else "") for name in cells}
    first = found.get(names[0], Wanted())
    told = "" if standing.kind is Kind.HOLD else printable(standing.comment, multiline=True)
    # nbgrader knows no excuse, so the student reads it, and scores stay.
    said = [EXCUSED if standing.kind is Kind.EXCUSE else "", told, first.comment]
    found[names[0]] = Wanted(first.score, "\n".join(filter(None, said)), standing.kind is Kind.HOLD)
    return found
