"""Points by hand as they are now: from a list, and from the gradebook if there is one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder.core.records import Result, Rubric
from autograder.core.store import load_results, only_run
from autograder.desk.changes import PATIENCE
from autograder.gradebook.changes import load_kept
from autograder.gradebook.folder import gradebook_url
from autograder.gradebook.marked import points_by_hand
from autograder.marks.points import Points, load_points, read_points
from autograder.platforms.registry import LISTS
from autograder.report.outputs import settle


def settled_points(folder: Path, rubric: Rubric, listed: Path | None) -> Points:
    """All points by hand for an output folder, written to its pages and tables as well; raises AutograderError."""
    if listed is None and gradebook_url(folder) is None:
        return load_points(folder)
    _, before, after = _read(folder, rubric, listed)
    if before != after:
        with only_run(folder, PATIENCE):
            results, before, after = _read(folder, rubric, listed)  # as they are now that nobody else writes
            settle(folder, results, rubric, before, after)
    return after


def _read(folder: Path, rubric: Rubric, listed: Path | None) -> tuple[list[Result], Points, Points]:
    """The results, and the points by hand before and after the list and the gradebook are read."""
    results, before, url = load_results(folder), load_points(folder), gradebook_url(folder)
    students = {result.student for result in results}
    after = before if listed is None else before.with_list(read_points(listed, rubric, students, LISTS))
    after = after if url is None else replace(after, gradebook=points_by_hand(url, rubric, students, load_kept(folder)))
    return results, before, after
