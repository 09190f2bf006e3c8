"""A report as a page for a frame: text and PNG pictures of a hostile notebook, and nothing that could run.

The cells are those that formgrader gets (`gradebook/formgrader.py`): plain text and base64. Markdown is rendered by
markdown-it without raw HTML, links and pictures, so each sign of a student comes out as text. The frame is sandboxed,
and the page's policy allows one style, which is ours, and pictures that are in the page itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from autograder.core.settings import MIB
from autograder.core.text import clip
from autograder.gradebook.formgrader import report_notebook
from autograder.report.render import TEMPLATES, render

LONGEST_MARKDOWN = 20_000
"""The most characters of a cell that is rendered; a longer one is shown as it was written."""
MOST_MARKDOWN = 200_000
"""The most characters that are rendered in one report, for the same reason: rendering takes time."""
MOST_TEXT = 1_000_000
"""The most characters of one report; the rest is left out."""
LARGEST_PICTURE, MOST_PICTURES = 4 * MIB, 24 * MIB
"""The most bytes of one picture, and of all."""
WIDEST = 8_000
"""The most pixels of a picture's side: a small file may hold a huge picture."""
PNG = b"\x89PNG\r\n\x1a\n"
_SCROLL = '<div class="scroll" role="group" aria-label="Table" tabindex="0">'


@dataclass(frozen=True)
class Shown:
    """A cell: its text, or what Markdown made of it, with its outputs below: texts, or pictures as data addresses."""

    code: bool
    text: str = ""
    html: str = ""
    outputs: tuple[tuple[str, str], ...] = ()


def report_page(handed_in: bytes | None, release: str, name: str) -> str:
    """The page that shows a report; `release` is the notebook as students got it, `name` the student's."""
    harmless = None if handed_in is None else report_notebook(handed_in, release)
    cells: Sequence[Shown] = () if harmless is None else [*shown(json.loads(harmless)["cells"])]
    why = (
        "No report was handed in, or none that can be read."
        if handed_in is None
        else "The report is not a notebook that can be read."
    )
    return render("desk_report.html.j2", cells=cells, why="" if harmless else why, name=name, style=_style())


def policy() -> str:
    """The policy of such a page. With `sandbox` it runs no script, even if somebody opens it outside of its frame."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox"
    )


def shown(cells: Sequence[Mapping[str, Any]]) -> Iterator[Shown]:
    """The cells of a harmless notebook, as far as the limits of a page allow."""
    budget = _Budget()
    for cell in cells:
        code = cell["cell_type"] == "code"
        # `formgrader` puts an entity for each sign that begins HTML; here the renderer makes all signs text.
        source = "".join(cell["source"])
        text = budget.text(source if code else source.replace("&lt;", "<"))
        outputs = [output for one in cell.get("outputs", ()) for output in _outputs(one, budget)]
        for bundle in cell.get("attachments", {}).values():
            outputs += budget.picture(bundle)
        html = "" if code or not budget.rendered(text) else _markdown(text)
        yield Shown(code, "" if html else text, html, tuple(outputs))
    if budget.left_out:
        yield Shown(False, "The report is longer than the desk shows: open the notebook itself for the rest.")


class _Budget:
    """Counts what a page has taken so far."""

    def __init__(self) -> None:
        self.left_out = False
        self._text, self._markdown, self._pictures = MOST_TEXT, MOST_MARKDOWN, MOST_PICTURES

    def text(self, text: str) -> str:
        """The text, or as much of it as there is room for."""
        taken = text[: self._text]
        self._text -= len(taken)
        self.left_out |= len(taken) < len(text)
        return taken

    def rendered(self, text: str) -> bool:
        """Whether a text may be rendered."""
        fits = len(text) <= min(LONGEST_MARKDOWN, self._markdown)
        self._markdown -= len(text) if fits else 0
        return fits

    def picture(self, data: Mapping[str, str]) -> list[tuple[str, str]]:
        """The PNG picture in a bundle; a word instead of one that is none, or too large."""
        if "image/png" not in data:
            return []
        content = base64.b64decode(data["image/png"])
        sides = struct.unpack(">II", content[16:24]) if content.startswith(PNG) and len(content) >= 24 else (0, 0)
        if not 0 < min(sides) <= max(sides) <= WIDEST:
            return [("text", "(a picture that is not a PNG, or larger than the desk shows)")]
        if len(content) > min(LARGEST_PICTURE, self._pictures):
            self.left_out = True
            return []
        self._pictures -= len(content)
        return [("picture", f"data:image/png;base64,{data['image/png']}")]


def _outputs(output: Mapping[str, Any], budget: _Budget) -> list[tuple[str, str]]:
    data = output.get("data", {})
    pictures = budget.picture(data)
    text = output.get("text", "") or data.get("text/plain", "")
    text = "" if pictures else budget.text(clip(text, LONGEST_MARKDOWN))
    return [*([("text", text)] if text.strip() else []), *pictures]


@cache
def _renderer() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink", "reference"])
    made.add_render_rule("table_open", lambda *_: f"{_SCROLL}<table>\n")
    made.add_render_rule("table_close", lambda *_: "</table>\n</div>\n")
    return made


def _markdown(text: str) -> Markup:
    """A text as HTML: headings, lists, tables and code, without a link, a picture, or an attribute of the student's."""
    renderer = _renderer()
    tokens = renderer.parse(text)
    for token in tokens:
        token.attrs.pop("style", None)  # a table's alignment, which the policy of the page refuses
        token.info = ""  # the language of a fence, which would become a class
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h2"  # below the title of the page, whatever levels a student leaves out
    return Markup(renderer.renderer.render(tokens, renderer.options, {}))


@cache
def _style() -> Markup:
    return Markup("".join((TEMPLATES / name).read_text("utf-8") for name in ("style.css", "desk_report.css")))
