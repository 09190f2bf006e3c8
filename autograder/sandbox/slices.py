"""Finds the statements of a notebook that some names need, by the names that each binds, changes and uses.

Nothing is run. The names that a statement uses come from its compiled code, so a function's own variables do not count.
"""

from __future__ import annotations

import ast
import builtins
import dis
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from types import CodeType

END = 1 << 62
"""The place after the last statement, where a function that is asked runs."""
_LOADS = frozenset(("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"))
_STORES = frozenset(("STORE_NAME", "STORE_GLOBAL"))
_COMPREHENSIONS = frozenset(("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))
_IMPORTS = (ast.Import, ast.ImportFrom)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Statement:
    """A statement at the top level: `at` is its place among all, `cell` the number of its cell."""

    at: int
    cell: int
    node: ast.stmt
    code: CodeType
    binds: set[str] = field(default_factory=set)
    """Names that it gives a value."""
    changes: set[str] = field(default_factory=set)
    """Names whose objects it may change."""
    uses: set[str] = field(default_factory=set)
    """Names that it needs when it runs."""
    later: set[str] = field(default_factory=set)
    """Names that the functions in it need when they run."""

    @property
    def replaces(self) -> bool:
        """Whether the earlier values of its names do not matter after it."""
        return isinstance(self.node, (*_FUNCTIONS, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Import))

    @property
    def imports_all(self) -> bool:
        """Whether it is `from somewhere import *`."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"


def looked_at(at: int, cell: int, node: ast.stmt, code: CodeType) -> Statement:
    """A statement with the names found in its code and its tree."""
    found = Statement(at, cell, node, code)
    found.binds.update(_named(code, _STORES))
    _uses(code, found)
    changed = set(_changed(node))
    called = set(_called(node))
    # `torch.manual_seed(0)` changes nothing that `torch` is needed for; `table.update(…)` does.
    found.changes.update(changed, called)
    return found


def _named(code: CodeType, operations: frozenset[str]) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in operations:
            yield str(instruction.argval)


def _uses(code: CodeType, found: Statement, later: bool = False) -> None:
    (found.later if later else found.uses).update(_named(code, _LOADS))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            runs_now = not inner.co_flags & CO_OPTIMIZED or inner.co_name in _COMPREHENSIONS
            _uses(inner, found, later or not runs_now)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        if not isinstance(one, _FUNCTIONS):
            pending += ast.iter_child_nodes(one)


def _changed(node: ast.stmt) -> Iterator[str]:
    """Yield the roots of `name.attribute = …` and `name[…] = …`, and of `setattr(name, …)`."""
    for one in _outside_functions(node):
        if isinstance(one, (ast.Attribute, ast.Subscript)) and isinstance(one.ctx, (ast.Store, ast.Del)):
            yield from _root(one)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in ("setattr", "delattr"):
            yield from _root(one.args[0]) if one.args else ()


def _called(node: ast.stmt) -> Iterator[str]:
    """Yield the roots of calls `name.method(…)` whose result is not used."""
    for one in _outside_functions(node):
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and isinstance(one.value.func, ast.Attribute):
            yield from _root(one.value.func)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


class Slices:
    """All statements of a notebook; finds those that some names need."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._touching: dict[str, list[Statement]] = {}
        imported = {name for one in statements if isinstance(one.node, _IMPORTS) for name in one.binds}
        for one in statements:
            calls_only = isinstance(one.node, ast.Expr)  # `torch.manual_seed(0)` is not needed for `torch`
            for name in one.binds | (one.changes - imported if calls_only else one.changes):
                self._touching.setdefault(name, []).append(one)

    def needed(self, names: Iterable[str], before: int = END) -> list[Statement]:
        """The statements that these names need at a place, in order."""
        pending = [(name, before) for name in names]
        seen = set(pending)
        chosen: dict[int, Statement] = {}
        unbound = False
        while pending:
            name, place = pending.pop()
            unbound |= name not in self._touching and not hasattr(builtins, name)
            for one in self._reaching(name, place):
                chosen[one.at] = one
                more = {(used, one.at) for used in one.uses} | {(used, at) for used in one.later for at in (place, END)}
                pending += more - seen
                seen |= more
        if unbound:
            chosen |= {one.at: one for one in self._statements if one.imports_all}
        return [chosen[at] for at in sorted(chosen)]

    def _reaching(self, name: str, place: int) -> Iterator[Statement]:
        """Yield the statements before a place that determine a name's value there, the last one first."""
        for one in reversed(self._touching.get(name, ())):
            if one.at < place:
                yield one
                if one.replaces and name in one.binds:
                    return
