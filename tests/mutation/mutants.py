"""Every small change of the reference's solution lines, each as a whole student file."""

from __future__ import annotations

import ast
import difflib
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from autograder.core.records import Question
from autograder.core.settings import SOLUTIONS
from autograder.handout.files.annotations import Stub, read_stubs
from tests.mutation.operators import OPERATORS, Scope


@dataclass(frozen=True)
class Mutant:
    """One changed reference file. `difference`, the lines taken out and put in, is what identifies it.

    `function` is what the changed lines belong to: `SSLLoss.align_loss`.
    """

    question: Question
    function: str
    source: str
    difference: str


@dataclass(frozen=True)
class _Change:
    """The text between two offsets of the source, replaced."""

    start: int
    end: int
    text: str


def mutants(questions: Sequence[Question]) -> Iterator[Mutant]:
    """The mutants of these questions, always in the same order, without repetition."""
    for part in (part for question in questions for part in question.parts):
        source = (SOLUTIONS / part.file).read_text("utf-8")
        (stub,) = [stub for stub in read_stubs(source, part.file) if stub.question.id == part.id]
        yield from file_mutants(source, stub)


def file_mutants(source: str, stub: Stub) -> Iterator[Mutant]:
    """The mutants of one stub's lines in the text of its file."""
    file = _File(source, stub)
    first, last = file.extent
    original = _plain(source[first:last])
    seen = {original}
    for change in file.changes():
        changed = source[: change.start] + change.text + source[change.end :]
        try:
            function = _plain(changed[first : last + len(changed) - len(source)])
        except SyntaxError:
            continue
        if function not in seen:
            seen.add(function)
            yield Mutant(stub.question, file.name, changed, _difference(original, function))


def _plain(function: str) -> str:
    """The function as Python itself would write it: two texts that differ in brackets or comments become one."""
    return ast.unparse(ast.parse(textwrap.dedent(function)))


def _difference(before: str, after: str) -> str:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines if not line.startswith("@@"))


class _File:
    """One file, parsed, and the part of it that may be changed."""

    def __init__(self, source: str, stub: Stub) -> None:
        self._source = source
        self._stub = stub
        self._module = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
        self._positions = self._module.resolve(PositionProvider)
        self._parents = self._module.resolve(ParentNodeProvider)
        lines = source.splitlines(keepends=True)
        self._line_starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
        self._nodes = [node for node in self._positions if self._inside(node)]
        self._function, *owners = self._definitions()
        self.name = ".".join(node.name.value for node in (*reversed(owners), self._function))

    @property
    def extent(self) -> tuple[int, int]:
        """Start and end of the function that holds the stub in the source, in whole lines."""
        place = self._positions[self._function]
        return self._line_starts[place.start.line - 1], self._line_starts[place.end.line]

    def changes(self) -> Iterator[_Change]:
        """One after the other, in the order of the text."""
        scope, pending = self._scope(), list[str]()
        for node in self._nodes:
            if isinstance(node, cst.SimpleStatementLine):
                scope.variables, pending = list(dict.fromkeys(scope.variables + pending)), []
            start, end = self._offsets(node)
            for operator in OPERATORS:
                for text in operator(node, scope):
                    yield _Change(start, end, f"({text})" if isinstance(node, cst.BaseExpression) else text)
            yield from self._statement(node)
            if isinstance(node, cst.AssignTarget | cst.For):
                pending += _targets(node)

    def _statement(self, node: cst.CSTNode) -> Iterator[_Change]:
        """A statement left out, or exchanged with the next; a `with` without effect; a loop over a part."""
        start, end = self._offsets(node)
        match node:
            case cst.BaseSmallStatement():
                yield _Change(start, end, "pass")
                if isinstance(node, cst.Return) and node.value is not None:
                    yield _Change(start, end, f"return ({self._code(node.value)},)")
            case cst.With():
                yield _Change(start, self._offsets(node.items[-1])[1], "if True")
            case cst.For():
                start, end = self._offsets(node.iter)
                for part in ("[:1]", "[1:]", "[:-1]", "[::-1]"):
                    yield _Change(start, end, f"list({self._code(node.iter)}){part}")
            case cst.SimpleStatementLine():
                following = self._next_line(node)
                if following is not None:
                    first, last = self._offsets(following)
                    text = self._source
                    yield _Change(start, last, text[first:last] + text[end:first] + text[start:end])

    def _next_line(self, node: cst.SimpleStatementLine) -> cst.CSTNode | None:
        siblings = self._parents[node].body  # type: ignore[attr-defined]
        following = siblings[siblings.index(node) + 1 :][:1]
        return next(
            (line for line in following if isinstance(line, cst.SimpleStatementLine) and line in self._nodes), None
        )

    def _scope(self) -> Scope:
        parameters = [parameter.name.value for parameter in self._function.params.params]
        scope = Scope(self._code, self._parents.__getitem__, [name for name in parameters if name != "self"])
        for node in self._nodes:
            if isinstance(node, cst.SimpleString):
                scope.strings.append(str(node.evaluated_value))
            elif isinstance(node, cst.Attribute) and not isinstance(self._parents[node], cst.Call):
                scope.attributes.setdefault(self._code(node.value), []).append(node.attr.value)
        return scope

    def _definitions(self) -> list[cst.FunctionDef | cst.ClassDef]:
        """The function that holds the stub, then the class that holds the function, and so on."""
        found, node = [], self._nodes[0]
        while not isinstance(node, cst.Module):
            node = self._parents[node]
            if isinstance(node, cst.FunctionDef | cst.ClassDef):
                found.append(node)
        return found

    def _inside(self, node: cst.CSTNode) -> bool:
        place = self._positions[node]
        return self._stub.start < place.start.line and place.end.line < self._stub.end and place.start != place.end

    def _offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        place = self._positions[node]
        start, end = (self._line_starts[at.line - 1] + at.column for at in (place.start, place.end))
        return start, end

    def _code(self, node: cst.CSTNode) -> str:
        return self._module.module.code_for_node(node)


def _targets(node: cst.AssignTarget | cst.For) -> list[str]:
    """The variables that an assignment or a loop sets."""
    target = node.target
    parts = [element.value for element in target.elements] if isinstance(target, cst.Tuple) else [target]
    return [part.value for part in parts if isinstance(part, cst.Name)]
