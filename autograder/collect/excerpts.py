"""Cuts the lines that answer each question out of a student's files, to show them next to the result.

The files are looked at line by line and never parsed: a parser of Python can be made to use any amount of memory.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from autograder.collect.blocks import Names, block, stubs, without_docstring
from autograder.collect.scripts import LINE_END
from autograder.collect.tree import Tree
from autograder.collect.walk import open_regular
from autograder.core.errors import SubmissionProblem
from autograder.core.records import Excerpt, Question, Rubric
from autograder.core.settings import CELLS, MIB, SKELETON

MOST_BYTES = 512 * 1024
MOST_OF_CELLS = 64 * MIB
"""The most bytes of all cells of a notebook, as they are put next to it."""
MOST_LINES = 120
"""The most lines of one function; nobody reads more next to a result."""
MOST_CHARACTERS = 240
"""The most characters of one line."""

Numbered = list[tuple[int, str]]


def read_excerpts(tree: Tree, skeleton: Path, questions: Sequence[Question]) -> tuple[Excerpt, ...]:
    """The function that answers each question, without its docstring; nothing if it cannot be found.

    `skeleton` is the assignment as handed out: its stubs say which function that is.
    """
    found = []
    parts = [part for question in questions for part in question.parts if part.module in tree.files]
    files = {part.file: tree.root / tree.files[part.module] for part in parts}
    pages = {file: _pages(path, file) for file, path in files.items()}
    asked = {file: stubs((skeleton / file).read_text("utf-8")) for file in pages}
    for part in parts:
        for names in asked[part.file].get(part.id, ()):
            file, lines = _answer(pages[part.file], names)
            if lines:
                numbered = tuple((number, text[:MOST_CHARACTERS]) for number, text in lines[:MOST_LINES])
                found.append(Excerpt(part.id, file, numbered))
    return tuple(found)


def skeleton_excerpts(rubric: Rubric) -> tuple[Excerpt, ...]:
    """The stubs as handed out, as `read_excerpts` gives a student's answers."""
    files = {part.module: Path(part.file) for question in rubric.graded for part in question.parts}
    return read_excerpts(Tree(SKELETON, files), SKELETON, rubric.graded)


def _answer(pages: Sequence[tuple[str, list[str]]], names: Names) -> tuple[str, Numbered]:
    """The last definition of a function, and its place; one that cells add to a class is at the top level."""
    for looked_for in (names, names[-1:]) if len(pages) > 1 else (names,):
        for file, lines in reversed(pages):
            if found := without_docstring(list(block(lines, looked_for))):
                return file, found
    return "", []


def _pages(path: Path, name: str) -> list[tuple[str, list[str]]]:
    """A file's lines under its name, or those of each cell of a notebook under the cell's."""
    try:
        with open_regular(path) as file:
            if path.suffix != CELLS:
                return [(name, LINE_END.split(file.read(MOST_BYTES).decode("utf-8", "replace")))]
            notebook = json.loads(file.read(MOST_OF_CELLS))
    except (OSError, ValueError, SubmissionProblem):
        return []
    short = [(number, text) for number, text in notebook["cells"] if len(text) <= MOST_BYTES]
    name = str(notebook["notebook"])
    return [(f"{name}, cell {number}" if number else name, LINE_END.split(text)) for number, text in short]
