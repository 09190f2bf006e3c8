"""The gradebook, asked through nbgrader's own API."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import About, Item, Question, Result, Rubric, Status
from autograder.gradebook.by_people import record_changes
from autograder.gradebook.changes import Kept, load_kept, save_kept
from autograder.gradebook.database import record, student_id
from autograder.gradebook.marked import points_by_hand
from autograder.marks.overrides import EXCUSED, Change, Kind, Overrides, new
from autograder.marks.points import Given, Points, whole
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


REPORT = tuple(Item(f"{part}.1", part, part, points, "") for part, points in PARTS.items())
MARKED = Question("4", "Report", "report.ipynb", 30, manual=True, items=REPORT)


def entered(book: Any, student: str, cell: str) -> tuple[float | None, str | None, bool]:
    """A cell as people left it: score, comment, and whether it asks for a grade."""
    notebook = "report" if cell.startswith("report") else "code"
    grade, said = (find(cell, notebook, "ssl", student) for find in (book.find_grade, book.find_comment))
    return grade.manual_score, said.manual_comment, grade.needs_manual_grade


def change(kind: Kind, number: int = 1, **rest: object) -> Change:
    return msgspec.structs.replace(new(kind, "ta", [], **rest), id=number)


CHECKS = "Changed by a person: the checks gave 5."
LINES = {"report-methods.1": 14.0, "report-form.1": 6.0}
FIFTEEN = change(Kind.POINTS, question="1.2", points=15, comment="Hm.")
CELLS: dict[str, tuple[list[Change], dict[str, tuple[float | None, str | None, bool]]]] = {
    "points": ([FIFTEEN], {"question-1-2": (15, f"{CHECKS}\nHm.", False)}),
    "a-comment": ([change(Kind.COMMENT, question="1.2", comment="Hm.")], {"question-1-2": (7, "Hm.", False)}),
    "lines": (
        [change(Kind.POINTS, question="4", points=20, items=LINES, comment="Good.")],
        {"report-methods": (14, "Good.", False), "report-form": (6, None, False)},
    ),
    "a-whole-report": (
        [change(Kind.POINTS, question="4", points=20)],
        {"report-methods": (12, None, False), "report-form": (8, None, False)},
    ),
    "a-talk": ([change(Kind.POINTS, question="6", points=17)], {"question-6": (17, None, False)}),
    "zero": (
        [FIFTEEN, change(Kind.ZERO, 2, comment="Why.")],
        {
            "question-1-2": (0, f"Why.\n{CHECKS}\nHm.", False),
            "question-B1": (0, None, False),
            "report-form": (0, None, False),
        },
    ),
    "excuse": ([change(Kind.EXCUSE)], {"question-1-2": (7, EXCUSED, False)}),
    "hold": ([change(Kind.HOLD, comment="for the staff")], {"question-1-2": (7, "See me.", True)}),
}


def followed(
    url: str,
    folder: Path,
    rubric: Rubric,
    class_: Mapping[str, Result],
    changes: Mapping[str, Sequence[Change]],
    kill: bool = False,
) -> None:
    """Put changes into the gradebook, or be killed just before the commit."""

    def save(kept: Kept) -> None:
        save_kept(folder, kept)
        if kill:
            raise KeyboardInterrupt

    every = [msgspec.structs.replace(one, students=(name,)) for name, some in changes.items() for one in some]
    points = Points(overrides=Overrides(tuple(every)))
    now = {name: whole(one, rubric, points) for name, one in class_.items()}
    try:
        record_changes(url, now, rubric, PARTS, changes, load_kept(folder), save)
    except KeyboardInterrupt:
        assert kill


def test_a_change_of_the_desk_is_a_persons_score_and_an_undone_one_leaves_nothing(
    url: str, tmp_path: Path, rubric: Rubric
) -> None:
    by_id = {question.id: question for question in rubric.questions}
    rubric = replace(rubric, questions=(by_id["1.2"], MARKED, by_id["B1"], Question("6", "Viva", "", 20, manual=True)))
    class_ = {name: graded(name, 5) for name in CELLS}
    record(url, [*class_.values()], rubric, PARTS, {*class_})
    with opened(url) as book:  # what a person entered in formgrader
        for name in class_:
            grade, said = (find("question-1-2", "code", "ssl", name) for find in (book.find_grade, book.find_comment))
            grade.manual_score, said.manual_comment = 7.0, "See me."
        book.db.commit()
    before = points_by_hand(url, rubric, class_)

    follow = partial(followed, url, tmp_path, rubric, class_)
    changes = {name: some for name, (some, _) in CELLS.items()}
    follow(changes, kill=True)
    follow(changes)
    with opened(url) as book:
        for name, (_, cells) in CELLS.items():
            assert {cell: entered(book, name, cell) for cell in cells} == cells, name
    assert points_by_hand(url, rubric, class_, load_kept(tmp_path)) == before, "the desk has its own record"
    follow({name: [change(Kind.POINTS, question="1.2", points=3)] for name in class_}, kill=True)
    nothing: dict[str, list[Change]] = {name: [] for name in class_}
    follow(nothing, kill=True)
    assert points_by_hand(url, rubric, class_, load_kept(tmp_path)) == before
    follow(nothing)
    assert (load_kept(tmp_path), points_by_hand(url, rubric, class_)) == ({}, before)
    follow(changes)
    with opened(url) as book:  # a person, after the change
        book.find_grade("question-1-2", "code", "ssl", "points").manual_score = 9.0
        book.db.commit()
    follow(nothing)
    theirs = points_by_hand(url, rubric, class_, load_kept(tmp_path))
    assert theirs["points"]["1.2"].points == 9, "a person entered it after the change"


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
