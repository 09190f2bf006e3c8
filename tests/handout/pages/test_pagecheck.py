"""Tests what is looked for in finished pages: each thing is found once it is put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.records import Question, Rubric
from autograder.handout.pages.pagecheck import page_count, page_problems, pdf_problems, points_problems
from autograder.handout.pages.typeset import pdf_page

PAGE = '<main><h2 id="one">Question 1.1: Doubling (10 points)</h2><p><a href="#one">up</a><br></p></main>'
RUBRIC = Rubric((Question("1.1", "Doubling", "main.py", 10.0),), "seed")


def test_a_good_page_has_no_problems() -> None:
    assert list(page_problems("a", PAGE, set())) == []
    assert list(points_problems("a", PAGE, RUBRIC)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("</p>", "", "</main> ends nothing"),
        ("</main>", "", "<main> never ends"),
        ("#one", "#two", "#two leads nowhere"),
        ("#one", "points.html", "no file points.html"),
        ("<br>", "<script>1</script>", "<script> is there"),
        ("<br>", '<b id="one"></b>', "occurs 2 times"),
        ("<br>", '<table><tr><th scope="col"> </th></tr></table>', "1 headings without a word"),
    ],
)
def test_each_problem_is_found(old: str, new: str, problem: str) -> None:
    assert any(problem in line for line in page_problems("a", PAGE.replace(old, new, 1), set()))


def test_links_to_other_pages_are_right() -> None:
    assert list(page_problems("a", PAGE.replace("#one", "points.html"), {"points.html"})) == []
    assert list(page_problems("a", PAGE.replace("#one", "https://arxiv.org"), set())) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("10 points", "5 points", "says 5 points, the rubric 10"),
        ("1.1", "1.2", "question 1.1 has no section"),
        ("1.1", "1.2", "question 1.2 is not in the rubric"),
        ("10 points", "given, no points", "says None points"),
    ],
)
def test_points_that_disagree_are_found(old: str, new: str, problem: str) -> None:
    assert any(problem in line for line in points_problems("a", PAGE.replace(old, new), RUBRIC))


def test_pages_of_a_pdf_are_counted() -> None:
    one, two = (pdf_page(text, "T", "2026", {}) for text in ("# A", "# A\n\n" + "word\n\n" * 50))
    assert page_count(one) == 1 and page_count(two) == 2
    assert list(pdf_problems({"a": one, "b": two}, "a")) == []
    assert list(pdf_problems({"a": one, "b": two}, "b")) == ["b takes 2 pages"]
    assert list(pdf_problems({"a": one[:-200]}, "a")) == ["a is not a whole PDF"]


def test_the_pages_in_the_repository() -> None:
    handouts = Path(__file__).parents[3] / "handouts"
    for path in handouts.glob("*.html"):
        assert list(page_problems(path.name, path.read_text("utf-8"), {"lab0.html"})) == []
