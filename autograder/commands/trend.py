"""`autograde trend`: what moved from one run to the next, over years or over hand-ins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from autograder.core.console import say
from autograder.core.errors import AutograderError
from autograder.core.store import load_results
from autograder.core.text import printable
from autograder.marks.previous import PREVIOUS
from autograder.report.trend import HintTrend, MistakeTrend, QuestionTrend, Share, Trend, trend

MOST_MISTAKES = 15
"""The most mistakes in the table, those that moved most."""


def show_trend(folders: Sequence[Path], console: Console) -> None:
    """Print the comparison of output folders in their order; raises AutograderError for one that holds no run.

    One folder alone is compared with the run before it.
    """
    runs = [load_results(folder) for folder in folders]
    before = [load_results(one / PREVIOUS) if (one / PREVIOUS / "grades.csv").is_file() else [] for one in folders]
    names = [printable(str(folder)) for folder in folders]
    if len(folders) == 1:
        if not before[0]:
            problem = f"{folders[0]} has no run before this one, so there is nothing to compare."
            raise AutograderError(problem, "Give two folders or more, the earliest first.")
        runs, names, before = [before[0], runs[0]], [PREVIOUS, names[0]], []
    found = trend(runs, names, before)
    arrow = " → ".join(f"{name} ({len(run)})" for name, run in zip(names, runs, strict=True))
    say(console, f"{arrow}; in brackets the students of the class.", "")
    for title, table in _tables(found):
        say(console, title)
        console.print(table)
    if len(found.mistakes) > MOST_MISTAKES:
        say(console, f"{len(found.mistakes) - MOST_MISTAKES} more mistakes moved less.")
    if not found.hints:
        say(console, "Nobody who changed an answer made the same mistake again.")
    say(console, *found.unlike)


def _tables(found: Trend) -> Iterator[tuple[str, Table]]:
    if found.questions:
        yield (
            "Questions: the share of the points, and of students with all points",
            _questions(found.questions),
        )
    if found.mistakes:
        yield "Mistakes: students who made them, those that moved most first", _mistakes(found.mistakes[:MOST_MISTAKES])
    if found.hints:
        yield "Hints that did not help: students who changed the answer and made the same mistake", _hints(found.hints)


def _table(*columns: str) -> Table:
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _questions(rows: Sequence[QuestionTrend]) -> Table:
    table = _table("Question", "Points, %", "All, %")
    for one in rows:
        means = _row(None if mean is None else 100 * mean for mean in one.means)
        table.add_row(printable(f"{one.id} {one.title}"), means, _shares(one.full))
    return table


def _mistakes(rows: Sequence[MistakeTrend]) -> Table:
    table = _table("Mistake", "Class, %", "Students", "")
    for one in rows:
        word = "new" if one.is_new else "grew" if one.grown > 0 else "shrank" if one.grown < 0 else "same"
        table.add_row(printable(f"{one.question} {one.mistake}"), _shares(one.shares), _counts(one.shares), word)
    return table


def _hints(rows: Sequence[HintTrend]) -> Table:
    table = _table("Mistake", "Again")
    for one in rows:
        table.add_row(printable(f"{one.question} {one.mistake}"), f"{one.again.some} of {one.again.n}")
    return table


def _shares(shares: Sequence[Share | None]) -> str:
    return _row(None if share is None else 100 * share.value for share in shares)


def _counts(shares: Sequence[Share | None]) -> str:
    return _row(None if share is None else share.some for share in shares)


def _row(numbers: Iterable[float | None]) -> str:
    """Whole numbers in the order of the runs, a dash for a run without one."""
    return " → ".join("–" if number is None else f"{number:.0f}" for number in numbers)
