"""Tests the real assignment without its bonus questions: everything still imports, and a method says what it lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.core.records import STUDENT_FILES
from autograder.handout.build import given_files
from autograder.handout.files.regions import keep_shown

pytestmark = pytest.mark.published

SOLUTIONS = Path(__file__).parents[2] / "solutions"
METHODS = ("moco-queue", "moco-v2", "barlow-twins", "directpred", "directcopy", "pixcontrast", "pixpro")
TELL = """
import contextlib, io, sys
import main_linclis, main, validation, criterion
from ssl_kit import experiments, monitor, plots
for name in sys.argv[1:]:
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        main.main(["--method", name])
    print(said.getvalue().splitlines()[-1])
"""


@pytest.fixture(scope="module")
def core_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("core")
    for name in (*STUDENT_FILES, *given_files(SOLUTIONS.parent)):
        text = keep_shown((SOLUTIONS / name).read_text("utf-8"), set(), name)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def test_no_word_of_an_absent_question_stays(core_only: Path) -> None:
    for name in STUDENT_FILES:
        text = (core_only / name).read_text("utf-8")
        for word in ("bonus", "KeyQueue", "barlow", "direct_predictor", "pixel", "eigenspace"):
            assert word not in text, (name, word)


def test_everything_imports_and_each_absent_method_names_its_question(core_only: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TELL, *METHODS], cwd=core_only, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    questions = ("B1", "B1", "B2", "B3", "B3", "B4", "B4")
    for line, method, question in zip(lines, METHODS, questions, strict=True):
        assert f"{method} needs question {question}, which this assignment leaves out; take one of simclr" in line
