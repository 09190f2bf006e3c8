"""A repair is found if a small change mends an answer; it is proved, and described without its text."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.records import Diagnosis, Question, QuestionResult, Submission
from autograder.core.rubric import credited, load_rubric
from autograder.core.settings import Limits
from autograder.grading.grader import Grader
from autograder.repair import search
from autograder.repair.repairer import ONE, TWO
from autograder.sandbox.edits.file import Edit
from autograder.sandbox.session import Session
from tests.sample_class import LOOPS, RIGHT, hand_in

pytestmark = pytest.mark.published

SUM = LOOPS["1.3"].replace("/ len(z1)", "/ (len(z1) + 3)")


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


def graded(grader: Grader, folder: Path, question: str, answer: str) -> QuestionResult:
    hand_in(folder / "student", RIGHT | {question: answer})
    (result,) = grader.grade(Submission("student", folder / "student"), [load_rubric()[question]]).questions
    return result


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / "student" / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


# Question, answer, what is said of it, the line that is meant, and what the change puts there.
WRONG = {
    "1.1": ("p2=self.predictor(z2)", "p2=self.predictor(z2) - 1", "a term", "p2=self.predictor(z2))"),
    "1.2": ("+ len(z1), torch", ", torch", "a step that is missing", "+ len(z1)"),
    "1.3": (".mean()", ".mean() * 3", "a term", ".mean()"),
    "1.4": ("(1 - m)", "(1 + m)", "the operator", "(1 - m)"),
    "2": (".sum().item()", ".sum().item() + 2", "a term", ".sum().item()"),
    "3": ("[model.fc.weight,", "[-model.fc.weight,", "the sign", "[model.fc.weight,"),
}


@pytest.mark.parametrize("question", WRONG)
def test_the_line_and_the_kind_are_told_and_the_staff_has_the_change(
    grader: Grader, tmp_path: Path, question: str
) -> None:
    right, wrong, said, added = WRONG[question]
    assert RIGHT[question].count(right) == 1
    (found,) = graded(grader, tmp_path, question, RIGHT[question].replace(right, wrong)).diagnosis
    file = load_rubric()[question].file
    assert found.mistake == ONE and found.certain
    assert found.hint.startswith(f"Line {line_of(tmp_path, file, wrong)} of {file}: look at {said}")
    assert added in next(one for one in found.change.splitlines() if one.startswith("+"))
    assert added not in found.hint


def test_two_changes_where_one_does_not_do(grader: Grader, tmp_path: Path) -> None:
    wrong = RIGHT["1.1"].replace("p2=self.predictor(z2)", "p2=self.predictor(z1)").replace("z2 = (", "z2 = 2 * (")
    (found,) = graded(grader, tmp_path, "1.1", wrong).diagnosis
    assert found.mistake == TWO
    assert found.hint.count("model_factory.py: look at") == 2 and "Two small changes" in found.hint


@pytest.mark.parametrize("question", RIGHT)
def test_no_right_answer_is_repaired(grader: Grader, tmp_path: Path, question: str) -> None:
    result = graded(grader, tmp_path, question, RIGHT[question])
    assert result.score == result.max_score and result.diagnosis == ()


@pytest.mark.parametrize(
    "answer",
    [
        "\n        raise NotImplementedError('Question 1.3 is not implemented yet')\n",
        "\n        import os\n        os._exit(3)\n",
        "\n        return z1.sum() * torch.ones(len(z2)).prod() * 7 + z1.std() ** 3\n",
    ],
)
def test_what_is_no_answer_or_another_one_is_not_repaired(grader: Grader, tmp_path: Path, answer: str) -> None:
    assert graded(grader, tmp_path, "1.3", answer).diagnosis == ()


def test_an_answer_that_took_all_its_time_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search.Search, "found", lambda self: pytest.fail("it was searched"))
    with Grader(load_rubric(), Limits(timeout=2.0)) as grader:
        result = graded(grader, tmp_path, "1.3", "\n        while True: pass\n")
    assert result.could_not_run and result.diagnosis == ()


def test_none_is_looked_for_where_the_course_does_not_want_it(tmp_path: Path) -> None:
    with Grader(load_rubric(), Limits(repair=0.0)) as grader:
        assert graded(grader, tmp_path, "1.3", SUM).diagnosis == ()


def test_what_does_not_pass_the_students_own_cases_is_not_told(
    grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the search finds changes that are wrong."""
    wrong = SUM.replace("+ 3", "+ 4")
    monkeypatch.setattr(search.Search, "found", lambda self: ((0,), (1,)))
    assert graded(grader, tmp_path, "1.3", wrong).diagnosis == ()


def test_the_same_code_is_searched_once_and_other_code_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    find = search.Search.found
    monkeypatch.setattr(search.Search, "found", lambda self: searched.append(1) or find(self))
    with Grader(load_rubric(), Limits()) as grader:
        first = graded(grader, tmp_path / "1", "1.3", SUM)
        again = graded(grader, tmp_path / "2", "1.3", f"\n        # mine\n{SUM}")
        assert len(searched) == 1
        assert first.diagnosis[0].mistake == again.diagnosis[0].mistake == ONE
        graded(grader, tmp_path / "3", "1.3", SUM.replace("+ 3", "+ 5"))
        assert len(searched) == 2


def test_a_change_that_never_ends_or_ends_the_process_costs_the_search_only_that(
    grader: Grader, tmp_path: Path
) -> None:
    wrong = """
        import os
        n = (len, os._exit)[0](z1) if z1 is not None else os._exit(2)
        while n > len(z1) - 1:
            n = n - 1
        return -F.cosine_similarity(z1, z2, dim=1).mean() - 0.25
    """
    start = time.process_time()
    (found,) = graded(grader, tmp_path, "1.3", wrong).diagnosis
    assert found.mistake == ONE and "0.25" in found.change
    assert time.process_time() - start < 30


def test_a_search_has_so_much_time_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[float] = []
    tried = Session.try_edits
    monkeypatch.setattr(
        Session, "try_edits", lambda self, *asked: spent.append(asked[-1].left()) or tried(self, *asked)
    )
    slow = SUM.replace("return", "import time; time.sleep(0.05)\n        return").replace("+ 3", "+ 7")
    with Grader(load_rubric(), Limits(repair=0.3)) as grader:
        assert graded(grader, tmp_path, "1.3", slow).diagnosis == ()
    assert spent
    assert sum(spent) <= 1.5  # seconds on the clock, of which half count


def test_what_a_process_lists_may_not_reach_beyond_the_file(
    grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Session.edits

    def far(self: Session, part: Question) -> tuple[int, list[Edit]]:
        piece, edits = listed(self, part)
        return piece, [replace(one, start=1 << 20, end=1 << 20) for one in edits]

    monkeypatch.setattr(Session, "edits", far)
    assert graded(grader, tmp_path, "1.3", SUM.replace("+ 3", "+ 6")).diagnosis == ()


def test_a_course_may_give_points_for_one_edit() -> None:
    question = replace(load_rubric()["1.3"], credit=((ONE, 6.0),))
    result = QuestionResult("1.3", "Align loss", 2.0, 10.0, (), (Diagnosis(ONE, "Line 3.", change="+x"),))
    assert credited(question, result).score == 6.0
    assert credited(question, replace(result, diagnosis=(Diagnosis(TWO, "Lines.", change="+x"),))).score == 2.0


def test_a_piece_that_is_not_there_is_none(grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = Session.edits
    monkeypatch.setattr(Session, "edits", lambda self, part: (7, listed(self, part)[1]))
    assert graded(grader, tmp_path, "1.3", SUM.replace("+ 3", "+ 8")).diagnosis == ()


AT_THE_MARGIN = """
def align_loss(self, z1, z2):
    return -F.cosine_similarity(z1, z2, dim=1).mean() * 3

SSLLoss.align_loss = align_loss
"""


@pytest.mark.parametrize(
    "written", ["{file}", "%matplotlib inline\n{file}", "%%writefile criterion.py\n{file}", "margin"]
)
def test_a_cell_of_a_notebook(grader: Grader, tmp_path: Path, written: str) -> None:
    wrong = RIGHT["1.3"].replace(".mean()", ".mean() * 3")
    hand_in(tmp_path / "student", RIGHT | ({} if written == "margin" else {"1.3": wrong}))
    file = tmp_path / "student" / "criterion.py"
    cells = [file.read_text("utf-8"), AT_THE_MARGIN] if written == "margin" else [written.format(file=file.read_text())]
    file.unlink()
    code = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []} for text in ["import torch", *cells]]
    notebook = {"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "student" / "hw.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    asked = [load_rubric()["1.3"]]
    (result,) = grader.grade(Submission("student", tmp_path / "student"), asked).questions
    (found,) = result.diagnosis
    lines = cells[-1].splitlines()
    line = next(number for number, text in enumerate(lines, 1) if ".mean() * 3" in text)
    assert found.mistake == ONE
    assert found.hint.startswith(f"Line {line} of hw.ipynb, cell {len(cells) + 1}: look at a term")
