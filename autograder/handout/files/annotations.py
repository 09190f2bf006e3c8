"""Reads question headers and stub markers out of the files in `solutions/`.

Inside the function that a student writes, each at the indentation of the function's body:

    ### Question 1.2: Contrastive loss (20 points)
    ### YOUR CODE HERE (~ 9 lines)
    …solution lines…
    ### END OF YOUR CODE

A bonus question says `(5 points, bonus)`. Only comments count, so a docstring may show the markers.
Everything here is strict: a marker that is nearly right would otherwise hand a solution to the students.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, Question

HEADER = re.compile(r"### Question (?P<id>\d+(?:\.\d+)*|B\d+): (?P<title>\S.*?) \((?P<points>[^()]*)\)")
BONUS_ID, CORE_ID = re.compile(r"B[1-9]\d*"), re.compile(r"[1-9]\d*(?:\.[1-9]\d*)*")
POINTS = re.compile(r"(?P<points>\d+(?:\.\d+)?) points?(?P<bonus>, bonus)?")
START = re.compile(r"### YOUR CODE HERE \(~ [1-9]\d* lines?\)")
END = re.compile(r"### END OF YOUR CODE")
LOOKS_LIKE_ONE = re.compile(r"#\W*(your code here|end of your code)|##\W*question", re.IGNORECASE)
"""Comments that are meant as a header or marker, and so must be exact."""


@dataclass(frozen=True)
class Stub:
    """One question and the lines that answer it. Lines count from 1; `start` and `end` are the two markers."""

    question: Question
    header: int
    start: int
    end: int
    indent: int


@dataclass(frozen=True)
class _Mark:
    """A header or marker as found: its kind, line, column and the comment."""

    kind: str
    line: int
    column: int
    text: str


def read_stubs(source: str, file: str) -> tuple[Stub, ...]:
    """Find the stubs of one file, in order; `file` is its name in errors and in the rubric."""
    marks = list(_marks(source, file))
    if marks and file not in STUDENT_FILES:
        _fail(
            file, marks[0].line, "holds a question, and this file is given", "Move it to a file that students hand in."
        )
    stubs = [_stub(file, *triple) for triple in _triples(marks, file)]
    for stub in stubs:
        _demand_inside_function(source, file, stub)
    return tuple(stubs)


def collect_questions(sources: Iterable[tuple[str, tuple[Stub, ...]]]) -> tuple[Question, ...]:
    """Put the questions of all files together in the order of the rubric.

    An id may occur once in a file, and in a second file only with the same title and points, as the rest of a question.
    """
    places: dict[str, str] = {}
    questions: dict[str, Question] = {}
    for file, stubs in sources:
        for stub in stubs:
            new, first = stub.question, questions.get(stub.question.id)
            if first is None:
                questions[new.id], places[new.id] = new, f"{file}, line {stub.header}"
            elif file not in (first.file, *first.also) and replace(new, file=first.file, also=first.also) == first:
                questions[new.id] = replace(first, also=(*first.also, file))
            else:
                problem = f"repeats question {new.id}, which {places[new.id]} has already"
                hint = "Give each question an id of its own; the parts of one in two files have one title and points."
                _fail(file, stub.header, problem, hint)
    return tuple(sorted(questions.values(), key=rubric_order))


def header(question: Question) -> str:
    """The line above a question's stub."""
    return f"### Question {question.id}: {question.title} ({worth(question)})"


def worth(question: Question) -> str:
    """A question's points in words, as its header has them."""
    return f"{question.points:g} point{'' if question.points == 1 else 's'}{', bonus' if question.bonus else ''}"


def rubric_order(question: Question) -> tuple[bool, list[int]]:
    """Sort key: core questions first, then bonus; within each by number, 1.2 before 2 and B2 before B10."""
    return question.bonus, [int(number) for number in re.findall(r"\d+", question.id)]


def _marks(source: str, file: str) -> Iterator[_Mark]:
    for token in _comments(source, file):
        line, column = token.start
        text = token.string.rstrip()
        for kind, pattern in (("header", HEADER), ("start", START), ("end", END)):
            if pattern.fullmatch(text):
                if token.line[:column].strip():
                    _fail(file, line, f"has `{text}` behind code", "Give it a line of its own.")
                yield _Mark(kind, line, column, text)
                break
        else:
            if LOOKS_LIKE_ONE.match(text):
                hint = (
                    "Write `### Question 1.2: Title (20 points)`, `### Question B1: Title (5 points, bonus)`, "
                    "`### YOUR CODE HERE (~ 9 lines)` or `### END OF YOUR CODE`, exactly so."
                )
                _fail(file, line, f"looks like a header or marker and is none: `{text}`", hint)


def _comments(source: str, file: str) -> list[tokenize.TokenInfo]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        ast.parse(source)
    except (SyntaxError, tokenize.TokenError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        _fail(file, line, f"is not valid Python ({error})", "Mend the file, then build again.")
    return [token for token in tokens if token.type == tokenize.COMMENT]


def _triples(marks: list[_Mark], file: str) -> Iterator[tuple[_Mark, _Mark, _Mark]]:
    """Yield the marks as header, start, end; raises AutograderError with the line for anything else."""
    wanted = ("header", "start", "end")
    problems = {
        ("header", "start"): ("starts a stub without a question header", "Write `### Question …` on the line above."),
        ("header", "end"): (
            "ends a stub that never started",
            "Put `### YOUR CODE HERE (~ n lines)` before the solution.",
        ),
        ("start", "header"): (
            "follows a question header without a stub",
            "Put `### YOUR CODE HERE (~ n lines)` between.",
        ),
        ("start", "end"): (
            "ends a stub that never started",
            "Put `### YOUR CODE HERE (~ n lines)` before the solution.",
        ),
        ("end", "header"): ("comes before the last stub has ended", "Put `### END OF YOUR CODE` after the solution."),
        ("end", "start"): ("comes before the last stub has ended", "Put `### END OF YOUR CODE` after the solution."),
    }
    group: list[_Mark] = []
    for mark in marks:
        expected = wanted[len(group)]
        if mark.kind != expected:
            _fail(file, mark.line, *problems[expected, mark.kind])
        group.append(mark)
        if len(group) == 3:
            yield group[0], group[1], group[2]
            group = []
    if len(group) == 1:
        _fail(file, group[0].line, "is a question header without a stub", "Put the two markers below it, or delete it.")
    if len(group) == 2:
        _fail(file, group[1].line, "starts a stub that never ends", "Put `### END OF YOUR CODE` after the solution.")


def _stub(file: str, header: _Mark, start: _Mark, end: _Mark) -> Stub:
    if len({header.column, start.column, end.column}) > 1:
        _fail(
            file, start.line, "is not indented as its header and end are", "Give the three lines the same indentation."
        )
    if start.line != header.line + 1:
        _fail(file, start.line, "is not right below its header", "Put the header on the line above the marker.")
    match = HEADER.fullmatch(header.text)
    points = POINTS.fullmatch(match["points"]) if match else None
    if match is None or points is None:
        found = match["points"] if match else header.text
        _fail(file, header.line, f"has `({found})` for points", "Write `(20 points)` or `(5 points, bonus)`.")
    bonus = points["bonus"] is not None
    if bonus != match["id"].startswith("B"):
        hint = "Give a bonus question an id like B1 and `(5 points, bonus)`; a core question has neither."
        _fail(file, header.line, f"disagrees with itself on whether {match['id']} is a bonus question", hint)
    question = Question(match["id"], match["title"], file, float(points["points"]), bonus=bonus)
    return Stub(question, header.line, start.line, end.line, header.column)


def _demand_inside_function(source: str, file: str, stub: Stub) -> None:
    """Refuse a stub outside of a function: it raises, so it must run on a call and never on import."""
    tree = ast.parse(source)
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and stub.start < node.lineno < stub.end]
    if not inside:
        _fail(file, stub.start, "has no solution between the markers", "Write the reference solution there.")
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    last = max(node.end_lineno or node.lineno for node in inside)
    if not any(node.lineno < stub.header and last <= (node.end_lineno or 0) for node in functions):
        _fail(
            file, stub.start, "starts a stub that is not inside one function", "Put the markers in the function's body."
        )


def _fail(file: str, line: int, problem: str, hint: str) -> NoReturn:
    raise AutograderError(f"{Path('solutions') / file}, line {line}, {problem}.", hint)
