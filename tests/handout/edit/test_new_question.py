"""Tests `handout new-question`: every file is laid down, fits in, and says what it still lacks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES
from autograder.handout.build import rubric_of, texts_of
from autograder.handout.edit.new_question import NewQuestion, lay_down, missing
from autograder.handout.edit.staging import FILES, PARTS

pytestmark = pytest.mark.published

ROOT = Path(__file__).parents[3]
VICREG = NewQuestion("B99", "VICReg", "criterion.py", "vicreg_loss(z1, z2)", 5)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in PARTS:
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


@pytest.mark.parametrize("file", STUDENT_FILES)
def test_each_file_grows_and_stays_in_order(copy: Path, file: str) -> None:
    asked = replace(VICREG, file=file)
    assert len(lay_down(copy, asked)) == 7
    paths = [path.relative_to(copy).as_posix() for path in copy.rglob("*vicreg_loss.py")]
    grown = [f"solutions/{file}", f"autograder/sandbox/probes/{file}"]
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", *paths, *grown], cwd=copy, capture_output=True, text=True
    )
    assert len(paths) == 4 and not found.returncode, found.stdout
    main = (copy / "solutions" / file).read_text("utf-8")
    assert main.index("def vicreg_loss") < main.index('if __name__ == "__main__"')
    question = next(question for question in rubric_of(copy).questions if question.id == "B99")
    assert (question.title, question.points, question.bonus, question.file) == ("VICReg", 5, True, file)


def test_what_is_left_is_said_until_nothing_is(copy: Path) -> None:
    lay_down(copy, VICREG)
    assert [line.partition(":")[0].rpartition("/")[2] for line in missing(copy, VICREG)] == [
        *("criterion.py", "B99.md", "explain.py", "criterion_vicreg_loss.py", "criterion_vicreg_loss.py")
    ]
    assert lay_down(copy, VICREG) == []
    with pytest.raises(AutograderError, match=r"B99\.md is not finished"):
        texts_of(copy)
    (copy / "handouts/source/questions/B99.md").write_text("Three demands: $1 + 2$.")
    solution = copy / "solutions/criterion.py"
    solution.write_text(solution.read_text().replace("The reference of question B99 is not written yet", ""))
    formulas = copy / "autograder/checks/explain.py"
    formulas.write_text(formulas.read_text().replace("FORMULAS = {", 'FORMULAS = {\n    "B99": "L = v + c",'))
    for folder, count in (("mistakes", 6), ("equivalents", 2)):
        path = copy / f"solutions/{folder}/criterion_vicreg_loss.py"
        text = path.read_text().partition("@replaces")[0]
        for number in range(count):
            assert list(missing(copy, VICREG))
            text += f'\n@replaces("B99", "vicreg_loss")\ndef v{number}(z1, z2):\n    """Look."""\n'
            path.write_text(text)
    assert list(missing(copy, VICREG)) == []
    assert "Question B99: VICReg (5 points, bonus)" in texts_of(copy)["assignment"]


def _taken(copy: Path) -> None:
    (copy / "handouts/source/questions/B99.md").write_text("")


def test_the_translation_and_the_test_of_the_example_are_asked_for(copy: Path) -> None:
    lay_down(copy, VICREG)
    tests = copy / "tests" / "solutions"
    tests.mkdir(parents=True)
    (tests / "test_handout_examples.py").write_text("")
    course = copy / "solutions" / "course.toml"
    course.write_text(course.read_text("utf-8").replace('language = "en"', 'language = "ko"'), "utf-8")
    left = {line.partition(":")[0] for line in missing(copy, VICREG)}
    asked = {"handouts/source/ko/questions/B99.md", "tests/solutions/test_handout_examples.py"}
    assert asked <= left
    (tests / "test_handout_examples.py").write_text("vicreg_loss")
    (copy / "handouts/source/ko/questions/B99.md").write_text("세 가지.")
    assert not asked & {line.partition(":")[0] for line in missing(copy, VICREG)}


def test_a_question_that_is_given_is_not_to_be_checked(copy: Path) -> None:
    lay_down(copy, VICREG)
    section = copy / "handouts/source/questions/B99.md"
    section.write_text(section.read_text("utf-8").replace("TO WRITE", "Written"), "utf-8")
    assert "python check.py criterion`\n\n::: later\n**Common" in texts_of(copy)["assignment"]
    course = copy / "solutions" / "course.toml"
    course.write_text(course.read_text("utf-8").replace("[bonus]", '[bonus]\nB99 = "given"'), "utf-8")
    text = texts_of(copy)["assignment"]
    assert "Written" in text and "python check.py criterion`\n\n::: later\n**Common" not in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "six"}, "not an id"),
        ({"file": "engine.py"}, "not a file that students hand in"),
        ({"function": "vicreg"}, "not a function"),
        ({"function": "Vicreg(z1)"}, "not a function"),
        ({"title": "two\nlines"}, "cannot be a title"),
        ({"title": 'a "loss"'}, "cannot be a title"),
        ({"id": "1.2"}, "is 'Contrastive loss' in criterion.py already"),
        ({"id": "4"}, "is 'Report' in report.ipynb already"),
        ({"function": "align_loss(z1, z2)"}, "has `align_loss` already, the function of question 1.3"),
        ({"function": "unit_pixels(z1)"}, "has `unit_pixels` already"),
        ({"function": "barlow(z1)"}, "probes/criterion.py, line .* has `barlow` already"),
        ({"file": "main.py", "function": "lambda(x)"}, "`lambda` is a word of Python's own"),
        ({"function": "loss_of(input)"}, "`input` is a word of Python's own"),
        ({"function": "loss_of(z, z)"}, "`z` is there twice"),
        (_taken, "B99.md is there already"),
    ],
)
def test_what_makes_no_sense_is_refused(
    copy: Path, change: dict[str, str] | Callable[[Path], None], message: str
) -> None:
    asked = VICREG
    if callable(change):
        change(copy)
    else:
        asked = replace(VICREG, **change)  # type: ignore[arg-type]
    before = {path: path.read_bytes() for path in copy.rglob("*.*") if path.is_file()}
    with pytest.raises(AutograderError, match=message) as caught:
        lay_down(copy, asked)
    assert caught.value.hint
    assert before == {path: path.read_bytes() for path in copy.rglob("*.*") if path.is_file()}
