"""Reads names and hints of the known mistakes out of `solutions/mistakes/`, without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from autograder.core.errors import AutograderError
from autograder.core.syntax import parse
from autograder.reference.phrases import Phrase, derived, joined

_UNSAID = Phrase("", "")


@dataclass(frozen=True)
class StandIn:
    """One function in `solutions/mistakes/` or `solutions/equivalents/`, one fault of a stage, or several at once."""

    folder: str
    name: str
    question: str
    hint: str
    combines: tuple[str, ...]
    """The faults that it combines; none if it is a single one."""
    target: str
    """The function that it replaces: `SSLLoss.align_loss`."""
    file: str
    line: int
    stage: str = ""
    """The stage of the computation at which a fault is made; empty for a mistake that is not composed of stages."""
    phrase: Phrase = _UNSAID
    common: bool = False
    """Whether it is searched together with every other fault; for a combination, whether all are."""

    @property
    def key(self) -> str:
        """The name by which the sandbox finds it."""
        return f"{self.folder}/{self.file.removesuffix('.py')}/{self.name}"

    @property
    def size(self) -> int:
        """The number of faults."""
        return max(1, len(self.combines))


@lru_cache
def read_stand_ins(folder: Path) -> tuple[StandIn, ...]:
    """Every stand-in below `folder`, in the order of files and lines; raises AutograderError for a malformed one.

    Only single faults are listed: `autograder.diagnose.compositions` has their combinations.
    """
    return tuple(stand_in for path in sorted(folder.glob("*.py")) for stand_in in _read_file(path))


def _read_file(path: Path) -> Iterator[StandIn]:
    body = parse(path.read_text("utf-8")).body
    for node in body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "replaces":
                    yield _plain(path, node, decorator)
    settings = {ast.unparse(node.targets[0]): node.value for node in body if isinstance(node, ast.Assign)}
    if "STAGES" in settings:
        question, target = ast.literal_eval(settings["(QUESTION, TARGET)"])
        stages = [node.id for node in ast.walk(settings["STAGES"]) if isinstance(node, ast.Name)]
        classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
        for stage in (*sorted(stages, key=[*classes].index), "Whole"):
            for fault in _faults(classes[stage].body) if stage in classes else ():
                yield _fault(path, question, target, "" if stage == "Whole" else stage, fault)


class _Fault(NamedTuple):
    """One fault in a class body: its name and line, its hint, and its marks with their words."""

    name: str
    line: int
    hint: str
    marks: dict[str, list[str]]


def _faults(body: list[ast.stmt]) -> Iterator[_Fault]:
    """Yield the methods of a stage except `right`, and its lambdas, each with the text below it."""
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef) and node.name != "right":
            hint = ast.get_docstring(node) or ""
            yield _Fault(node.name, node.lineno, hint, dict(map(_mark, node.decorator_list)))
        elif isinstance(node, ast.Assign):
            below = after.value if isinstance(after, ast.Expr) else None
            hint = str(below.value) if isinstance(below, ast.Constant) else ""
            wrapped = [node.value.func] if isinstance(node.value, ast.Call) else []
            yield _Fault(ast.unparse(node.targets[0]), node.lineno, hint, dict(map(_mark, wrapped)))


def _mark(node: ast.expr) -> tuple[str, list[str]]:
    """`@common`, or `@said("…", "…")` with its words."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func), [ast.literal_eval(word) for word in node.args]
    return ast.unparse(node), []


def _plain(path: Path, node: ast.FunctionDef, decorator: ast.Call) -> StandIn:
    try:
        question, target = (ast.literal_eval(argument) for argument in decorator.args)
        options = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in decorator.keywords}
    except ValueError as error:
        problem = f"{path.name}, line {node.lineno}: @replaces takes plain strings ({error})."
        raise AutograderError(problem, 'Write @replaces("1.2", "SSLLoss.contrastive_loss").') from error
    hint = _demand_hint(path, node.name, node.lineno, ast.get_docstring(node) or "")
    combines = tuple(options.get("combines", ()))
    return StandIn(path.parent.name, node.name, question, hint, combines, target, path.name, node.lineno)


def _fault(path: Path, question: str, target: str, stage: str, fault: _Fault) -> StandIn:
    hint = _demand_hint(path, fault.name, fault.line, fault.hint)
    words = next((words for words in fault.marks.values() if words), None)
    phrase = Phrase(*words) if words else derived(hint)
    place = (target, path.name, fault.line, stage, phrase, "common" in fault.marks)
    return StandIn(path.parent.name, fault.name, question, hint, (), *place)


def _demand_hint(path: Path, name: str, line: int, docstring: str) -> str:
    """The hint on one line; raises AutograderError if there is none."""
    if not docstring.strip():
        raise AutograderError(f"{path.name}, line {line}: {name} has no docstring.", "Write the hint there.")
    return " ".join(docstring.split())


def at_once(faults: tuple[StandIn, ...]) -> StandIn:
    """Combine several faults of one question into one mistake."""
    first = faults[0]
    names = tuple(fault.name for fault in faults)
    hint = joined([fault.phrase for fault in faults])
    place = (first.target, first.file, first.line, "", _UNSAID, all(fault.common for fault in faults))
    return StandIn(first.folder, "+".join(names), first.question, hint, names, *place)
