"""Each word of the handout is explained before it is used, and question 4 shows the points of the notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.handout.build import texts_of

ROOT = Path(__file__).parents[2]
TERMS = (
    *("views", "pretext task", "downstream task", "backbone", "projector", "encoder", "embedding", "positive"),
    *("negative", "contrastive", "align", "collapse", "stop-gradient", "momentum encoder", "predictor", "k-nn"),
    *("linear evaluation", "complete collapse", "dimensional collapse"),
    *("nt-xent", "cifar-10", "digits", "lars", "lightly"),
)
NOT_PROSE = re.compile(r"`[^`\n]*`|\(#[^)]*\)|\(https?:[^)]*\)")
"""Code and the targets of links."""


def too_early(text: str, term: str) -> str:
    """The text around the first use of a term if that is not its explanation, `*term*`; else empty."""
    text = NOT_PROSE.sub("", text).lower()
    first = re.search(rf"\b{re.escape(term)}", text)
    assert first, f"the handout has no {term}"
    explained = text[first.start() - 1 :].startswith((f"*{term}*", f"*{term} $"))
    return "" if explained else text[max(0, first.start() - 40) : first.end() + 20]


@pytest.mark.published
@pytest.mark.parametrize("term", TERMS)
def test_a_word_is_explained_where_it_first_stands(term: str) -> None:
    assert too_early(texts_of(ROOT)["assignment"], term) == ""


def test_a_word_that_comes_too_early_is_found() -> None:
    assert too_early("The Backbone.\n\n- *Backbone*: a network.", "backbone").startswith("the backbone.")
    assert too_early("`backbone` and [it](#backbone).\n\n- *Backbone*: a network.", "backbone") == ""


@pytest.mark.published
def test_students_read_the_points_of_each_part_of_the_report() -> None:
    cells = json.loads((ROOT / "solutions" / "report.ipynb").read_text("utf-8"))["cells"]
    parts = re.findall(r"^## \d\. (.+) \((\d+) points\)$", "\n".join("".join(cell["source"]) for cell in cells), re.M)
    assert sum(int(points) for _, points in parts) == 30
    slot = r"\{\{ part\(\"(report-\w+)\"\) \}\}"
    named = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]
    for page in ("questions/4.md", "report_guide.md"):
        text = (ROOT / "handouts" / "source" / page).read_text("utf-8")
        rows = re.findall(rf"^\| (.+?) \| {slot} \|", text, re.M)
        assert rows == [(title, name) for (title, _), name in zip(parts, named, strict=True)], page
    korean = (ROOT / "handouts" / "source" / "ko" / "questions" / "4.md").read_text("utf-8")
    assert re.findall(rf"^\| .+? \| {slot} \|", korean, re.M) == named
