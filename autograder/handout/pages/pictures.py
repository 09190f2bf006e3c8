"""Reads the pictures of `handouts/source/figures/` that a page shows: an SVG as it is, a PNG in an SVG around it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from autograder.core.errors import AutograderError
from autograder.handout.pages.accessible import labelled

SHOWN = re.compile(r"!\[([^\]]*)\]\(figures/([\w.-]+)\)")
"""A picture in Markdown: its caption, and its file."""
PNG = b"\x89PNG\r\n\x1a\n"
WIDEST = 624
"""CSS pixels that fill a line of a page."""
NEEDED = (
    'Begin it like <svg … width="300" height="60" role="img" aria-label="…">; '
    "the words are for readers who cannot see it."
)


def pictures_of(texts: Iterable[str], folder: Path) -> dict[str, str]:
    """The SVG texts of all pictures in the Markdown of pages, by the file's name, without `.svg`.

    A file that is not there is left out: the kit may draw it. Raises AutograderError for one that no page can show.
    """
    shown = {file: caption for text in texts for caption, file in SHOWN.findall(text)}
    paths = {file: folder / file for file in shown}
    return {file.removesuffix(".svg"): _svg(path, shown[file]) for file, path in paths.items() if path.is_file()}


def as_drawn(markdown: str) -> str:
    """The page with each PNG under the name of the SVG around it."""
    return SHOWN.sub(lambda match: re.sub(r"\.png\)$", ".png.svg)", match[0]), markdown)


def _svg(path: Path, caption: str) -> str:
    content = path.read_bytes()
    if content.startswith(PNG):
        return _around(content, " ".join(caption.split()))
    text = content.decode("utf-8", "replace").strip()
    if path.suffix != ".svg" or "<svg" not in text:
        raise AutograderError(f"{path} is neither an SVG nor a PNG.", "Save it as one of these two.")
    if labelled(text) is None:
        raise AutograderError(f"{path} lacks a width in pixels or an aria-label.", NEEDED)
    return text[text.index("<svg") :]


def _around(png: bytes, caption: str) -> str:
    """An SVG that holds a PNG, as wide as it is in pixels, or as a page; its words are the caption."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    scale = min(1, WIDEST / width)
    size = f'width="{width * scale:g}" height="{height * scale:g}"'
    inside = f'<image {size} href="data:image/png;base64,{base64.b64encode(png).decode()}"/>'
    label = escape(caption or "Picture")
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">{inside}</svg>'
