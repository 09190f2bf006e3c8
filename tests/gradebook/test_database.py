"""The gradebook, asked through nbgrader's own API."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import About, Question, Result, Rubric, Status
from autograder.gradebook.database import record, student_id
from autograder.gradebook.marked import points_by_hand
from autograder.marks.points import Given
from tests.gradebook.conftest import graded

PARTS = {"report-methods": 18.0, "report-form": 12.0}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


def opened(url: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        return Gradebook(url)


def test_scores_hints_and_what_a_person_entered(url: str, rubric: Rubric) -> None:
    rubric = replace(rubric, questions=(*rubric.questions, Question("6", "Viva", "", 20, manual=True)))
    record(url, [graded("ada", 5, 5), graded("bob")], rubric, PARTS, {"ada"})
    with opened(url) as book:
        ada, bob = (book.find_submission("ssl", student) for student in ("ada", "bob"))
        assert (ada.score, ada.max_score, bob.score) == (10, 70, 20)
        assert ada.needs_manual_grade and book.find_grade("question-6", "code", "ssl", "bob").needs_manual_grade
        hint = book.find_comment("question-1-2", "code", "ssl", "ada")
        assert hint.auto_comment == "The sign.\n\nConsistent with: The mean.\n\nSlow."
        hint.manual_comment = "See me."
        for name, notebook, score in (
            ("question-1-2", "code", 7.0),
            ("report-methods", "report", 15.0),
            ("question-6", "code", 17.0),
        ):
            grade = book.find_grade(name, notebook, "ssl", "ada")
            grade.manual_score, grade.needs_manual_grade = score, False
        book.db.commit()
    # Nothing moved: nothing is asked of people again. Then the score beneath a person's one moves.
    for score, ask in ((5, False), (12, True)):
        record(url, [graded("ada", score, 5), graded("bob")], rubric, PARTS, {"ada"})
        with opened(url) as book:
            grade = book.find_grade("question-1-2", "code", "ssl", "ada")
            assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (score, 7, ask)
            report = book.find_grade("report-methods", "report", "ssl", "ada")
            assert (report.manual_score, report.needs_manual_grade) == (15, False)
            assert book.find_comment("question-1-2", "code", "ssl", "ada").comment == "See me."
            assert book.find_submission("ssl", "ada").score == 7 + 5 + 15 + 17
    assert points_by_hand(url, rubric, ["ada"]) == {"ada": {"1.2": Given(7, "See me."), "6": Given(17)}}


def test_no_grade_is_no_score_and_a_late_report_is_asked_for(url: str, rubric: Rubric) -> None:
    record(url, [Result("c", Status.ERROR, 20, 0, (), "f")], rubric, PARTS, ())
    with opened(url) as book:
        grade = book.find_grade("question-1-2", "code", "ssl", "c")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
        assert book.find_grade("report-form", "report", "ssl", "c").auto_score == 0
    record(url, [graded("c")], rubric, PARTS, {"c"})
    with opened(url) as book:
        grade = book.find_grade("question-1-2", "code", "ssl", "c")
        assert (grade.auto_score, grade.needs_manual_grade) == (20, False)
        report = book.find_grade("report-form", "report", "ssl", "c")
        assert (report.auto_score, report.needs_manual_grade) == (None, True)


def test_ids_of_any_kind(url: str, rubric: Rubric) -> None:
    names = ["<script>", "a/b", "é 學生", "x" * 300, "\udcff\x00"]
    record(url, [graded(name) for name in names], rubric, PARTS, ())
    with opened(url) as book:
        found = {student.id for student in book.students}
    assert {student_id(name) for name in names} <= found
    assert max(map(len, found)) <= 128


@pytest.mark.parametrize("wrong", ["nonsense", "sqlite:////nowhere/at/all.db", "nosuch://x"])
def test_a_database_that_can_not_be_used(rubric: Rubric, wrong: str) -> None:
    with pytest.raises(AutograderError):
        record(wrong, [graded("ada")], rubric, PARTS, ())


def test_names_come_from_the_roster(url: str, rubric: Rubric) -> None:
    for about in (About(), About("Lovelace, Ada", "ada@x.edu"), About()):
        record(url, [replace(graded("ada"), about=about)], rubric, PARTS, ())
    with opened(url) as book:
        student = book.find_student("ada")
        assert (student.first_name, student.last_name, student.email) == ("Ada", "Lovelace", "ada@x.edu")
