"""Tests the students' report.ipynb: nbgrader's parts stay, mark schemes go, and points must agree."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.files.report_notebook import graded_parts, marked_parts, student_notebook, weighed

ROOT = Path(__file__).parents[3]
SOURCE = (ROOT / "solutions" / "report.ipynb").read_text("utf-8")
REPORT = Question("4", "Report", "report.ipynb", 30.0, manual=True)


def test_mark_schemes_go_and_everything_else_stays() -> None:
    made = student_notebook(SOURCE)
    assert "MARK SCHEME" in SOURCE and "MARK SCHEME" not in made
    assert "points: all four methods trained" in SOURCE and "points: all four methods trained" not in made
    assert graded_parts(made) == graded_parts(SOURCE) and sum(graded_parts(made).values()) == 30
    assert "reporting.overview(runs)" in made
    assert made == student_notebook(SOURCE)


@pytest.mark.parametrize("points", [30, 35, 26, 5, 100])
def test_headings_and_mark_schemes_say_what_nbgrader_counts(points: int) -> None:
    made = weighed(SOURCE, replace(REPORT, points=float(points)))
    assert sum(graded_parts(made).values()) == points
    assert (made == SOURCE) == (points == 30)
    for cell in json.loads(made)["cells"]:
        if "nbgrader" in cell["metadata"]:
            worth, text = cell["metadata"]["nbgrader"]["points"], "".join(cell["source"])
            assert f"({worth} point{'s' * (worth != 1)})" in text.splitlines()[0]
            lines = re.findall(r"(?m)^- (\d+) point(s?):", text)
            assert sum(int(number) for number, _ in lines) == worth and all((n == "1") == (s == "") for n, s in lines)


def test_the_guide_shows_the_mark_schemes_that_students_do_not_get() -> None:
    parts = marked_parts(weighed(SOURCE, replace(REPORT, points=35.0)))
    assert [part.points for part in parts.values()] == [10, 9, 7, 7, 2]
    assert parts["report-ablations"].title == "Ablations"
    assert parts["report-ablations"].scheme.startswith("- 7 points: three ablations")
    assert not any(part.scheme for part in marked_parts(student_notebook(SOURCE)).values())


@pytest.mark.parametrize(
    ("points", "old", "new", "message"),
    [
        (25.5, "", "", "cannot share 25.5 points"),
        (4.0, "", "", "cannot share 4 points"),
        (35.0, "- 3 points: all", "- 4 points: all", "report-methods in solutions/report.ipynb gives 9 points"),
    ],
)
def test_points_that_cannot_be_shared_are_refused(points: float, old: str, new: str, message: str) -> None:
    with pytest.raises(AutograderError, match=message) as caught:
        weighed(SOURCE.replace(old, new), replace(REPORT, points=points))
    assert caught.value.hint


def test_a_mark_scheme_without_an_end_is_refused() -> None:
    with pytest.raises(AutograderError, match="nbgrader cannot make"):
        student_notebook(SOURCE.replace("### END MARK SCHEME", ""))


def test_what_is_no_notebook_is_refused() -> None:
    with pytest.raises(AutograderError, match="is not a notebook"):
        weighed("[]", REPORT)


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_the_notebook_runs_where_there_are_no_runs_yet(tmp_path: Path) -> None:
    """With the modules of the student's folder, from top to bottom; it says how to train."""
    made = nbformat.reads((ROOT / "assignment" / "report.ipynb").read_text("utf-8"), as_version=4)
    made.cells.insert(0, nbformat.v4.new_code_cell(f"import sys; sys.path.insert(0, {str(ROOT / 'assignment')!r})"))
    done = NotebookClient(made, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = json.dumps(done)
    assert "There are no runs yet" in shown and "There are no tables yet" in shown
