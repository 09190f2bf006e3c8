"""`autograde runs`: repeats one short run of each student with the reference, and compares the two logs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from autograder.commands.flags import OUTPUT, add_class_flags
from autograder.core.records import Result, Rubric, Submission
from autograder.core.settings import Settings
from autograder.core.text import printable
from autograder.marks.grades_table import csv_text, text_cell
from autograder.runs.compare import first_difference
from autograder.runs.handed import chosen, handed_runs, obstacles, words
from autograder.runs.repeat import CannotRepeat, repeated

COMMAND = "runs"
FILE = "runs.csv"
AGREES, DIFFERS, NOT_REPEATED = "agrees", "differs", "not repeated"


@dataclass(frozen=True)
class Finding:
    """The outcome for one submission, a sentence on it, and the name of the run; no verdict on anybody."""

    submission: Submission
    outcome: str
    text: str
    run: str = ""


def parse(argv: Sequence[str]) -> Settings:
    """The settings by which the class is collected; `output` is the folder that gets the list."""
    parser = argparse.ArgumentParser(
        prog=f"autograde {COMMAND}",
        description="Repeat one short run of each student with the reference, and compare the logs. "
        "No student code is run.",
    )
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="as `autograde` takes them")
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, metavar="DIR", help=f"gets {FILE} (default: %(default)s)"
    )
    add_class_flags(parser)
    asked = parser.parse_args(argv)
    return Settings(
        asked.submissions, layout=asked.layout, assignment=asked.assignment, roster=asked.roster, output=asked.output
    )


def findings(submissions: Sequence[Submission], rubric: Rubric, settings: Settings) -> list[Finding]:
    """Repeat a run of each submission, as many at a time as there are cores."""
    with ThreadPoolExecutor(settings.jobs) as pool:
        return list(pool.map(lambda one: _finding(one, rubric.seed, settings), submissions))


def _finding(submission: Submission, seed: str, settings: Settings) -> Finding:
    runs = handed_runs(submission, settings.limits)
    if not runs:
        return Finding(submission, NOT_REPEATED, "no run was handed in")
    run = chosen(runs, seed, submission.student)
    if run is None:
        why = next(obstacles(runs[0])) + (f"; {len(runs) - 1} more" if len(runs) > 1 else "")
        return Finding(submission, NOT_REPEATED, f"no run short enough ({runs[0].name}: {why})")
    try:
        difference = first_difference(run.rows, repeated(words(run)))
    except (CannotRepeat, ValueError) as error:
        return Finding(submission, DIFFERS, f"cannot be repeated: {printable(str(error))}", run.name)
    if difference is None:
        return Finding(submission, AGREES, f"agrees in {len(run.rows)} rows", run.name)
    return Finding(submission, DIFFERS, str(difference), run.name)


def lines(found: Sequence[Finding], results: Sequence[Result]) -> list[list[str]]:
    """A row for each student: id, outcome, run and a sentence, which names questions without full points."""
    lost = {result.student: _lost(result) for result in results}
    rows = []
    for one in found:
        for student, _ in one.submission.students:
            own = f"; points are missing in {lost[student]}" if one.outcome == DIFFERS and lost.get(student) else ""
            rows.append([student, one.outcome, one.run, f"{one.text}{own}"])
    return rows


def _lost(result: Result) -> str:
    return ", ".join(one.id for one in result.questions if one.score < one.max_score and not one.not_attempted)


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows as CSV."""
    return csv_text([["id", "outcome", "run", "finding"], *([text_cell(cell) for cell in row] for row in rows)])


def by_hand(rows: Sequence[Sequence[str]]) -> str:
    """A sentence that names the students whose runs a person should look at."""
    names = [student for student, outcome, *_ in rows if outcome == DIFFERS]
    return f"To look at by hand: {', '.join(map(printable, names)) or 'nobody'}."
