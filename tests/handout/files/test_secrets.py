"""Nothing that a student downloads holds a line of the reference, a mistake's code, or anything of a hidden check."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from autograder.cases import own_cases, term_cases
from autograder.core.records import STUDENT_FILES
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, SOLUTIONS
from autograder.handout.build import PUBLIC, facts_of, given_files
from autograder.handout.files.annotations import read_stubs
from autograder.handout.files.regions import keep_shown
from autograder.handout.files.secrets import leaks
from autograder.handout.files.stubs import stub_source

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


@pytest.mark.published
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
    stored = json.loads((SKELETON / PUBLIC / "public_checks.json").read_text("utf-8"))
    names = {case["name"] for question in stored["questions"] for case in question["cases"]}
    assert names
    for question in rubric.graded:
        hidden = (*term_cases(question.id, rubric.seed), *own_cases(question.id, rubric.seed, "student"))
        assert hidden
        assert not names & {case.name for case in hidden}
    for path, text in downloaded().items():
        assert rubric.seed not in text, path


PLOTS = "ssl_kit/plots.py"
STATES = ("asked", "given", "absent")


def shipped_as(folder: Path, state: str) -> tuple[Path, dict[str, bytes]]:
    """A course in which B2 is in another state, and what its students get of `solutions/*.py`."""
    root = folder / state
    shutil.copytree(SOLUTIONS, root / "solutions", ignore=shutil.ignore_patterns("__pycache__", "mistakes", "equiv*"))
    course = root / "solutions" / "course.toml"
    course.write_text(course.read_text("utf-8").replace('B2 = "asked"', f'B2 = "{state}"'), "utf-8")
    facts = facts_of(root)
    asked = {question.id: question for question in facts.rubric.graded}
    files = {}
    for name in (*STUDENT_FILES, *given_files(root)):
        source = (root / "solutions" / name).read_text("utf-8")
        stubs = read_stubs(source, name)
        files[name] = keep_shown(stub_source(source, stubs, name, asked), facts.shown, name).encode()
    return root, files


@pytest.mark.published
@pytest.mark.parametrize("state", STATES)
def test_what_is_given_is_no_secret_and_what_is_absent_is_one(tmp_path: Path, state: str) -> None:
    root, files = shipped_as(tmp_path, state)
    assert list(leaks(root, files, "no seed at all")) == []
    source = (SOLUTIONS / "criterion.py").read_text("utf-8")
    answer = "        off_diagonal = correlation.square().sum() - diagonal.square().sum()\n"
    around = "        Each feature is standardised over the batch\n"
    assert answer in source and around.strip() in source
    around = next(line for line in source.splitlines(keepends=True) if around.strip() in line)
    told = [
        bool(list(leaks(root, {**files, PLOTS: files[PLOTS] + line.encode()}, "no seed at all")))
        for line in (answer, around)
    ]
    assert told == [state != "given", state == "absent"]
