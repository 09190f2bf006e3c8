"""Tells whether a person's decision was made on the result that there is now.

A change keeps a digest of the result that the person had in view. A change without one, of an earlier kit, is taken
to be of the present result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from autograder.core.records import Result
from autograder.core.text import number
from autograder.marks.overrides import Change, Kind, key

LENGTH = 16
"""The hex digits of a digest: nobody makes one on purpose, and the record is for people to read."""


def digest(result: Result, question: str = "") -> str:
    """A digest of the answers and of the points that the checks gave; of one question alone if it is named."""
    parts: list[object] = [] if question else [result.status.value]
    for one in result.questions:
        if question in ("", one.id):
            checks = [(check.name, f"{check.points:.4f}") for check in one.checks]
            lines = [text for part in result.excerpts if part.question == one.id for _, text in part.lines]
            parts.append((one.id, f"{one.score:.4f}", checks, lines))
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:LENGTH]


def digests(change: Change, results: Sequence[Result]) -> dict[str, str]:
    """By student, the digest that a change keeps; none if it decides nothing on a result of the checks."""
    if change.kind is Kind.REVIEWED:
        return {key(one.student): digest(one) for one in results}
    if change.kind is not Kind.POINTS:
        return {}
    graded = (one for one in results if any(question.id == change.question for question in one.questions))
    return {key(one.student): digest(one, change.question) for one in graded}


def is_reviewed(result: Result, changes: Sequence[Change]) -> bool:
    """Whether a person has looked at this very result of the checks."""
    return any(one.kind is Kind.REVIEWED and _is_of(one, result) for one in changes)


def stale(result: Result, changes: Sequence[Change]) -> Iterator[str]:
    """Yield a sentence on each question whose points a person gave for another result, and that nobody saw since."""
    last: dict[str, Change] = {}
    for change in changes:
        if change.kind is Kind.POINTS:
            last[change.question] = change
        elif change.kind is Kind.REVIEWED and _is_of(change, result):
            last.clear()
    for question in result.questions:
        given = last.get(question.id)
        if given is None or given.points is None or _is_of(given, result):
            continue
        checks = [one for one in question.checks if one.name == given.check]
        now = checks[0].points if checks else question.score
        if given.points != now:
            what, who = (f" “{given.check}”", "check now gives") if checks else ("", "checks now give")
            yield f"{question.id}{what}: {number(given.points)} by a person, the {who} {number(now)}"


def _is_of(change: Change, result: Result) -> bool:
    kept = change.results.get(key(result.student), "")
    return kept in ("", digest(result, change.question))
