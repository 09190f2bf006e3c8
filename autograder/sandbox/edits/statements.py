"""Changes of a statement: left out, elsewhere, in a block or out of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from autograder.sandbox.edits.scope import SIGNS, Change, Operator, Scope

_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return)


def without(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield `pass` instead of a statement; an assignment instead of an update in place (`+=`), and the reverse."""
    if not isinstance(node, _SIMPLE) or _is_docstring(node):
        return
    start, end = scope.written.span(node)
    yield start, end, "pass", "statement"
    if isinstance(node, ast.AugAssign):
        target, value = scope.written.text(node.target), scope.text(node.value)
        yield start, end, f"{target} = {value}", "in place"
        others = (sign for sign in "+-*/" if sign != SIGNS.get(type(node.op)))
        yield from ((start, end, f"{target} {sign}= {value}", "operator") for sign in others)
    if (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name | ast.Subscript)
    ):
        target, value = scope.written.text(node.targets[0]), scope.written.text(node.value)
        yield from ((start, end, f"{target} {sign}= {value}", "operator") for sign in "+-*/")
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))) if name in scope.variables:
            yield start, end, f"{name} = {scope.written.text(node.value)}", "in place"


def moved(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield two statements exchanged; the last one of a block moved behind it, or the one behind a block into it."""
    for body in _bodies(node):
        for one, following in pairwise(body):
            if not _is_docstring(one):
                yield _exchanged(one, following, scope)
            if isinstance(one, ast.For | ast.With | ast.If | ast.While) and isinstance(following, _SIMPLE):
                start, end = scope.written.span(one)[1], scope.written.span(following)[1]
                yield start, end, _on_own_line(following, one.body[0].col_offset, scope), "block"
        for one in body:
            if isinstance(one, ast.For | ast.With | ast.If | ast.While) and len(one.body) > 1:
                if getattr(one, "orelse", None):
                    continue
                start, end = scope.written.span(one.body[-2])[1], scope.written.span(one.body[-1])[1]
                yield start, end, _on_own_line(one.body[-1], one.col_offset, scope), "block"


def wrapped(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield a statement without gradients, or the body of a block without the block."""
    if isinstance(node, ast.With | ast.For | ast.If) and not getattr(node, "orelse", None):
        start, end = scope.written.span(node)
        lines = [_at(one, node.col_offset, scope) for one in node.body]
        yield start, end, ("\n" + " " * node.col_offset).join(lines), "block"
    if isinstance(node, (*_SIMPLE, ast.For)) and not _is_docstring(node) and not isinstance(node, ast.Return):
        start, end = scope.written.span(node)
        inner = " " * (node.col_offset + 4)
        yield start, end, f"with torch.no_grad():\n{inner}{_at(node, node.col_offset + 4, scope)}", "constant"


OPERATORS: Sequence[Operator] = (without, moved, wrapped)


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield body


def _exchanged(one: ast.stmt, following: ast.stmt, scope: Scope) -> Change:
    start, end = scope.written.span(one)[0], scope.written.span(following)[1]
    first, second = scope.written.text(one), scope.written.text(following)
    return start, end, f"{second}\n{' ' * one.col_offset}{first}", "order"


def _on_own_line(node: ast.stmt, column: int, scope: Scope) -> str:
    return f"\n{' ' * column}{_at(node, column, scope)}"


def _at(node: ast.stmt, column: int, scope: Scope) -> str:
    """A statement's text, its further lines indented to begin at a column."""
    first, *rest = scope.written.text(node).split("\n")
    shift = column - node.col_offset
    moved_lines = [
        " " * shift + line if shift > 0 else line[-shift:] if line[:-shift].isspace() else line for line in rest
    ]
    return "\n".join([first, *moved_lines])


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
