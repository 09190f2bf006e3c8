"""A class of 30 whose right answers are short and alike by nature: two copies with other names come first in it."""

from __future__ import annotations

import ast
import random
import re
import textwrap
from functools import cache

import pytest

from autograder.collect.excerpts import skeleton_excerpts
from autograder.core.records import Excerpt, Result, Status
from autograder.core.rubric import load_rubric
from autograder.core.settings import SOLUTIONS
from autograder.report.similarity import Pair, alike_pairs
from tests.sample_class import RIGHT


class _Renamed(ast.NodeTransformer):
    """Gives variables other names."""

    def __init__(self, names: set[str]) -> None:
        self.other = {name: f"my_{i}_{name[::-1]}" for i, name in enumerate(sorted(names))}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.other.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.other.get(node.arg, node.arg))


def renamed(answer: str) -> str:
    """The same answer with other names, another layout, and comments."""
    tree = ast.parse(f"def f():\n{textwrap.indent(answer, ' ')}")
    stored = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    names = stored | {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    body = textwrap.dedent(ast.unparse(_Renamed(names).visit(tree)).partition("\n")[2])
    assert not names or body != answer
    return "# All mine.\n" + body.replace("\n", "  # so\n", 2)


@cache
def answers() -> dict[str, list[str]]:
    """Right answers to each question, the shortest first."""
    found = {question: [textwrap.dedent(text).strip()] for question, text in RIGHT.items()}
    for path in sorted((SOLUTIONS / "equivalents").glob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(decorator, ast.Call) and decorator.args:
                    body = "\n".join(map(ast.unparse, node.body[1:]))
                    found.setdefault(ast.literal_eval(decorator.args[0]), []).append(body)
    return {question: sorted(found[question], key=len) for question in RIGHT}


def handed_in(student: str, chosen: dict[str, str]) -> Result:
    """A student whose stubs hold these answers."""
    excerpts = []
    for one in given():
        text = "\n".join(text for _, text in one.lines)
        stub = re.compile(r"^( *)raise NotImplementedError.*", re.MULTILINE)
        text = stub.sub(lambda found, answer=chosen[one.question]: textwrap.indent(answer, found[1]), text)
        excerpts.append(Excerpt(one.question, one.file, tuple(enumerate(text.split("\n"), 1))))
    return Result(student, Status.OK, 70, 1.0, (), student, excerpts=tuple(excerpts))


@cache
def given() -> tuple[Excerpt, ...]:
    return tuple(one for one in skeleton_excerpts(load_rubric()) if one.question in RIGHT)


def pairs_of_a_class(seed: int, choice: int, shortest: int) -> tuple[list[Pair], int]:
    """30 students choose among the shortest answers; the copied student chooses among `choice` of them."""
    draw = random.Random(seed)
    others = [{q: draw.choice(known[:shortest]) for q, known in answers().items()} for _ in range(28)]
    own = {q: draw.choice(known[:choice]) for q, known in answers().items()}
    copy = {question: renamed(answer) for question, answer in own.items()}
    class_ = [handed_in(f"s{i:02}", chosen) for i, chosen in enumerate(others)]
    pairs = alike_pairs([*class_, handed_in("y-own", own), handed_in("z-copy", copy)], given())
    return pairs, sum(len("".join(answer.split())) for answer in own.values())


@pytest.mark.published
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shortest", [2, 4, 8])
def test_two_copies_come_first(seed: int, shortest: int) -> None:
    pairs, length = pairs_of_a_class(seed, 100, shortest)
    assert pairs[0].students == ("y-own", "z-copy")
    assert pairs[0].characters > 0.6 * length
    assert all(pair.characters < 0.7 * pairs[0].characters for pair in pairs[1:])


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_of_answers_that_others_give_too_comes_first(seed: int) -> None:
    pairs, _ = pairs_of_a_class(seed, 8, 8)
    assert pairs[0].students == ("y-own", "z-copy")
    assert pairs[0].share == 1
