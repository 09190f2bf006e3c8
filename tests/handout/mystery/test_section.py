"""Tests what the mystery run changes where a course asks for it, and that it changes nothing where none does."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.rubric import load_rubric
from autograder.core.settings import ROOT
from autograder.handout.build import Inputs, generate
from autograder.handout.files.student_zip import _mystery_names
from autograder.handout.mystery.commands import runs_problems
from autograder.mystery import FILE
from autograder.mystery.runs import PATH, Run, runs_json

ASKED = '[[manual]]\nid = "5"\ntitle = "The mystery run"\nfile = "mystery.toml"\npoints = 5\n'


@pytest.fixture
def asking(repository: Path) -> Path:
    (repository / "handouts/source/mystery.md").write_text("You have a folder with your id.\n")
    with (repository / "solutions" / "course.toml").open("a") as settings:
        settings.write(ASKED)
    return repository


def test_a_course_that_asks_has_the_section_and_the_points(asking: Path, inputs: Inputs) -> None:
    files = generate(asking, inputs)
    assert b"Question 5: The mystery run (5 points)" in files["handouts/assignment.html"]
    assert b"You have a folder with your id." in files["handouts/assignment.html"]
    rows = {row["id"]: row for row in json.loads(files["autograder/core/rubric.json"])["questions"]}
    assert (rows["5"]["points"], rows["5"]["manual"]) == (5, True)
    assert "assignment/mystery.toml" not in files  # each student has their own


def test_a_course_that_does_not_ask_is_as_before(repository: Path, inputs: Inputs) -> None:
    before = generate(repository, inputs)
    (repository / "handouts/source/mystery.md").write_text("You have a folder with your id.\n")
    (repository / PATH).parent.mkdir(parents=True)
    (repository / PATH).write_bytes(
        runs_json("hush-hush", [Run("python main.py", "sign", "SSLLoss.align_loss", (12,), ())])
    )
    assert generate(repository, inputs) == before


def test_a_course_that_asks_needs_runs_of_its_own_seed(asking: Path) -> None:
    assert any("cannot be read" in line for line in runs_problems(asking))
    (asking / PATH).parent.mkdir(parents=True)
    (asking / PATH).write_bytes(runs_json("last year", [Run("python main.py", "none", "none", (), ())]))
    assert any("another seed" in line for line in runs_problems(asking))
    (asking / PATH).write_bytes(runs_json("hush-hush", [Run("python main.py", "none", "none", (), ())]))
    assert [*runs_problems(asking)] == []


def test_a_course_that_does_not_ask_needs_none(repository: Path) -> None:
    assert [*runs_problems(repository)] == []


@pytest.mark.published
def test_check_py_knows_the_names_of_the_table_and_nothing_else() -> None:
    """In alphabetical order, so that they say nothing about a run; none in a course without such a run."""
    rubric = load_rubric()
    mystery = replace(rubric.questions[0], id="5", file=FILE, manual=True)
    mistakes, functions = _mystery_names(ROOT / "solutions", replace(rubric, questions=(mystery,)))
    page = (ROOT / "handouts/source/mystery.md").read_text("utf-8")
    table = re.findall(r"^\| `([a-z-]+)` \| `([a-z_]+)` \|", page, re.MULTILINE)
    assert mistakes == sorted(name for name, _ in table if name != "mistake")
    assert functions == sorted({name for _, name in table if name != "function"})
    assert _mystery_names(ROOT / "solutions", rubric) == [[], []]
