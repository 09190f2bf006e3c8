"""Changes of an expression: each operator yields the texts that may replace a node."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.sandbox.edits.calls import attributes, calls
from autograder.sandbox.edits.scope import SIGNS, Change, Operator, Scope

_OTHER_SIGNS = {
    "+": "-*@", "-": "+*", "*": "/+@", "/": "*-+", "@": "*", "**": "*", "//": "/%", "%": "/",
    "&": "|^", "|": "&^", "^": "&|",
}  # fmt: skip
_COMPARISONS = (("==", "!=", "<", "<=", ">", ">="), ("is", "is not"), ("in", "not in"))
_OTHER_TEXTS = {
    "mean": ("sum", "none"),
    "sum": ("mean", "none"),
    "none": ("mean", "sum"),
    "-inf": ("inf",),
    "inf": ("-inf",),
}
_LARGEST = 1e12
"""The largest number that is changed at all."""
_AXES = ("dim", "axis", "dim0", "dim1")
_WRAPPED = {
    "-{}": "sign",
    "{}.detach()": "constant",
    "{}.T": "missing",
    "1 - {}": "missing",
    "{} / 2": "factor",
    "2 * {}": "factor",
    "{} / len({first})": "factor",
    "{} + len({first})": "missing",
    "{functional}.normalize({}, dim=1)": "missing",
    "{}.mean()": "missing",
    "{}.sum()": "missing",
    "{}.exp()": "missing",
    "{}.log()": "missing",
    "{}.sqrt()": "missing",
    "{}.square()": "missing",
    "{}.softmax(dim=1)": "missing",
    "{}.clone()": "in place",
    "{} + 1": "number",
    "{} - 1": "number",
}
"""Steps around a value that may have been left out, each with its kind."""
_OF_NAMES = {"len({})": "missing", "{} @ {}.T": "missing"}
"""Such steps around a variable."""


def constants(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield another axis, number or text, or the other of two switches."""
    parent = scope.parents.get(node)
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            value: object = -number
        case ast.Constant() if not isinstance(parent, ast.Expr | ast.UnaryOp):
            value = node.value
        case _:
            return
    if isinstance(value, bool):
        yield scope.put(node, str(not value), "switch")
    elif isinstance(value, int | float) and abs(value) < _LARGEST:
        kind = "axis" if _is_axis(node, scope) else "number"
        near = [value + 1, value - 1, -value, 2 * value, value / 2, 10 * value, value / 10, 1 - value, 0, 1, -1, 2]
        if isinstance(value, int):
            near = [int(one) if one == int(one) else one for one in near]
        texts = [*map(repr, near), *scope.numbers, *scope.unused, *(["None"] if kind == "axis" else [])]
        yield from (scope.put(node, text, kind) for text in dict.fromkeys(texts) if text != repr(value))
    elif isinstance(value, str):
        texts = [*_OTHER_TEXTS.get(value, ()), *scope.texts]
        yield from (scope.put(node, repr(text), "text") for text in dict.fromkeys(texts) if text != value)


def _is_axis(node: ast.AST, scope: Scope) -> bool:
    parent = scope.parents.get(node)
    if isinstance(parent, ast.keyword):
        return parent.arg in _AXES
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute)


def signs(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield another operator, the operands exchanged, one of them alone, or the sign left out."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield scope.put(node, scope.text(node.operand), "condition" if isinstance(node.op, ast.Not) else "sign")
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        left, right, sign = scope.text(node.left), scope.text(node.right), SIGNS[type(node.op)]
        yield from (scope.put(node, f"{left} {other} {right}", "operator") for other in _OTHER_SIGNS.get(sign, ""))
        yield scope.put(node, f"{right} {sign} {left}", "operator")
        yield from (scope.put(node, text, "term") for text in (left, right))
        if sign == "@":
            yield scope.put(node, f"{left} @ {right}.T", "missing")
        if sign in "*/":  # a * (b + c) instead of a * b + c, and the reverse
            yield from _regrouped(node, scope)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right, sign = scope.text(node.left), scope.text(node.comparators[0]), SIGNS[type(node.ops[0])]
        others = next(group for group in _COMPARISONS if sign in group)
        yield from (scope.put(node, f"{left} {other} {right}", "comparison") for other in others if other != sign)
    if isinstance(node, ast.BoolOp):
        values = [scope.text(value) for value in node.values]
        joined = " or " if isinstance(node.op, ast.And) else " and "
        yield scope.put(node, joined.join(values), "condition")
        yield from (scope.put(node, value, "condition") for value in values)


def _regrouped(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """Yield a factor applied to the whole of a sum instead of one term, or to one term instead of the whole."""
    sign, right = SIGNS[type(node.op)], scope.text(node.right)
    if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Add | ast.Sub):
        inner = node.left
        first, second, between = scope.text(inner.left), scope.text(inner.right), SIGNS[type(inner.op)]
        yield scope.put(node, f"{first} {between} {second} {sign} {right}", "operator")
    parent = scope.parents.get(node)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub) and parent.right is node:
        first, between = scope.text(parent.left), SIGNS[type(parent.op)]
        yield scope.put(parent, f"({first} {between} {scope.text(node.left)}) {sign} {right}", "operator")


def conditions(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield the other branch, always the same branch, or the test negated."""
    if isinstance(node, ast.IfExp):
        body, test, other = (scope.text(part) for part in (node.body, node.test, node.orelse))
        texts = (f"{other} if {test} else {body}", body, other)
        yield from (scope.put(node, text, "condition") for text in texts)
    if isinstance(node, ast.If | ast.While):
        yield scope.put(node.test, f"not {scope.text(node.test)}", "condition")


def names(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield another variable."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id not in scope.variables:
        return
    if node.id != "self":
        others = [other for other in (*scope.variables, *scope.unused) if other not in (node.id, "self")]
        yield from (scope.put(node, other, "variable") for other in dict.fromkeys(others))


def indices(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield the whole object instead of its index, another end of a range, or another axis."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    owner, inside = scope.text(node.value), scope.written.text(node.slice)
    yield scope.put(node, owner, "index")
    yield from (
        scope.put(node, f"{owner}[{text}]", "index")
        for text in (f":, {inside}", f"{inside}, :", f":{inside}", f"{inside}:")
    )
    if isinstance(node.slice, ast.Tuple):
        parts = [scope.written.text(part) for part in node.slice.elts]
        yield scope.put(node, f"{owner}[{', '.join(reversed(parts))}]", "index")
        yield from (scope.put(node, f"{owner}[{part}]", "index") for part in parts)


def loops(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield a loop without its first or last item, or in reverse."""
    if isinstance(node, ast.For | ast.comprehension):
        text = scope.text(node.iter)
        yield from (scope.put(node.iter, f"list({text}){part}", "index") for part in ("[1:]", "[:-1]", "[::-1]"))


def sequences(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield a list or tuple with two neighbours exchanged, or one left out."""
    if isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
        parts = [scope.written.text(part) for part in node.elts]
        for at in range(len(parts) - 1):
            exchanged = [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]
            yield _sequence(node, exchanged, scope, "order")
        for at in range(len(parts)):
            yield _sequence(node, parts[:at] + parts[at + 1 :], scope, "term")
        yield from (scope.put(node, part, "term") for part in parts[:1] if len(parts) == 1)


def _sequence(node: ast.List | ast.Tuple, parts: Sequence[str], scope: Scope, kind: str) -> Change:
    start, end = scope.written.span(node)
    inside = ", ".join(parts)
    if isinstance(node, ast.List):
        return start, end, f"[{inside}]", kind
    return start, end, f"({inside}{',' if len(parts) == 1 else ''})", kind


def missing(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield a value with a step added: a divisor, a way of combining, or an end of the gradient."""
    if not _is_value(node, scope):
        return
    text = scope.text(node)
    for other in scope.unused:
        yield from (scope.put(node, f"{text} {sign} {other}", "factor") for sign in "/*")
    if isinstance(node, ast.BinOp | ast.Call):
        yield from (scope.put(node, f"{text} {sign} {other}", "factor") for sign, other in scope.factors)
    first = next((name for name in scope.parameters if name != "self"), text)
    forms = _WRAPPED | _OF_NAMES if isinstance(node, ast.Name) else _WRAPPED
    for form, kind in forms.items():
        whole = form.replace("{functional}", scope.written.functional).replace("{first}", first)
        yield scope.put(node, whole.replace("{}", text), kind)


def _is_value(node: ast.AST, scope: Scope) -> bool:
    """Whether a node may be a tensor that something could have been done to."""
    if not isinstance(node, ast.Name | ast.Call | ast.BinOp | ast.Attribute | ast.Subscript):
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    parent = scope.parents.get(node)
    if isinstance(parent, ast.Expr | ast.withitem | ast.AugAssign | ast.For):
        return isinstance(parent, ast.AugAssign) and parent.value is node
    if isinstance(parent, ast.Call) and parent.func is node:
        return False
    if isinstance(node, ast.Name) and (node.id in scope.modules or node.id not in scope.variables):
        return False
    return not (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("torch", "F", "nn")
    )


OPERATORS: Sequence[Operator] = (
    signs, constants, calls, conditions, attributes, names, indices, sequences, loops, missing,
)  # fmt: skip
