"""Finds the student whom a person means: by id, name or e-mail address, whole or in part."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from autograder.class_list.roster import name_key
from autograder.core.errors import MOST_NAMES, AutograderError
from autograder.core.records import Result
from autograder.core.text import named, printable


def find(results: Sequence[Result], wanted: str) -> Result:
    """The one student who is meant; raises AutograderError, naming the candidates, if nobody or several fit."""
    for fits in _ways(wanted):
        found = [result for result in results if fits(result)]
        if len(found) == 1:
            return found[0]
        if found:
            problem = f"{printable(wanted)} can be {len(found)} students:\n{_lines(found)}"
            raise AutograderError(problem, "Give more of the name, or the whole id.")
    near = _near(results, wanted)
    hint = f"Did you mean one of these?\n{_lines(near)}" if near else "The ids and names are in grades.csv."
    raise AutograderError(f"Nobody of the {len(results)} students is called {printable(wanted)}.", hint)


def _ways(wanted: str) -> Iterator[Callable[[Result], bool]]:
    """Yield the ways in which a text may name a student, the surest first."""
    key, name = _key(wanted), name_key(_key(wanted))
    if not key.strip():
        return
    words, tokens = name.split(), set(_tokens(key))
    yield lambda one: one.student == wanted
    yield lambda one: _key(one.student) == key
    yield lambda one: key == _key(one.about.email) or name == name_key(_key(one.about.name))
    yield lambda one: all(word in _all(one) for word in words)
    # The name of a file or folder of a download, which holds the id among other things.
    yield lambda one: {*_tokens(_key(one.student))} <= tokens


def _key(text: str) -> str:
    """Bring a text into one form, whatever keyboard, file system or platform wrote it; accents do not count."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", printable(text)).casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def _tokens(key: str) -> list[str]:
    return re.findall(r"[^\W_]+", key)


def _all(result: Result) -> str:
    return _key(f"{result.student} {result.about.name} {result.about.email}")


def _near(results: Sequence[Result], wanted: str) -> list[Result]:
    """The students with nearly that name."""
    called: dict[str, Result] = {}
    for result in results:
        for text in (result.student, result.about.name, *result.about.name.split(), result.about.email):
            called.setdefault(_key(text), result)
    called.pop("", None)
    near = get_close_matches(_key(wanted), called, n=5, cutoff=0.7)
    return list({called[key].student: called[key] for key in near}.values())


def _lines(results: Sequence[Result]) -> str:
    lines = [
        ", ".join(filter(None, [f"  {named(one.student, one.about.name)}", printable(one.about.email)]))
        for one in results[:MOST_NAMES]
    ]
    if len(results) > MOST_NAMES:
        lines.append(f"  and {len(results) - MOST_NAMES} more")
    return "\n".join(lines)
