"""Reads the answer to the mystery run. Students get a copy, so that `check.py --zip` reads it as grading does."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

FILE = "mystery.toml"
"""The file to hand in. The `[[manual]]` question of `solutions/course.toml` that has this file is the mystery."""
MOST_BYTES = 10_000
"""Of an answer: four short lines and remarks."""
NO_MISTAKE = "none"
_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class Answer:
    """The keys of the file: the code of the run, the page's name of the mistake, and its function and line."""

    run: str
    mistake: str
    function: str
    line: int | str = ""


def read_entries(text: bytes) -> Answer | str:
    """The answer in a file, or a sentence on why it is none, with the line where that is known."""
    if len(text) > MOST_BYTES:
        return f"{FILE} is larger than {MOST_BYTES:,} bytes."
    place = ""
    try:
        found = tomllib.loads(text.removeprefix(b"\xef\xbb\xbf").decode())
        entries = {name: found[name] for name in ("run", "mistake", "function", "line") if name in found}
        line = entries.get("line", "")
        if all(type(one) is str for name, one in entries.items() if name != "line") and type(line) in (int, str):
            return Answer(**entries)
    except (ValueError, TypeError, RecursionError) as error:  # not TOML, or an entry lacks
        place = f", line {at[1]}," if (at := _LINE.search(str(error))) else ""
    return f"{FILE}{place} is not as it was handed out: it needs the texts run, mistake, function and line."


def doubts(answer: Answer, mistakes: Collection[str], functions: Collection[str]) -> Iterator[str]:
    """Yield a sentence on each entry that cannot be right; `mistakes` and `functions` are the names of the page."""
    entries = {"run": answer.run, "mistake": answer.mistake, "function": answer.function, "line": str(answer.line)}
    if plain(answer.mistake) == NO_MISTAKE:
        entries = {"run": answer.run}
    yield from (f"{FILE}: `{name}` is empty." for name, entry in entries.items() if not entry.strip())
    if answer.mistake.strip() and plain(answer.mistake) not in mistakes:
        yield f"{FILE}: `{answer.mistake.strip()}` is none of the page's names of a mistake."
    if answer.function.strip() and last(answer.function) not in map(last, functions):
        yield f"{FILE}: `{answer.function.strip()}` is none of the page's functions."
    if entries.get("line", "").strip() and not entries["line"].strip().isdecimal():
        yield f"{FILE}: `{entries['line'].strip()}` is not the number of a line."


def plain(name: str) -> str:
    """A name without blanks around it, in small letters."""
    return name.strip().casefold()


def last(function: str) -> str:
    """`contrastive_loss` of `SSLLoss.contrastive_loss()`."""
    return plain(function).removesuffix("()").rpartition(".")[2]
