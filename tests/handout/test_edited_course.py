"""A course that was edited as a real one is: another variant, a question renamed, one promoted, one gone, one absent.

It is built, verified and tested with the kit's own commands, in a copy and in processes of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = (*("rename 1.3 1.5", "promote B2 5", "remove B4", "build --variant 2027 --accept"),)
VIVA = '# [[manual]]\n# id = "6"\n# title = "Viva"\n# points = 20\n'
LOOK = """
import json
from pathlib import Path
from autograder.handout.build import generate
from autograder.handout.files.public_answers import reference_inputs
from autograder.handout.verify import Told, steps
from autograder.core.rubric import load_rubric, select
from autograder.grading.selftest import self_test

root = Path.cwd()
with reference_inputs(root) as inputs:
    files = generate(root, inputs)
rubric = load_rubric(root / "autograder" / "core" / "rubric.json")
looked = steps(root, files, self_test=False)
found = {step.title: [line for line in step.find() if not isinstance(line, Told)] for step in looked}
tallies = self_test(select(rubric, ["2", "5"]), 2, lambda: None, sets=1)
print(json.dumps({
    "questions": {question.id: question.points for question in rubric.questions},
    "steps": found,
    "misses": [miss for tally in tallies for miss in tally.misses],
    "tested": [[tally.question.id, tally.mistakes, tally.named] for tally in tallies],
}))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for part in ("autograder", "solutions", "handouts", "assignment", "docs", "requirements"):
        shutil.copytree(ROOT / part, root / part, ignore=ignored)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, root)
    settings = root / "solutions" / "course.toml"
    text = settings.read_text()
    edits = {
        'B3 = "asked"': 'B3 = "absent"',
        '# split = "': 'split = "',
        VIVA: VIVA.replace("# ", ""),
        "2026 fall": "2027 fall",
        "ssl-2026-fall": "7f2c41d09be6",
    }
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    settings.write_text(text)
    for page in (root / "handouts" / "source").rglob("changes.md"):
        page.write_text(page.read_text("utf-8").partition("\n- ")[0] + "\n", "utf-8")
    for command in COMMANDS:
        run(root, "-m", "autograder.handout.cli", *command.split())
    return root


def run(root: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def seen(course: Path) -> Mapping[str, Any]:
    return json.loads(run(course, "-c", LOOK).splitlines()[-1])


def test_it_asks_what_it_was_edited_to_ask(seen: Mapping[str, Any]) -> None:
    assert {*seen["questions"]} == {"1.1", "1.2", "1.4", "1.5", "2", "3", "4", "5", "6", "B1", "B5"}
    assert sum(worth for one, worth in seen["questions"].items() if one[0] not in "B46") == 45
    assert (seen["questions"]["4"], seen["questions"]["6"]) == (35, 20)
    assert all(float(worth).is_integer() for worth in seen["questions"].values())


def test_it_verifies(seen: Mapping[str, Any]) -> None:
    assert {title: found for title, found in seen["steps"].items() if found} == {}


def test_its_checks_and_hints_are_right(seen: Mapping[str, Any]) -> None:
    assert seen["misses"] == []
    assert all(mistakes == named > 6 for _, mistakes, named in seen["tested"])


def test_its_pages_have_its_constants(course: Path) -> None:
    page = (course / "handouts" / "assignment.html").read_text("utf-8")
    assert "4.0200" in page and "4.0102" not in page
    assert "default=0.01" not in (course / "assignment" / "ssl_kit" / "flags.py").read_text("utf-8")
    assert "temperature: float = 0.4" in (course / "assignment" / "criterion.py").read_text("utf-8")
