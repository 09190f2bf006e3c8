"""Reads a notebook's cells without its outputs, in every format and encoding, or says what is wrong with it.

nbformat would read and upgrade it with its outputs, and check it against a schema: for a hostile notebook that takes
any amount of time and memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.collect.inventory import Parts
from autograder.collect.walk import open_regular
from autograder.core.settings import MIB

MOST_BYTES = 256 * MIB
"""The most bytes of a notebook, with its pictures."""
MOST_KEPT = 16 * MIB
"""The most letters of a notebook without its outputs."""
MOST_BRACKETS = 2_000_000
"""The most brackets in a notebook; each takes a step."""
OF_NO_INTEREST = re.compile(r'[{,\s]"(?:outputs|attachments|widgets)"\s*:\s*\Z')
"""The text before a list or a table that is dropped unread."""
TO_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
"""The text before the next bracket that is not in a string."""
CONFLICT = re.compile(r"^[ \t]*(?:<{7}|={7}|>{7})(?: [^\n]*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """A notebook's cells, numbered from 1: cells of code, and all others."""

    parts: Parts
    code: tuple[tuple[int, str], ...] = ()
    text: tuple[tuple[int, str, str], ...] = ()
    """Number, kind and text of the cells that are not code."""
    unread: str = ""
    """A sentence on why it cannot be read; empty if it can."""

    @property
    def name(self) -> str:
        """Its path as text."""
        return "/".join(self.parts)


def read(root: Path, parts: Parts) -> Notebook:
    """Read a notebook of a hand-in below `root`; one that cannot be read says why."""
    name = "/".join(parts)
    try:
        with open_regular(root.joinpath(*parts)) as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"is larger than {MOST_BYTES // MIB} MiB; clear its outputs and hand it in again")
        numbered = list(enumerate(cells(load(data)), 1))
    except (OSError, ValueError, RecursionError) as error:
        said = "holds too much in each other to be read" if isinstance(error, RecursionError) else str(error)
        return Notebook(parts, unread=f"{name} {said}.")
    return Notebook(
        parts,
        tuple((number, text) for number, (kind, text) in numbered if kind == "code"),
        tuple((number, kind, text) for number, (kind, text) in numbered if kind != "code"),
    )


def cells(notebook: object) -> Iterator[tuple[str, str]]:
    """Yield kind and text of every cell, in every format that Jupyter has written; raises ValueError if it has none."""
    if not isinstance(notebook, Mapping):
        raise ValueError("is not a notebook; save it in Jupyter again")
    sheets = notebook.get("worksheets", [notebook])
    listed = [sheet.get("cells") for sheet in sheets if isinstance(sheet, Mapping)] if isinstance(sheets, list) else []
    if not any(isinstance(one, list) for one in listed):
        raise ValueError("has no cells; save it in Jupyter again")
    for cell in (cell for one in listed if isinstance(one, list) for cell in one):
        if isinstance(cell, Mapping):
            source = cell.get("source", cell.get("input", ""))
            lines = source if isinstance(source, list) else [source]
            yield str(cell.get("cell_type")), "".join(line for line in lines if isinstance(line, str))


def load(data: bytes) -> object:
    """The JSON of a notebook without its outputs; raises ValueError, whose text continues "hw3.ipynb …"."""
    text = _decoded(data)
    if not text.strip():
        raise ValueError("is empty; save it in Jupyter again")
    kept, whole = _without_outputs(text)
    try:
        loaded: Any = json.loads(kept)
    except ValueError as error:
        raise ValueError(_damage(text, whole, error)) from None
    return loaded


def _decoded(data: bytes) -> str:
    for encoding in (json.detect_encoding(data), "cp1252"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except ValueError:
            continue
    return data.decode("latin-1")


def _without_outputs(text: str) -> tuple[str, bool]:
    """The text without outputs and other parts that nobody reads, and whether all brackets are closed."""
    kept = []
    at = start = depth = dropped_at = 0
    for _ in range(MOST_BRACKETS):
        found = TO_BRACKET.match(text, at)
        at = found.end() if found else at
        if at >= len(text) or text[at] not in "[]{}":
            break
        if text[at] in "[{":
            depth += 1
            if not dropped_at and OF_NO_INTEREST.search(text, max(0, at - 40), at):
                dropped_at = depth
                kept.append(text[start:at])
        else:
            depth -= 1
            if dropped_at and depth < dropped_at:
                kept.append("[]")
                start, dropped_at = at + 1, 0
        at += 1
    else:
        raise ValueError(
            "holds more values than are read; clear its outputs (Edit, Clear Outputs) and hand it in again"
        )
    if not dropped_at:
        kept.append(text[start:])
    if sum(map(len, kept)) > MOST_KEPT:
        raise ValueError(f"holds more than {MOST_KEPT // MIB} MiB besides its outputs; take data out of its cells")
    return "".join(kept), depth == 0 and not dropped_at and at >= len(text)


def _damage(text: str, whole: bool, error: ValueError) -> str:
    """A sentence on text that is not JSON."""
    if mark := CONFLICT.search(text):
        line = text.count("\n", 0, mark.end()) + 1
        return (
            f"is not a valid notebook: line {line} begins with {mark[0].strip()[:60]}, git's mark of a conflict; solve "
            "the conflict, save it in Jupyter again, and hand it in"
        )
    if not text.lstrip().startswith(("{", "[")):
        return "is not a notebook but something else; save it in Jupyter again (File, Download) and hand it in"
    if not whole:
        return "ends in the middle; save it again and hand in the whole file"
    said = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
    return f"is not a valid notebook{said}; save it in Jupyter again and hand it in"
