"""Faults that are made at once: which are looked for, in what words, and that a row without faults is right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.core.errors import AutograderError
from autograder.core.records import CodeError
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, SOLUTIONS, Limits
from autograder.diagnose.compositions import compositions, known
from autograder.diagnose.match import diagnose
from autograder.grading.grader import Grader
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.phrases import Phrase, derived, joined
from autograder.reference.process import Reference
from autograder.sandbox.client import Server

QUESTIONS = [question.id for question in load_rubric().graded]
MISTAKES = SOLUTIONS / "mistakes"
ROWS = [one for one in QUESTIONS if any(v.stage for v in read_stand_ins(MISTAKES) if v.question == one)]
"""Those that have stages; an adopter's own question need not."""
TWO_STAGES = '''
QUESTION, TARGET = "7", "function"


class First(Given):
    """Begins."""

    def right(self):
        return 1

    one = common(lambda self: 2)
    """The start is two. Look at the start."""
    other = lambda self: 3
    """The value is right, but three: look at it."""


class Second(Given):
    """Ends."""

    def right(self):
        return self.first

    @common("the end is twice what it should be", "at the end")
    def doubled(self):
        """Doubled."""
        return 2 * self.first

    plain = lambda self: 0
    """Nothing. Look for the rest."""


class Whole(Given):
    """No composition."""

    def another(self):
        """Another thing."""


STAGES = (First, Second)
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seven.py").write_text(TWO_STAGES, "utf-8")
    return tmp_path


def test_pairs_have_a_common_fault_and_stages_of_their_own(folder: Path) -> None:
    names = [stand_in.name for stand_in in known(folder, "7")]
    alone, pairs = names[:5], names[5:]
    assert alone == ["one", "other", "doubled", "plain", "another"]
    assert pairs == ["one+doubled", "one+plain", "other+doubled"]


def test_words_of_a_pair(folder: Path) -> None:
    hints = {stand_in.name: stand_in.hint for stand_in in compositions(folder, "7")}
    assert hints["one+doubled"] == (
        "Two things at once: the start is two, and the end is twice what it should be. "
        "Look at the start, and at the end."
    )
    assert (
        hints["one+plain"] == "Two things at once: the start is two, and nothing. Look at the start, and for the rest."
    )


def test_a_fault_without_a_hint_is_told_with_its_line(folder: Path) -> None:
    text = TWO_STAGES.replace('    """Nothing. Look for the rest."""\n', "")
    (folder / "eight.py").write_text(text, "utf-8")
    with pytest.raises(AutograderError, match=r"eight\.py, line \d+: plain has no docstring"):
        read_stand_ins(folder)


def test_phrases() -> None:
    assert derived("The value is right, but `x` is cut. Look at `dim`: why?") == Phrase("`x` is cut", "at `dim`")
    assert derived("PyTorch refuses.") == Phrase("PyTorch refuses", "")
    assert joined([Phrase("a", "at x"), Phrase("b", ""), Phrase("c", "for z")]) == (
        "Three things at once: a, b, and c. Look at x, and for z."
    )
    assert joined([Phrase("a", ""), Phrase("b", "")]) == "Two things at once: a, and b."


def test_phrases_with_commas_are_parted_by_semicolons_and_a_place_is_told_once() -> None:
    phrases = [Phrase("a, and so b", "at x"), Phrase("c", "at x"), Phrase("d", "")]
    assert joined(phrases) == "Three things at once: a, and so b; c; and d. Look at x."


@pytest.mark.published
def test_the_catalogue_is_small_and_names_much() -> None:
    paths = [path for path in MISTAKES.iterdir() if path.is_file()]
    assert len(paths) <= 16
    assert sum(len(path.read_text("utf-8").splitlines()) for path in paths) <= 4000
    assert sum(len(known(MISTAKES, question)) for question in QUESTIONS) >= 6000


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """A reference in whose catalogue each file has a fault that is what is right."""
    root = tmp_path_factory.mktemp("bare")
    for path in [*SOLUTIONS.glob("*.py"), *MISTAKES.glob("*.py")]:
        copy = root / path.relative_to(SOLUTIONS)
        copy.parent.mkdir(exist_ok=True)
        again = "\nSTAGES[-1].no_fault = STAGES[-1].right\n" if "STAGES = (" in path.read_text("utf-8") else ""
        copy.write_text(path.read_text("utf-8") + again, "utf-8")
    with Server(SKELETON) as server, closing(Reference(server, root, Limits())) as reference:
        yield reference


@pytest.mark.parametrize("question_id", ROWS)
def test_a_row_without_a_fault_is_right(grader: Grader, bare: Reference, question_id: str) -> None:
    question = load_rubric()[question_id]
    cases = grader.key.cases(question, "a-student")
    files = {
        stand_in.file for stand_in in read_stand_ins(MISTAKES) if stand_in.question == question_id and stand_in.stage
    }
    for file in files:
        given = bare.answers(question, cases, f"mistakes/{file.removesuffix('.py')}/no_fault")
        assert judge.all_pass(question, judge.beside(cases, given, grader.key.expected(question, cases)))


@pytest.mark.published
def test_the_other_file_of_a_question_is_looked_at_where_one_is_not_answered(grader: Grader) -> None:
    rubric = load_rubric()
    question = rubric["B1"]
    cases = all_cases("B1", rubric.seed, "student")
    right = grader.key.reference.answers(question, cases)
    unfilled = CodeError("unfilled", "Question B1 is not implemented yet.")

    def found(stand_in: str | None) -> list[str]:
        given = [
            type(answer)(answer.case, error=unfilled) if case.file == "model_factory.py" else answer
            for case, answer in zip(cases, grader.key.reference.answers(question, cases, stand_in), strict=True)
        ]
        answers = judge.beside(cases, given, right)
        return [one.mistake for one in diagnose(question, answers, grader.key.reference, MISTAKES)]

    assert found("mistakes/queue/temperature_left_out") == ["temperature_left_out"]
    assert found(None) == []
