"""Removes from a file the lines of a bonus question that is absent this term.

Lines on their own, at any indentation, in student files and given ones:

    ### With question B1
    …lines that only this question needs…
    ### End of question B1
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from typing import NoReturn

from autograder.core.errors import AutograderError

BEGIN = re.compile(r"\s*### With question (B\d+)\s*")
END = re.compile(r"\s*### End of question (B\d+)\s*")
BLANK = re.compile(r"\n{4,}")
"""The blank lines between the neighbours of a region that is left out."""
LOOKS_LIKE_ONE = re.compile(r"\s*#+\s*(with|end of) question\b", re.IGNORECASE)


def keep_shown(source: str, shown: Collection[str], file: str) -> str:
    """The text without the regions of questions that are not `shown`, and without the marker lines."""
    kept = "".join(line for _, line, region in regions(source, file) if region is None or region in shown)
    return BLANK.sub("\n\n\n", kept)


def unwrapped(source: str, question: str, file: str) -> str:
    """The text without the marker lines of one question: the lines between them are always there."""
    return _without(source, question, file, marked=False)


def emptied(source: str, question: str, file: str) -> str:
    """The text without the regions of one question, marker lines included; others stay marked."""
    return BLANK.sub("\n\n\n", _without(source, question, file, marked=True))


def _without(source: str, question: str, file: str, marked: bool) -> str:
    """The text without a question's marker lines, and if `marked` without the lines between them."""
    places = {number: region for number, _, region in regions(source, file)}
    kept = []
    for number, line in enumerate(io.StringIO(source), 1):
        mark = BEGIN.fullmatch(line) or END.fullmatch(line)
        if not (mark and mark[1] == question) and not (marked and places.get(number) == question):
            kept.append(line)
    return "".join(kept)


def region_at(source: str, file: str, number: int) -> str | None:
    """The question whose region contains a line; lines count from 1."""
    return next((region for at, _, region in regions(source, file) if at == number), None)


def regions(source: str, file: str) -> Iterator[tuple[int, str, str | None]]:
    """Yield number (from 1), text and region of each line that is not a marker."""
    inside: str | None = None
    number = 0
    for number, line in enumerate(io.StringIO(source), 1):
        if begin := BEGIN.fullmatch(line):
            if inside is not None:
                _fail(file, number, f"begins a region inside that of question {inside}", "End that one first.")
            inside = begin[1]
        elif end := END.fullmatch(line):
            if end[1] != inside:
                _fail(file, number, f"ends a region of question {end[1]} that is not open", "Look at the line above.")
            inside = None
        elif LOOKS_LIKE_ONE.match(line):
            hint = "Write `### With question B1` or `### End of question B1`, on a line of its own."
            _fail(file, number, f"looks like the edge of a region and is none: `{line.strip()}`", hint)
        else:
            yield number, line, inside
    if inside is not None:
        _fail(file, number, f"ends inside the region of question {inside}", f"Write `### End of question {inside}`.")


def _fail(file: str, line: int, problem: str, hint: str) -> NoReturn:
    raise AutograderError(f"solutions/{file}, line {line}, {problem}.", hint)
