"""What an expression may have been meant to be: each operator gives the texts that may take a node's place."""

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

Change: TypeAlias = tuple[int, int, str, str]
"""A text in the place of the bytes from the first number to the second, and its kind."""
_REDUCTIONS = ("mean", "sum", "max", "min", "amax", "amin", "median", "std", "var", "prod", "norm", "logsumexp")
_GROUPS = (
    _REDUCTIONS,
    ("argmax", "argmin", "max", "min"),
    ("softmax", "log_softmax", "normalize", "sigmoid", "relu", "exp", "log", "softplus"),
    ("exp", "log", "log1p", "expm1", "sqrt", "square", "abs", "rsqrt", "sigmoid", "tanh"),
    ("cat", "stack", "hstack", "vstack", "concat"),
    ("mm", "matmul", "mul", "bmm", "dot"),
    ("cross_entropy", "nll_loss", "mse_loss", "kl_div", "binary_cross_entropy_with_logits"),
    ("mse_loss", "smooth_l1_loss", "l1_loss"),
    ("cosine_similarity", "pairwise_distance"),
    ("ones", "zeros", "empty", "eye", "rand", "randn", "full"),
    ("ones_like", "zeros_like", "rand_like", "randn_like", "empty_like"),
    ("add_", "sub_", "mul_", "div_", "copy_", "lerp_", "add", "sub", "mul", "div"),
    ("normal_", "zeros_", "ones_", "uniform_", "fill_", "trunc_normal_", "xavier_normal_", "kaiming_normal_"),
    ("scatter_add_", "scatter_", "index_add_", "scatter_reduce_"),
    ("topk", "kthvalue", "sort", "argsort"),
    ("eval", "train"),
    ("no_grad", "enable_grad", "inference_mode"),
    ("all", "any"),
    ("values", "indices"),
    ("long", "int", "float", "bool", "double"),
    ("triu", "tril"),
    ("roll", "flip"),
    ("masked_fill", "masked_fill_", "masked_scatter"),
    ("parameters", "buffers", "named_parameters", "children", "modules"),
    ("requires_grad_", "eval", "train"),
    ("diag", "diagonal", "trace"),
    ("keys", "values", "items"),
    ("isin", "eq", "ne", "lt", "gt", "le", "ge"),
    ("bincount", "unique", "histc"),
    ("append", "extend"),
    ("repeat", "tile", "repeat_interleave", "expand"),
)
_EXCHANGES: dict[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(other for group in _GROUPS if name in group for other in group if other != name))
    for name in {name for group in _GROUPS for name in group}
}
_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.FloorDiv: "//",
    ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.And: "and", ast.Or: "or",
}  # fmt: skip
_OTHER_SIGNS = {
    "+": "-*", "-": "+*", "*": "/+@", "/": "*-+", "@": "*", "**": "*", "//": "/%", "%": "/",
    "&": "|^", "|": "&^", "^": "&|",
}  # fmt: skip
_COMPARISONS = (("==", "!=", "<", "<=", ">", ">="), ("is", "is not"), ("in", "not in"))
_ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set)
_HOLDERS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr, ast.Call, ast.keyword, ast.Subscript)
_WORD = re.compile(r"[\w.]+")
_AXES = ("dim", "axis", "dim0", "dim1")
_ADDED = ("dim=0", "dim=1", "dim=-1", "keepdim=True", "reduction='sum'", "reduction='mean'", "reduction='none'")
_ADDED_TO_SOME = {
    "topk": ("largest=False",),
    "normalize": ("p=1",),
    "std": ("unbiased=False",),
    "var": ("unbiased=False",),
}
_WRAPPED = (
    ("-{}", "sign"), ("{}.detach()", "constant"), ("{}.T", "missing"), ("1 - {}", "missing"), ("{} / 2", "factor"),
    ("2 * {}", "factor"), ("{F}.normalize({}, dim=1)", "missing"), ("{}.mean()", "missing"), ("{}.sum()", "missing"),
    ("{}.exp()", "missing"), ("{}.log()", "missing"), ("{}.sqrt()", "missing"), ("{}.square()", "missing"),
    ("{}.softmax(dim=1)", "missing"), ("{}.clone()", "in place"), ("{} + 1", "number"), ("{} - 1", "number"),
)  # fmt: skip


class Written(Protocol):
    """A file as it is written; `functional` is what it calls `torch.nn.functional`."""

    functional: str

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node's text begins and ends, in bytes."""

    def text(self, node: ast.AST) -> str:
        """A node as it is written."""


class Scope:
    """What else is in a function: its variables, numbers, texts, and the attributes of each object."""

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
        unused = [name for name in self.parameters if name not in read and name not in ("self", "cls")]
        left = [name for name in self.attributes.get("self", ()) if name not in own.get("self", ())]
        aside = [f"self.{name}" for name in left if name in _numbers_of(siblings)]
        self.unused = [*unused, *aside]
        """What the function could have used and does not."""
        self.modules = {written.functional, "torch", "nn", "np", "math", "self"}

    def put(self, node: ast.AST, text: str, kind: str) -> Change:
        """A text in a node's place, in brackets where it needs them."""
        start, end = self.written.span(node)
        bare = (isinstance(self.parents.get(node), _HOLDERS) and "\n" not in text) or _WORD.fullmatch(text) is not None
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


def constants(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Another axis, number or text; the other of two switches."""
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
    elif isinstance(value, int | float):
        kind = "axis" if _is_axis(node, scope) else "number"
        near = [value + 1, value - 1, -value, 2 * value, value / 2, 10 * value, value / 10, 1 - value, 0, 1, -1, 2]
        whole = (
            [int(one) if isinstance(value, int) and one == int(one) else one for one in near]
            if abs(value) < 1e6
            else []
        )
        texts = [*map(repr, whole), *scope.numbers, *scope.unused, *(["None"] if kind == "axis" else [])]
        yield from (scope.put(node, text, kind) for text in dict.fromkeys(texts) if text != repr(value))
    elif isinstance(value, str):
        others = {
            "mean": ["sum", "none"],
            "sum": ["mean", "none"],
            "none": ["mean", "sum"],
            "-inf": ["inf"],
            "inf": ["-inf"],
        }
        texts = [*others.get(value, ()), *scope.texts]
        yield from (scope.put(node, repr(text), "text") for text in dict.fromkeys(texts) if text != value)


def _is_axis(node: ast.AST, scope: Scope) -> bool:
    parent = scope.parents.get(node)
    if isinstance(parent, ast.keyword):
        return parent.arg in _AXES
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute)


def signs(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Another operator, the operands exchanged, one of them alone, the sign left out."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield scope.put(node, scope.text(node.operand), "condition" if isinstance(node.op, ast.Not) else "sign")
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        left, right, sign = scope.text(node.left), scope.text(node.right), _SIGNS[type(node.op)]
        yield from (scope.put(node, f"{left} {other} {right}", "operator") for other in _OTHER_SIGNS.get(sign, ""))
        yield scope.put(node, f"{right} {sign} {left}", "operator")
        yield from (scope.put(node, text, "term") for text in (left, right))
        if sign == "@":
            yield scope.put(node, f"{left} @ {right}.T", "missing")
        if sign in "*/":  # a * (b + c) where a * b + c stands, and the reverse
            yield from _regrouped(node, scope)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right, sign = scope.text(node.left), scope.text(node.comparators[0]), _SIGNS[type(node.ops[0])]
        others = next(group for group in _COMPARISONS if sign in group)
        yield from (scope.put(node, f"{left} {other} {right}", "comparison") for other in others if other != sign)
    if isinstance(node, ast.BoolOp):
        values = [scope.text(value) for value in node.values]
        joined = " or " if isinstance(node.op, ast.And) else " and "
        yield scope.put(node, joined.join(values), "condition")
        yield from (scope.put(node, value, "condition") for value in values)


def _regrouped(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """The factor taken to the whole of a sum instead of one term, or to one term instead of the whole."""
    sign, right = _SIGNS[type(node.op)], scope.text(node.right)
    if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Add | ast.Sub):
        inner = node.left
        first, second, between = scope.text(inner.left), scope.text(inner.right), _SIGNS[type(inner.op)]
        yield scope.put(node, f"{first} {between} {second} {sign} {right}", "operator")
    parent = scope.parents.get(node)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub) and parent.right is node:
        first, between = scope.text(parent.left), _SIGNS[type(parent.op)]
        yield scope.put(parent, f"({first} {between} {scope.text(node.left)}) {sign} {right}", "operator")


def conditions(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """The other branch, or always the same; the test turned round."""
    if isinstance(node, ast.IfExp):
        body, test, other = (scope.text(part) for part in (node.body, node.test, node.orelse))
        texts = (f"{other} if {test} else {body}", body, other)
        yield from (scope.put(node, text, "condition") for text in texts)
    if isinstance(node, ast.If | ast.While):
        yield scope.put(node.test, f"not {scope.text(node.test)}", "condition")


def calls(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Another function, or none; arguments exchanged, left out, or one more."""
    if not isinstance(node, ast.Call):
        return
    yield from _left_out(node, scope)
    start, end = scope.written.span(node.func)[1], scope.written.span(node)[1]
    given = [scope.written.text(one) for one in node.args]
    named = [f"{one.arg}={scope.written.text(one.value)}" if one.arg else "" for one in node.keywords]
    if not all(named):
        return
    for at in range(len(given) - 1):
        exchanged = [*given[:at], given[at + 1], given[at], *given[at + 2 :]]
        yield start, end, f"({', '.join(exchanged + named)})", "arguments"
    parts = given + named
    for at in range(len(parts)):
        yield start, end, f"({', '.join(parts[:at] + parts[at + 1 :])})", "arguments"
    if not isinstance(node.func, ast.Attribute):
        return
    taken = {one.arg for one in node.keywords}
    for more in (*_ADDED, *_ADDED_TO_SOME.get(node.func.attr, ())):
        if more.partition("=")[0] not in taken:
            kind = "axis" if more.startswith("dim") else "arguments"
            yield start, end, f"({', '.join([*given, *named, more])})", kind
    for more in scope.unused:
        yield start, end, f"({', '.join([*given, more, *named])})", "arguments"


def _left_out(node: ast.Call, scope: Scope) -> Iterator[Change]:
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if owner is not None and not (isinstance(owner, ast.Name) and owner.id in scope.modules):
        yield scope.put(node, scope.text(owner), _kind_of_call(node))
    for argument in node.args:
        yield scope.put(node, scope.text(argument), _kind_of_call(node))


def _kind_of_call(node: ast.Call) -> str:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return "constant" if name in ("detach", "detach_") else "superfluous"


def names(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Another variable."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id not in scope.variables:
        return
    if node.id != "self":
        others = [other for other in (*scope.variables, *scope.unused) if other not in (node.id, "self")]
        yield from (scope.put(node, other, "variable") for other in dict.fromkeys(others))


def attributes(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Another attribute, function or method of the same object, or the object itself."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return
    parent = scope.parents.get(node)
    called = isinstance(parent, ast.Call) and parent.func is node
    start, end = scope.written.span(node.value)[1], scope.written.span(node)[1]
    kind = "function" if called else "attribute"
    yield from ((start, end, f".{other}", kind) for other in _EXCHANGES.get(node.attr, ()))
    if not called and isinstance(node.value, ast.Name):
        others = scope.attributes.get(node.value.id, ())
        yield from ((start, end, f".{other}", kind) for other in others if other != node.attr)
    if not called and not (isinstance(node.value, ast.Name) and node.value.id in scope.modules):
        yield scope.put(node, scope.text(node.value), kind)


def indices(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """What is indexed, whole; another end of a range; another axis."""
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
    """All but the first or the last of what is gone through, or the other way round."""
    if isinstance(node, ast.For | ast.comprehension):
        text = scope.text(node.iter)
        yield from (scope.put(node.iter, f"list({text}){part}", "index") for part in ("[1:]", "[:-1]", "[::-1]"))


def sequences(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Two neighbours of a list or tuple exchanged, or one left out."""
    if isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
        parts = [scope.written.text(part) for part in node.elts]
        for at in range(len(parts) - 1):
            exchanged = [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]
            yield from [_sequence(node, exchanged, scope, "order")]
        for at in range(len(parts)):
            yield _sequence(node, parts[:at] + parts[at + 1 :], scope, "term")


def _sequence(node: ast.List | ast.Tuple, parts: Sequence[str], scope: Scope, kind: str) -> Change:
    start, end = scope.written.span(node)
    inside = ", ".join(parts)
    if isinstance(node, ast.List):
        return start, end, f"[{inside}]", kind
    return start, end, f"({inside}{',' if len(parts) == 1 else ''})", kind


def missing(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A step that is not there: what a value is divided by, how it is put together, where gradients end."""
    if not _is_value(node, scope):
        return
    text = scope.text(node)
    for other in scope.unused:
        yield from (scope.put(node, f"{text} {sign} {other}", "factor") for sign in "/*")
    for form, kind in _WRAPPED:
        yield scope.put(node, form.replace("{F}", scope.written.functional).replace("{}", text), kind)


def _is_value(node: ast.AST, scope: Scope) -> bool:
    """Whether a node may be a tensor that something could have been done to."""
    if not isinstance(node, ast.Name | ast.Call | ast.BinOp | ast.Attribute | ast.Subscript):
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    parent = scope.parents.get(node)
    if isinstance(parent, ast.Expr | ast.withitem | ast.AugAssign | ast.For) and parent is not None:
        return isinstance(parent, ast.AugAssign) and parent.value is node
    if isinstance(parent, ast.Call) and parent.func is node:
        return False
    if isinstance(node, ast.Name) and (node.id in scope.modules or node.id not in scope.variables):
        return False
    return not (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("torch", "F", "nn")
    )


OPERATORS: Sequence[Operator] = (
    constants, signs, calls, conditions, attributes, names, indices, sequences, loops, missing,
)  # fmt: skip
