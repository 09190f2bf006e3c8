"""Reads a student's file: where the asked function is defined, how often, and with which parameters.

It uses the syntax tree and runs nothing. `handout build` copies this file next to the probes, so that `check.py` says
the same as the feedback; it imports nothing of the kit. Its words are text, and decide no point.
"""

from __future__ import annotations

import ast
import copy
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeAlias

UNFILLED = re.compile(r"Question (\S+) is not implemented yet\.?")
"""The words of a stub, with its question."""
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_LINES = 3

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Asked:
    """A function that a question asks for, as the skeleton has it.

    `target` is `SSLLoss.align_loss`, `signature` is `def align_loss(self, z1, z2)`, `constructor` the same of its
    class, `body` its statements without the docstring.
    """

    question: str
    target: str
    signature: str
    constructor: str
    body: str

    @property
    def unfilled(self) -> str:
        """The words of the stub."""
        return f"Question {self.question} is not implemented yet"


@dataclass(frozen=True)
class _Place:
    """A definition, and the classes, functions and main guards around it, outermost first."""

    node: Definition
    around: tuple[ast.stmt, ...]

    @property
    def target(self) -> str | None:
        """The dotted name under which it can be reached from outside; None if it cannot."""
        if not all(isinstance(outer, ast.ClassDef) for outer in self.around):
            return None
        return ".".join([*(outer.name for outer in self.around if isinstance(outer, ast.ClassDef)), self.node.name])


@lru_cache
def read_asked(skeleton: str) -> dict[str, Asked]:
    """The functions that hold the stubs of a skeleton's file, by question."""
    asked = {}
    places = list(_places(ast.parse(skeleton).body, ()))
    constructors = {place.target: place.node for place in places if place.node.name == "__init__"}
    for place in places:
        target = place.target
        if target is not None and not isinstance(place.node, ast.ClassDef):
            for stub in _stubs(place.node):
                owner = constructors.get(target.rpartition(".")[0] + ".__init__")
                made = _signature(owner) if owner is not None else ""
                body = "\n".join(map(ast.unparse, _statements(place.node)))
                question = _question(stub)
                asked[question] = Asked(question, target, _signature(place.node), made, body)
    return asked


class Source:
    """A student's file, read for facts about the function that is asked for; a broken file gives none."""

    def __init__(self, path: Path, asked: Asked) -> None:
        self.asked = asked
        self.file = path.name
        self._path = path
        self._owner, _, self._name = asked.target.rpartition(".")

    @cached_property
    def _lines(self) -> list[str]:
        try:
            return self._path.read_bytes().decode(errors="replace").splitlines()
        except OSError:
            return []

    @cached_property
    def _places(self) -> list[_Place]:
        """All definitions; none if the file is broken, because its import says why."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return list(_places(ast.parse(self._path.read_bytes()).body, ()))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return []

    @cached_property
    def _reached(self) -> list[_Place]:
        return [place for place in self._places if place.target == self.asked.target]

    @property
    def defines(self) -> bool:
        """Whether the function is in its place."""
        return bool(self._reached)

    @property
    def untouched(self) -> bool:
        """Whether there is the stub in its place and nothing else."""
        last = self._reached[-1].node if self._reached else None
        return last is not None and not self._written(last) and next(_stubs(last), None) is not None

    def beside_stub(self) -> str | None:
        """The reason why the stub was reached although an answer was written; None if no answer was."""
        if not self._reached:
            return None
        last = self._reached[-1].node
        stub = next(_stubs(last), None)
        if self._written(last):
            return f"There is code around the stub's `raise` in line {stub.lineno}. Delete that line." if stub else None
        if any(self._written(place.node) for place in self._reached):
            return self._twice()
        return self.elsewhere(stubbed=True)

    def _twice(self) -> str:
        """The reason if there are several definitions: Python takes the last, and that is the stub."""
        outer = [place.around[-1] if place.around else None for place in self._reached]
        if len(set(outer)) == 1:
            lines = _numbers([place.node.lineno for place in self._reached])
            return f"{self._name} is defined {lines}; Python takes the last one, which is the stub. Delete that one."
        lines = _numbers([node.lineno for node in dict.fromkeys(outer) if isinstance(node, ast.ClassDef)])
        taken = f"Python takes the last one, whose {self._name} is the stub"
        return f"{self._owner} is defined {lines}; {taken}. Delete that one."

    def elsewhere(self, stubbed: bool = False) -> str | None:
        """Say where the function was written instead, and what to do; None if nothing of that name was written.

        `stubbed`: the stub is in the function's place, so a name in other letters is another function.
        """
        for place in self._places:
            name = place.node.name
            alike = name == self._name if stubbed else name.lower() == self._name.lower()
            if alike and place.target != self.asked.target and self._written(place.node):
                return self._misplaced(place, stubbed)
        return None

    def _misplaced(self, place: _Place, stubbed: bool) -> str | None:
        name, line = place.node.name, place.node.lineno
        guard = next((outer for outer in place.around if isinstance(outer, ast.If)), None)
        function = next((outer for outer in reversed(place.around) if isinstance(outer, Function)), None)
        if guard is not None:
            return (
                f"{name} is defined under `if __name__ …` (line {line}), which does not run when the file is "
                "imported. Move it out of there."
            )
        if function is not None:
            return f"{name} stands inside {function.name} (line {line}). Move it out of there."
        target = place.target or ""
        if target.lower() == self.asked.target.lower():
            wanted, theirs = self._first_difference(target)
            start = place.around[0].lineno if wanted == self._owner else line
            there = f"{self.file} does not define {wanted}; it defines {theirs} (line {start})"
            return f"{there}, and capital letters count. Rename it."
        if not place.around:
            return f"{name} stands at the margin (line {line}), not in {self._owner}. Indent it into the class."
        if stubbed or _parameters(place.node) != _parameters_of(self.asked.signature):
            return None  # a method of this name in a class of its own
        wanted = f"not in {self._owner}" if self._owner else "not at the margin"
        return f"{name} stands in {target.rpartition('.')[0]} (line {line}), {wanted}. Move it there."

    def _first_difference(self, target: str) -> tuple[str, str]:
        pairs = zip(self.asked.target.split("."), target.split("."), strict=True)
        return next((wanted, theirs) for wanted, theirs in pairs if wanted != theirs)

    def other_signature(self) -> bool:
        """Whether the function cannot be called as the stub can."""
        node = self._reached[-1].node if self._reached else None
        if node is None or isinstance(node, ast.ClassDef):
            return False
        wanted, arguments = _parameters_of(self.asked.signature), node.args
        theirs = [*arguments.posonlyargs, *arguments.args]
        needed = len(theirs) - len(arguments.defaults)
        named = any(default is None for default in arguments.kw_defaults)
        return named or needed > len(wanted) or (len(theirs) < len(wanted) and arguments.vararg is None)

    def reordered(self) -> bool:
        """Whether the function takes the stub's parameters in another order."""
        if not self._reached:
            return False
        wanted = _parameters_of(self.asked.signature)
        theirs = _parameters(self._reached[-1].node)[: len(wanted)]
        return theirs != wanted and sorted(theirs) == sorted(wanted)

    def in_place(self) -> Iterator[str]:
        """Yield the first lines of the function that change something in place, as a trace shows them."""
        found = [node for place in self._reached[-1:] for node in ast.walk(place.node) if _changes(node)]
        for line in sorted({getattr(node, "lineno", 0) for node in found})[:_LINES]:
            if 0 < line <= len(self._lines):
                yield f"{self.file}, line {line}, in {self._name}: {self._lines[line - 1].strip()}"

    def _written(self, node: Definition) -> bool:
        """Whether a definition holds more than a docstring, `pass` and a stub."""
        if isinstance(node, ast.ClassDef):
            return False
        rest = [one for one in _statements(node) if not isinstance(one, ast.Pass) and not _question(one)]
        return bool(rest) and "\n".join(map(ast.unparse, _statements(node))) != self.asked.body


def _places(body: Sequence[ast.AST], around: tuple[ast.stmt, ...]) -> Iterator[_Place]:
    for node in body:
        if isinstance(node, Definition):
            yield _Place(node, around)
            yield from _places(node.body, (*around, node))
            continue
        inside = (*around, node) if isinstance(node, ast.If) and _is_guard(node) else around
        for block in _BLOCKS:
            yield from _places(getattr(node, block, None) or (), inside if block == "body" else around)


def _is_guard(node: ast.If) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test))


def _statements(node: Definition) -> list[ast.stmt]:
    """A definition's statements without its docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if documented else node.body


def _stubs(node: Definition) -> Iterator[ast.stmt]:
    """Yield the stubs of a function itself, not those of functions defined in it."""
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop(0)
        if isinstance(one, ast.Raise) and _question(one):
            yield one
        if not isinstance(one, Definition):
            pending += [inner for block in _BLOCKS for inner in getattr(one, block, None) or ()]


def _question(node: ast.stmt) -> str:
    """The question that a stub's `raise` names; empty for anything else."""
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"), args=[ast.Constant(value=str(text))])):
            found = UNFILLED.fullmatch(text)
            return found[1] if found else ""
    return ""


def _signature(node: Definition) -> str:
    """`def name(parameters)`, without annotations."""
    assert not isinstance(node, ast.ClassDef)
    arguments = copy.deepcopy(node.args)
    for one in ast.walk(arguments):
        if isinstance(one, ast.arg):
            one.annotation = None
    return f"def {node.name}({ast.unparse(arguments)})"


def _parameters_of(signature: str) -> list[str]:
    """The names in a `def name(parameters)`."""
    node = ast.parse(f"{signature}: ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    return _parameters(node)


def _parameters(node: Definition) -> list[str]:
    if isinstance(node, ast.ClassDef):
        return []
    return [one.arg for one in (*node.args.posonlyargs, *node.args.args)]


def _changes(node: ast.AST) -> bool:
    """Whether a statement or call looks like one that changes something in place."""
    match node:
        case ast.AugAssign():
            return True
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Subscript) for target in targets)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name.endswith("_") and not name.endswith("__")
    return False


def _numbers(lines: Sequence[int]) -> str:
    """`twice, in lines 3 and 8`, or `3 times, in lines 3, 8 and 9`."""
    times = "twice" if len(lines) == 2 else f"{len(lines)} times"
    return f"{times}, in lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}"
