"""The students at the desk: who asks for a regrade, who is to be looked at by hand, everybody else; or a filter's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from autograder.core.records import Result, Rubric
from autograder.core.text import number, short_score
from autograder.marks.overrides import key
from autograder.report.statistics import concerns, known


@dataclass(frozen=True)
class Filter:
    """The filter of the list, as its address has it; an empty field leaves everybody."""

    text: str = ""
    """A part of the id, the name, the group or the e-mail address."""
    question: str = ""
    """A question that has not all its points, or none yet."""
    mistake: str = ""
    status: str = ""
    todo: str = ""
    """`yes`: only students whom nobody has marked as reviewed."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filter:
        """The filter in the query of an address."""
        return cls(**{one.name: query.get(one.name, "").strip() for one in fields(cls)})

    @property
    def query(self) -> dict[str, str]:
        """The fields that are set, for an address."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Row:
    """A student in the list; `reasons` say why a person should look."""

    student: str
    result: Result
    reasons: tuple[str, ...]
    scores: tuple[str, ...]
    score: str
    reviewed: bool


def rows(results: Sequence[Result], rubric: Rubric, chosen: Filter) -> list[Row]:
    """The list: the students whom the filter leaves, those to look at by hand first."""
    reasons = _reasons(results)
    return [_row(one, rubric, reasons) for one in _ordered(results, chosen, reasons)]


def ordered(results: Sequence[Result], chosen: Filter) -> list[Result]:
    """The results of the students whom the filter leaves, those to look at by hand first."""
    return _ordered(results, chosen, _reasons(results))


def _reasons(results: Sequence[Result]) -> dict[str, tuple[str, ...]]:
    """The reasons to look at a student by hand, the most urgent student first.

    Those are open requests, then points that a person gave for an earlier result.
    """
    waiting = {result.student: tuple(_waiting(result)) for result in sorted(results, key=_first_asked)}
    reasons = {student: told for student, told in waiting.items() if told}
    for concern in concerns(results):
        reasons[concern.student] = (*waiting[concern.student], *concern.reasons)
    return reasons


def _waiting(result: Result) -> Iterator[str]:
    yield from (f"Asks about question {one.question}." for one in result.requests if not one.answer)
    yield from (f"{one}." for one in result.stale)


def _first_asked(result: Result) -> float:
    return min((one.id for one in result.requests if not one.answer), default=math.inf)


def _ordered(results: Sequence[Result], chosen: Filter, reasons: Mapping[str, tuple[str, ...]]) -> list[Result]:
    order = {student: at for at, student in enumerate(reasons)}
    left = (one for one in results if _left(one, chosen))
    return sorted(left, key=lambda one: (order.get(one.student, len(order)), one.student))


def mistakes(results: Sequence[Result]) -> list[str]:
    """The names of all known mistakes in the class, sorted."""
    return sorted({name for result in results for name in _mistakes(result)})


def _row(result: Result, rubric: Rubric, reasons: Mapping[str, tuple[str, ...]]) -> Row:
    by_id = {question.id: short_score(question) for question in result.questions}
    scored = result.score is not None
    return Row(
        key(result.student),
        result,
        reasons.get(result.student, ()),
        tuple(by_id.get(question.id, "") if scored else "" for question in rubric.questions),
        number(result.score) if result.score is not None else "",
        result.reviewed,
    )


def _left(result: Result, chosen: Filter) -> bool:
    about = result.about
    known = " ".join((result.student, about.name, about.group, about.email)).casefold()
    full = {question.id for question in result.questions if question.score >= question.max_score}
    return (
        chosen.text.casefold() in known
        and (not chosen.question or (result.score is not None and chosen.question not in full))
        and (not chosen.mistake or chosen.mistake in _mistakes(result))
        and (not chosen.status or chosen.status in _statuses(result))
        and (not chosen.todo or not result.reviewed)
    )


def _statuses(result: Result) -> tuple[str, ...]:
    return (result.status.value, result.standing, *("request" for one in result.requests if not one.answer))


def _mistakes(result: Result) -> Iterator[str]:
    return (one.mistake for question in result.questions for one in known(question))
