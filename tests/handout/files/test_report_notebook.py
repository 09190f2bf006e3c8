"""Tests the students' report.ipynb: nbgrader's parts stay, mark schemes go, and points must agree."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.files.report_notebook import graded_parts, student_notebook

ROOT = Path(__file__).parents[3]
SOURCE = (ROOT / "solutions" / "report.ipynb").read_text("utf-8")
REPORT = Question("4", "Report", "report.ipynb", 30.0, manual=True)


def test_mark_schemes_go_and_everything_else_stays() -> None:
    made = student_notebook(SOURCE, REPORT)
    assert "MARK SCHEME" in SOURCE and "MARK SCHEME" not in made
    assert "points: all four methods trained" in SOURCE and "points: all four methods trained" not in made
    assert graded_parts(made) == graded_parts(SOURCE) and sum(graded_parts(made).values()) == 30
    assert "reporting.overview(runs)" in made
    assert made == student_notebook(SOURCE, REPORT)


def test_what_the_headings_say_is_what_nbgrader_counts() -> None:
    for cell in json.loads(SOURCE)["cells"]:
        if "nbgrader" in cell["metadata"]:
            assert f"({cell['metadata']['nbgrader']['points']} points)" in cell["source"][0]


def test_the_marking_guide_has_the_same_parts() -> None:
    guide = (ROOT / "handouts" / "source" / "report_guide.md").read_text("utf-8")
    rows = [line.split("|")[2].strip() for line in guide.splitlines() if line.startswith("|")]
    assert [float(row) for row in rows[2:7]] == list(graded_parts(SOURCE).values())


def test_points_that_do_not_sum_are_refused() -> None:
    with pytest.raises(AutograderError, match="do not sum to 25 points"):
        student_notebook(SOURCE, Question("4", "Report", "report.ipynb", 25.0, manual=True))


def test_a_mark_scheme_without_an_end_is_refused() -> None:
    with pytest.raises(AutograderError, match="nbgrader cannot make"):
        student_notebook(SOURCE.replace("### END MARK SCHEME", ""), REPORT)


def test_what_is_no_notebook_is_refused() -> None:
    with pytest.raises(AutograderError, match="is not a notebook"):
        student_notebook("[]", REPORT)


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_the_notebook_runs_where_there_are_no_runs_yet(tmp_path: Path) -> None:
    """With the modules of the student's folder, from top to bottom; it says how to train."""
    made = nbformat.reads((ROOT / "assignment" / "report.ipynb").read_text("utf-8"), as_version=4)
    made.cells.insert(0, nbformat.v4.new_code_cell(f"import sys; sys.path.insert(0, {str(ROOT / 'assignment')!r})"))
    done = NotebookClient(made, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = json.dumps(done)
    assert "There are no runs yet" in shown and "There are no tables yet" in shown
