"""Sentences for students, in the language of their course.

The code makes sentences in English. A table has the same sentences in another language, by the English one; `{name}` in
a sentence is a slot for any text. `handout build` copies this file next to the probes, for `check.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

SLOT = re.compile(r"\{(\w+)\}")
_MARGIN = re.compile(r"[ \t]*(?:- )?")
_NEXT = re.compile(r"(?<=[.!?]) (?=\S)")
_WORD = re.compile(r"[A-Za-z]{3}")
_LONGEST = 2_000
"""The most characters of a line that is translated: a student's own text may have any length."""
_DEPTH = 3
_BEGINNINGS = (
    "Look at ",
    "Look for ",
    "The value is right, but ",
    "The loss is right, but ",
    "The count is right, but ",
)
"""The beginnings of hints whose rest describes several faults at once."""


class Wording:
    """Translates English sentences; those that the table lacks stay English, and all of them without a table."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = dict(table)

    def __call__(self, text: str) -> str:
        """Translate a text as a whole, otherwise line by line, and a line sentence by sentence."""
        if not self.table:
            return text
        return self.table.get(text) or "\n".join(map(self._line, text.split("\n")))

    def part(self, text: str, depth: int = _DEPTH - 1) -> str:
        """Translate a part of a sentence: a text of the table, or one of its sentences without the full stop."""
        return self._found(text, depth) or self._whole(text) or text

    def knows(self, text: str) -> bool:
        """Whether the table has a sentence; its slots may be filled or not."""
        if text in self.table or self._whole(text) is not None:
            return True
        parts = [part for line in text.split("\n") for part in (line, *_NEXT.split(line))]
        known = {part for part in parts if part in self.table or any(_fill(part, one) for one, _ in self._telling)}
        return all(
            line in known or all(part in known or not _WORD.search(SLOT.sub("", part)) for part in _NEXT.split(line))
            for line in map(str.strip, text.split("\n"))
        )

    def pattern(self, sentence: str) -> re.Pattern[str]:
        """The pattern that finds a sentence of the table in this language, with a group for each slot."""
        said = self.table.get(sentence, sentence)
        parts = SLOT.split(said)
        # What stands in brackets has none, so that a title with brackets does not end too early.
        groups = [
            f"(?P<{name}>{r'[^()]+' if before.endswith('(') else '.+?'})"
            for before, name in zip(parts[::2], parts[1::2], strict=False)
        ]
        rest = map(re.escape, parts[2::2])
        return re.compile(re.escape(parts[0]) + "".join(one + two for one, two in zip(groups, rest, strict=True)))

    @cached_property
    def _forms(self) -> list[tuple[list[str], str]]:
        """Sentences with slots, cut into the pieces between the slots. The one with most text of its own is first."""
        cut = [(SLOT.split(sentence), said) for sentence, said in self.table.items() if SLOT.search(sentence)]
        return sorted(cut, key=lambda one: -sum(map(len, one[0][::2])))

    @cached_property
    def _telling(self) -> list[tuple[list[str], str]]:
        """Those forms whose translation differs from the English: the others only pass on their slots."""
        return [(pieces, said) for pieces, said in self._forms if SLOT.split(said)[::2] != pieces[::2]]

    def _line(self, line: str) -> str:
        margin = _MARGIN.match(line)[0]  # type: ignore[index]  # it matches an empty text, too
        core = line[len(margin) :]
        if not core or len(core) > _LONGEST:
            return line
        parts = _NEXT.split(core)
        said = [self._found(part, _DEPTH) for part in parts]
        # Sentence by sentence translates most; a form of several sentences is tried if one of them is not known.
        whole = self.table.get(core) or (self._found(core, _DEPTH) if None in said else None)
        return margin + (whole or " ".join(one or part for one, part in zip(said, parts, strict=True)))

    def _found(self, text: str, depth: int) -> str | None:
        if text in self.table:
            return self.table[text]
        for pieces, said in self._forms:
            values = _fill(text, pieces)
            if values is not None:
                if depth > 1:
                    values = {name: self.part(value, depth - 1) for name, value in values.items()}
                return SLOT.sub(lambda slot, told=values: told.get(slot[1], slot[0]), said)  # type: ignore[misc]  # a default has no type
        return None

    def _whole(self, text: str) -> str | None:
        """Find the translation of a text that is a sentence of the table without its beginning and its end."""
        wholes = (f"{text[:1].upper()}{text[1:]}.", *(f"{beginning}{text}." for beginning in _BEGINNINGS))
        return next((self.table[whole].rstrip(".") for whole in wholes if whole in self.table), None)


def _fill(text: str, pieces: list[str]) -> dict[str, str] | None:
    """The texts in the slots between literal pieces, each as short as possible; one pass over any text."""
    first, last = pieces[0], pieces[-1]
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return None
    values, place, end = {}, len(first), len(text) - len(last)
    for name, piece in zip(pieces[1:-2:2], pieces[2:-1:2], strict=True):
        found = text.find(piece, place + 1, end)
        if found < 0:
            return None
        values[name], place = text[place:found], found + len(piece)
    values[pieces[-2]] = text[place:end]
    return values if all(values.values()) else None
