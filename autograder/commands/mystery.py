"""`autograde mystery`: gives the points for the mystery run, as a list that `autograde --points` reads."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from autograder.commands.flags import add_class_flags
from autograder.core.errors import AutograderError
from autograder.core.records import Question, Rubric, Submission
from autograder.core.settings import ROOT, Settings
from autograder.core.text import number
from autograder.marks.grades_table import csv_text
from autograder.mystery import FILE, mystery_of
from autograder.mystery.answers import mark
from autograder.mystery.runs import load_runs

COMMAND = "mystery"
QUESTION = f'Write a [[manual]] table with file = "{FILE}" in solutions/course.toml, then run `handout build`.'


def parse(argv: Sequence[str]) -> tuple[Settings, Path]:
    """The settings by which the class is collected, and where the list goes."""
    parser = argparse.ArgumentParser(
        prog=f"autograde {COMMAND}", description="Give the points for the mystery run; no student code is run."
    )
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="as `autograde` takes them")
    parser.add_argument(
        "--output", type=Path, default=Path("mystery-points.csv"), metavar="CSV", help="(default: %(default)s)"
    )
    add_class_flags(parser)
    asked = parser.parse_args(argv)
    settings = Settings(asked.submissions, layout=asked.layout, assignment=asked.assignment, roster=asked.roster)
    return settings, asked.output


def question_of(rubric: Rubric) -> Question:
    """The question that the mystery run is; raises AutograderError where the course has none."""
    found = mystery_of(rubric)
    if found is None:
        raise AutograderError("This course has no mystery run.", QUESTION)
    return found


def points_list(submissions: Sequence[Submission], rubric: Rubric, settings: Settings) -> str:
    """The list in CSV: a row for each student who handed in anything, with the points and what is said of them."""
    question, runs = question_of(rubric), load_runs(ROOT, rubric.seed)
    rows: list[list[str]] = []
    for submission in submissions:
        marked = mark(submission, runs, rubric.seed, question.points, settings.limits)
        for student, _ in submission.students:
            rows.append([student, number(marked.points), marked.comment])
    return csv_text([["id", question.id, f"{question.id} comment"], *rows])
