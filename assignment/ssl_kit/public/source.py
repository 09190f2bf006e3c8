"""Reads a student's file: where the asked function is defined, how often, and with which parameters.

It uses the syntax tree and runs nothing. `handout build` copies this file next to the probes, so that `check.py` says
the same as the feedback; it imports `definitions.py` alone. Its words are text, and decide no point.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from pathlib import Path

from ssl_kit.public.definitions import (
    Definition,
    Function,
    Place,
    changes,
    parameters,
    parameters_of,
    places_in,
    question_of,
    signature_of,
    statements,
    stubs,
)

_LINES = 3
_ALIKE = 0.75
"""How much a mistyped name is like the right one, at least; no two names of the skeleton with equal parameters are."""


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


@lru_cache
def read_asked(skeleton: str) -> dict[str, Asked]:
    """The functions that hold the stubs of a skeleton's file, by question."""
    asked = {}
    places = list(places_in(ast.parse(skeleton).body, ()))
    constructors = {place.target: place.node for place in places if place.node.name == "__init__"}
    for place in places:
        target = place.target
        if target is not None and not isinstance(place.node, ast.ClassDef):
            for stub in stubs(place.node):
                owner = constructors.get(target.rpartition(".")[0] + ".__init__")
                made = signature_of(owner) if owner is not None else ""
                body = "\n".join(map(ast.unparse, statements(place.node)))
                question = question_of(stub)
                asked[question] = Asked(question, target, signature_of(place.node), made, body)
    return asked


class Source:
    """A student's file, read for facts about the function that is asked for; a broken file gives none."""

    def __init__(self, path: Path, asked: Asked, read: Callable[[Path], bytes] = Path.read_bytes) -> None:
        self.asked = asked
        self._read = read
        self.file = path.name
        self._path = path
        self._owner, _, self._name = asked.target.rpartition(".")

    @cached_property
    def _lines(self) -> list[str]:
        try:
            return self._read(self._path).decode(errors="replace").splitlines()
        except OSError:
            return []

    @cached_property
    def _places(self) -> list[Place]:
        """All definitions; none if the file is broken, because its import says why."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return list(places_in(ast.parse(self._read(self._path)).body, ()))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return []

    @cached_property
    def _reached(self) -> list[Place]:
        return [place for place in self._places if place.target == self.asked.target]

    @property
    def defines(self) -> bool:
        """Whether the function is in its place."""
        return bool(self._reached)

    @property
    def untouched(self) -> bool:
        """Whether there is the stub in its place and nothing else."""
        last = self._reached[-1].node if self._reached else None
        return last is not None and not self._written(last) and next(stubs(last), None) is not None

    def beside_stub(self) -> str | None:
        """The reason why the stub was reached although an answer was written; None if no answer was."""
        if not self._reached:
            return None
        last = self._reached[-1].node
        stub = next(stubs(last), None)
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
        near = [] if stubbed else [place for place in self._places if self._is_mistyped(place)]
        return self._misnamed(max(near, key=self._likeness)) if near else None

    def _is_mistyped(self, place: Place) -> bool:
        """Whether a function was written under a name that is almost the asked one."""
        if place.target == self.asked.target or not self._written(place.node):
            return False
        return parameters(place.node) == parameters_of(self.asked.signature) and self._likeness(place) >= _ALIKE

    def _likeness(self, place: Place) -> float:
        """How much a name is like the asked one, from 0 to 1 (equal but for capital letters)."""
        wanted, theirs = (name.lower().split(".") for name in (self.asked.target, place.target or ""))
        if len(wanted) != len(theirs) or (wanted[:-1] != theirs[:-1] and self._has_owner):
            return 0.0
        return min(SequenceMatcher(None, *pair).ratio() for pair in zip(wanted, theirs, strict=True))

    @property
    def _has_owner(self) -> bool:
        return any(place.target == self._owner for place in self._places)

    def _misnamed(self, place: Place) -> str:
        target = place.target or ""
        wanted, theirs = self._first_difference(target)
        line = place.around[0].lineno if wanted == self._owner else place.node.lineno
        letters = ", and capital letters count" if target.lower() == self.asked.target.lower() else ""
        return f"{self.file} does not define {wanted}; it defines {theirs} (line {line}){letters}. Rename it."

    def _misplaced(self, place: Place, stubbed: bool) -> str | None:
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
        if self._likeness(place) >= _ALIKE:
            return self._misnamed(place)
        if not place.around:
            return f"{name} stands at the margin (line {line}), not in {self._owner}. Indent it into the class."
        if stubbed or parameters(place.node) != parameters_of(self.asked.signature):
            return None  # a method of this name in a class of its own
        wanted = f"not in {self._owner}" if self._owner else "not at the margin"
        owner = (place.target or "").rpartition(".")[0]
        return f"{name} stands in {owner} (line {line}), {wanted}. Move it there."

    def _first_difference(self, target: str) -> tuple[str, str]:
        pairs = zip(self.asked.target.split("."), target.split("."), strict=True)
        return next((wanted, theirs) for wanted, theirs in pairs if wanted != theirs)

    def other_signature(self) -> bool:
        """Whether the function cannot be called as the stub can."""
        node = self._reached[-1].node if self._reached else None
        if node is None or isinstance(node, ast.ClassDef):
            return False
        wanted, arguments = parameters_of(self.asked.signature), node.args
        theirs = [*arguments.posonlyargs, *arguments.args]
        needed = len(theirs) - len(arguments.defaults)
        named = any(default is None for default in arguments.kw_defaults)
        return named or needed > len(wanted) or (len(theirs) < len(wanted) and arguments.vararg is None)

    def reordered(self) -> bool:
        """Whether the function takes the stub's parameters in another order."""
        if not self._reached:
            return False
        wanted = parameters_of(self.asked.signature)
        theirs = parameters(self._reached[-1].node)[: len(wanted)]
        return theirs != wanted and sorted(theirs) == sorted(wanted)

    def in_place(self) -> Iterator[str]:
        """Yield the first lines of the function that change something in place, as a trace shows them."""
        found = [node for place in self._reached[-1:] for node in ast.walk(place.node) if changes(node)]
        for line in sorted({getattr(node, "lineno", 0) for node in found})[:_LINES]:
            if 0 < line <= len(self._lines):
                yield f"{self.file}, line {line}, in {self._name}: {self._lines[line - 1].strip()}"

    def _written(self, node: Definition) -> bool:
        """Whether a definition holds more than a docstring, `pass` and a stub."""
        if isinstance(node, ast.ClassDef):
            return False
        rest = [one for one in statements(node) if not isinstance(one, ast.Pass) and not question_of(one)]
        return bool(rest) and "\n".join(map(ast.unparse, statements(node))) != self.asked.body


def _numbers(lines: Sequence[int]) -> str:
    """`twice, in lines 3 and 8`, or `3 times, in lines 3, 8 and 9`."""
    times = "twice" if len(lines) == 2 else f"{len(lines)} times"
    return f"{times}, in lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}"
