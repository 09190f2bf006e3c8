"""Checks finished pages as a reader would: they are whole, links lead somewhere, points agree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from autograder.core.records import Rubric
from autograder.language import wording
from autograder.language.wording import Wording

EMPTY = {"meta", "br", "hr", "img", "col", "link", "input", "rect", "path", "polygon", "image"}
"""Elements without an end tag, those of drawings among them."""
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
EMPTY_HEADING = re.compile(r"<th\b[^>]*>\s*</th>")
HEADING = "Question {id}: {title} ({worth})"
WORTH = ("{points} points, bonus", "{points} point, bonus", "{points} points", "{points} point")
"""The points in a heading, as the tables of languages have them."""


class _Page(HTMLParser):
    """The parts of a page: ids, links, headings, scripts, and tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.headings: list[str] = []
        self.wrong: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.update(value for name in ("id",) if (value := values.get(name)))
        self.links += [value for name in ("href", "src") if (value := values.get(name))]
        if tag in ("script", "iframe", "object"):
            self.wrong.append(f"<{tag}> is there")
        if tag not in EMPTY:
            self._open.append(tag)
        if tag == "h2":
            self.headings.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> ends nothing")

    def handle_data(self, data: str) -> None:
        if "h2" in self._open:
            self.headings[-1] += data

    def close(self) -> None:
        super().close()
        self.wrong += [f"<{tag}> never ends" for tag in self._open]


def page_problems(name: str, html: str, beside: set[str]) -> Iterator[str]:
    """Yield what is wrong with one page; `beside` are the files that a link may lead to."""
    page = _read(html)
    yield from (f"{name}: {problem}" for problem in page.wrong)
    yield from (f"{name}: the id {one} occurs {count} times" for one, count in page.ids.items() if count > 1)
    empty = len(EMPTY_HEADING.findall(html))
    if empty:
        yield f"{name}: a table has {empty} headings without a word for a screen reader to read"
    for link in page.links:
        inside, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", inside):
            continue
        if inside and inside not in beside:
            yield f"{name}: there is no file {inside} to link to"
        if not inside and anchor not in page.ids:
            yield f"{name}: the link #{anchor} leads nowhere"


def points_problems(name: str, html: str, rubric: Rubric) -> Iterator[str]:
    """Yield the differences between the headings of a handout and the rubric."""
    said = dict(_said(html, wording(rubric.names.language)))
    for question in rubric.questions:
        if question.id not in said:
            yield f"{name}: question {question.id} has no section"
        elif float(said[question.id] or -1) != question.points:
            yield f"{name}: question {question.id} says {said[question.id]} points, the rubric {question.points:g}"
    asked = {question.id for question in rubric.questions}
    yield from (f"{name}: question {one} is not in the rubric" for one in said if said[one] and one not in asked)


def _said(html: str, say: Wording) -> Iterator[tuple[str, str | None]]:
    """Yield each question with the points in its heading, None if it has none."""
    for heading in _read(html).headings:
        if match := say.pattern(HEADING).fullmatch(heading.strip()):
            worth = (say.pattern(form).fullmatch(match["worth"]) for form in WORTH)
            points = (found["points"] for found in worth if found)
            yield match["id"], next((number for number in points if re.fullmatch(r"[\d.]+", number)), None)


def pdf_problems(pages: Mapping[str, bytes], one_page: str) -> Iterator[str]:
    """Yield PDFs that are not whole; `one_page` must fit on a single page."""
    for name, content in pages.items():
        count = page_count(content)
        if not content.startswith(b"%PDF-") or not content.rstrip().endswith(b"%%EOF") or not count:
            yield f"{name} is not a whole PDF"
        elif name == one_page and count != 1:
            yield f"{name} takes {count} pages"


def page_count(pdf: bytes) -> int:
    """The number of pages of a PDF of Typst."""
    return len(PAGE.findall(pdf))


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page
