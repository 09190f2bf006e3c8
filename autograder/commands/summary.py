"""The class at the end of a run: a table that fits any terminal, and a line for each submission that needs a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from autograder.core.records import Result, Rubric, Status
from autograder.core.settings import SLOW_SECONDS
from autograder.core.text import first_line, named, number, printable, short_score

MOST_ROWS = 40
"""The most students in the table; a longer one scrolls the interesting lines out of sight."""
MOST_LINES = 20
"""The most lines on problems; the class report has all."""
FEW = 3
"""The most students with the same problem who have a line each."""
FOLDED = 22
"""The width in cells to which ids and names are folded before the columns of questions are dropped."""
UNBOUNDED = 10_000
"""Columns of a terminal in which everything fits."""
LOST = "Lost in"
CHANGED = "*"
"""Stands before points that a person changed."""

COLOURS = {Status.OK: "green", Status.PROBLEM: "yellow", Status.MISSING: "yellow", Status.ERROR: "bold red"}


def summary_table(results: Sequence[Result], rubric: Rubric) -> RenderableType:
    """Show the grades of a small class; of a large one those that need a look, errors first; then the totals."""
    ordered = sorted(results, key=lambda result: result.student)
    if len(ordered) > MOST_ROWS:
        shown = [r for status in (Status.ERROR, Status.PROBLEM) for r in ordered if r.status is status][:MOST_ROWS]
    else:
        shown = ordered
    totals = _totals(ordered, len(shown))
    return Group(ClassTable(shown, rubric), totals) if shown else totals


@dataclass(frozen=True)
class ClassTable:
    """A row for each student. Id, name, score and status are shown at any width; questions give way.

    If the questions do not fit in columns of their own, one column names those in which points were lost. If that does
    not fit either, a sentence says where to find them.
    """

    results: Sequence[Result]
    rubric: Rubric

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        def needed(table: Table) -> int:
            return Measurement.get(console, options.update_width(UNBOUNDED), table).maximum

        width, whole, losses = options.max_width, self._table(by_question=True), self._table(lost=UNBOUNDED)
        if needed(whole) <= width:
            yield whole
            return
        room = width - needed(self._table(fold=FOLDED)) - 2
        if needed(losses) <= width:
            yield losses
        elif room >= len(LOST):
            yield self._table(lost=room, fold=FOLDED)
        else:
            yield self._table()
        yield Text(f"A terminal of {needed(whole)} columns shows each question's points; grades.csv has them, too.")

    def _table(self, *, by_question: bool = False, lost: int = 0, fold: int = UNBOUNDED) -> Table:
        """The table with a column for each question, or one of `lost` cells for questions that lost points, or neither.

        Ids and names longer than `fold` cells go on in a further line.
        """
        graded = {question.id for result in self.results for question in result.questions}
        questions = [question for question in self.rubric.graded if question.id in graded] if by_question else []
        names = any(result.about.name for result in self.results)
        table = Table(header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        table.add_column("\nStudent", overflow="fold", max_width=fold)
        if names:
            table.add_column("\nName", overflow="fold", max_width=fold)
        for question in questions:
            table.add_column(f"{question.id}\n/ {number(question.points)}", justify="right", no_wrap=True)
        if lost:
            table.add_column(f"\n{LOST}", max_width=lost)
        max_score = max(result.max_score for result in self.results)
        table.add_column(f"Score\n/ {number(max_score)}", justify="right", no_wrap=True)
        table.add_column("\nStatus", no_wrap=True)
        for result in self.results:
            name = [Text(printable(result.about.name))] if names else []
            middle = [_points(result, question.id) for question in questions] + (
                [_lost(result, self.rubric)] if lost else []
            )
            table.add_row(Text(printable(result.student)), *name, *middle, *_outcome(result))
        return table


def _points(result: Result, question_id: str) -> Text:
    one = next((question for question in result.questions if question.id == question_id), None)
    if one is None or result.score is None:
        return Text()
    return Text(f"{CHANGED if one.changed else ''}{short_score(one)}")


def _lost(result: Result, rubric: Rubric) -> Text:
    """The questions in which points were lost; a bonus question cannot lose any."""
    if result.score is None or result.status is Status.MISSING:
        return Text()
    asked = [question for question in result.questions if not rubric[question.id].bonus]
    lost = [question.id for question in asked if question.score < question.max_score]
    return Text("all" if len(lost) == len(asked) > 1 else ", ".join(lost))


def _outcome(result: Result) -> list[Text]:
    status = f"{result.status}, late" if result.about.late else str(result.status)
    score = "-" if result.score is None else number(result.score)
    return [Text(score, style="bold"), Text(status, style=COLOURS[result.status])]


def _totals(results: Sequence[Result], shown: int) -> Text:
    """Sum up the class in one line, and say what the table leaves out."""
    statuses = Counter(result.status for result in results)
    graded = [status for status in Status if statuses[status] and status is not Status.MISSING]
    counts = ", ".join(f"{statuses[status]} {status}" for status in graded)
    handed_in = [result for result in results if result.status is not Status.MISSING]
    how_many = "1 submission" if len(handed_in) == 1 else f"{len(handed_in)} submissions"
    sentences = [f"{how_many}: {counts}." if counts else "No submissions."]
    scores = [result.score for result in handed_in if result.score is not None]
    if scores:
        mean, max_score = round(sum(scores) / len(scores), 2), max(result.max_score for result in results)
        sentences.append(f"Mean score {number(mean)} of {number(max_score)}.")
    if missing := statuses[Status.MISSING]:
        sentences.append(f"{missing} {'student' if missing == 1 else 'students'} handed in nothing.")
    if changed := sum(any(question.changed for question in result.questions) for result in results):
        sentences.append(f"{CHANGED} A person changed points of {changed} {'student' if changed == 1 else 'students'}.")
    if shown < len(results):
        sentences.append(f"The {len(results) - shown} not listed are in the report.")
    return Text(" ".join(sentences))


def problem_lines(results: Sequence[Result]) -> RenderableType:
    """A line for each submission that has a problem or got no grade: who, which questions, and why.

    It is cut to the width of the terminal. A problem that many share has one line, with their names at its end.
    """
    lines = []
    for status in (Status.ERROR, Status.PROBLEM):
        whose: dict[str, list[str]] = {}
        for result in sorted(results, key=lambda result: result.student):
            if result.status is status:
                whose.setdefault(_why(result), []).append(named(result.student, result.about.name))
        for why, students in whose.items():
            if len(students) > FEW:
                said = [f"{len(students)} students: {why} {', '.join(students)}"]
            else:
                said = [f"{student}: {why}" for student in students]
            lines += [Text(f"{status}: {one}", COLOURS[status], no_wrap=True, overflow="ellipsis") for one in said]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [Text(f"{len(lines) - MOST_LINES} more such lines are in the class report.")]
    return Group(*lines)


def stale_lines(results: Sequence[Result], output: Path) -> list[str]:
    """The points that people gave for an earlier result, and a line on what to do; none if there are none."""
    found = [f"  {printable(named(one.student, one.about.name))} {said}" for one in results for said in one.stale]
    if not found:
        return []
    more = [f"  and {len(found) - MOST_LINES} more"] if len(found) > MOST_LINES else []
    first = "Points by a person that were given for an earlier result still count. Look at them with"
    return [f"{first} `autograde review {output}`:", *found[:MOST_LINES], *more]


def slow_line(results: Sequence[Result]) -> str:
    """The submissions that took long, and what they cost; empty if none did. A group's submission counts once."""
    slow: dict[tuple[str, float], str] = {}
    for result in sorted(results, key=lambda result: (-result.seconds, result.student)):
        if result.seconds >= SLOW_SECONDS:
            slow.setdefault((result.fingerprint, result.seconds), named(result.student, result.about.name))
    if not slow:
        return ""
    names = ", ".join([*slow.values()][:MOST_LINES]) + (" and others" if len(slow) > MOST_LINES else "")
    whose = "1 submission" if len(slow) == 1 else f"{len(slow)} submissions"
    cost = f"{sum(seconds for _, seconds in slow):.0f} s of a worker"
    begins = "The next time, grading begins with them."
    return f"{whose} took {SLOW_SECONDS:g} s or more, {cost} in all: {names}. {begins}"


def _why(result: Result) -> str:
    """The reasons why checks could not run, each with the questions that it concerns."""
    message = first_line(result.message or "")
    concerned: dict[str, list[str]] = {}
    for question in result.questions:
        stopped = [check.message for check in question.checks] if question.could_not_run else []
        if reason := first_line(question.error or "") or next(filter(None, map(first_line, stopped)), ""):
            concerned.setdefault(reason, []).append(question.id)
    if not concerned or (message and all(message.startswith(reason) for reason in concerned)):
        return message or "no reason was recorded"
    return "; ".join(f"{', '.join(ids)}: {reason}" for reason, ids in concerned.items())
