"""The notebooks for formgrader are complete, valid, and can do nothing in a browser."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import nbformat
import pytest

from autograder.core.records import Question
from autograder.gradebook.formgrader import code_notebook, comment, graded_cells, report_notebook
from tests.gradebook.conftest import graded

RELEASE = (Path(__file__).parents[2] / "assignment" / "report.ipynb").read_text("utf-8")
QUESTIONS = [("question-1-2", 20.0), ("question-B1", 0.0)]


def cells(notebook: str) -> list[dict]:
    nbformat.validate(nbformat.reads(notebook, as_version=4))
    return json.loads(notebook)["cells"]


def test_the_code_stands_beside_the_verdicts() -> None:
    _, loss, queue = cells(code_notebook(graded("ada", 5, 5), QUESTIONS))
    assert loss["source"].startswith("# criterion.py, from line 41\n    def contrastive_loss(self):")
    assert loss["outputs"][0]["text"].startswith("1.2 Contrastive loss: 5 of 20 points\n✗ failed  values (5 of 20)")
    assert (loss["metadata"]["nbgrader"]["grade"], loss["metadata"]["editable"]) == (True, False)
    assert queue["metadata"]["nbgrader"]["points"] == 0


def test_a_talk_has_a_cell_for_its_points() -> None:
    *_, queue, talk = cells(code_notebook(graded("ada"), QUESTIONS, [Question("6", "Viva", "", 20, manual=True)]))
    assert talk["metadata"]["nbgrader"]["task"] and talk["metadata"]["nbgrader"]["points"] == 20
    assert talk["source"].startswith("## 6 Viva (20 points)") and not queue["metadata"]["nbgrader"]["task"]


def test_the_comment_has_the_hints_and_says_how_sure_they_are() -> None:
    assert comment(graded("ada", 5).questions[0]) == "The sign.\n\nConsistent with: The mean.\n\nSlow."
    assert comment(graded("ada", 20).questions[1]) is None


def test_a_report_keeps_text_and_pictures_and_nothing_that_runs() -> None:
    picture = base64.b64encode(b"picture").decode()
    handed_in = json.loads(RELEASE)
    handed_in["cells"] = [
        {"cell_type": "markdown", "source": ["a < b <script>x</script>", "<img src=x onerror=y>"]},
        {"cell_type": "code", "source": "plot()", "outputs": [
            {"output_type": "display_data", "data": {
             "text/html": "<script>", "application/javascript": "alert()", "image/svg+xml": "<svg onload=x>",
             "image/png": picture, "image/jpeg": "\"><script>", "text/plain": "Figure"}},
            {"output_type": "stream", "text": ["one\n", "\x1b[31mtwo"]},
            {"output_type": "error", "ename": "E", "evalue": "v"},
            "nonsense",
        ]},
        {"cell_type": "heading"}, 7,
    ]  # fmt: skip
    made = report_notebook(json.dumps(handed_in).encode(), RELEASE)
    assert made is not None
    text, plot, *rest = cells(made)
    assert text["source"] == "a < b &lt;script>x&lt;/script>&lt;img src=x onerror=y>"
    assert [output.get("data", output.get("text")) for output in plot["outputs"]] == [
        {"text/plain": "Figure", "image/png": picture}, "one\n\\x1b[31mtwo", "E: v",
    ]  # fmt: skip
    assert "metadata" not in text or text["metadata"] == {"editable": False, "deletable": False}
    assert [cell["source"] for cell in rest].count("This part was missing from the hand-in and was put back.") == 5


def test_graded_cells_are_the_assignments_own() -> None:
    handed_in = json.loads(RELEASE)
    for cell in handed_in["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["source"], cell["metadata"]["nbgrader"]["points"] = "Full marks, please.", 1000
    handed_in["cells"] += handed_in["cells"]
    made = report_notebook(json.dumps(handed_in).encode(), RELEASE)
    assert made is not None
    assert graded_cells(made) == graded_cells(RELEASE)
    assert sum("nbgrader" in cell["metadata"] for cell in cells(made)) == len(graded_cells(RELEASE))


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"cells": 7}', b"[" * 100_000])
def test_what_is_no_notebook_is_none(content: bytes) -> None:
    assert report_notebook(content, RELEASE) is None
