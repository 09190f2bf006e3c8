"""Possible errors in one node of the reference: each function gives the texts that replace the node.

A replacement need not make sense. One that is not Python is left out, one that raises is caught at once; what counts
is that each slip that a person makes is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

MODULES = ("F", "torch", "nn")
"""Names that are not the student's to mix up."""
EXCHANGES = {
    "+": ("-", "*"),
    "-": ("+", "*"),
    "*": ("/", "+", "-", "@"),
    "/": ("*", "+", "-"),
    "@": ("*", "+"),
    "==": ("!=", "<=", ">=", "<", ">"),
    "is": ("is not",),
    "and": ("or",),
    "or": ("and",),
}
NAMES = {
    "add_": ("sub_", "mul_", "add"),
    "argmax": ("argmin", "max"),
    "bool": ("uint8", "float"),
    "cat": ("stack", "hstack"),
    "cosine_similarity": ("pairwise_distance", "mse_loss"),
    "cross_entropy": ("nll_loss", "mse_loss"),
    "eval": ("train",),
    "eye": ("ones", "zeros"),
    "indices": ("values",),
    "long": ("int", "float"),
    "masked_fill": ("masked_fill_", "masked_scatter"),
    "max": ("min", "sum"),
    "mean": ("sum", "max", "min", "median", "std"),
    "mul_": ("div_", "add_", "mul"),
    "no_grad": ("enable_grad", "inference_mode"),
    "normal_": ("uniform_", "zeros_", "trunc_normal_", "xavier_normal_"),
    "normalize": ("softmax", "layer_norm"),
    "ones_like": ("zeros_like",),
    "parameters": ("buffers", "named_parameters", "children"),
    "requires_grad_": ("eval", "train"),
    "scatter_add_": ("scatter_", "index_add_"),
    "sum": ("mean", "max", "any"),
    "topk": ("kthvalue", "sort"),
    "zeros": ("ones",),
    "zeros_": ("ones_", "normal_"),
    "zip": ("map",),
}
"""Replacements: of operators, and of functions and attributes by their last name."""
STRINGS = {"-inf": ("inf", "0", "nan", "-1")}
ADDED = {
    "argmax": ("keepdim=True",),
    "cosine_similarity": ("eps=0.5",),
    "cross_entropy": ("reduction='sum'", "reduction='none'", "label_smoothing=0.1"),
    "mean": ("dim=0", "keepdim=True"),
    "normalize": ("p=1", "eps=1.0"),
    "parameters": ("recurse=False",),
    "topk": ("largest=False", "sorted=False"),
}
"""Arguments that a call could have had."""
NO_TENSOR = ("zip", "parameters", "no_grad", "float", "eval", "requires_grad_", "normal_", "zeros_")
"""Calls whose result nobody adds 1 to."""
FORMS = ("-{}", "{} + 1", "{} - 1", "1 - {}", "~{}", "{}.detach()")
"""Mistakes on a tensor or a number: sign, off by one, the complement, cut from the graph."""


@dataclass
class Scope:
    """The other parts of the function: variables, string literals, attributes by their owner's text."""

    code: Callable[[cst.CSTNode], str]
    parents: Callable[[cst.CSTNode], cst.CSTNode]
    variables: list[str] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    attributes: dict[str, list[str]] = field(default_factory=dict)


Operator = Callable[[cst.CSTNode, Scope], Iterator[str]]


def numbers(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """One more, one less, double, tenfold, nothing, and the negative."""
    if isinstance(node, cst.Integer | cst.Float):
        value = node.evaluated_value
        yield from map(repr, dict.fromkeys((value + 1, value - 1, 2 * value, 10 * value, 0 * value, -value)))


def signs(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """The operators: another one, operands exchanged, one operand alone."""
    if isinstance(node, cst.UnaryOperation):
        yield scope.code(node.expression)
    if isinstance(node, cst.BinaryOperation | cst.BooleanOperation):
        left, sign, right = (scope.code(part) for part in (node.left, node.operator, node.right))
        yield from (f"({left}) {other} ({right})" for other in EXCHANGES.get(sign.strip(), ()))
        yield from (f"({right}) {sign} ({left})", left, right)
    if isinstance(node, cst.Comparison):
        left, (target,) = scope.code(node.left), node.comparisons
        sign, right = scope.code(target.operator), scope.code(target.comparator)
        yield from (f"({left}) {other} ({right})" for other in EXCHANGES.get(sign.strip(), ()))


def conditions(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """The other branch, or always the same."""
    if isinstance(node, cst.IfExp):
        body, test, other = (scope.code(part) for part in (node.body, node.test, node.orelse))
        yield from (f"({other}) if ({test}) else ({body})", body, other)
    if isinstance(node, cst.Name) and node.value in ("True", "False"):
        yield str(node.value == "False")


def names(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """Another variable, or the same one changed."""
    if not isinstance(node, cst.Name) or node.value not in scope.variables or not _is_read(node, scope):
        return
    yield from (other for other in scope.variables if other != node.value)
    if not isinstance(scope.parents(node), cst.Attribute | cst.For) and not _only_its_shape_counts(node, scope):
        yield from (form.format(node.value) for form in FORMS)


def calls(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """The call left out, its result changed, one more argument."""
    if not isinstance(node, cst.Call):
        return
    whole = scope.code(node)
    owner = node.func.value if isinstance(node.func, cst.Attribute) else None
    if owner is not None and scope.code(owner) not in MODULES:
        yield scope.code(owner)
    elif node.args:
        yield scope.code(node.args[0].value)
    name = scope.code(node.func).rpartition(".")[2]
    if name not in NO_TENSOR and not isinstance(scope.parents(node), cst.Expr):
        yield from (f"{whole}.detach()", f"-{whole}", f"{whole} + 1", f"{whole} - 1")
    given = {argument.keyword.value for argument in node.args if argument.keyword is not None}
    for added in ADDED.get(name, ()):
        if added.partition("=")[0] not in given:
            yield f"{scope.code(node.func)}({', '.join([*_parts(node.args, scope), added])})"


def arguments(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """Arguments and elements: two neighbours exchanged, one left out, one twice."""
    if isinstance(node, cst.Call):
        start, end, parts = f"{scope.code(node.func)}(", ")", _parts(node.args, scope)
        positional = len([argument for argument in node.args if argument.keyword is None])
    elif isinstance(node, cst.List | cst.Tuple):
        start, end, parts = "[", "]", _parts(node.elements, scope)
        positional = len(parts)
    else:
        return
    for at in range(len(parts)):
        yield f"{start}{', '.join(parts[:at] + parts[at + 1 :])}{end}"
        if at + 1 < positional:
            yield f"{start}{', '.join([*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]])}{end}"


def entries(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """A dict without one of its entries, and strings that stand elsewhere in the function."""
    if isinstance(node, cst.Dict):
        parts = [scope.code(element).strip(", ") for element in node.elements]
        yield from (f"{{{', '.join(parts[:at] + parts[at + 1 :])}}}" for at in range(len(parts)))
        yield f"({', '.join(scope.code(element.value) for element in node.elements)})"
    if isinstance(node, cst.SimpleString):
        text = str(node.evaluated_value)
        yield from map(repr, STRINGS.get(text, ()))
        yield from (repr(other) for other in scope.strings if other != text)


def attributes(node: cst.CSTNode, scope: Scope) -> Iterator[str]:
    """Another attribute or method, or none; an index or what is indexed alone; part of what is gone through."""
    if isinstance(node, cst.Subscript):
        yield scope.code(node.value)
        yield scope.code(node.slice[0].slice)
    if isinstance(node, cst.Name) and node.value in NAMES and not isinstance(scope.parents(node), cst.Attribute):
        yield from NAMES[node.value]
    if not isinstance(node, cst.Attribute):
        return
    owner, name = scope.code(node.value), node.attr.value
    yield from (f"{owner}.{other}" for other in NAMES.get(name, ()))
    parent = scope.parents(node)
    if owner in MODULES or (isinstance(parent, cst.Call) and parent.func is node and name in NAMES):
        return
    yield owner
    yield from (f"{owner}.{other}" for other in scope.attributes.get(owner, ()) if other != name)
    if isinstance(parent, cst.BinaryOperation | cst.Element):
        yield from (f"-{owner}.{name}", f"{owner}.{name}.detach()")


OPERATORS: Sequence[Operator] = (numbers, signs, conditions, names, calls, arguments, entries, attributes)


def _parts(arguments: Sequence[cst.Arg] | Sequence[cst.BaseElement], scope: Scope) -> list[str]:
    return [scope.code(argument).strip().removesuffix(",") for argument in arguments]


def _only_its_shape_counts(node: cst.CSTNode, scope: Scope) -> bool:
    parent = scope.parents(node)
    called = scope.parents(parent) if isinstance(parent, cst.Arg) else None
    return isinstance(called, cst.Call) and scope.code(called.func) in ("len", "torch.ones_like")


def _is_read(node: cst.Name, scope: Scope) -> bool:
    """Whether the name stands for a value here: not an attribute's or a keyword's name, and not assigned to."""
    parent = scope.parents(node)
    match parent:
        case cst.Attribute():
            return parent.value is node and parent.attr.value != "device"
        case cst.Arg():
            return parent.value is node
        case cst.AssignTarget() | cst.For(target=cst.Name()):
            return getattr(parent, "iter", None) is node
        case cst.Element():
            return not isinstance(scope.parents(scope.parents(parent)), cst.AssignTarget | cst.For)
    return True
