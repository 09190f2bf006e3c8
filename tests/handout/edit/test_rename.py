"""Tests `handout rename`, `promote` and `remove`: every part of a question follows, or nothing changes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.build import rubric_of
from autograder.handout.cli import main
from autograder.handout.edit import naming, staging
from autograder.handout.edit.naming import in_page, in_prose, in_python, in_settings
from autograder.handout.edit.new_question import NewQuestion, lay_down
from autograder.handout.edit.remove import remove
from autograder.handout.edit.staging import FILES, PARTS

pytestmark = pytest.mark.published

ROOT = Path(__file__).parents[3]


def content(root: Path) -> Mapping[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kit")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, root / file)
    return root


@pytest.fixture(scope="module")
def edited(copy: Path) -> Mapping[str, Question]:
    """The questions after one of each command."""
    for words in ("rename 1.3 1.5", "promote B2 5", "remove B4"):
        assert main(["--root", str(copy), *words.split()]) == 0
    return {question.id: question for question in rubric_of(copy).questions}


def test_questions_are_what_the_commands_made_of_them(edited: Mapping[str, Question]) -> None:
    before = {question.id: question for question in rubric_of(ROOT).questions}
    assert {*edited} == {*before} - {"1.3", "B2", "B4"} | {"1.5", "5"}
    assert edited["1.5"].title == before["1.3"].title
    assert not edited["5"].bonus and edited["5"].points == before["B2"].points


@pytest.mark.parametrize("question", ["1.3", "B2", "B4"])
def test_nothing_is_left_behind(copy: Path, edited: Mapping[str, Question], question: str) -> None:
    """But for the instructor's own prose, which is reported."""
    left = [line for line in naming.named_in(copy, question) if not line.startswith("handouts/source/instructor_")]
    assert not left
    assert not (copy / naming.SECTIONS / f"{question}.md").exists()
    for path in copy.glob("solutions/*.py"):
        assert f"question {question}\n" not in path.read_text("utf-8"), path
    for name in ("course.toml", "variants.toml"):
        assert f"{question}.md" not in (copy / "solutions" / name).read_text("utf-8")


def test_the_list_of_changes_tells_of_what_was_called_so(copy: Path, edited: Mapping[str, Question]) -> None:
    for page in (ROOT / naming.SOURCES).rglob("changes.md"):
        assert (copy / page.relative_to(ROOT)).read_bytes() == page.read_bytes()


def test_methods_that_needed_a_removed_question_are_told(
    copy: Path, edited: Mapping[str, Question], tmp_path: Path
) -> None:
    root = tmp_path / "kit"
    shutil.copytree(copy, root)
    told = remove(root, "B3")
    assert "B3" not in (root / "autograder/checks/explain.py").read_text("utf-8")
    assert any(line.startswith("still names directpred: solutions/") for line in told)
    assert not any(line.startswith("still names pixpro") for line in told)


def test_what_was_there_for_a_removed_question_alone_is_gone(copy: Path, edited: Mapping[str, Question]) -> None:
    words = "\n".join(text.decode() for path, text in content(copy).items() if path.endswith(".py"))
    for word in ("pixel_consistency", "_public_pixels", "def _grid(", "def pixels", "criterion_pixels"):
        assert word not in words, word


def test_a_question_that_comes_and_goes_leaves_no_trace(copy: Path, edited: Mapping[str, Question]) -> None:
    before = content(copy)
    lay_down(copy, NewQuestion("B6", "VICReg", "criterion.py", "vicreg_loss(z1, z2)", 5))
    assert content(copy) != before
    (copy / "handouts/source/questions/B6.md").write_text("Three demands.")
    remove(copy, "B6")
    assert content(copy) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("rename 9.9 1.5", "no question 9.9"),
        ("rename 1.2 1.4", "Question 1.4 is 'Momentum update' in main.py already"),
        ("rename 1.2 4", "Question 4 is 'Report'"),
        ("rename 1.2 one", "cannot become|not an id"),
        ("rename 1.2 1.02", "not an id"),
        ("rename 1.2 B9", "1.2 cannot become B9"),
        ("rename B1 7", "B1 cannot become 7"),
        ("promote 1.2 7", "1.2 cannot become 7"),
        ("promote B1 B8", "B1 cannot become B8"),
        ("promote B1 1.2", "Question 1.2 is"),
        ("remove B77", "no question B77"),
        ("remove 4", "no question 4"),
    ],
)
def test_what_makes_no_sense_is_refused(copy: Path, words: str, message: str) -> None:
    before = content(copy)
    with pytest.raises(AutograderError, match=message) as caught:
        main(["--root", str(copy), *words.split()])
    assert caught.value.hint
    assert content(copy) == before


def test_a_change_that_fails_half_way_is_taken_back(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(copy)
    written = []

    def full(path: Path, data: bytes) -> None:
        if len(written) >= 3 and data not in before.values():
            raise AutograderError("The disk is full.", "Make room.")
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr(staging, "write_whole", full)
    with pytest.raises(AutograderError, match="disk is full"):
        main(["--root", str(copy), "rename", "1.4", "1.8"])
    assert len(written) > 3 and content(copy) == before


def test_a_course_that_would_not_fit_together_is_refused(copy: Path) -> None:
    page = copy / "handouts/source/changes.md"
    text = page.read_text()
    page.write_text(text + "\n{{ points(\"1.4\") }} and {{ points('1.4') }}\n")
    try:
        before = content(copy)
        with pytest.raises(AutograderError, match=r"changes\.md has a slot that cannot be filled"):
            remove(copy, "1.4")
        assert content(copy) == before
    finally:
        page.write_text(text)


def test_where_an_id_stands() -> None:
    code = 'A = {"1.3": 1.3, "2": "question 1.3 or 1.4; 1.3"}  # Question 1.3: x; 1.3\n'
    assert in_python(code, "1.3", "9") == 'A = {"9": 1.3, "2": "question 9 or 1.4; 1.3"}  # Question 9: x; 1.3\n'
    assert in_prose("questions 1.3, 1.31 and B2; 1.3", "1.3", "1.5") == "questions 1.5, 1.31 and B2; 1.3"
    assert in_prose("B2 and B21, question B2.", "B2", "5") == "question 5 and B21, question 5."
    assert in_prose("`handout promote B2 5` of B2", "B2", "5") == "`handout promote B2 5` of question 5"
    page = '| 1.3 Align |\n[question 1.3](#question-1.3) {{ points("1.3") }} #question-1.31 1.3 s\n'
    assert (
        in_page(page, "1.3", "7") == '| 7 Align |\n[question 7](#question-7) {{ points("7") }} #question-1.31 1.3 s\n'
    )
    settings = 'B2 = "asked"\n# "1.2" = 25\nid = "4"\n["2027".texts."handouts/source/questions/B2.md"]\n'
    changed = in_settings(in_settings(in_settings(settings, "B2", "B7"), "1.2", "1.6"), "4", "6")
    assert changed == settings.replace("B2", "B7").replace("1.2", "1.6").replace('"4"', '"6"')
