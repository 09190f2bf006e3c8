"""Finds functions in a file's lines, as a person does: by their first line and the lines indented below it.

Nothing is parsed: a parser of Python can be made to use any amount of memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

STUB = re.compile(r'raise NotImplementedError\("Question (\S+) is not implemented yet"\)')
OPENING = re.compile(r"(\s*)(?:async\s+)?(?:def|class)\s+(\w+)")
STATEMENT = re.compile(r"(\s*)[\w@]")

Names = tuple[str, ...]
"""The names of the classes around a function, then its own."""


@lru_cache
def stubs(skeleton: str) -> dict[str, tuple[Names, ...]]:
    """By question in the text of a skeleton's file: its functions, each with the class around it."""
    found: dict[str, tuple[Names, ...]] = {}
    around: list[tuple[int, str]] = []
    for line in skeleton.splitlines():
        if opening := OPENING.match(line):
            around = [(depth, name) for depth, name in around if depth < len(opening[1])]
            around.append((len(opening[1]), opening[2]))
        elif stub := STUB.search(line):
            found[stub[1]] = (*found.get(stub[1], ()), tuple(name for _, name in around))
    return found


def block(lines: Sequence[str], names: Names) -> Iterator[tuple[int, str]]:
    """The numbered lines of the function that `names` lead to; of several definitions the last one, as in Python."""
    start, end, depth = 0, len(lines), -1
    for name in names:
        found = None
        for i in range(start, end):
            opening = OPENING.match(lines[i]) if name in lines[i] else None  # most lines do not name it
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


def without_docstring(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Leave out a docstring: it came with the assignment, and is longer than many an answer."""
    colon = next((i for i, (_, text) in enumerate(lines) if text.split("#")[0].rstrip().endswith(":")), len(lines))
    first = next((i for i in range(colon + 1, len(lines)) if lines[i][1].strip()), None)
    if first is None or lines[first][1].strip()[:3] not in ('"""', "'''"):
        return lines
    quote = lines[first][1].strip()[:3]
    for i in range(first, len(lines)):
        text = lines[i][1].strip()
        if (text[3:] if i == first else text).endswith(quote):
            return lines[:first] + lines[i + 1 :]
    return lines
