"""Reads what was exported from a notebook, or written in its place: a .py file as cells, Markdown as blocks of code."""

from __future__ import annotations

import re
from pathlib import Path

from probes.inventory import Parts
from probes.ipynb import Notebook
from probes.walk import open_regular
from hand_in import MIB

MOST_BYTES = MIB
"""Of a file; nobody exports a longer one."""
MOST_CELLS = 500
"""Of a file; one with more is taken as a single cell."""
LINE_END = re.compile(r"\r\n|\r|\n")
"""Python's: `str.splitlines` knows others, which may stand in a string."""
MARK = re.compile(r"# ?(?:%%|In ?\[[ \d]*\]|<codecell>|COMMAND -{5})")
"""How a cell begins: as editors and jupytext write it, nbconvert, old nbconvert and Databricks."""
MARKDOWN = (".md", ".markdown", ".rmd", ".qmd", ".txt")
FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(\{?(?:python|py)\b)?", re.IGNORECASE)


def read_script(root: Path, parts: Parts) -> Notebook:
    """A .py file below `root` as a notebook whose cells have the number 0: each keeps its lines where they are."""
    lines = LINE_END.split(_text(root.joinpath(*parts)))
    starts = [0, *(i for i, line in enumerate(lines) if i and MARK.match(line))]
    if len(starts) > MOST_CELLS:
        starts = [0]
    ends = [*starts[1:], len(lines)]
    code = ("\n" * start + "\n".join(lines[start:end]) for start, end in zip(starts, ends, strict=True))
    return Notebook(parts, tuple((0, text) for text in code))


def read_markdown(root: Path, parts: Parts) -> Notebook:
    """A Markdown file below `root` as a notebook: its blocks of Python are the cells."""
    blocks: list[list[str]] = []
    fence, inside = "", False
    for line in LINE_END.split(_text(root.joinpath(*parts))):
        found = FENCE.match(line)
        if found and not fence:
            fence, inside = found[1], found[2] is not None
            blocks += [[]] if inside else []
        elif found and found[1].startswith(fence) and not found[2]:
            fence = ""
        elif fence and inside:
            blocks[-1].append(line)
    return Notebook(parts, tuple((number, "\n".join(lines)) for number, lines in enumerate(blocks, 1)))


def _text(path: Path) -> str:
    """A file's text; nothing of one that cannot be read or is too long."""
    try:
        with open_regular(path) as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return ""
    return data.decode("utf-8-sig", "replace") if len(data) <= MOST_BYTES else ""
