"""`autograde viva`: three questions to ask a student about their own code and run, with what a good answer holds."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.questions import TALK
from autograder.core.records import Excerpt, Result
from autograder.core.settings import MIB
from autograder.core.text import number

BANK = "solutions/viva.toml"
COLLAPSED, FEWER = 0.2, 0.5
"""Below so much of 1 the deviation times the root of D is collapse; below so much of its start the rank is."""
COLUMNS = ("knn", "std_sqrt_d", "effective_rank")
LOG_HINT = "Give the log.csv of a run of main.py; a log without std_sqrt_d is of an earlier kit, and hides a collapse."


@dataclass(frozen=True)
class Ask:
    """A question about the function that answers one of the assignment's, and what a good answer holds."""

    function: str
    question: str
    good: str


@dataclass(frozen=True)
class _Bank:
    ask: tuple[Ask, ...]


def load_bank(path: Path) -> tuple[Ask, ...]:
    """Read `solutions/viva.toml`; raises AutograderError."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_Bank).ask
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        hint = "Each [[ask]] has function, question and good, texts in quotes."
        raise AutograderError(f"{path} cannot be read: {error}.", hint) from error


def viva(result: Result, bank: Sequence[Ask], seed: str, log: Path | None) -> list[Ask]:
    """The questions for one student: on points that were lost, on their run, and on code of theirs.

    They are drawn from the seed and the id, so that the same call gives the same questions.
    """
    asked = [*_lost(result), *([] if log is None else [on_run(read_log(log))])]
    own = [one for one in bank if _lines(result, one.function)]
    random.Random(f"{seed}/viva/{result.student}").shuffle(own)
    return [*asked, *own][:TALK]


def place(result: Result, function: str) -> str:
    """The place of a student's function: `criterion.py, lines 71 to 80`; empty if the function was not kept."""
    found = _lines(result, function)
    return f"{found.file}, lines {found.lines[0][0]} to {found.lines[-1][0]}" if found else ""


def _lines(result: Result, function: str) -> Excerpt | None:
    head = re.compile(rf"\s*def {re.escape(function)}\b")
    found = (one for one in result.excerpts if any(head.match(text) for _, text in one.lines))
    return next(found, None)


def _lost(result: Result) -> Iterator[Ask]:
    """On the question that lost most of those whose mistake has a name."""
    named = [one for one in result.questions if one.diagnosis and one.score < one.max_score]
    for one in sorted(named, key=lambda one: one.score - one.max_score)[:1]:
        points = f"{number(one.score)} of {number(one.max_score)} points"
        question = f"Question {one.id} has {points}. Show the line that cost them. What would it do to a training run?"
        yield Ask("", question, " ".join(one.diagnosis[0].hint.split()))


def read_log(path: Path) -> list[dict[str, float]]:
    """The rows of a run's log, numbers alone; raises AutograderError."""
    try:
        text = path.read_bytes()[:MIB].decode("utf-8")
        rows = [{key: float(cell) for key, cell in row.items() if cell} for row in csv.DictReader(text.splitlines())]
        if not rows or any(key not in row for row in (rows[0], rows[-1]) for key in COLUMNS):
            raise ValueError(f"its first and last row lack one of {', '.join(COLUMNS)}")
        return rows
    except (OSError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise AutograderError(f"{path} cannot be read: {error}.", LOG_HINT) from error


def on_run(rows: Sequence[dict[str, float]]) -> Ask:
    """A question on a run, by what its last row says next to its first."""
    first, last = rows[0], rows[-1]
    spread, rank = last["std_sqrt_d"], last["effective_rank"]
    at = f"at epoch {last.get('epoch', len(rows) - 1):.0f}"
    if spread < COLLAPSED:
        question = f"Your std·√D was {spread:.3f} {at}. What has become of the features, and which flag does that?"
        good = "Complete collapse: all images are nearly one point. With the align loss: no stop-gradient."
    elif rank < FEWER * first["effective_rank"]:
        question = f"Your effective rank was {first['effective_rank']:.0f} before training and {rank:.0f} {at}, and "
        question += f"std·√D {spread:.2f}. What has become of the features, and why does std not show it?"
        good = "Dimensional collapse: features fill few directions. Batch norm at the projector's end keeps each "
        good += "channel's variance, so std stays near 1. With the align loss: no predictor."
    else:
        question = f"Your k-NN accuracy was {first['knn']:.1f} % before training and {last['knn']:.1f} % {at}. "
        question += "What of it is due to training? How would you show that it is more than noise?"
        good = "The difference alone: a random network's features give the first number. Other seeds show the noise."
    return Ask("", question, good)
