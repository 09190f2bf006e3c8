"""Tests `handout new-question`: every file is laid down, fits in, and says what it still lacks."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.handout.build import pages_of, rubric_of
from autograder.handout.new_question import NewQuestion, lay_down, missing
from autograder.records import STUDENT_FILES

ROOT = Path(__file__).parents[2]
VICREG = NewQuestion("B99", "VICReg", "criterion.py", "vicreg_loss(z1, z2)", 5)
FOLDERS = ("solutions", "handouts/source", "autograder/cases", "autograder/checks", "autograder/sandbox/probes")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("file", STUDENT_FILES)
def test_each_file_grows_and_stays_valid(copy: Path, file: str) -> None:
    written = lay_down(copy, replace(VICREG, file=file))
    assert len(written) == 9
    for path in written:
        text = (copy / path).read_text("utf-8")
        if path.endswith(".py"):
            ast.parse(text)
            assert "b99" in text.lower()
            others = (ROOT / path).read_text("utf-8").splitlines() if (ROOT / path).is_file() else []
            lost = {line for line in others if line not in text.splitlines()}
            assert all(line.startswith("from autograder.checks.compare import") for line in lost)
    main = (copy / "solutions" / file).read_text("utf-8")
    assert main.index("def vicreg_loss") < main.index('if __name__ == "__main__"')
    question = next(question for question in rubric_of(copy).questions if question.id == "B99")
    assert (question.title, question.points, question.bonus, question.file) == ("VICReg", 5, True, file)


def test_what_is_left_is_said_until_nothing_is(copy: Path) -> None:
    lay_down(copy, VICREG)
    assert [line.partition(":")[0].rpartition("/")[2] for line in missing(copy, VICREG)] == [
        *("criterion.py", "B99.md", "criterion_b99.py", "criterion_b99.py")
    ]
    assert lay_down(copy, VICREG) == []
    with pytest.raises(AutograderError, match=r"B99\.md is not finished"):
        pages_of(copy)
    (copy / "handouts/source/questions/B99.md").write_text("Three demands: $1 + 2$.")
    solution = copy / "solutions/criterion.py"
    solution.write_text(solution.read_text().replace("The reference of question B99 is not written yet", ""))
    for folder, count in (("mistakes", 6), ("equivalents", 2)):
        with (copy / f"solutions/{folder}/criterion_b99.py").open("a") as file:
            for number in range(count):
                assert list(missing(copy, VICREG))
                file.write(f'\n@replaces("B99", "vicreg_loss")\ndef v{number}(z1, z2):\n    """Look."""\n')
                file.flush()
    assert list(missing(copy, VICREG)) == []
    assert "Question B99: VICReg (5 points, bonus)" in str(pages_of(copy)["handouts/assignment.html"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "six"}, "no id"),
        ({"file": "engine.py"}, "no file that students hand in"),
        ({"function": "vicreg"}, "no function"),
        ({"title": "two\nlines"}, "can not be a title"),
        ({"id": "1.2"}, "is 'Contrastive loss' in criterion.py already"),
    ],
)
def test_what_makes_no_sense_is_refused(copy: Path, change: dict[str, str], message: str) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*.*") if path.is_file()}
    with pytest.raises(AutograderError, match=message):
        lay_down(copy, replace(VICREG, **change))  # type: ignore[arg-type]
    assert before == {path: path.read_bytes() for path in copy.rglob("*.*") if path.is_file()}
