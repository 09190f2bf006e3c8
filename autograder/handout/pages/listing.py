r"""Keeps code on a page as it can be copied: a command that is too long has ` \` at the end of each line but the last.

A PDF sets the rest of a long line on a line of its own. Who copies that runs the first half as a command.
"""

from __future__ import annotations

import re
import unicodedata

from autograder.core.errors import AutograderError

WIDEST = 88
"""Characters of code that fill a line of the PDF: A4 less margins and padding, at 8.5 pt."""
CODE_BLOCK = re.compile(r"^( *)```[^\n]*\n(.*?)\n\1```", re.MULTILINE | re.DOTALL)
"""A block of code in Typst, as pandoc writes it."""
MORE = " \\"
"""The end of a line that the next one continues, in the shells of Linux and macOS."""
FLAG = re.compile(r" (?=--[a-z])")


def broken(command: str) -> str:
    r"""The command in lines that fit on a page: each but the last ends with ` \`, and a flag stays with its value.

    A flag with its value that is wider than a line stays whole.
    """
    lines = [""]
    for part in FLAG.split(command):
        longer = f"{lines[-1]} {part}" if lines[-1] else part
        if lines[-1] and len(longer) > WIDEST - len(MORE):
            lines.append(f"    {part}")
        else:
            lines[-1] = longer
    return f"{MORE}\n".join(lines)


def demand_narrow(typst: str, title: str) -> None:
    """Raise AutograderError if a line of a block of code is wider than the page."""
    for block in CODE_BLOCK.finditer(typst):
        room = WIDEST - 2 * len(block[1])  # the indent of an item of a list is twice what pandoc writes
        for line in block[2].removeprefix(block[1]).split(f"\n{block[1]}"):
            if columns(line) > room:
                problem = f'The page "{title}" has a line of code of {columns(line)} characters: {line.strip()[:50]} …'
                hint = rf"{room} fit. Break the line in handouts/source/; a command goes on after ` \`."
                raise AutograderError(problem, hint)


def columns(text: str) -> int:
    """The width of a text in characters of which a Korean or Chinese one takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
