"""Text and numbers as people see them; most of the text was chosen by students and is not to be trusted."""

from __future__ import annotations

import unicodedata

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import QuestionResult

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, turn the writing direction, show nothing, or cannot be encoded."""

JOINERS = "\u200c\u200d"
"""Characters that show nothing either, but without them Persian, Hindi and emoji are misspelt."""


def _visible(char: str) -> str:
    if char in JOINERS or unicodedata.category(char) not in HIDDEN:
        return char
    return char.encode("unicode_escape").decode("ascii")


def printable(text: str, *, multiline: bool = False) -> str:
    """Make control characters, ANSI escapes, bidi overrides and lone surrogates visible, as Python writes them.

    A name gets one line; with `multiline`, line ends and tabs stay what they are.
    """
    if text.isprintable():
        return text
    if not multiline:
        return "".join(map(_visible, text))
    kept = text.replace("\r\n", "\n")
    return "".join(char if char in "\n\t" else _visible(char) for char in kept)


def number(value: float) -> str:
    """Write a number as short as possible, to four decimals at most: `7.5`, `10`."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def short_score(question: QuestionResult) -> str:
    """A question's points in a table, or a dash if it was not attempted."""
    return "–" if question.not_attempted else number(question.score)


def said(question: QuestionResult, check: CheckResult) -> str:
    """The words on a check. A reason that stopped the whole question is reported above all its checks, not here."""
    same = check.message.partition("\n")[0] == (question.error or "").partition("\n")[0]
    return "" if same and check.outcome is Outcome.COULD_NOT_RUN else check.message


def clip(text: str, limit: int) -> str:
    """Shorten a text that would fill the page, and say by how much."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … ({len(text) - limit} more characters)"


def first_line(text: str, limit: int = 200) -> str:
    """The first line that is not empty, for a list or a table."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return printable(clip(line, limit))


def named(student: str, name: str) -> str:
    """A student as lists show them: `101 (Ann Abel)`, or the id alone if there is no name or it is the same."""
    return printable(f"{student} ({name})" if name and name != student else student)


def split_name(name: str) -> tuple[str, str]:
    """First and last name of `Ann Lee` or `Lee, Ann`, for tables that list them separately."""
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()
