"""The surroundings of a change in its function, and the way a change is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

KINDS = {
    "axis": "the axis in this call",
    "number": "the number in this line",
    "text": "the text in quotes in this line",
    "switch": "what is switched on or off in this line",
    "comparison": "the comparison in this line",
    "condition": "the condition in this line",
    "sign": "the sign in this line",
    "operator": "the operator in this line",
    "term": "a term or factor in this line that does not belong there",
    "function": "which function is called in this line",
    "superfluous": "a call in this line that does not belong there",
    "arguments": "the arguments of the call in this line",
    "variable": "which variable is used in this line",
    "attribute": "which attribute is used in this line",
    "index": "what is indexed in this line",
    "missing": "a step that is missing in this line",
    "constant": "where gradients flow in this line",
    "factor": "a factor that is missing in this line",
    "statement": "a statement that does not belong there",
    "order": "the place of this statement among the others",
    "block": "what stands inside and outside the block that begins in this line",
    "in place": "whether this line changes something in place",
}
"""Kinds of changes, each as a student reads it."""
SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.FloorDiv: "//",
    ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.And: "and", ast.Or: "or",
}  # fmt: skip
"""The sign of each operator."""

Change: TypeAlias = tuple[int, int, str, str]
"""The first and the last byte to replace, the new text, and its kind."""
_ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set)
_HOLDERS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr, ast.Call, ast.keyword, ast.Subscript)
_FACTORS = 6
_WORD = re.compile(r"[\w.]+")


class Written(Protocol):
    """A file as it is written; `functional` is its name for `torch.nn.functional`."""

    functional: str

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The begin and the end of a node's text, in bytes."""

    def text(self, node: ast.AST) -> str:
        """The text of a node."""

    def enclosed(self, node: ast.AST) -> bool:
        """Whether brackets stand around a node."""


class Scope:
    """The material for changes in a function: its variables, numbers, texts, and the attributes of each object."""

    def __init__(
        self, written: Written, function: ast.FunctionDef | ast.AsyncFunctionDef, nodes: Sequence[ast.AST],
        siblings: Sequence[ast.AST],
    ) -> None:  # fmt: skip
        self.written = written
        self.parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        self.parents |= dict.fromkeys(function.body, function)
        arguments = function.args
        self.parameters = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        names = [node for node in nodes if isinstance(node, ast.Name)]
        read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        stored = [node.id for node in names if isinstance(node.ctx, ast.Store)]
        self.variables = [*dict.fromkeys([*self.parameters, *stored])]
        constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
        self.numbers = [*dict.fromkeys(repr(value) for value in constants if type(value) in (int, float))]
        self.texts = [*dict.fromkeys(value for value in constants if isinstance(value, str) and len(value) < 40)]
        self.attributes = _attributes([*nodes, *(one for other in siblings for one in ast.walk(other))])
        own = _attributes(nodes)
        unused = [name for name in self.variables if name not in read and name not in ("self", "cls", "_")]
        left = [name for name in self.attributes.get("self", ()) if name not in own.get("self", ())]
        aside = [f"self.{name}" for name in left if name in _numbers_of(siblings)]
        self.unused = [*unused, *aside]
        """Names that the function could have used and does not."""
        products = [node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div)]
        factors = [(SIGNS[type(node.op)], self.text(node.right)) for node in products]
        self.factors = [*dict.fromkeys(factors)][:_FACTORS]
        """Factors and divisors elsewhere in the function, each with its sign."""
        self.modules = {written.functional, "torch", "nn", "np", "math", "self"}

    def put(self, node: ast.AST, text: str, kind: str) -> Change:
        """Replace a node by a text, in brackets if it needs them."""
        start, end = self.written.span(node)
        alone = isinstance(self.parents.get(node), _HOLDERS) and "\n" not in text
        bare = alone or self.written.enclosed(node) or _WORD.fullmatch(text) is not None
        return start, end, text if bare else f"({text})", kind

    def text(self, node: ast.AST) -> str:
        """A node as an operand."""
        text = self.written.text(node)
        return text if isinstance(node, _ATOMS) and "\n" not in text else f"({text})"


Operator: TypeAlias = Callable[[ast.AST, Scope], Iterator[Change]]


def _attributes(nodes: Sequence[ast.AST]) -> dict[str, list[str]]:
    """The attributes that are read of each variable, calls of methods left out."""
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    found: dict[str, list[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and id(node) not in called:
            known = found.setdefault(node.value.id, [])
            if node.attr not in known:
                known.append(node.attr)
    return found


def _numbers_of(functions: Sequence[ast.AST]) -> set[str]:
    """The attributes that a class sets to a number, or to an argument whose default is one."""
    found = set()
    for function in functions:
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        arguments = function.args.args
        defaults = dict(zip([one.arg for one in arguments][::-1], function.args.defaults[::-1], strict=False))
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                    value = defaults.get(value.id, value) if isinstance(value, ast.Name) else value
                    if isinstance(value, ast.Constant) and type(value.value) in (int, float):
                        found.add(name)
    return found
