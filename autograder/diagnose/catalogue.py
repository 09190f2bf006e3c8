"""Reads names and hints of the known mistakes out of `solutions/mistakes/`, without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.errors import AutograderError
from autograder.syntax import parse


@dataclass(frozen=True)
class Variant:
    """One function in `solutions/mistakes/` or `solutions/equivalents/`."""

    folder: str
    name: str
    question: str
    hint: str
    symptom: str
    combines: tuple[str, ...]
    target: str
    """The function whose place it takes: `SSLLoss.align_loss`."""
    file: str
    line: int

    @property
    def key(self) -> str:
        """How the sandbox is told which one is meant."""
        return f"{self.folder}/{self.name}"


@lru_cache
def read_variants(folder: Path) -> tuple[Variant, ...]:
    """Every variant below `folder`, in the order of files and lines; raises AutograderError for a malformed one."""
    return tuple(variant for path in sorted(folder.glob("*.py")) for variant in _read_file(path))


def _read_file(path: Path) -> Iterator[Variant]:
    for node in parse(path.read_text("utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "replaces":
                yield _read_variant(path, node, decorator)


def _read_variant(path: Path, node: ast.FunctionDef, decorator: ast.Call) -> Variant:
    hint = " ".join((ast.get_docstring(node) or "").split())
    try:
        question, target = (ast.literal_eval(argument) for argument in decorator.args)
        options = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in decorator.keywords}
    except ValueError as error:
        problem = f"{path.name}, line {node.lineno}: @replaces takes plain strings ({error})."
        raise AutograderError(problem, 'Write @replaces("1.2", "SSLLoss.contrastive_loss").') from error
    if not hint:
        raise AutograderError(
            f"{path.name}, line {node.lineno}: {node.name} has no docstring.", "Write the hint there."
        )
    combines = tuple(options.get("combines", ()))
    symptom = options.get("symptom", "")
    return Variant(path.parent.name, node.name, question, hint, symptom, combines, target, path.name, node.lineno)
