"""Finds the statements of a notebook that some functions need, by names alone: what else it holds may differ.

Nothing is parsed: a parser of Python can be made to use any amount of memory. What is in doubt counts as needed. The
sandbox does the same on parsed code, so that what is left out here is never run there.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.collect.scripts import LINE_END

QUIET = re.compile(r"\s*%%(?:time|timeit|capture)\b")
"""Magics of a cell whose other lines are Python."""
FOREIGN = re.compile(r"\s*%%")
RUNS = re.compile(r"\s*%(?:run|load|loadpy)\b")
SHELL = re.compile(r"\s*[%!?]")
STRINGS = re.compile(
    r"((?<!\w)(?:[fF][rR]?|[rR][fF]))?(\"\"\"[\s\S]*?(?:\"\"\"|\Z)|\'\'\'[\s\S]*?(?:\'\'\'|\Z)"
    r"|\"(?:\\[\s\S]|[^\"\\\n])*+\"?|'(?:\\[\s\S]|[^'\\\n])*+'?)|#[^\n]*"
)
"""A string, with the prefix of one that holds code, or a comment. One that is not closed ends with its line or text."""
SIGNS = re.compile(r"[(\[{]|[)\]}]|\n|[<>=!:]=|=|;")
NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
FUNCTION = re.compile(r"\s*(?:async\s+)?def\s+(\w+)")
PARAMETER = re.compile(r"[(,]\s*+\**+\s*+(\w+)")
IMPORT = re.compile(r"\s*(?:from\s[^\n]*?\s)?import\s+(.*)", re.DOTALL)
BOUND = re.compile(
    r"\b(?:def|class|as)\s+(\w+)|\b(\w++)\s*+:=|\bfor\s++(\S.{0,200}?)\sin\b"
    r"|\b(?:set|del)attr\(\s*(\w+)|\bdel\s+([\w, ]+)"
)
ROUND_NAMES = " \n()[]*+-/@%&|^<>\\"


@dataclass(frozen=True)
class _Line:
    """A logical line: its indentation, its text without strings, and the text before its last `=`."""

    number: int
    depth: int
    text: str
    left: str

    @property
    def imports(self) -> set[str]:
        """The names that it imports, `*` among them."""
        found = IMPORT.match(self.text)
        parts = [part.strip(" \n()\\") for part in found[1].split(",")] if found else []
        return {part.rpartition(" ")[2] if " as " in part else part.partition(".")[0] for part in parts}

    @property
    def bound(self) -> set[str]:
        """The names that it gives a value, as far as they are plain names."""
        found = {name for groups in BOUND.findall(self.text) for part in groups for name in NAME.findall(part)}
        targets = (part.split(":")[0].strip(ROUND_NAMES) for part in re.split("[=,]", self.left))
        return found | self.imports | {name for name in targets if NAME.fullmatch(name)}


@dataclass
class _Statement:
    text: str
    lines: list[_Line]
    uses: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    """Names that it binds, or whose objects it may change; `*` if they are not known."""
    chosen: bool = False


def needed(cells: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """The texts of the statements that these names need, in order, without comments and blank lines."""
    statements = [one for cell in cells for one in _statements(cell)]
    imported = {name for one in statements for line in one.lines for name in line.imports}
    for one in statements:
        _look(one, imported)
    changing: dict[str, list[_Statement]] = {}
    for one in statements:
        for name in one.changes:
            changing.setdefault(name, []).append(one)
    pending, seen = ["*", *names], set[str]()
    while pending:
        name = pending.pop()
        for one in () if name in seen else changing.get(name, ()):
            if not one.chosen:
                one.chosen = True
                pending += one.uses
        seen.add(name)
    return tuple(one.text for one in statements if one.chosen)


def _statements(cell: str) -> Iterator[_Statement]:
    """Yield the statements at the margin of a cell; what is not Python has no lines."""
    if QUIET.match(cell):
        cell = cell.lstrip().partition("\n")[2]
    if FOREIGN.match(cell):
        yield _Statement(cell, [], changes={"*"})
        return
    lines = LINE_END.split(cell)
    yield from (_Statement(line, [], changes={"*"}) for line in lines if RUNS.match(line))
    lines = ["" if SHELL.match(line) else line for line in lines]
    logical = list(_logical("\n".join(lines)))
    starts = [at for at, one in enumerate(logical) if not one.depth and not (at and logical[at - 1].text[:1] == "@")]
    starts = sorted({0, *starts})
    for start, end in zip(starts, [*starts[1:], len(logical)], strict=True) if logical else ():
        last = logical[end].number if end < len(logical) else len(lines)
        code = [line.rstrip() for line in lines[logical[start].number : last]]
        text = "\n".join(line for line in code if line and not line.lstrip().startswith("#"))
        yield _Statement(text, logical[start:end])


def _logical(text: str) -> Iterator[_Line]:
    """Yield the lines of code, those in brackets joined, and each statement behind a semicolon on its own."""
    plain = STRINGS.sub(_emptied, text)
    start = number = first = depth = 0
    equals = -1
    indent = 0
    for sign in SIGNS.finditer(plain + "\n"):
        if sign[0] in "([{":
            depth += 1
        elif sign[0] in ")]}":
            depth = max(0, depth - 1)
        elif sign[0] == "=" and not depth:
            equals = sign.start()
        elif sign[0] == ";" or (sign[0] == "\n" and not depth and plain[sign.start() - 1 : sign.start()] != "\\"):
            line = plain[start : sign.start()]
            if line.strip():
                if not start or plain[start - 1] == "\n":
                    indent = len(line) - len(line.lstrip())
                yield _Line(first, indent, line, plain[start:equals] if equals >= start else "")
            start, equals = sign.end(), -1
            first = number + (sign[0] == "\n")
        number += sign[0] == "\n"


def _emptied(found: re.Match[str]) -> str:
    """Brackets with as many line ends as a string, and with the names in one that holds code; a comment is dropped."""
    if found[2] is None:
        return ""
    names = " ".join(NAME.findall(found[2])) if found[1] else ""
    return f"({names}{chr(10) * found[0].count(chr(10))})"


def _look(one: _Statement, imported: set[str]) -> None:
    """Find the names that a statement uses, and those that it binds or whose objects it may change."""
    at = 0
    while at < len(one.lines):
        line = one.lines[at]
        if function := FUNCTION.match(line.text):
            after = range(at + 1, len(one.lines))
            end = next((i for i in after if one.lines[i].depth <= line.depth), len(one.lines))
            one.changes.add(function[1])
            one.uses |= _free(one.lines[at:end])
            at = end
            continue
        names = [] if line.imports else NAME.findall(line.text)
        one.uses |= set(names)
        first = {name for name in names[:1] if not keyword.iskeyword(name) and name not in imported}
        one.changes |= first | line.bound | set(NAME.findall(line.left)) | ({"*"} & line.imports)
        at += 1


def _free(body: Sequence[_Line]) -> set[str]:
    """The names that a function uses and does not bind."""
    head, *lines = body
    own = set(PARAMETER.findall(head.text)) | {name for line in lines for name in line.bound}
    own -= {name for line in lines if line.text.lstrip().startswith("global ") for name in NAME.findall(line.text)}
    used = {name for line in body for name in NAME.findall(line.text)}
    return used - own
