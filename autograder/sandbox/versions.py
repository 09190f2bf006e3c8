"""Finds code that needs a newer Python than the one that runs it, or than the one that grades.

`handout build` copies this file next to the probes; it imports nothing of the kit.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator

Version = tuple[int, int]

_LINES: tuple[tuple[re.Pattern[str], str, Version], ...] = (
    (re.compile(r"\s*(async\s+)?def\s+\w+\s*\["), "a type parameter", (3, 12)),
    (re.compile(r"\s*class\s+\w+\s*\["), "a type parameter", (3, 12)),
    (re.compile(r"\s*type\s+\w+\s*(\[.*\])?\s*="), "a `type` statement", (3, 12)),
    (re.compile(r"\s*except\*?\s+[\w.]+\s*,"), "`except` without parentheses", (3, 14)),
    (re.compile(r".*(?<!\w)[rR]?[tT][rR]?[\"']"), "a template string", (3, 14)),
)
"""Patterns of lines that an older Python refuses: pattern, name of the feature, first version that has it."""
_NAMES: dict[Version, str] = {
    (3, 12): "batched override sumprod Buffer TypeAliasType get_original_bases markcoroutinefunction is_junction",
    (3, 13): "deprecated TypeIs ReadOnly NoDefault get_protocol_members is_protocol PythonFinalizationError fma",
    (3, 14): "annotationlib compression evaluate_forward_ref Placeholder get_annotate_from_class_namespace",
}
"""Names of the standard library by the version that brought them."""
_F_STRING = "what an f-string has in its braces"
_MISSING = re.compile(
    r"cannot import name '(\w+)' from '([\w.]+)'|module '([\w.]+)' has no attribute '(\w+)'|No module named '([\w.]+)'"
)


def newer(error: BaseException, line: int, running: Version) -> str | None:
    """The sentence for an exception that a newer Python would not raise; None if there is no sign of that.

    `line` is the line that raised it, used if the exception itself names none.
    """
    if isinstance(error, SyntaxError):
        text, message = error.text or "", error.msg or ""
        for pattern, what, since in _LINES:
            if pattern.match(text) and running < since:
                return _sentence(running, error.lineno or line, "needs", since, what)
        if message.startswith("f-string") and running < (3, 12):
            return _sentence(running, error.lineno or line, "may need", (3, 12), _F_STRING)
    elif isinstance(error, ImportError | AttributeError) and (found := _MISSING.search(str(error))):
        name = found[1] or found[4] or found[5]
        for since, names in _NAMES.items():
            if name in names.split() and running < since:
                return _sentence(running, line, "needs", since, f"`{name}`")
    return None


def _sentence(running: Version, line: int, needs: str, since: Version, what: str) -> str:
    where = f"line {line}" if line else "this"
    return f"Grading runs Python {dotted(running)}; {where} {needs} {dotted(since)} or newer ({what})."


def dotted(version: Version) -> str:
    """`3.11`."""
    return ".".join(map(str, version))


def newer_syntax(data: bytes, grading: Version) -> str | None:
    """The reason why the Python that grades cannot read a file that this one can; None if it can.

    Raises SyntaxError or ValueError if this Python cannot read it either.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(data)
        try:
            ast.parse(data, feature_version=grading)
        except SyntaxError as error:
            return f"line {error.lineno} needs a newer one ({error.msg})"
    if grading < (3, 12):
        line = next(_new_f_strings(data), None)
        if line is not None:
            return f"line {line} needs 3.12 or newer ({_F_STRING})"
    return None


def _new_f_strings(data: bytes) -> Iterator[int]:
    """Yield lines of f-strings that only the tokenizer of 3.12 and newer can read; nothing if an older one runs."""
    start, middle, end = (getattr(tokenize, f"FSTRING_{part}", None) for part in ("START", "MIDDLE", "END"))
    if start is None:
        return
    open_: list[str] = []  # the quotes of the f-strings that the token stands in
    for token in tokenize.tokenize(io.BytesIO(data).readline):
        if token.type == end:
            open_.pop()
        elif token.type == start or open_:
            quote = token.string.lstrip("fFrRbBuU")
            again = token.type in (start, tokenize.STRING) and any(one in quote for one in open_)
            single = bool(open_) and len(open_[-1]) == 1
            broken = token.type in (tokenize.COMMENT, tokenize.NL) and single
            slashed = token.type == tokenize.STRING and bool(open_) and "\\" in token.string
            if token.type != middle and (again or broken or slashed):
                yield token.start[0]
        if token.type == start:
            open_.append(token.string.lstrip("fFrR"))
