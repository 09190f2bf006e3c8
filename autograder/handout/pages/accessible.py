"""Adds what keyboard and screen readers need and pandoc leaves out: focus on scrolling parts, drawings in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path

SPOKEN = Path(__file__).parents[1] / "templates" / "accessible.lua"
"""Pandoc's filter by which a formula of the PDF has its TeX as alternative text."""
CODE, TABLE_WORD, FIGURE_WORD = "Code", "Table", "Figure"
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
IN_PDF = re.compile(r'image\("figures/([\w.-]+)\.svg"')
ATTRIBUTES = re.compile(r'\s(width|aria-label)="([^"]*)"')
PIXELS = re.compile(r"([\d.]+)(?:px)?")
POINTS = 0.68
"""Of the PDF's text for a CSS pixel of a drawing: the widest fills the line."""
LINE = 465.0
"""The points of a line: A4 less two margins of 2.3 cm."""


def focusable(html: str) -> str:
    """Give each part that may scroll on a narrow screen a name, and let the keyboard reach it."""
    html = html.replace("<pre", f'<pre tabindex="0" role="group" aria-label="{CODE}"')
    html = html.replace('<math display="block"', '<math tabindex="0" display="block"')
    return TABLE.sub(_scrolling, html)


def described(typst: str, figures: Mapping[str, str]) -> str:
    """Add to Typst the width of each drawing, so that all have one scale, and the words that it has on the web."""

    def with_words(match: re.Match[str]) -> str:
        found = labelled(figures.get(match[1], ""))
        if found is None:
            return match[0]
        return f"{match[0]}, width: {min(POINTS * found[0], LINE):.1f}pt, alt: {quoted(found[1])}"

    return IN_PDF.sub(with_words, typst)


def labelled(svg: str) -> tuple[float, str] | None:
    """The width of a drawing in CSS pixels and its words; None if it lacks one of them."""
    begin = re.search(r"<svg\b[^>]*>", svg)
    said = dict(ATTRIBUTES.findall(begin[0])) if begin else {}
    width, words = PIXELS.fullmatch(said.get("width", "")), unescape(said.get("aria-label", "")).strip()
    return (float(width[1]), words) if width and words else None


def quoted(text: str) -> str:
    """A Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def scrolling(html: str, name: str) -> str:
    """Return a part that scrolls on a narrow screen, and that a keyboard reaches under this name."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{name}">{html}</div>'


def _scrolling(table: re.Match[str]) -> str:
    names = [unescape(re.sub(r"<[^>]+>", "", heading)).strip() for heading in HEADING.findall(table[0])]
    return scrolling(table[0], escape(", ".join(names) or TABLE_WORD))
