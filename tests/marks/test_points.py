"""Tests of autograder/marks/points.py: points by hand, read from a list, kept, and laid over results."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_list.headings import ListHeadings
from autograder.core.errors import AutograderError
from autograder.core.records import Question, QuestionResult, Result, Rubric, Status
from autograder.marks.points import Given, Points, code_part, load_points, read_points, save_points, whole

RUBRIC = Rubric(
    (
        Question("1.2", "Loss", "criterion.py", 70),
        Question("4", "Report", "report.ipynb", 30, manual=True),
        Question("B1", "Queue", "criterion.py", 25, bonus=True),
    ),
    "seed",
)
ANN = Result("ann", Status.OK, 70, 0.1, (QuestionResult("1.2", "Loss", 60, 70, ()),), "")


def listed(tmp_path: Path, text: str, rubric: Rubric = RUBRIC) -> dict[str, dict[str, Given | None]]:
    (tmp_path / "report.csv").write_text(text)
    return read_points(tmp_path / "report.csv", rubric, {"ann", "bob"}, ListHeadings())


@pytest.mark.parametrize("heading", ["points", "4", "Report"])
def test_a_list(tmp_path: Path, heading: str) -> None:
    found = listed(tmp_path, f"id,{heading},comment\nann,20.5,Nice plots.\nbob,,\n")
    assert found == {"ann": {"4": Given(20.5, "Nice plots.")}, "bob": {"4": None}}


def test_a_decimal_comma_and_no_comments(tmp_path: Path) -> None:
    assert listed(tmp_path, 'id;points\nann;"20,5"\n') == {"ann": {"4": Given(20.5)}}


def test_several_questions_are_called_by_their_ids(tmp_path: Path) -> None:
    talk = Question("5", "Talk", "talk.pdf", 10, manual=True)
    rubric = Rubric((*RUBRIC.questions, talk), "seed")
    found = listed(tmp_path, "id,4,5,5 comment\nann,20,9,Clear.\n", rubric)
    assert found == {"ann": {"4": Given(20), "5": Given(9, "Clear.")}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,points\neve,20\n", "eve is not in the class"),
        ("id,points\nann,20\nann,21\n", "ann stands twice"),
        ("id,points\nann,31\n", "ann: '31' is not a number from 0 to 30"),
        ("id,points\nann,-1\n", "'-1' is not a number"),
        ("id,points\nann,nan\n", "'nan' is not a number"),
        ("id,points\nann,good\n", "'good' is not a number"),
        ("id,marks\nann,20\n", "no column with the points"),
        ("id,points,1.2\nann,20,60\n", "question 1.2 is graded by a program"),
        ("name,points\nann,20\n", "no column with students' ids"),
    ],
)
def test_a_list_that_can_not_be_meant_so_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AutograderError) as caught:
        listed(tmp_path, text)
    assert message in caught.value.message and caught.value.hint


def test_the_list_counts_before_the_gradebook_and_a_later_list_before_an_earlier_one() -> None:
    points = Points({"ann": {"4": Given(20)}}, {"ann": {"4": Given(25), "1.2": Given(65)}, "bob": {"4": Given(5)}})
    assert points.of("ann") == {"4": Given(20), "1.2": Given(65)}
    said = "question 4 has 20 points in the list, which count, and 25 in the gradebook"
    assert points.differing() == [f"ann: {said}"]
    assert points.differing("{} (Ann Abel)".format) == [f"ann (Ann Abel): {said}"]
    later = points.with_list({"ann": {"4": None}, "bob": {"4": Given(6)}})
    assert (later.of("ann")["4"], later.of("bob")["4"]) == (Given(25), Given(6))


def test_they_are_kept(tmp_path: Path) -> None:
    assert load_points(tmp_path) == Points() == load_points(tmp_path / "none")
    save_points(tmp_path, Points())
    assert not list(tmp_path.iterdir())
    points = Points({"ann": {"4": Given(20, "é")}}, {"bob": {"1.2": Given(0.5)}})
    save_points(tmp_path, points)
    assert load_points(tmp_path) == points


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"listed": {"ann": {"4": 3}}, "gradebook": {}}', "[" * 10**5])
def test_a_damaged_record_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "points.json").write_text(text)
    with pytest.raises(AutograderError, match="is damaged"):
        load_points(tmp_path)


def test_laid_over_a_result() -> None:
    assert whole(ANN, RUBRIC, Points()) == ANN
    marked = whole(ANN, RUBRIC, Points({"ann": {"4": Given(20, "Nice."), "1.2": Given(65)}}))
    assert (marked.score, marked.max_score) == (85, 100)
    assert [(one.id, one.score, one.max_score) for one in marked.questions] == [("1.2", 65, 70), ("4", 20, 30)]
    assert marked.questions[0].comment == "Changed by a person: the checks gave 60."
    assert marked.questions[1].comment == "Nice."
    assert (code_part(marked, RUBRIC).score, code_part(marked, RUBRIC).max_score) == (65, 70)


def test_who_has_no_grade_gets_none_by_hand() -> None:
    failed = Result("ann", Status.ERROR, 70, 0, (), "")
    assert whole(failed, RUBRIC, Points({"ann": {"4": Given(20)}})) == failed
