"""Makes the rows of known mistakes in `public_checks.json`, which `differences.is_mistake` reads.

A row is kept short: its hint, or the numbers of the faults whose words make it; and its wrong values, with as many
numbers and digits as distinguish them.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from autograder.reference.phrases import Phrase, joined, worded

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Outputs = Mapping[str, Mapping[str, Json]]
"""The values of a case: by name, the kind, shape, dtype, slack and data, as far as it has them."""
Say = Callable[[str], str]
Row = tuple[str, list[Json]]
"""Marks, and the wrong values by which they are recognised."""
Earlier = Mapping[str, Sequence[Row]]
"""The rows of an earlier file by their hint."""

GRADIENT = "gradient of"
PLAIN = ("float32", "int64")
"""The dtypes of numbers without a named one."""
FEW, TELLING = 2, 2
"""The fewest numbers kept of a mistake's array, and the number of its arrays of a case that are kept."""
FAR = 100
"""A wrong value this many times as large as the right one has a slack of its own: float32 is not finer."""
DIGITS, PART = 8, 20
"""The most digits of a number, and the part of the slack (1 / PART) that rounding to fewer digits may use."""
MACHINE_SLACK = 2e-6
"""The relative difference (of an entry, or of 1) that two machines may have if a mistake computes in float32, in
addition to one in the last digit."""


@dataclasses.dataclass(frozen=True)
class KnownMistake:
    """A mistake that `AnswerSource` can run, and the text for a student who made it: `hint`, or the joined phrases of
    the faults that it combines."""

    name: str
    hint: str = ""
    phrases: tuple[Phrase, ...] = ()

    @property
    def words(self) -> str:
        """The hint, single or joined."""
        return joined(self.phrases) if self.phrases else self.hint

    def said(self, say: Say, part: Say) -> KnownMistake:
        """The same translated: `say` translates a hint, `part` a part of one."""
        if len({phrase.where for phrase in self.phrases}) < len(self.phrases):
            # A place that two faults share is listed once, so there is no pair of places.
            return dataclasses.replace(self, hint=say(joined(self.phrases)), phrases=())
        looks = [phrase.where.partition(" ") for phrase in self.phrases]  # "at", " ", "the last line"
        places = [f"{look}{space}{place and part(place)}" for look, space, place in looks]
        wrong = [part(phrase.wrong) for phrase in self.phrases]
        return dataclasses.replace(self, hint=say(self.hint), phrases=tuple(map(Phrase, wrong, places)))


def mistake_rows(
    mistakes: Sequence[tuple[KnownMistake, Sequence[Outputs | None]]], expected: Sequence[Outputs], earlier: Earlier
) -> dict[str, Json]:
    """The `faults` and, by their marks, the `mistakes` of a question; a mistake comes with its outputs, None if it
    raises.

    The row in `earlier` is kept if it differs by no more than two machines may.
    """
    found = [(mistake, row) for mistake, outputs in mistakes if (row := _row(outputs, expected))]
    faults = list(dict.fromkeys(phrase for mistake, _ in found for phrase in mistake.phrases))
    by_marks: dict[str, list[Json]] = {}
    for mistake, (marks, told) in found:
        words = [faults.index(phrase) for phrase in mistake.phrases] or mistake.hint
        before = (values for old, values in earlier.get(mistake.words, ()) if old == marks and _alike(values, told))
        by_marks.setdefault(marks, []).append([words, *next(before, told)])
    return {"faults": [list(phrase) for phrase in faults], "mistakes": by_marks}


def rows_of(file: bytes) -> Earlier:
    """All mistakes in such a file by their hint; none if it is another kind of file or damaged."""
    by_hint: dict[str, list[Row]] = {}
    try:
        for question in json.loads(file)["questions"]:
            for marks, mistakes in question["mistakes"].items():
                for words, *told in mistakes:
                    by_hint.setdefault(worded(words, question["faults"]), []).append((marks, told))
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}
    return by_hint


def _row(outputs: Sequence[Outputs | None], expected: Sequence[Outputs]) -> Row | None:
    """Marks and wrong values of a mistake.

    None if it raises or returns something of another kind, which cannot be compared, and if public inputs do not show
    it.
    """
    cases: list[Row] = []
    for given, right in zip(outputs, expected, strict=True):
        if given is None or given.keys() != right.keys():
            return None
        if any(value["kind"] == "other" for value in given.values()):
            return None
        cases.append(_of_case(given, right))
    marks, told = "|".join(marks for marks, _ in cases), [value for _, values in cases for value in values]
    return (marks, told) if marks.strip("|") else None


def _of_case(given: Outputs, right: Outputs) -> Row:
    """The marks of a case, and the values by which they are recognised."""
    wrong = [name for name, value in given.items() if value != right[name]]
    # If a value is wrong, its gradient is wrong too, and adds nothing.
    shown = [name for name in wrong if not name.startswith(GRADIENT)] or wrong
    marks = dict.fromkeys(right, ".")
    for at, name in enumerate(shown):
        marks[name] = _mark(given[name], right[name], at < TELLING)
    told = [_told(given[name], right[name]) for name in shown if marks[name] == "x"]
    return "".join(marks.values()).rstrip("."), told


def _mark(value: Mapping[str, Json], right: Mapping[str, Json], telling: bool) -> str:
    """The mark of a wrong value for `is_mistake`; fractions that are not `telling` are only marked as wrong."""
    if value["kind"] == "none":
        return "-"
    if not _same_form(value, right):
        return "x"
    if isinstance(value["data"], list) and value["kind"] == "number" and isinstance(value["data"][0], bool):
        return "!"
    return "x" if telling or "slack" not in right else "?"


def _same_form(value: Mapping[str, Json], right: Mapping[str, Json]) -> bool:
    """Whether two arrays differ only in their numbers."""
    return "data" in value and "data" in right and all(value.get(p) == right.get(p) for p in ("kind", "shape", "dtype"))


def _told(value: Mapping[str, Json], right: Mapping[str, Json]) -> Json:
    """The part of a wrong value that distinguishes it from the right one and from others: its first numbers, without
    the rest if nothing else differs."""
    if "data" not in value:
        return _parts(value)
    same = _same_form(value, right)
    pairs = zip(_data(value), _data(right) if same else (), strict=same)
    first = next((place for place, (one, other) in enumerate(pairs) if one != other), 0)
    count = max(FEW, first + 1)
    if not same or _slack(value) > FAR * _slack(right):
        return _parts({**value, "data": shortened(value)[:count]})
    data = shortened({**value, "slack": _slack(right)})
    return data[:count] if value["shape"] else data[0]


def written(value: Mapping[str, Json]) -> Json:
    """An expected value in the short form of the file, which `differences.whole` completes."""
    if value["kind"] == "none":
        return None
    alone = value["kind"] == "number" and "slack" not in value
    return _data(value)[0] if alone else _parts(value)


def _parts(value: Mapping[str, Json]) -> Mapping[str, Json]:
    """The parts of a value that `differences.whole` does not know by itself."""
    if value["kind"] == "drawn":
        return value
    known = {"kind", "shape", "dtype"} if value["kind"] == "number" else {"kind"}
    if value["dtype"] in PLAIN:
        known.add("dtype")
    return {part: told for part, told in value.items() if part not in known}


def shortened(value: Mapping[str, Json]) -> list[Json]:
    """The numbers of an array with the digits that its slack requires."""
    if not (slack := _slack(value)):
        return list(_data(value))
    decimals = math.ceil(-math.log10(2 * slack / PART))
    return [float(f"{round(entry, decimals):.{DIGITS}g}") + 0.0 for entry in _data(value)]


def _slack(value: Mapping[str, Json]) -> float:
    """The most by which a number may be off; 0 for a value without fractions."""
    slack = value.get("slack")
    return slack if isinstance(slack, float) else 0.0


def _data(value: Mapping[str, Json]) -> list[float]:
    data = value["data"]
    assert isinstance(data, list)
    return data


def _alike(one: Json, other: Json) -> bool:
    """Whether two values are equal up to the differences between two machines."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        last = min(int(Decimal(repr(number)).as_tuple().exponent) for number in (one, other))
        return abs(one - other) <= 1.01 * 10.0**last + MACHINE_SLACK * max(1.0, abs(one))
    return one == other
