"""The report at the desk: its mark scheme gives points, and nothing of a hostile notebook runs."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import Item, Question, Submission
from autograder.core.settings import Limits
from autograder.core.store import FEEDBACK
from autograder.desk.changes import Desk
from autograder.desk.hand_ins import HandIns
from autograder.desk.server import App
from autograder.marks.marks import read_marks
from autograder.marks.overrides import load_overrides
from autograder.marks.points import load_points
from tests.desk.conftest import Browser
from tests.desk.test_changes import RUBRIC


def test_the_lines_of_a_mark_scheme_give_points(browser: Browser, grades: Path) -> None:
    form = {"question": "4", "item": "report-methods.1", "other report-methods.2": "2,5", "comment": "Fine."}
    assert browser.post(form).status_code == 303
    (change,) = load_overrides(grades).changes
    assert (change.points, change.reason) == (14.5, "")
    assert change.items == {"report-methods.1": 12, "report-methods.2": 2.5, "report-form.1": 0}
    page = browser.get("/student/ann").text
    assert re.search(r'value="report-methods.1" checked', page) and 'value="2.5"' in page
    told = (grades / FEEDBACK / "ann.html").read_text("utf-8")
    assert "The four methods: 14.5 of 18\nForm: 0 of 12\nFine." in told and "all four trained" not in told
    assert "ann" not in browser.get("/?question=1.2&status=ok&text=eve").text
    assert browser.post({"question": "4", "other report-form.1": "13", "comment": "mine"}).status_code == 409
    assert browser.post({"question": "4", "points": "20", "reason": "mine"}).status_code == 303
    assert "The four methods:" not in (grades / FEEDBACK / "ann.html").read_text("utf-8")
    browser.app.close()
    assert read_marks(grades, RUBRIC, load_points(grades)).by_student["ann"].report == 20


def test_a_viva_is_asked_and_marked_at_the_desk(grades: Path, hand_ins: HandIns) -> None:
    lines = tuple(Item(f"talk.{i}", f"talk-{i}", f"Question {i}", 5, "names the line") for i in (1, 2, 3))
    rubric = replace(RUBRIC, questions=(*RUBRIC.questions, Question("6", "Viva", "", 15, manual=True, items=lines)))
    browser = Browser(App(Desk(grades, rubric), hand_ins, "Ada", 4711))
    page = browser.get("/student/ann").text
    assert "Question 1.2 has 0 of 20 points. Show the line" in page and "A good answer: Use the mean." in page
    assert browser.post({"question": "6", "item": "talk.1", "other talk.2": "3"}).status_code == 303
    assert "Question 1: 5 of 5" in (grades / FEEDBACK / "ann.html").read_text("utf-8")
    browser.app.close()


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src=http://evil.test></iframe>",
    "<style>@import url(http://evil.test);</style>",
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](http://evil.test) <http://evil.test>",
    "![a](http://evil.test/x.png) ![b](data:image/svg+xml,x)\n\n[r]: http://evil.test\n\n[r]",
    "</main></body><form action=/change>",
    '```x" onload="alert(1)\ny\n```',
    "&lt;script&gt; &#60;script&#62;",
    "| a |\n|:-:|\n| <b onclick=alert(1)> |",
)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1").decode()
HUGE = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\0\0\1").decode()
SVG = base64.b64encode(b"<svg onload=alert(1)>").decode()


def report(folder: Path, *cells: dict[str, object]) -> None:
    (folder / "class" / "ann").mkdir(parents=True)
    (folder / "class" / "ann" / "report.ipynb").write_text(json.dumps({"cells": cells}))


def test_a_report_is_text_and_png_pictures_and_nothing_of_it_can_run(browser: Browser, tmp_path: Path) -> None:
    data = [{"text/html": text, "application/javascript": text, "image/svg+xml": text} for text in HOSTILE]
    pictures = [{"image/png": one} for one in (PNG, HUGE, SVG)]
    outputs = [{"output_type": "display_data", "data": one} for one in (*data, *pictures)]
    outputs += [{"output_type": "stream", "text": HOSTILE[0]}, {"output_type": "error", "ename": HOSTILE[0]}]
    texts = [{"cell_type": kind, "source": text} for text in HOSTILE for kind in ("markdown", "raw")]
    attached = {"cell_type": "markdown", "source": "![x](attachment:y)", "attachments": {'"x': {"image/png": PNG}}}
    report(tmp_path, {"cell_type": "code", "source": HOSTILE[0], "outputs": outputs}, attached, *texts)
    answer = browser.get("/report/ann")
    policy = answer.headers["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; img-src data:; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; "
        r"frame-ancestors 'self'; sandbox",
        policy,
    )
    _demand_text(answer.text.partition("</style>")[2])
    page = browser.get("/student/ann")
    assert 'sandbox=""' in page.text and "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in page.text, "the policy within the page allows the frame, too"


def _demand_text(body: str) -> None:
    """Demand that a page has no element and no attribute but ours."""
    elements = {*re.findall(r"<([a-z][a-z0-9]*)", body)}
    assert elements <= {
        *[
            "body",
            "header",
            "main",
            "div",
            "h1",
            "h2",
            "p",
            "pre",
            "code",
            "bdi",
            "em",
            "ol",
            "ul",
            "li",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "img",
        ]
    }
    attributes = {*re.findall(r"<[a-z][^<>]* ([a-z-]+)=", body)}
    assert attributes <= {"class", "src", "alt", "role", "aria-label", "tabindex"} and 'class="x' not in body
    assert re.findall(r'src="(.{22})', body) == ["data:image/png;base64,"] * 2
    assert body.count("larger than the desk shows") == 2 and "&lt;script&gt;alert(1)" in body


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([{"cell_type": "markdown", "source": "*a " * 30_000}] * 20, "longer than the desk shows"),
        ([{"cell_type": "code", "source": "x" * 90_000}] * 20, "longer than the desk shows"),
        ([{"cell_type": "markdown", "source": ["> " * 5_000, "*_" * 5_000]}] * 20, "&gt;"),
        ([[], 7, {"cell_type": "code", "source": 7, "outputs": {"a": 1}}], "The four methods"),
        ("cells", "not a notebook"),
        (None, "No report was handed in"),
    ],
)
def test_a_huge_or_broken_report_costs_a_moment(browser: Browser, tmp_path: Path, cells: object, said: str) -> None:
    (tmp_path / "class").mkdir()
    if cells is not None:
        (tmp_path / "class" / "ann").mkdir()
        (tmp_path / "class" / "ann" / "report.ipynb").write_text(json.dumps({"cells": cells}))
    answer = browser.get("/report/ann")
    assert answer.status_code == 200 and said in answer.text and len(answer.text) < 2_000_000


def test_a_class_that_has_gone_is_named(grades: Path) -> None:
    @contextmanager
    def gone() -> Iterator[tuple[list[Submission], Limits]]:
        raise AutograderError("The class is not there.", "Put it back.")
        yield [], Limits()

    browser = Browser(App(Desk(grades, RUBRIC), HandIns(gone), "Ada", 4711))
    assert "The class is not there. Put it back." in browser.get("/report/ann").text
    assert browser.get("/report/zoe").status_code == 404
    browser.app.close()
