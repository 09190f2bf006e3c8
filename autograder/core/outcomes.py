"""The outcomes of a check, in the words that every page, table and file uses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a check. Only a passed check has points; only one that could not run makes a `problem`."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could not run"
    HOLDS = "holds"
    """A property that was seen to hold, of a value that is wrong."""
    NOT_JUDGED = "not judged"
    """A property that cannot be seen, because the value is wrong."""
    NOT_ATTEMPTED = "not attempted"


@dataclass(frozen=True)
class CheckResult:
    """One check of one student, judged."""

    name: str
    outcome: Outcome
    points: float
    max_points: float
    public: bool
    message: str

    @property
    def passed(self) -> bool | None:
        """True, False, or None if the check says neither."""
        return {Outcome.PASSED: True, Outcome.FAILED: False}.get(self.outcome)
