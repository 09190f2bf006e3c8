"""Splits a course's points between code, experiments and a viva (`split` in `solutions/course.toml`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from autograder.core.errors import AutograderError
from autograder.core.records import Question

FILE = "solutions/course.toml"


@dataclass(frozen=True)
class Split:
    """The points of all questions without bonus, by who gives them and for what.

    `experiments` are shared by the questions of `[[manual]]` that have a file, `viva` by those that have none.
    """

    code: int
    experiments: int
    viva: int

    def by_hand(self, manual: Sequence[Question]) -> tuple[Question, ...]:
        """The questions of `[[manual]]` with their points; raises AutograderError."""
        written = shared(self.experiments, [one for one in manual if not one.spoken], "experiments")
        spoken = shared(self.viva, [one for one in manual if one.spoken], "viva")
        return tuple(replace(one, points=float((written | spoken)[one.id])) for one in manual)


PRESETS = {"70/30": Split(70, 30, 0), "45/35/20": Split(45, 35, 20)}
"""The points of the published course, and those of a course with a viva."""
NAMES = tuple(part.name for part in fields(Split))
EXAMPLE = (
    f"Write one of {', '.join(PRESETS)} in quotes, or a table: split = {{ code = 50, experiments = 30, viva = 20 }}."
)
MISSING = {
    "code": "Ask one, or set `code` to 0.",
    "experiments": "Write [[manual]] with id, title, file and points, or set `experiments` to 0.",
    "viva": "Write [[manual]] with id, title and points but no file, or set `viva` to 0.",
}


def split_of(value: Any) -> Split:
    """The split by the name of a preset, or by a table of whole numbers; raises AutograderError."""
    if isinstance(value, str) and value in PRESETS:
        return PRESETS[value]
    if not isinstance(value, dict):
        raise AutograderError(f"{FILE}: `split` is neither a preset nor a table: {value!r}.", EXAMPLE)
    if strange := sorted(value.keys() ^ set(NAMES)):
        said = "lacks" if strange[0] in NAMES else "has the unknown key"
        raise AutograderError(f"{FILE}: `split` {said} `{strange[0]}`.", EXAMPLE)
    for name, points in value.items():
        if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points < 1e6:
            problem = f"{FILE}: `{name}` of `split` is not a whole number of points: {points!r}."
            raise AutograderError(problem, "Write one from 0 on.")
    return Split(**value)


def shared(total: int, questions: Sequence[Question], name: str) -> dict[str, int]:
    """Share the points of a part of the split among its questions as their own points are, in whole numbers.

    Raises AutograderError if there is no question for them, or if they leave one without a point.
    """
    if total and not questions:
        raise AutograderError(
            f"{FILE}: `split` gives `{name}` {total} points, and no question is there for them.", MISSING[name]
        )
    if total < len(questions):
        problem = f"{FILE}: `split` gives `{name}` {total} points for {len(questions)} questions."
        raise AutograderError(problem, "Give one point a question at least, or ask fewer.")
    own = sum(question.points for question in questions)
    if questions and not own:
        problem = f"{FILE}: no question has points of which `{name}` could be made."
        raise AutograderError(problem, "Give one of them points, in its header, in [points] or in [[manual]].")
    return whole({question.id: question.points * total / own for question in questions}, total)


def whole(shares: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole numbers near the shares that sum to `total`: the largest remainders are rounded up."""
    numbers = {name: math.floor(share + 1e-9) for name, share in shares.items()}
    over = sorted(shares, key=lambda name: numbers[name] - shares[name])[: total - sum(numbers.values())]
    return {name: points + (name in over) for name, points in numbers.items()}
