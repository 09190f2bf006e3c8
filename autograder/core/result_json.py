"""A Result as JSON and back. Other people's scripts read these files: `results.schema.json` says what is in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import msgspec

from autograder.core.outcomes import Outcome
from autograder.core.records import About, Excerpt, Result, Status

Json = dict[str, object]
DIGITS = 4
VERSION = 3
"""The version of the schema; any change of a field makes another. Version 1 had no `credited`, 2 no `change`."""
Number = Annotated[float, msgspec.Meta(gt=-1e15, lt=1e15)]
"""A finite number that a float can hold: Python reads NaN, infinities and larger integers from JSON as well."""


class Damaged(ValueError):
    """Stored JSON that is not a result."""


class _Check(msgspec.Struct):
    name: str
    passed: bool | None
    points: Number
    max_points: Number
    public: bool
    message: str
    outcome: Outcome


class _Diagnosis(msgspec.Struct, omit_defaults=True):
    mistake: str
    hint: str
    certain: bool = True
    change: str = ""


class _Question(msgspec.Struct, omit_defaults=True):
    id: str
    title: str
    score: Number
    max_score: Number
    checks: tuple[_Check, ...]
    diagnosis: tuple[_Diagnosis, ...]
    advisories: tuple[str, ...]
    error: str | None
    credited: str = ""


class _Stored(msgspec.Struct, kw_only=True):
    """The file: fields in its order. A field with a default is missing in files of runs before the field existed."""

    version: int = VERSION
    student: str
    status: Status
    score: Number | None
    max_score: Number
    seconds: Number
    questions: tuple[_Question, ...]
    fingerprint: str
    message: str | None
    excerpts: tuple[Excerpt, ...]
    name: str
    email: str
    group: str
    late: bool | None
    submitted: str
    lateness: str = ""


def to_json(result: Result) -> Json:
    """Take a result apart into what `json` writes."""
    whole = {**vars(result), "score": result.score, **vars(result.about)}
    stored: Json = _short(msgspec.to_builtins(msgspec.convert(whole, _Stored, from_attributes=True)))
    return stored


def from_json(data: object) -> Result:
    """Put a result together again; raises Damaged for anything that `to_json` would not have made.

    People may have edited the file, so every type is checked and the total must be that of the questions.
    """
    try:
        stored = msgspec.convert(data, _Stored)
        result = msgspec.convert(stored, Result, from_attributes=True)
    except (msgspec.ValidationError, OverflowError) as error:
        raise Damaged(str(error)) from None
    if stored.version > VERSION:
        raise Damaged("it was written by a newer version of the kit")
    outcomes = [check.passed for question in result.questions for check in question.checks]
    if outcomes != [check.passed for question in stored.questions for check in question.checks]:
        raise Damaged("passed is not what the outcome says")
    if (stored.score is None) != (result.score is None) or abs((stored.score or 0) - (result.score or 0)) > 0.01:
        raise Damaged("the score is not the sum of the questions")
    return replace(result, about=msgspec.convert(stored, About, from_attributes=True))


def _short(value: Any) -> Any:
    """The same with numbers of at most DIGITS decimals, whole ones as an int: `10`, not `10.0`."""
    if isinstance(value, float):
        rounded = round(value, DIGITS)
        return int(rounded) if rounded.is_integer() else rounded
    if isinstance(value, dict):
        return {key: _short(entry) for key, entry in value.items()}
    return [_short(entry) for entry in value] if isinstance(value, list | tuple) else value
