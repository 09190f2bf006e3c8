"""Each step of a question, forgotten once: the sentence names the file and the step."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.checks import judge
from autograder.checks.compare import Close
from autograder.checks.demands import each
from autograder.core.errors import AutograderError
from autograder.core.rubric import load_rubric
from autograder.core.settings import ROOT
from autograder.reference import complete
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.complete import demand_complete, lacking

QUESTION = next(question for question in reversed(load_rubric().graded) if question.file == "criterion.py")
"""The last question that is a loss."""
ID = QUESTION.id
OWN = [one for one in read_stand_ins(ROOT / "solutions/mistakes") if one.question == ID]
MISTAKES, TARGET = OWN[0].file, OWN[0].target
SECTION = f"handouts/source/questions/{ID}.md"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("solutions", "handouts/source/questions", "autograder/sandbox/probes"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "*.ipynb"))
    return tmp_path


def replaced(path: str, old: str, new: str, count: int = 1) -> Callable[[Path], None]:
    def forget(root: Path) -> None:
        text = (root / path).read_text("utf-8")
        assert re.search(old, text), old
        (root / path).write_text(re.sub(old, new, text, count=count), "utf-8")

    return forget


def without_section(root: Path) -> None:
    (root / SECTION).unlink()


def few_mistakes(root: Path) -> None:
    """Leave only five of the question's mistakes, written as functions."""
    functions = [f'@replaces("{ID}", "{TARGET}")\ndef wrong_{number}():\n    """Wrong."""\n' for number in range(5)]
    for path in (root / "solutions/mistakes").glob("*.py"):
        if any(stand_in.file == path.name for stand_in in OWN):
            path.write_text("\n\n".join(functions), "utf-8")


def one_equivalent(root: Path) -> None:
    for path in (root / "solutions/equivalents").glob("*.py"):
        first, *functions = path.read_text("utf-8").split("\n\n\n")
        own = [one for one in functions if f'@replaces("{ID}"' in one.replace("(\n    ", "(")]
        path.write_text("\n\n\n".join([first, *(one for one in functions if one not in own[1:])]), "utf-8")


STEPS: dict[str, tuple[Callable[[Path], None], str]] = {
    "reference": (
        replaced(
            "solutions/criterion.py",
            rf"(### Question {ID}:[^\n]*\n[^\n]*\n)",
            rf"\1# The reference of question {ID} is not written yet\n",
        ),
        rf"solutions/criterion\.py: the reference of question {ID} is not written yet",
    ),
    "section": (without_section, rf"{SECTION} is missing"),
    "section begun": (replaced(SECTION, r"\A", "TO WRITE\n"), rf"{SECTION} still says TO WRITE"),
    "number": (
        replaced("solutions/criterion.py", rf"(### Question {ID}:[^\n]*\n[^\n]*\n)( *)", r"\1\2x = 0.123\n\2"),
        rf"solutions/criterion\.py, line \d+, uses 0\.123, which {SECTION} does not tell",
    ),
    "probe": (
        replaced("autograder/sandbox/probes/criterion.py", r"\ndef (?!_)", r"\ndef other_", count=0),
        rf"probes/criterion\.py has no probe `\w+`, which the cases of question {ID} name",
    ),
    "mistakes": (few_mistakes, rf"solutions/mistakes/\*\.py: question {ID} needs at least 6 .* has 5"),
    "equivalents": (one_equivalent, rf"solutions/equivalents/.* question {ID} needs at least 2 .* has 1"),
    "hint": (
        replaced(f"solutions/mistakes/{MISTAKES}", r'"""(?=[A-Z`])', '"""TO WRITE ', count=0),
        rf"question {ID} needs at least 6 mistakes",
    ),
    "target": (
        replaced(f"solutions/mistakes/{MISTAKES}", re.escape(f'"{TARGET}"'), '"SSLLoss.missspelt"'),
        rf"{MISTAKES}, line \d+: it names `SSLLoss\.missspelt`, which is not in solutions/criterion\.py",
    ),
    "id": (
        replaced(f"solutions/mistakes/{MISTAKES}", re.escape(f'"{ID}"'), '"B77"'),
        rf"{MISTAKES}, line \d+: it names question B77, which has no header",
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_in_a_file(copy: Path, step: str) -> None:
    forget, sentence = STEPS[step]
    forget(copy)
    read_stand_ins.cache_clear()
    assert re.search(sentence, "\n".join(lacking(copy, [QUESTION])))


def test_a_build_stops_there(copy: Path) -> None:
    without_section(copy)
    with pytest.raises(AutograderError, match=f"{SECTION} is missing") as caught:
        demand_complete(copy, [QUESTION])
    assert "instructor_guide.md" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("public_cases", "has no public case of question"),
        ("term_cases own_cases", "has no hidden case of question"),
    ],
)
def test_a_step_in_the_cases(monkeypatch: pytest.MonkeyPatch, name: str, sentence: str) -> None:
    for one in name.split():
        monkeypatch.setattr(complete, one, lambda *_: ())
    assert sentence in "\n".join(lacking(ROOT, [QUESTION]))


def test_a_step_in_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    for kept, sentence in (
        (lambda check: False, f'test_criterion*.py has no Check("{ID}", …)'),
        (lambda check: not check.public, f"has no public check of question {ID}"),
        (lambda check: check.public, f"has no hidden check of question {ID}"),
    ):
        checks = [check for check in judge.CHECKS if check.question == ID]
        with monkeypatch.context() as patch:
            patch.setattr(judge, "CHECKS", [check for check in checks if kept(check)])
            assert sentence in "\n".join(lacking(ROOT, [QUESTION]))


def test_a_check_that_asks_for_a_case_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = (check for check in judge.CHECKS if check.question == ID)

    asks = each(["misspelt"], ["value"], Close(1e-4))
    monkeypatch.setattr(judge, "CHECKS", [first, *others, replace(first, name="test_asks", demands=asks)])
    assert f"test_asks asks for a case 'misspelt' that question {ID} has not" in "\n".join(lacking(ROOT, [QUESTION]))


def test_the_kit_lacks_nothing() -> None:
    read_stand_ins.cache_clear()
    assert not [*lacking(ROOT, load_rubric().graded)]
