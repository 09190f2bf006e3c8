"""Changes of a call: another function, other arguments, or none."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.sandbox.edits.scope import Change, Scope

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
_ADDED = ("dim=0", "dim=1", "dim=-1", "keepdim=True", "reduction='sum'", "reduction='mean'", "reduction='none'")
_ADDED_TO_SOME = {
    "topk": ("largest=False",),
    "normalize": ("p=1",),
    "std": ("unbiased=False",),
    "var": ("unbiased=False",),
}


def calls(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield a call with another function, or none; with arguments exchanged, left out, or one more."""
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
    first = [f"len({name})" for name in scope.parameters if name != "self"][:1]
    for more in (*scope.unused, *first):
        for at in dict.fromkeys((0, len(given))):
            yield start, end, f"({', '.join([*given[:at], more, *given[at:], *named])})", "arguments"


def _left_out(node: ast.Call, scope: Scope) -> Iterator[Change]:
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if owner is not None and not (isinstance(owner, ast.Name) and owner.id in scope.modules):
        yield scope.put(node, scope.text(owner), _kind_of_call(node))
    for argument in node.args:
        yield scope.put(node, scope.text(argument), _kind_of_call(node))


def _kind_of_call(node: ast.Call) -> str:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return "constant" if name in ("detach", "detach_") else "superfluous"


def attributes(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Yield another attribute, function or method of the same object, or the object itself."""
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
