"""Lets a notebook stand in for .py files: its imports, definitions and plain assignments, and nothing that runs.

The code is split into statements by its tokens and never parsed: a parser of Python can be made to use any amount of
memory.
"""

from __future__ import annotations

import io
import json
import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograder.collect.target import Parts, Target
from autograder.collect.walk import open_regular
from autograder.settings import MIB

DEFINED = {
    "model_factory": ("class", "Model"),
    "criterion": ("class", "SSLLoss"),
    "main": ("def", "update_momentum_encoder"),
    "validation": ("def", "KNN"),
    "main_linclis": ("def", "freeze_backbone"),
}
"""What a notebook must define to stand in for each file."""
MOST_BYTES = 64 * MIB
"""Of a notebook; its pictures are in it."""
MOST_CODE = MIB // 4
"""Letters in all cells together; more is not read, since telling statements apart takes seconds a megabyte."""
MOST_ITEMS = 500_000
"""Values in its JSON."""
IMPORTS = frozenset(("import", "from"))
DEFINITIONS = frozenset(("def", "async", "class", "@"))
GO_ON = frozenset(("else", "elif", "except", "finally"))
HARMLESS = frozenset(
    (
        *("device", "is_available", "int", "float", "bool", "str", "len", "min", "max", "range", "list", "dict"),
        *("tuple", "set", "frozenset", "sqrt", "log", "Path"),
    )
)
"""Calls that a plain assignment may hold: they cost no time and reach nothing."""
NEUTRAL = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER))
MAGIC = re.compile(r"\s*[%!?]")


def stand_in(target: Target, missing: Sequence[str]) -> dict[str, str]:
    """Write the missing modules that a notebook of the submission defines; returns why others were not taken.

    Each is written beside the notebook. Where two notebooks define the same, neither is taken.
    """
    found: dict[str, list[tuple[Parts, str]]] = {}
    for parts in sorted(parts for parts in target.files if parts[-1].lower().endswith(".ipynb")):
        statements = [] if ".ipynb_checkpoints" in parts else list(_statements(target.root.joinpath(*parts)))
        code = "".join(statements)
        for module in missing:
            if any(_defines(statement, *DEFINED[module]) for statement in statements):
                found.setdefault(module, []).append((parts, code))
    problems = {}
    for module, several in found.items():
        if len(several) == 1:
            ((parts, code),) = several
            text = _without_imports(code, [name for name in missing if name in found])
            target.file((*parts[:-1], f"{module}.py"), io.BytesIO(f"# From {parts[-1]}.\n{text}".encode()))
        else:
            named = " and ".join("/".join(parts) for parts, _ in several)
            problems[module] = f"{module}.py is missing, and more than one notebook defines it ({named}); keep one."
    return problems


def _statements(path: Path) -> Iterator[str]:
    """What is kept of a notebook, in order; nothing of a file that is no notebook."""
    try:
        with open_regular(path) as file:
            data: Any = load(file.read(MOST_BYTES))
        cells = [cell for cell in data["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
    except Exception:  # what is no notebook can raise anything
        return
    left = MOST_CODE
    for source in sources:
        if (left := left - len(source)) < 0:
            return
        lines = ("\n" if MAGIC.match(line) else f"{line}\n" for line in source.splitlines())
        yield from kept("".join(lines))


def load(text: bytes) -> object:
    """The JSON of a notebook; raises ValueError where it is none, or would take far more memory than it has letters."""
    if sum(text.count(sign) for sign in (b",", b"[", b"{")) > MOST_ITEMS:
        raise ValueError("too many values")
    return json.loads(text.decode("utf-8"))


def kept(code: str) -> Iterator[str]:
    """The statements of a cell that a module of functions would hold; of code that can not be split, definitions stay.

    A broken definition is kept whole, so that the student reads where it is broken.
    """
    lines = code.splitlines(keepends=True)
    try:
        statements = _split(code)
    except Exception:  # each version of Python has its own for code that is broken, UnicodeDecodeError among them
        if re.search(r"^(?:def|class)\b", code, re.MULTILINE):
            yield code
        return
    for statement in statements:
        if _is_kept(statement.tokens):
            yield "".join(lines[statement.start - 1 : statement.end])


@dataclass
class _Statement:
    """A statement at the margin with all that is indented below it; `tokens` are those of its first logical line."""

    start: int
    end: int
    tokens: list[tokenize.TokenInfo]
    decorates: bool
    """Whether nothing but decorators has come yet."""


def _split(code: str) -> list[_Statement]:
    """Raises whatever tokenize does for code that is broken."""
    statements: list[_Statement] = []
    depth = 0
    line: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        if token.type == tokenize.NEWLINE and line:
            _add(statements, line, depth)
            line = []
        elif token.type not in NEUTRAL:
            line.append(token)
    return statements


def _add(statements: list[_Statement], line: list[tokenize.TokenInfo], depth: int) -> None:
    start, end, first = line[0].start[0], line[-1].end[0], line[0].string
    last = statements[-1] if statements else None
    if last is not None and (depth > 0 or last.decorates or first in GO_ON):
        last.end = end
        last.decorates = last.decorates and first == "@"
    else:
        statements.append(_Statement(start, end, line, first == "@"))


def _is_kept(tokens: Sequence[tokenize.TokenInfo]) -> bool:
    first = tokens[0].string
    if first in DEFINITIONS:
        return True
    parts: list[list[tokenize.TokenInfo]] = [[]]
    for token in tokens:
        if token.string == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return all(part[0].string in IMPORTS or _is_plain_assignment(part) for part in parts if part)


def _is_plain_assignment(tokens: Sequence[tokenize.TokenInfo]) -> bool:
    """`name = value` where the value calls nothing that could take time or reach out."""
    strings = [token.string for token in tokens]
    if tokens[0].type != tokenize.NAME or keyword.iskeyword(strings[0]) or "=" not in strings:
        return False
    called = [before for before, sign in pairwise(strings) if sign == "("]
    callable_before = (name for name in called if name.isidentifier() or name in (")", "]", "}"))
    return all(name in HARMLESS or keyword.iskeyword(name) for name in callable_before)


def _defines(statement: str, kind: str, name: str) -> bool:
    return re.search(rf"^{kind} {name}\b", statement, re.MULTILINE) is not None


def _without_imports(code: str, modules: Sequence[str]) -> str:
    """Leave out imports of files for which this very code stands in."""
    names = "|".join(modules)
    return re.sub(
        rf"^(?:from (?:{names}) import (?:\([^)]*\)|.*)|import (?:{names})\b.*)$", "", code, flags=re.MULTILINE
    )
