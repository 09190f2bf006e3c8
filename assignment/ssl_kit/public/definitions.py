"""Finds the definitions in a student's file by its syntax tree: what stands where, with which parameters and stubs.

`source.py` judges by it. Students get a copy of both, which import nothing of the kit.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

UNFILLED = re.compile(r"Question (\S+) is not implemented yet\.?")
"""The words of a stub, with its question."""
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Place:
    """A definition, and the classes, functions and main guards around it, outermost first."""

    node: Definition
    around: tuple[ast.stmt, ...]

    @property
    def target(self) -> str | None:
        """The dotted name under which it can be reached from outside; None if it cannot."""
        if not all(isinstance(outer, ast.ClassDef) for outer in self.around):
            return None
        return ".".join([*(outer.name for outer in self.around if isinstance(outer, ast.ClassDef)), self.node.name])


def places_in(body: Sequence[ast.AST], around: tuple[ast.stmt, ...]) -> Iterator[Place]:
    """Yield all definitions in a body, those inside of others too; `around` is what stands around the body."""
    for node in body:
        if isinstance(node, Definition):
            yield Place(node, around)
            yield from places_in(node.body, (*around, node))
            continue
        inside = (*around, node) if isinstance(node, ast.If) and _is_guard(node) else around
        for block in _BLOCKS:
            yield from places_in(getattr(node, block, None) or (), inside if block == "body" else around)


def _is_guard(node: ast.If) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test))


def statements(node: Definition) -> list[ast.stmt]:
    """A definition's statements without its docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if documented else node.body


def stubs(node: Definition) -> Iterator[ast.stmt]:
    """Yield the stubs of a function itself, not those of functions defined in it."""
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop(0)
        if isinstance(one, ast.Raise) and question_of(one):
            yield one
        if not isinstance(one, Definition):
            pending += [inner for block in _BLOCKS for inner in getattr(one, block, None) or ()]


def question_of(node: ast.stmt) -> str:
    """The question that a stub's `raise` names; empty for anything else."""
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"), args=[ast.Constant(value=str(text))])):
            found = UNFILLED.fullmatch(text)
            return found[1] if found else ""
    return ""


def signature_of(node: Definition) -> str:
    """`def name(parameters)`, without annotations."""
    assert not isinstance(node, ast.ClassDef)
    arguments = copy.deepcopy(node.args)
    for one in ast.walk(arguments):
        if isinstance(one, ast.arg):
            one.annotation = None
    return f"def {node.name}({ast.unparse(arguments)})"


def parameters_of(signature: str) -> list[str]:
    """The names in a `def name(parameters)`."""
    node = ast.parse(f"{signature}: ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    return parameters(node)


def parameters(node: Definition) -> list[str]:
    """The names of the parameters that may be given by place; a class has none."""
    if isinstance(node, ast.ClassDef):
        return []
    return [one.arg for one in (*node.args.posonlyargs, *node.args.args)]


def changes(node: ast.AST) -> bool:
    """Whether a statement or call looks like one that changes something in place."""
    match node:
        case ast.AugAssign():
            return True
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Subscript) for target in targets)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name.endswith("_") and not name.endswith("__")
    return False
