"""A Result as JSON and back. Other people's scripts read these files: `results.schema.json` says what is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from typing import TypeVar

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import About, Diagnosis, Excerpt, QuestionResult, Result, Status

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)
Json = dict[str, object]
DIGITS = 4
VERSION = 3
"""Of the schema; any change of a field is another one. 1 had no `credited`, 2 no `change`."""


class Damaged(ValueError):
    """Stored JSON that is not a result."""


def to_json(result: Result) -> Json:
    """Take a result apart into what `json` writes."""
    return {
        "version": VERSION,
        "student": result.student,
        "status": result.status.value,
        "score": None if result.score is None else _short(result.score),
        "max_score": _short(result.max_score),
        "seconds": _short(result.seconds),
        "questions": [_question_to_json(question) for question in result.questions],
        "fingerprint": result.fingerprint,
        "message": result.message,
        "excerpts": [_excerpt_to_json(excerpt) for excerpt in result.excerpts],
        **asdict(result.about),
    }


def from_json(data: object) -> Result:
    """Put a result together again; raises Damaged for anything that `to_json` would not have made.

    People may have edited the file, so every type is checked and the total must be that of the questions.
    """
    record = _Record(data)
    if record.has("version") and record.number("version") > VERSION:  # runs before there was one wrote none
        raise Damaged("it was written by a newer version of the kit")
    result = Result(
        student=record.text("student"),
        status=_member(Status, record.text("status")),
        max_score=record.number("max_score"),
        seconds=record.number("seconds"),
        questions=record.several("questions", _question_from_json),
        fingerprint=record.text("fingerprint"),
        message=record.text_or_none("message"),
        excerpts=record.several("excerpts", _excerpt_from_json),
        about=_about_from_json(record),
    )
    score = record.number_or_none("score")
    if (score is None) != (result.score is None) or abs((score or 0) - (result.score or 0)) > 0.01:
        raise Damaged("the score is not the sum of the questions")
    return result


def _about_from_json(record: _Record) -> About:
    name, email, group, submitted = (record.text(key) for key in ("name", "email", "group", "submitted"))
    lateness = record.text("lateness") if record.has("lateness") else ""  # earlier runs did not write it
    return About(name, email, group, record.flag_or_none("late"), submitted, lateness)


def _short(number: float) -> float:
    """Return a number with at most DIGITS decimals, whole ones as an int: `10`, not `10.0`."""
    rounded = round(float(number), DIGITS)
    return int(rounded) if rounded.is_integer() else rounded


def _question_to_json(question: QuestionResult) -> Json:
    return {
        "id": question.id,
        "title": question.title,
        "score": _short(question.score),
        "max_score": _short(question.max_score),
        "checks": [_check_to_json(check) for check in question.checks],
        "diagnosis": [_diagnosis_to_json(diagnosis) for diagnosis in question.diagnosis],
        "advisories": list(question.advisories),
        "error": question.error,
        **({"credited": question.credited} if question.credited else {}),
    }


def _question_from_json(data: object) -> QuestionResult:
    record = _Record(data)
    return QuestionResult(
        id=record.text("id"),
        title=record.text("title"),
        score=record.number("score"),
        max_score=record.number("max_score"),
        checks=record.several("checks", _check_from_json),
        diagnosis=record.several("diagnosis", _diagnosis_from_json),
        advisories=record.several("advisories", _text),
        error=record.text_or_none("error"),
        credited=record.text("credited") if record.has("credited") else "",
    )


def _check_to_json(check: CheckResult) -> Json:
    return {
        "name": check.name,
        "passed": check.passed,
        "points": _short(check.points),
        "max_points": _short(check.max_points),
        "public": check.public,
        "message": check.message,
        "outcome": check.outcome.value,
    }


def _check_from_json(data: object) -> CheckResult:
    record = _Record(data)
    check = CheckResult(
        name=record.text("name"),
        outcome=_member(Outcome, record.text("outcome")),
        points=record.number("points"),
        max_points=record.number("max_points"),
        public=record.flag("public"),
        message=record.text("message"),
    )
    if record.flag_or_none("passed") is not check.passed:
        raise Damaged("passed is not what the outcome says")
    return check


def _diagnosis_to_json(diagnosis: Diagnosis) -> Json:
    """Mention certainty only where it is missing, and a change only where there is one."""
    known: Json = {"mistake": diagnosis.mistake, "hint": diagnosis.hint}
    known |= {} if diagnosis.certain else {"certain": False}
    return {**known, "change": diagnosis.change} if diagnosis.change else known


def _diagnosis_from_json(data: object) -> Diagnosis:
    record = _Record(data)
    certain = record.flag("certain") if record.has("certain") else True
    change = record.text("change") if record.has("change") else ""
    return Diagnosis(record.text("mistake"), record.text("hint"), certain, change)


def _excerpt_to_json(excerpt: Excerpt) -> Json:
    return {"question": excerpt.question, "file": excerpt.file, "lines": [list(line) for line in excerpt.lines]}


def _excerpt_from_json(data: object) -> Excerpt:
    record = _Record(data)
    return Excerpt(record.text("question"), record.text("file"), record.several("lines", _line_from_json))


def _line_from_json(data: object) -> tuple[int, str]:
    if not isinstance(data, list) or len(data) != 2 or type(data[0]) is not int:
        raise Damaged(f"{data!r} is not a numbered line")
    return data[0], _text(data[1])


def _member(kind: type[Word], text: str) -> Word:
    try:
        return kind(text)
    except ValueError:
        raise Damaged(f"{text!r} is not one of {', '.join(kind)}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Damaged(f"{value!r} is not text")
    return value


class _Record:
    """A JSON object whose values are asked for by type; raises Damaged for a missing key or another type."""

    def __init__(self, data: object) -> None:
        if not isinstance(data, dict):
            raise Damaged(f"{data!r} is not an object")
        self._data = data

    def has(self, key: str) -> bool:
        return key in self._data

    def _get(self, key: str) -> object:
        if key not in self._data:
            raise Damaged(f"{key} is missing")
        value: object = self._data[key]
        return value

    def text(self, key: str) -> str:
        return _text(self._get(key))

    def text_or_none(self, key: str) -> str | None:
        return None if self._get(key) is None else self.text(key)

    def number(self, key: str) -> float:
        value = self._get(key)
        # A bool is an int to Python, and JSON as Python reads it knows NaN and integers beyond any float.
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
            raise Damaged(f"{key} is not a number")
        return float(value)

    def number_or_none(self, key: str) -> float | None:
        return None if self._get(key) is None else self.number(key)

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if not isinstance(value, bool):
            raise Damaged(f"{key} is neither true nor false")
        return value

    def flag_or_none(self, key: str) -> bool | None:
        return None if self._get(key) is None else self.flag(key)

    def several(self, key: str, read: Callable[[object], T]) -> tuple[T, ...]:
        value = self._get(key)
        if not isinstance(value, list):
            raise Damaged(f"{key} is not a list")
        return tuple(read(one) for one in value)
