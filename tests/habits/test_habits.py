"""Everyday habits, each in a hand-in of its own, through the grader and through the student's check.py."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.core.records import STUDENT_FILES
from tests.habits import answers, faults, imports
from tests.habits.habit import Habit

ROOT = Path(__file__).parents[2]
LIGHT: dict[str, Any] = {
    "copy_function": lambda one, other: (os.symlink if one.endswith("public_checks.json") else shutil.copy)(one, other)
}
"""The inputs are more than a megabyte, and nobody changes them."""
POINTS = {"1.1": 10, "1.2": 20, "1.3": 10, "1.4": 10, "2": 10, "3": 10}
TABLE: tuple[Habit, ...] = (*imports.HABITS, *answers.HABITS, *faults.HABITS)
IDS = [habit.name for habit in TABLE]


def student(habit: Habit) -> str:
    return f"{IDS.index(habit.name):03d}"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every habit's result, from one run of the grader."""
    folder = tmp_path_factory.mktemp("habits")
    for habit in TABLE:
        habit.write(folder / "class" / student(habit))
    flags = ["--output", str(folder / "grades"), *(f"--question={question}" for question in POINTS)]
    assert main([str(folder / "class"), *flags]) == 0
    results = (folder / "grades" / "results").glob("*.json")
    return {path.stem: json.loads(path.read_text()) for path in results}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The output of check.py on every habit, and its exit status."""
    folder, home = tmp_path_factory.mktemp("checked"), tmp_path_factory.mktemp("home")
    for habit in TABLE:
        if habit.check:
            habit.write(folder / student(habit))
            kept = shutil.ignore_patterns("__pycache__", *STUDENT_FILES, *habit.beside)
            shutil.copytree(ROOT / "assignment", folder / student(habit), ignore=kept, dirs_exist_ok=True, **LIGHT)
    command = [sys.executable, "-m", "tests.habits.checks", str(folder)]
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(TABLE) >= 150
    assert len(set(IDS)) == len(IDS)


@pytest.mark.published
@pytest.mark.parametrize("habit", TABLE, ids=IDS)
def test_the_grade_is_the_deserved_one(habit: Habit, graded: dict[str, Any]) -> None:
    result = graded[student(habit)]
    told = json.dumps(result["questions"], ensure_ascii=False)
    assert {question["id"]: question["score"] for question in result["questions"]} == {**POINTS, **habit.lost}, told
    if not habit.lost:
        assert result["status"] == "ok"
    assert habit.says in told.replace('\\"', '"')
    assert "/site-packages" not in told and "/autograde-" not in told


@pytest.mark.published
@pytest.mark.parametrize("habit", [habit for habit in TABLE if habit.check], ids=[h.name for h in TABLE if h.check])
def test_check_py_agrees(habit: Habit, graded: dict[str, Any], checked: dict[str, Any]) -> None:
    status, text = checked[student(habit)]
    assert status == ("[-----failed-----]" in text), f"it did not come to its end:\n{text}"
    assert "Traceback" not in text
    for question in graded[student(habit)]["questions"]:
        passes = all_pass(text, question["id"])
        if passes:
            assert all(check["passed"] for check in question["checks"] if check["public"]), question["id"]
        if question["score"] == question["max_score"] and not habit.broken:
            assert passes, text
    if habit.says and "installed where" not in habit.says:
        assert habit.says in text


def all_pass(text: str, question: str) -> bool:
    """Whether check.py has passed every check of a question."""
    marks = re.findall(rf"^\[Test {re.escape(question)}: .*\]\n\[-----(\w+)-----\]", text, re.MULTILINE)
    return bool(marks) and set(marks) == {"passed"}
