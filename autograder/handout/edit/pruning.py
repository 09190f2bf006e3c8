"""Removes from Python files the code of one question, and the code that only it needed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import libcst as cst

DECORATORS = ("replaces",)
ROWS = ("Check",)
TABLES = ("PUBLIC", "TERM", "OWN", "PRACTICE")


def without(source: str, question: str, keep: Collection[str] = (), functions: Collection[str] = ()) -> str:
    """The file without a question's checks, stand-ins and entries of tables, without `functions`, and tidied.

    Then definitions that the file used before and uses no longer are removed, repeatedly, except `keep` and the tables.
    """
    if not functions and f'"{question}"' not in source:
        return source
    module = cst.parse_module(source)
    pruned = module.visit(_Question(question, functions))
    while True:
        dead = _defined(pruned) & _named(module) - _named(pruned) - {*keep, *TABLES}
        if not dead:
            return pruned.code
        pruned = pruned.visit(_Names(dead))


def strings(folder: Path) -> set[str]:
    """Every whole string in the Python files of a folder."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {node.value for node in nodes if isinstance(node.value, str)}


def imported_names(paths: Iterable[Path]) -> Mapping[str, set[str]]:
    """By module, the names that the files import from it."""
    found: dict[str, set[str]] = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.names[0].name != "*":
                found.setdefault(node.module, set()).update(alias.name for alias in node.names)
    return found


class _Question(cst.CSTTransformer):
    """Removes nodes that name the question."""

    def __init__(self, question: str, functions: Collection[str]) -> None:
        super().__init__()
        self._question = question
        self._functions = functions

    def _is_it(self, node: cst.BaseExpression | None) -> bool:
        return isinstance(node, cst.SimpleString) and node.evaluated_value == self._question

    def leave_FunctionDef(  # noqa: N802
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.RemovalSentinel:
        calls = [one.decorator for one in original_node.decorators if isinstance(one.decorator, cst.Call)]
        marked = any(
            isinstance(call.func, cst.Name) and call.func.value in DECORATORS and self._is_it(call.args[0].value)
            for call in calls
        )
        gone = marked or original_node.name.value in self._functions
        return cst.RemoveFromParent() if gone else updated_node

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        """Remove `PUBLIC["B6"] = …`."""
        for part in original_node.body:
            targets = [one.target for one in part.targets] if isinstance(part, cst.Assign) else []
            for target in targets:
                index = target.slice[0].slice if isinstance(target, cst.Subscript) else None
                if isinstance(index, cst.Index) and self._is_it(index.value):
                    return cst.RemoveFromParent()
        return updated_node

    def leave_Dict(self, original_node: cst.Dict, updated_node: cst.Dict) -> cst.Dict:  # noqa: N802
        kept = [one for one in updated_node.elements if not self._goes(one)]
        if len(kept) == len(updated_node.elements):
            return updated_node
        if kept:  # whether the last is followed by a comma says how the rest is laid out
            kept[-1] = kept[-1].with_changes(comma=updated_node.elements[-1].comma)
        return updated_node.with_changes(elements=kept)

    def leave_List(self, original_node: cst.List, updated_node: cst.List) -> cst.List:  # noqa: N802
        """Remove rows of a table."""
        kept = [one for one in updated_node.elements if not self._is_row(one.value)]
        return updated_node if len(kept) == len(updated_node.elements) else updated_node.with_changes(elements=kept)

    def leave_Set(self, original_node: cst.Set, updated_node: cst.Set) -> cst.BaseExpression:  # noqa: N802
        kept = [one for one in updated_node.elements if not self._is_it(one.value)]
        if len(kept) == len(updated_node.elements):
            return updated_node
        if not kept:
            return cst.parse_expression("set()")
        kept[-1] = kept[-1].with_changes(comma=updated_node.elements[-1].comma)
        return updated_node.with_changes(elements=kept)

    def _is_row(self, node: cst.BaseExpression) -> bool:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name):
            return False
        return node.func.value in ROWS and self._is_it(node.args[0].value)

    def _goes(self, element: cst.BaseDictElement) -> bool:
        if isinstance(element, cst.DictElement):
            return self._is_it(element.key)
        return isinstance(element.value, cst.Dict) and not element.value.elements


class _Names(cst.CSTTransformer):
    """Removes definitions at the top of a file by their names."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = names
        self._depth = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802
        self._depth += 1

    def leave_FunctionDef(  # noqa: N802
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.RemovalSentinel:
        self._depth -= 1
        gone = not self._depth and original_node.name.value in self._names
        return cst.RemoveFromParent() if gone else updated_node

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        gone = not self._depth and {*_assigned(original_node)} & {*self._names}
        return cst.RemoveFromParent() if gone else updated_node


def _assigned(line: cst.BaseStatement | cst.BaseSmallStatement) -> list[str]:
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return []
    (part,) = line.body
    targets = [one.target for one in part.targets] if isinstance(part, cst.Assign) else []
    return [target.value for target in targets if isinstance(target, cst.Name)]


def _defined(module: cst.Module) -> set[str]:
    """Names at the top of a file that may be removed: functions without decorators, and assigned names."""
    functions = [part for part in module.body if isinstance(part, cst.FunctionDef) and not part.decorators]
    return {*(one.name.value for one in functions), *(name for part in module.body for name in _assigned(part))}


def _named(module: cst.Module) -> set[str]:
    """The names that are used anywhere except at their definition."""
    nodes = ast.walk(ast.parse(module.code))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
