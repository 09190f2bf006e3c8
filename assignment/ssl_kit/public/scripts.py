"""Reads an export of a notebook, or a file written instead: a .py file as cells, Markdown as blocks of code."""

from __future__ import annotations

import re
from pathlib import Path

from ssl_kit.public.inventory import Parts
from ssl_kit.public.ipynb import Notebook
from ssl_kit.public.walk import open_regular
from ssl_kit.hand_in import MIB

MOST_BYTES = MIB
"""The most bytes of a file; nobody exports a longer one."""
MOST_CELLS = 500
"""The most cells of a file; one with more is taken as a single cell."""
LINE_END = re.compile(r"\r\n|\r|\n")
"""Python's line ends: `str.splitlines` knows others, which may be inside a string."""
MARK = re.compile(r"# ?(?:%%|In ?\[[ \d]*\]|<codecell>|COMMAND -{5})")
"""The beginning of a cell as editors, jupytext, nbconvert, old nbconvert and Databricks write it."""
COMMENTED = re.compile(r"# ?%%(?:writefile|file)\b")
QUOTED = re.compile(r"\Aget_ipython\(\)\.run_cell_magic\('(?:writefile|file)', '([^']*)', [\"'](.*)[\"']\)\Z")
MARKDOWN = (".md", ".markdown", ".rmd", ".qmd", ".txt")
FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(\{?(?:python|py)\b)?", re.IGNORECASE)


def read_script(root: Path, parts: Parts) -> Notebook:
    """Read a .py file below `root` as a notebook whose cells have the number 0: each keeps the file's line numbers."""
    lines = LINE_END.split(_text(root.joinpath(*parts)))
    starts = [0, *(i for i, line in enumerate(lines) if i and MARK.match(line))]
    if len(starts) > MOST_CELLS:
        starts = [0]
    ends = [*starts[1:], len(lines)]
    code = ("\n" * start + "\n".join(_cell(lines[start:end])) for start, end in zip(starts, ends, strict=True))
    return Notebook(parts, tuple((0, text) for text in code))


def _cell(lines: list[str]) -> list[str]:
    """A cell's lines. Those of a cell that writes a file become as in the notebook: exports comment or quote them."""
    if COMMENTED.match(lines[0]):
        end = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
        return [*(line.removeprefix("#").removeprefix(" ") for line in lines[:end]), *lines[end:]]
    for i, line in enumerate(lines):
        if found := QUOTED.match(line):
            return [*[""] * i, f"%%writefile {found[1]}", _unquoted(found[2])]
    return lines


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)


def read_markdown(root: Path, parts: Parts) -> Notebook:
    """Read a Markdown file below `root` as a notebook: its blocks of Python are the cells."""
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
    """A file's text; empty if it cannot be read or is too long."""
    try:
        with open_regular(path) as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return ""
    return data.decode("utf-8-sig", "replace") if len(data) <= MOST_BYTES else ""
