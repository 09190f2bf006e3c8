"""What `autograde` shows in a terminal; plain text when its output goes elsewhere."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from autograder.errors import AutograderError
from autograder.matrix import Row
from autograder.outcomes import Outcome
from autograder.records import Result, Rubric, Status
from autograder.report.text import first_line, number, printable, short_score
from autograder.selftest import Tally

MOST_ROWS = 40
"""Students in the table; a longer one scrolls the interesting lines out of sight."""

COLOURS = {Status.OK: "green", Status.PROBLEM: "yellow", Status.MISSING: "yellow", Status.ERROR: "bold red"}


class _Console(Console):
    """A console whose reader may leave (`autograde … | head`): grading goes on."""

    def on_broken_pipe(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


def make_console(stream: TextIO) -> Console:
    """Make a console for a stream: colours and 80 columns are for terminals, not for files and pipes."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    if stream.isatty():
        return _Console(file=stream, highlight=False)
    return _Console(file=stream, highlight=False, force_terminal=False, no_color=True, width=200)


class _Rate(ProgressColumn):
    """How many submissions a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="progress.data.speed")


@contextmanager
def progress(total: int, console: Console) -> Iterator[Callable[[], None]]:
    """Show how far the grading is, with the time left; the caller calls what it gets after each submission."""
    if not console.is_terminal:
        yield _plain_progress(total, console)
        return
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _plain_progress(total: int, console: Console) -> Callable[[], None]:
    """Write a line at each tenth of the way: enough for a log."""
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done == total or done * 10 // total > (done - 1) * 10 // total:
            console.print(f"Graded {done} of {total}")

    return advance


def summary_table(results: Sequence[Result], rubric: Rubric) -> RenderableType:
    """Show the grades of a small class; of a large one those that need a look, errors first; then the totals."""
    ordered = sorted(results, key=lambda result: result.student)
    if len(ordered) > MOST_ROWS:
        shown = [r for status in (Status.ERROR, Status.PROBLEM) for r in ordered if r.status is status][:MOST_ROWS]
    else:
        shown = ordered
    lines: list[RenderableType] = [_table(shown, rubric)] if shown else []
    lines.extend(_reason(result) for result in shown if result.status is Status.ERROR)
    lines.append(_totals(ordered, len(shown)))
    return Group(*lines)


def _table(results: Sequence[Result], rubric: Rubric) -> Table:
    graded = {question.id for result in results for question in result.questions}
    questions = [question for question in rubric.graded if question.id in graded]
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("\nStudent", overflow="fold", min_width=12)
    for question in questions:
        table.add_column(f"{question.id}\n/ {number(question.points)}", justify="right", no_wrap=True)
    max_score = max(result.max_score for result in results)
    table.add_column(f"Score\n/ {number(max_score)}", justify="right", no_wrap=True)
    table.add_column("\nStatus", no_wrap=True)
    for result in results:
        table.add_row(*_cells(result, [question.id for question in questions]))
    return table


def _cells(result: Result, question_ids: Sequence[str]) -> list[Text]:
    score = result.score
    scores = {} if score is None else {question.id: short_score(question) for question in result.questions}
    return [
        Text(printable(result.student)),
        *(Text(scores.get(question_id, "")) for question_id in question_ids),
        Text("-" if score is None else number(score), style="bold"),
        Text(str(result.status), style=COLOURS[result.status]),
    ]


def _totals(results: Sequence[Result], shown: int) -> Text:
    """Sum up the class in one line, and say what the table leaves out."""
    statuses = Counter(result.status for result in results)
    counts = ", ".join(f"{statuses[status]} {status}" for status in Status if statuses[status])
    handed_in = [result for result in results if result.status is not Status.MISSING]
    how_many = "1 submission" if len(handed_in) == 1 else f"{len(handed_in)} submissions"
    sentences = [f"{how_many}: {counts}." if counts else "No submissions."]
    scores = [result.score for result in handed_in if result.score is not None]
    if scores:
        mean, max_score = round(sum(scores) / len(scores), 2), max(result.max_score for result in results)
        sentences.append(f"Mean score {number(mean)} of {number(max_score)}.")
    if shown < len(results):
        sentences.append(f"The {len(results) - shown} not listed are in the report.")
    return Text(" ".join(sentences))


def _reason(result: Result) -> Text:
    why = first_line(result.message or "") or "no reason was recorded"
    return Text(f"error: {printable(result.student)}: {why}", style=COLOURS[Status.ERROR])


def self_test_table(tallies: Sequence[Tally]) -> RenderableType:
    """Show a row per question: how many mistakes were caught and named, how many equivalents passed."""
    table = Table(box=box.SIMPLE)
    table.add_column("Question")
    for heading in ("Mistakes caught", "named", "Equivalents passed", "Replays", "Misses"):
        table.add_column(heading, justify="right")
    for tally in tallies:
        caught, named = (f"{part} of {tally.mistakes}" for part in (tally.caught, tally.named))
        passed = f"{tally.passed} of {tally.equivalents}"
        title = f"{tally.question.id} {tally.question.title}"
        table.add_row(title, caught, named, passed, str(tally.replays), str(len(tally.misses)))
    return table


_MARKS = {
    Outcome.PASSED: ".",
    Outcome.FAILED: "X",
    Outcome.COULD_NOT_RUN: "!",
    Outcome.HOLDS: "o",
    Outcome.NOT_JUDGED: "?",
    Outcome.NOT_ATTEMPTED: "-",
}


def matrix_tables(rows: Iterable[Row]) -> RenderableType:
    """Show the checks of each question, then a line per mistake: points lost, and a mark for each check."""
    legend = ", ".join(f"{mark} {outcome}" for outcome, mark in _MARKS.items())
    lines = [f"A column per check: {legend}."]
    for question, group in groupby(rows, key=lambda row: row.question):
        mistakes = list(group)
        lines += ["", f"{question.id} {question.title}, checks from left to right:"]
        lines += [f"    {number(check.max_points):>4}  {check.name}" for check in mistakes[0].checks]
        for row in sorted(mistakes, key=lambda row: row.lost):
            marks = "".join(_MARKS[check.outcome] for check in row.checks)
            lines.append(f"{number(row.lost):>5}  {marks}  {row.mistake}")
    return Text("\n".join(lines))


def print_error(error: AutograderError, console: Console) -> None:
    """Print what is wrong, which may be a list of lines, and what to do on the next line."""
    console.print(Text(printable(error.message, multiline=True), style="bold red"), soft_wrap=True)
    console.print(Text(printable(error.hint, multiline=True)), soft_wrap=True)
