"""Shows output in a terminal; plain text when the output goes elsewhere."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from autograder.core.errors import AutograderError
from autograder.core.settings import SLOW_SECONDS
from autograder.core.text import printable

PLAIN_WIDTH = 200
"""Columns of an output that is not a terminal."""
MOST_SLOW = 3
"""The most submissions that the progress line names."""
LEAST, OTHERS = 16, 52
"""Columns of a terminal: the least for those names, and what the rest of the line takes with a short bar."""
NOBODY: Mapping[str, float] = {}


class _Console(Console):
    """A console whose reader may leave (`autograde … | head`): grading goes on."""

    def on_broken_pipe(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


def make_console(stream: TextIO) -> Console:
    """Make a console for a stream: a terminal gets colours and its own width, files and pipes get 200 columns.

    The variable `COLUMNS` overrides both widths.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    if stream.isatty():
        return _Console(file=stream, highlight=False)
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isascii() and columns.isdigit() and columns.strip("0") else PLAIN_WIDTH
    return _Console(file=stream, highlight=False, force_terminal=False, no_color=True, width=width)


class _Rate(ProgressColumn):
    """The number of submissions a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="progress.data.speed")


class _Slow(ProgressColumn):
    """The submissions that have been graded for long, the longest first."""

    def __init__(self, running: Mapping[str, float], width: int) -> None:
        """`running` as for `progress`; `width` is the most columns to take."""
        super().__init__(Column(no_wrap=True, overflow="ellipsis", max_width=width))
        self._running = running

    def render(self, task: Task) -> Text:
        now = time.monotonic()
        took = sorted(((now - began, who) for who, began in [*self._running.items()]), reverse=True)
        slow = [f"{who} {seconds:.0f} s" for seconds, who in took if seconds >= SLOW_SECONDS]
        more = [f"{len(slow) - MOST_SLOW} more"] if len(slow) > MOST_SLOW else []
        return Text(", ".join([*slow[:MOST_SLOW], *more]), style="yellow")


@contextmanager
def progress(total: int, console: Console, running: Mapping[str, float] = NOBODY) -> Iterator[Callable[[], None]]:
    """Show how far the grading is, with the time left. Yields a function to call after each submission.

    `running` has who is graded now, each with the time of its beginning: a terminal names those that are slow.
    """
    if not console.is_terminal:
        yield _plain_progress(total, console)
        return
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(elapsed_when_finished=True),
        _Slow(running, max(LEAST, console.width - OTHERS)),
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


def say(console: Console, *sentences: str) -> None:
    """Print each sentence on a line: wrapped between words in a terminal, whole if a program may read it."""
    for sentence in sentences:
        console.print(Text(printable(sentence)), soft_wrap=not console.is_terminal)


def print_error(error: AutograderError, console: Console) -> None:
    """Print what is wrong, which may be a list of lines, and what to do on the next line."""
    console.print(Text(printable(error.message, multiline=True), style="bold red"), soft_wrap=True)
    console.print(Text(printable(error.hint, multiline=True)), soft_wrap=True)
