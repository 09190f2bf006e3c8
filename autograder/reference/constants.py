"""Finds the constants that the reference's files give by name, and sets them.

A constant is a number that is the default of a parameter (`temperature: float = 0.5`), the value of an attribute
(`self.lambd = 0.0051`), or the default of a flag (`"--m", …, default=0.99`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.core.errors import AutograderError

Number = int | float
HOMES = ("criterion.py", "model_factory.py", "main.py", "ssl_kit/flags.py")
"""The files whose constants the handout may name, and a variant may set."""


@dataclass(frozen=True)
class Constant:
    """One place at which a number has a name. Lines count from 1, columns in bytes from 0."""

    name: str
    value: Number
    line: int
    start: int
    end: int


def constants_in(source: str) -> list[Constant]:
    """Every constant of a file, in the order of its lines."""
    found = [one for node in ast.walk(ast.parse(source)) for one in _of(node)]
    return sorted(found, key=lambda one: (one.line, one.start))


def with_constants(source: str, values: Mapping[str, Number]) -> str:
    """The file with the numbers of `values` instead of the constants of these names."""
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    for one in reversed(constants_in(source)):
        if one.name in values:
            line = lines[one.line - 1]
            lines[one.line - 1] = line[: one.start] + repr(values[one.name]).encode() + line[one.end :]
    return b"".join(lines).decode()


def constants_of(sources: Mapping[str, str]) -> dict[str, Number]:
    """The constants of the files of `HOMES`, by name; raises AutograderError if two places do not agree."""
    found: dict[str, Number] = {}
    places: dict[str, str] = {}
    for file in HOMES:
        for one in constants_in(sources.get(file, "")):
            place = f"solutions/{file}, line {one.line}"
            if found.setdefault(one.name, one.value) != one.value:
                problem = f"`{one.name}` is {found[one.name]} in {places[one.name]}, and {one.value} in {place}."
                raise AutograderError(problem, "Give the number in one place, and let the other take it from there.")
            places.setdefault(one.name, place)
    return found


def _of(node: ast.AST) -> Iterator[Constant]:
    if isinstance(node, ast.FunctionDef):
        positional = [*node.args.posonlyargs, *node.args.args]
        named = zip(positional[len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True)
        keyword_only = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        for argument, default in (*named, *keyword_only):
            yield from _number(argument.arg, default)
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
        yield from _number(node.targets[0].attr, node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.startswith("--"):
            for keyword in node.keywords:
                if keyword.arg == "default":
                    yield from _number(first.value.removeprefix("--"), keyword.value)


def _number(name: str, node: ast.expr | None) -> Iterator[Constant]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield Constant(name, node.value, node.lineno, node.col_offset, node.end_col_offset or node.col_offset)
