"""The words of a fault, and the hint that the words of several make together.

`handout build` copies this file next to the probes, for `check.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_NUMBERS = {2: "Two", 3: "Three"}
_LOOK = re.compile(r"\b[Ll]ook ((?:at|for) .+?)(?=[.?:;](?:\s|$)|$)")
_FIRST = re.compile(r"(.+?)[.:;](?:\s|$)")
_RIGHT_BUT = re.compile(r"The (?:(?:value|loss|count) is|values are) right, but ")


class Phrase(NamedTuple):
    """A fault and the place to look at: "the temperature has no effect", "at where the temperature belongs"."""

    wrong: str
    where: str


def derived(hint: str) -> Phrase:
    """The phrase of a hint for a single fault: its first sentence, and the words after "Look"."""
    found = _FIRST.match(_RIGHT_BUT.sub("", hint))
    wrong = found[1] if found else hint
    first = wrong.split()[0]
    if first == first.capitalize():  # not `PyTorch`, which is a name
        wrong = wrong[0].lower() + wrong[1:]
    look = _LOOK.search(hint)
    return Phrase(wrong, look[1] if look else "")


def joined(phrases: Sequence[Phrase]) -> str:
    """The hint for two or three combined faults."""
    wrong = _row([phrase.wrong for phrase in phrases])
    where = _row([*dict.fromkeys(phrase.where for phrase in phrases if phrase.where)])
    return f"{_NUMBERS[len(phrases)]} things at once: {wrong}." + (f" Look {where}." if where else "")


def worded(words: str | Sequence[int], faults: Sequence[Sequence[str]]) -> str:
    """The hint of a known mistake in `public_checks.json`: its own, or that of the faults with these numbers."""
    return words if isinstance(words, str) else joined([Phrase(*faults[number]) for number in words])


def _row(parts: Sequence[str]) -> str:
    """Join the parts, with semicolons if one has commas, so that it is clear where each ends."""
    if len(parts) < 2:
        return "".join(parts)
    mark = ";" if any("," in part for part in parts) else ","
    return f"{f'{mark} '.join(parts[:-1])}{mark} and {parts[-1]}"
