"""Points lost by a late hand-in, as `[late]` in `solutions/course.toml` says; none without that table."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from autograder.class_list.headings import TIME, ListHeadings
from autograder.class_list.moments import moment, said
from autograder.class_list.roster import id_cells
from autograder.class_list.sheet import read_sheet
from autograder.core.errors import AutograderError
from autograder.core.records import Result

COURSE = Path(__file__).parent.parent.parent / "solutions" / "course.toml"
KEYS = {"due", "grace", "percent", "cap", "extensions"}


@dataclass(frozen=True)
class Policy:
    """`percent` of the score for each day begun after `due` and `grace` days, `cap` percent at most.

    `extensions` are further days by student's id.
    """

    due: datetime
    grace: float = 0.0
    percent: float = 0.0
    cap: float = 100.0
    extensions: Mapping[str, float] = field(default_factory=dict)

    def days_late(self, student: str, submitted: datetime) -> int:
        """Days begun after the student's own due time; 0 when in time.

        Platforms show minutes and mean them: a hand-in within the due minute is in time.
        """
        if submitted.tzinfo is None:
            submitted = submitted.replace(tzinfo=self.due.tzinfo)
        late = _minute(submitted) - _minute(self.due) - timedelta(days=self.extensions.get(student, 0.0))
        return max(0, math.ceil(late / timedelta(days=1)))

    def demand_known(self, students: Collection[str]) -> None:
        """Raise AutograderError if an extension is for somebody who is not in the class."""
        if unknown := sorted(self.extensions.keys() - {*students}):
            problem = f"[late.extensions] names {', '.join(unknown)}, who is not in the class."
            hint = "Write ids as in grades.csv; with --roster those who handed in nothing are in it, too."
            raise AutograderError(problem, hint)

    @property
    def words(self) -> str:
        """The policy as students read it."""
        free = "1 day late costs" if self.grace == 1 else f"{self.grace:g} days late cost"
        grace = f" {free} nothing." if self.grace else ""
        most = f", {self.cap:g} % at most" if self.cap < 100 else ""
        since = "after that" if self.grace else "late"
        cost = f"each day begun {since} costs {self.percent:g} % of the score{most}."
        return f"Late hand-ins:{grace} {cost[0].upper()}{cost[1:]}"

    def taken_off(self, days: int) -> float:
        """Percent of the score."""
        return min(self.cap, self.percent * max(0.0, days - self.grace))


def _minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)


def read_policy(path: Path | None = None) -> Policy | None:
    """The policy of the course; None if it has none. Raises AutograderError if it makes no sense."""
    path = path or COURSE
    try:
        course = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AutograderError(f"{path.name} cannot be read: {error}.", "Mend it.") from error
    return policy_of(course["late"], course) if "late" in course else None


def policy_of(table: object, course: Mapping[str, object]) -> Policy:
    """The policy that the table `[late]` describes, next to what `course` says of the term and of when it is due.

    Raises AutograderError if it makes no sense.
    """
    hint = "Write it as solutions/course.toml shows: due with its time zone, grace in days, percent and cap."
    if not isinstance(table, dict):
        raise AutograderError("solutions/course.toml: [late] is not a table.", hint)
    if unknown := sorted(table.keys() - KEYS):
        problem = f"solutions/course.toml: [late] has the unknown key `{unknown[0]}`."
        raise AutograderError(problem, f"Known are {', '.join(sorted(KEYS))}.")
    due, extensions = table.get("due"), table.get("extensions", {})
    numbers = {key: table[key] for key in ("grace", "percent", "cap") if key in table}
    if not isinstance(due, datetime) or due.tzinfo is None:
        raise AutograderError("[late] needs due, a date and time with its time zone.", hint)
    if above := sorted(key for key in ("percent", "cap") if _is_above(numbers.get(key, 0), 100)):
        problem = f"[late] takes off more than the whole score: {above[0]} = {numbers[above[0]]} is above 100."
        raise AutograderError(problem, "Both are in percent of the score: write 10 for a tenth.")
    days = extensions.values() if isinstance(extensions, dict) else [None]
    if not all(isinstance(value, int | float) and 0 <= value <= 1000 for value in (*numbers.values(), *days)):
        raise AutograderError("[late] takes numbers of days and percent, from 0 on.", hint)
    for key, later in (("due", 0), ("term", 1)):
        words = str(course.get(key, ""))
        if not _can_be(due, words, later):
            other = "the handout is due" if key == "due" else "the term is"
            problem = f"[late] takes off from {due:%d %B %Y, %H:%M} on, and {other} {words}."
            raise AutograderError(problem, f"Make `{key}` and [late] in solutions/course.toml say the same.")
    return Policy(due, extensions=extensions, **numbers)


def demand_within_term(due: str, term: str) -> None:
    """Raise AutograderError if the handout's due date, in words, is in no year that the term can have."""
    told = said(due)
    month = min(told.months, default=1)
    if told.years and not any(_can_be(datetime(year, month, 2), term, 1) for year in told.years):
        problem = f"solutions/course.toml: `due` is {due}, and the term is {term}."
        raise AutograderError(problem, "Write this term's year in both.")


_LAST_MONTH = 8
"""A term may end in the year after the one in its name, but not in the next fall."""


def _is_above(value: object, most: float) -> bool:
    return isinstance(value, int | float) and value > most


def _can_be(due: datetime, words: str, later: int) -> bool:
    """Whether words can mean this time: its year, month, day and minute, if they name any.

    The year may be this many years `later` than in the words, in its first months; then only year and month count.
    Midnight may be written as the end of the day before.
    """
    told = said(words)
    times = (due, due - timedelta(minutes=1))
    years = {*told.years}
    if later and any(time.month <= _LAST_MONTH for time in times):
        years |= {year + later for year in years}
    named: list[tuple[Set[object], Set[object]]] = [
        (years, {time.year for time in times}),
        ({*told.months}, {time.month for time in times}),
    ]
    if told.months and not later:
        named.append(({day for day in told.days if 1 <= day <= 31}, {time.day for time in times}))
    if not later:
        clocks = {(hour % 24, minute) for hour, minute, _ in told.clocks}
        named.append((clocks, {(time.hour, time.minute) for time in (*times, due + timedelta(minutes=1))}))
    return all(not one or one & meant for one, meant in named)


def read_times(path: Path, platforms: ListHeadings) -> dict[str, datetime]:
    """The time of each hand-in, from a sheet with an id and a time; raises AutograderError if it lacks one."""
    sheet = read_sheet(path)
    column = sheet.column(TIME)
    if column is None:
        raise AutograderError(f"{path} has no column with times.", "Call it submitted, and write times as ISO 8601.")
    times = {}
    for row, student in id_cells(sheet, path, platforms).items():
        if text := sheet.value(row, column):
            time = moment(text)
            if time is None and text != "-":
                problem = f"{path}: {text!r}, the time of {student}, cannot be read."
                raise AutograderError(problem, "Write times as 2026-12-12 23:59 or with a time zone.")
            if time is not None:
                times[student] = time
    return times


@dataclass(frozen=True)
class Lateness:
    """The days by which each submission is late, if known, and the students of whom it is not known."""

    days: Mapping[str, int]
    unknown: Sequence[str]


def lateness(policy: Policy, results: Sequence[Result], times: Mapping[str, datetime]) -> Lateness:
    """Take the time from the list, otherwise from the platform. If it marks late ones, all others are in time."""
    days: dict[str, int] = {}
    unknown = []
    for result in results:
        time = times.get(result.student) or moment(result.about.submitted)
        if time is not None:
            days[result.student] = policy.days_late(result.student, time)
        elif result.about.late is False or not result.score:
            days[result.student] = 0
        else:
            unknown.append(result.student)
    return Lateness(days, unknown)
