"""Lists every small change of a function's own lines that may be its repair. `repair` tries them one by one.

Each change replaces a piece of text, so that the rest stays as the student wrote it. It need not make sense: one that
is not Python, or that raises, is wrong like any other. The modules next to this one list the changes of each kind of
node.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from autograder.core.settings import CELLS
from autograder.sandbox.edits.expressions import OPERATORS
from autograder.sandbox.edits.scope import Scope
from autograder.sandbox.edits.statements import OPERATORS as OF_STATEMENTS

MOST = 1500
"""The most changes of one question that are tried."""
MOST_LETTERS = 1000
"""The most letters of one change: a longer one is not small."""
_MOST_BYTES = 256 * 1024
"""The most bytes of a file; nobody writes more by hand."""
_MOST_NODES = 3000
"""The most nodes of a function's syntax tree."""

_MAGIC = re.compile(r"^([ \t]*)[%!]", re.MULTILINE)
"""The beginning of a line that only IPython reads: for the parser it becomes a comment."""

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Edit:
    """`text` instead of the bytes from `start` to `end`; `kind` is one of `scope.KINDS`."""

    start: int
    end: int
    text: str
    kind: str


@dataclass(frozen=True)
class Place:
    """A function of a file as `SSLLoss.align_loss`, and the bytes of its lines, from `def` to its end."""

    target: str
    start: int
    end: int
    node: Function


class File:
    """A student's file and the functions in it; one that is broken, or too large, has none."""

    def __init__(self, data: bytes) -> None:
        self.data = in_lines(data)
        self.functional = "torch.nn.functional"
        self._starts = [0]
        for line in self.data.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.places = {} if len(data) > _MOST_BYTES else {place.target: place for place in self._functions()}

    def edits(self, target: str, given: File) -> list[Edit]:
        """The changes of the function that is asked for, then those of the student's own functions that it calls.

        `given` is the file as handed out: its code is not the student's to mend.
        """
        found: dict[tuple[int, int, str], Edit] = {}
        handed_out = {ast.dump(place.node) for place in given.places.values()}
        for place in self._reached(target):
            if ast.dump(place.node) not in handed_out:
                for edit in self._changes(place):
                    found.setdefault((edit.start, edit.end, edit.text), edit)
        return [edit for edit in found.values() if len(edit.text) <= MOST_LETTERS][:MOST]

    def changed(self, edits: Sequence[Edit]) -> dict[str, str]:
        """The new lines of each function that some changes are in, by its name; raises ValueError if they overlap."""
        touched = {}
        for place in self.places.values():
            inside = [edit for edit in edits if place.start <= edit.start and edit.end <= place.end]
            if inside:
                touched[place.target] = apply(self.data, inside, place.start, place.end).decode()
        return touched

    def _functions(self) -> Iterator[Place]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                text = self.data.decode()  # in another encoding the places would differ
                body = ast.parse(_MAGIC.sub(r"\1#", text)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in body:
            match node:
                case ast.Import(names=[ast.alias(name="torch.nn.functional", asname=str(name))]):
                    self.functional = name
                case ast.ImportFrom(module="torch.nn", names=[ast.alias(name="functional") as alias]):
                    self.functional = alias.asname or "functional"
            if isinstance(node, ast.ClassDef):
                yield from (
                    self._place(f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, Function)
                )
            elif isinstance(node, Function):
                yield self._place(node.name, node)

    def _place(self, target: str, node: Function) -> Place:
        return Place(target, self._starts[node.lineno - 1], self.span(node)[1], node)

    def _reached(self, target: str) -> list[Place]:
        """The function, and the functions of the same file that it names, directly or through others."""
        found = [self.places[target]] if target in self.places else []
        for place in found:
            named = {node.id for node in ast.walk(place.node) if isinstance(node, ast.Name)}
            named |= {node.attr for node in ast.walk(place.node) if isinstance(node, ast.Attribute)}
            found += [
                other
                for other in self.places.values()
                if other not in found and other.target.rpartition(".")[2] in named
            ]
        return found

    def _changes(self, place: Place) -> Iterator[Edit]:
        nodes = [place.node, *(node for part in (place.node.args, *place.node.body) for node in _walk(part))]
        if len(nodes) > _MOST_NODES:
            return
        scope = Scope(self, place.node, nodes, self._class_of(place))
        for kind_of_change in (*OF_STATEMENTS, *OPERATORS):
            for node in nodes:
                for first, last, text, kind in kind_of_change(node, scope):
                    yield Edit(first, last, text, kind)

    def _class_of(self, place: Place) -> list[Function]:
        owner = place.target.rpartition(".")[0]
        return [other.node for other in self.places.values() if owner and other.target.startswith(f"{owner}.")]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The begin and the end of a node's text, in bytes."""
        # Only expressions and statements are asked for, and all of them have a place.
        first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        start, end = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        return self._starts[first - 1] + start, self._starts[last - 1] + end

    def text(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def enclosed(self, node: ast.AST) -> bool:
        """Whether brackets stand around a node."""
        start, end = self.span(node)
        return self.data[start - 1 : start] == b"(" and self.data[end : end + 1] == b")"


def pieces(path: Path, data: bytes, name: str) -> list[tuple[str, bytes]]:
    """A file as one piece called `name`, or the cells of a notebook that stands in for it, named by their numbers."""
    if path.suffix != CELLS:
        return [(name, in_lines(data))]
    notebook = json.loads(data)
    cells = ((f"{notebook['notebook']}, cell {number}", text) for number, text in notebook["cells"])
    return [(name, in_lines(text.encode("utf-8", "replace"))) for name, text in cells]


def joined(path: Path, data: bytes, number: int, piece: bytes) -> bytes:
    """A file with another text instead of one of its pieces."""
    if path.suffix != CELLS:
        return piece
    notebook = json.loads(data)
    notebook["cells"][number][1] = piece.decode()
    return json.dumps(notebook).encode()


def in_lines(data: bytes) -> bytes:
    """A file with the line ends that Python's parser counts."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def apply(data: bytes, edits: Sequence[Edit], start: int = 0, end: int | None = None) -> bytes:
    """The bytes from `start` to `end` with some changes made; raises ValueError if two overlap."""
    pieces, at = [], start
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < at:
            raise ValueError("two changes overlap")
        pieces += [data[at : edit.start], edit.text.encode()]
        at = edit.end
    return b"".join([*pieces, data[at : len(data) if end is None else end]])


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Walk as `ast.walk` does, in the order of the text; f-strings and annotations are left out."""
    yield node
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.JoinedStr) or name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)
