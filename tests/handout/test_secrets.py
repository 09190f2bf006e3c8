"""Nothing that a student downloads holds a line of the reference, a mistake's code, or anything of a hidden check."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.cases import own_cases, term_cases
from autograder.grader import SKELETON, SOLUTIONS
from autograder.records import STUDENT_FILES
from autograder.rubric import load_rubric

BLOCK = re.compile(r"### YOUR CODE HERE[^\n]*\n(.*?)### END OF YOUR CODE", re.DOTALL)
SHORTEST = 24
"""Shorter lines (`return loss`) may stand anywhere."""


def lines(text: str) -> set[str]:
    stripped = {re.sub(r"\s+#.*", "", line).strip() for line in text.splitlines()}
    return {line for line in stripped if len(line) >= SHORTEST and not line.startswith(("#", '"""'))}


def downloaded() -> dict[Path, str]:
    return {
        path: path.read_text("utf-8")
        for path in SKELETON.rglob("*")
        if path.is_file() and "__pycache__" not in str(path)
    }


@pytest.mark.parametrize("file", STUDENT_FILES)
def test_no_line_of_a_solution(file: str) -> None:
    blocks = BLOCK.findall((SOLUTIONS / file).read_text("utf-8"))
    assert blocks
    secret = set().union(*map(lines, blocks))
    assert secret
    for path, text in downloaded().items():
        assert not secret & lines(text), path


def test_no_code_of_a_mistake_or_an_equivalent() -> None:
    assert not [path for path in SKELETON.rglob("*") if path.name in ("mistakes", "equivalents", "course.toml")]
    assert not [path for path, text in downloaded().items() if "from mistakes import" in text]


def test_public_cases_only_and_no_seed() -> None:
    rubric = load_rubric()
    stored = json.loads((SKELETON / "public_checks.json").read_text("utf-8"))
    names = {case["name"] for question in stored["questions"] for case in question["cases"]}
    assert names
    for question in rubric.graded:
        hidden = (*term_cases(question.id, rubric.seed), *own_cases(question.id, rubric.seed, "student"))
        assert hidden
        assert not names & {case.name for case in hidden}
    for path, text in downloaded().items():
        assert rubric.seed not in text, path
