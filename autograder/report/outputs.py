"""Writes the pages and tables that are made from results and points by hand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from autograder.core.records import Result, Rubric
from autograder.core.store import FEEDBACK, file_name, write_whole
from autograder.marks.grades_table import grades_csv
from autograder.marks.overrides import FILE as OVERRIDES
from autograder.marks.points import Points, save_points, whole
from autograder.report.class_report import class_report
from autograder.report.feedback import feedback_page


def write_page(output: Path, result: Result, rubric: Rubric, points: Points) -> None:
    """Write a student's page."""
    page = feedback_page(whole(result, rubric, points), rubric)
    write_whole(output / FEEDBACK / f"{file_name(result.student)}.html", page)


def write_tables(output: Path, results: Sequence[Result], rubric: Rubric, points: Points) -> None:
    """Write the class report and the tables about everybody."""
    results = [whole(result, rubric, points) for result in results]
    write_whole(output / "grades.csv", grades_csv(results, rubric))
    write_whole(output / "report.html", class_report(results, rubric))


def behind(output: Path) -> bool:
    """Whether a change was recorded whose pages and tables may not be written: the command was killed in between."""
    with suppress(OSError):
        return (output / OVERRIDES).stat().st_mtime_ns >= (output / "grades.csv").stat().st_mtime_ns
    return False


def settle(output: Path, results: Sequence[Result], rubric: Rubric, before: Points, after: Points) -> None:
    """Bring pages, tables and the folder's own record up to date if points by hand moved."""
    if before == after:
        return
    for result in results:
        if before.about(result.student) != after.about(result.student):
            write_page(output, result, rubric, after)
    write_tables(output, results, rubric, after)
    # It comes last: a run that was killed before finds the points moved once more.
    save_points(output, after)
