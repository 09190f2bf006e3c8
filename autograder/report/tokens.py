"""Code as a sequence of tokens in which comments, layout and names that anybody can change do not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Name, String, Text

RUN = 12
"""The length of a run of tokens that counts as alike: shorter runs occur in anybody's code."""

Run = tuple[str, ...]

_LEXER = PythonLexer()


@dataclass(frozen=True)
class Token:
    """The text to compare, and its place in the code."""

    text: str
    start: int
    end: int
    line: int
    """The line in which it begins, from 0."""


def tokens(code: str) -> list[Token]:
    """The tokens of a piece of Python, which need not be right.

    A name is `v`, unless it follows a dot or is the language's own: `torch.cat([a, b])` is `v.cat([v, v])`. A string
    is `s`. Comments, docstrings and white space are left out.
    """
    found: list[Token] = []
    line, counted = 0, 0
    for start, kind, written in _LEXER.get_tokens_unprocessed(code):
        if not written.strip() or any(kind in left_out for left_out in (Text, Comment, String.Doc)):
            continue
        last = found[-1].text if found else ""
        end = start + len(written)
        line, counted = line + code.count("\n", counted, start), start
        if kind in String and last == "s":
            found[-1] = replace(found[-1], end=end)
        else:
            own = kind in Name and kind is not Name.Builtin and last != "."
            found.append(Token("s" if kind in String else "v" if own else written, start, end, line))
    return found


def runs(found: Sequence[Token]) -> list[Run]:
    """All runs of RUN tokens, by the place of the first."""
    texts = tuple(token.text for token in found)
    return [texts[i : i + RUN] for i in range(len(texts) - RUN + 1)]
