"""Fills the Markdown of `handouts/source/` with the facts of the rubric and makes pages of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jinja2
import markupsafe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from autograder.errors import AutograderError
from autograder.records import Question, Rubric

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Facts:
    """What a slot in the Markdown may name: everything else about a question stands in `solutions/`."""

    rubric: Rubric
    term: str


def handout_pages(read_source: Callable[[str], str], facts: Facts) -> dict[str, str]:
    """The pages of `handouts/`, by path."""
    assignment = fill(read_source("assignment.md"), "assignment.md", facts)
    changes = fill(read_source("changes.md"), "changes.md", facts)
    guide = fill(read_source("report_guide.md"), "report_guide.md", facts)
    points = f"# Points\n\n{points_table(facts.rubric)}"
    return {
        "handouts/assignment.html": page(f"{assignment}\n{changes}", "Assignment", facts),
        "handouts/points.html": page(points, "Points", facts),
        "handouts/report_guide.html": page(guide, "Marking the report", facts),
    }


def fill(markdown: str, name: str, facts: Facts) -> str:
    """Put facts in the slots, for instance `{{ points("1.2") }}`; another slot is an error that names the page."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True)
    by_id = {question.id: question for question in facts.rubric.questions}
    try:
        return environment.from_string(markdown).render(
            points=lambda question_id: number(by_id[question_id].points),
            title=lambda question_id: by_id[question_id].title,
            points_table=points_table(facts.rubric),
            total=number(total_points(facts.rubric)),
            term=facts.term,
        )
    except (jinja2.TemplateError, KeyError) as error:
        problem = f"handouts/source/{name} has a slot that can not be filled: {error}."
        hint = "A slot names `points(id)`, `title(id)`, `points_table`, `total` or `term`."
        raise AutograderError(problem, hint) from error


def points_table(rubric: Rubric) -> str:
    """The table of points, in Markdown."""
    rows = [f"| {_named(question)} | {number(question.points)} | `{question.file}` |" for question in rubric.questions]
    head = "| Question | Points | File |\n|---|---:|---|\n"
    return head + "\n".join([*rows, f"| **Total without bonus** | **{number(total_points(rubric))}** | |"]) + "\n"


def total_points(rubric: Rubric) -> float:
    """All points to be had without bonus, those given by hand among them."""
    return sum(question.points for question in rubric.questions if not question.bonus)


def page(markdown: str, title: str, facts: Facts) -> str:
    """One page, self-contained: no script, nothing from the network."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    _anchor_headings(tokens)
    body = parser.renderer.render(tokens, parser.options, {})
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, autoescape=True
    )
    template = environment.get_template("page.html.j2")
    return template.render(title=title, term=facts.term, body=markupsafe.Markup(body)).rstrip() + "\n"


def number(points: float) -> str:
    """Points as short as they can be written: 20, 2.5."""
    return f"{points:g}"


def _named(question: Question) -> str:
    kind = " (bonus)" if question.bonus else " (graded by hand)" if question.manual else ""
    return f"{question.id} {question.title}{kind}"


def _anchor_headings(tokens: list[Token]) -> None:
    """Give each heading an id made of its words, so that a message can point at it."""
    for token, content in itertools.pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", re.sub(r"[^a-z0-9]+", "-", content.content.lower()).strip("-"))
