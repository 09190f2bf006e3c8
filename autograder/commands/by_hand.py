"""Points by hand as they are now: from a list, and from the gradebook if there is one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder.core.records import Rubric
from autograder.core.store import load_results, only_run
from autograder.gradebook.changes import load_kept
from autograder.gradebook.folder import gradebook_url
from autograder.gradebook.marked import points_by_hand
from autograder.marks.points import Points, load_points, read_points
from autograder.platforms.registry import LISTS
from autograder.report.outputs import settle


def settled_points(folder: Path, rubric: Rubric, listed: Path | None) -> Points:
    """All points by hand for an output folder, written to its pages and tables as well; raises AutograderError."""
    before = load_points(folder)
    url = gradebook_url(folder)
    if listed is None and url is None:
        return before
    results = load_results(folder)
    students = {result.student for result in results}
    after = before if listed is None else before.with_list(read_points(listed, rubric, students, LISTS))
    after = after if url is None else replace(after, gradebook=points_by_hand(url, rubric, students, load_kept(folder)))
    if before != after:
        with only_run(folder):
            settle(folder, results, rubric, before, after)
    return after
