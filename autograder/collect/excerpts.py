"""Cuts out of a student's files what answers each question, to be read beside the verdict.

The files are looked at line by line and never parsed: a parser of Python can be made to use any amount of memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from autograder.collect.tree import Tree
from autograder.collect.walk import open_regular
from autograder.errors import SubmissionProblem
from autograder.records import Excerpt, Question

STUB = re.compile(r'raise NotImplementedError\("Question (\S+) is not implemented yet"\)')
OPENING = re.compile(r"(\s*)(?:async\s+)?(?:def|class)\s+(\w+)")
STATEMENT = re.compile(r"(\s*)[\w@]")
MOST_BYTES = 512 * 1024
MOST_LINES = 120
"""Of one function; nobody reads more beside a verdict."""
MOST_CHARACTERS = 240
"""Of one line."""

Names = tuple[str, ...]


def read_excerpts(tree: Tree, skeleton: Path, questions: Sequence[Question]) -> tuple[Excerpt, ...]:
    """The function that answers each question, its docstring left out; nothing where it can not be found.

    `skeleton` is the assignment as handed out: its stubs say which function that is.
    """
    found = []
    for part in (part for question in questions for part in question.parts):
        relative = tree.files.get(part.module)
        if relative is None:
            continue
        lines = _lines(tree.root / relative)
        for names in _stubs(skeleton / part.file).get(part.id, ()):
            block = _without_docstring(list(_block(lines, names)))[:MOST_LINES]
            if block:
                numbered = tuple((number, text[:MOST_CHARACTERS]) for number, text in block)
                found.append(Excerpt(part.id, part.file, numbered))
    return tuple(found)


@lru_cache
def _stubs(path: Path) -> dict[str, tuple[Names, ...]]:
    """Of each question in a file of the skeleton: its functions, each with the class around it."""
    stubs: dict[str, tuple[Names, ...]] = {}
    around: list[tuple[int, str]] = []
    for line in path.read_text("utf-8").splitlines():
        if opening := OPENING.match(line):
            around = [(depth, name) for depth, name in around if depth < len(opening[1])]
            around.append((len(opening[1]), opening[2]))
        elif stub := STUB.search(line):
            stubs[stub[1]] = (*stubs.get(stub[1], ()), tuple(name for _, name in around))
    return stubs


def _lines(path: Path) -> list[str]:
    try:
        with open_regular(path) as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace").splitlines()
    except (OSError, SubmissionProblem):
        return []


def _block(lines: Sequence[str], names: Names) -> Iterator[tuple[int, str]]:
    """The numbered lines of the function that `names` lead to; of several definitions the last one, as in Python."""
    start, end, depth = 0, len(lines), -1
    for name in names:
        found = None
        for i in range(start, end):
            opening = OPENING.match(lines[i])
            if opening and opening[2] == name and len(opening[1]) > depth:
                found = (i, len(opening[1]))
        if found is None:
            return
        start, depth = found
        inside = (i for i in range(start + 1, end) if (s := STATEMENT.match(lines[i])) and len(s[1]) <= depth)
        end = next(inside, end)
    while end > start and not lines[end - 1].strip():
        end -= 1
    yield from ((i + 1, lines[i]) for i in range(start, end))


def _without_docstring(block: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Leave out a docstring: it came with the assignment, and is longer than many an answer."""
    colon = next((i for i, (_, text) in enumerate(block) if text.split("#")[0].rstrip().endswith(":")), len(block))
    first = next((i for i in range(colon + 1, len(block)) if block[i][1].strip()), None)
    if first is None or block[first][1].strip()[:3] not in ('"""', "'''"):
        return block
    quote = block[first][1].strip()[:3]
    for i in range(first, len(block)):
        text = block[i][1].strip()
        if (text[3:] if i == first else text).endswith(quote):
            return block[:first] + block[i + 1 :]
    return block
