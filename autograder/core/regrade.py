"""A regrade request, as pages and the record of changes have it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RegradeRequest:
    """A student's wish that a person looks at a question again, with the answer; empty while there is none.

    `id` is its number in the record of changes, `at` the time when it came into the record (ISO 8601, UTC).
    """

    id: int
    question: str
    at: str
    text: str
    answer: str = ""
