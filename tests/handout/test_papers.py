"""Each question's section leads to the papers that it is about, in every language to the same ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.core.rubric import load_rubric

SOURCE = Path(__file__).parent.parent.parent / "handouts" / "source"
PAPER = re.compile(r"^- .+, (?:19|20)\d\d: \[.+\]\((https://(?:arxiv\.org/abs|doi\.org)/\S+)\)$", re.MULTILINE)
LANGUAGES = [path.parent for path in SOURCE.glob("*/questions")]


@pytest.mark.parametrize("question", [question.id for question in load_rubric().graded])
def test_a_section_cites_its_papers(question: str) -> None:
    papers = PAPER.findall((SOURCE / "questions" / f"{question}.md").read_text(encoding="utf-8"))
    assert papers, "write `- Author and author, year: [name](link)` below **Read.**"
    for language in LANGUAGES:
        page = language / "questions" / f"{question}.md"
        if page.is_file():
            assert PAPER.findall(page.read_text(encoding="utf-8")) == papers, page
