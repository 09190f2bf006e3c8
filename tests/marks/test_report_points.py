"""A class of six while its reports are being marked: what is refused, and what tables, pages and the gradebook say.

The code is worth 70, bonus 25, the report 30; each day late costs 10 percent.

| | code | bonus | report | total | late | mark | code alone |
|---|---|---|---|---|---|---|---|
| ann | 70 | 25 | 20 | 115 | | 115 | 95 of 70 |
| bob | 60 | | 25 | 85 | 2 days, 20 % | 68 | 48 |
| cy | 70 | | 20 | 90 | | 90 | 70 |
| di, no report | 40 | | 0 | 40 | | 40 | 40 |
| ed | 70 | | 30 | 100 | | 100 | 70 |
| fay, nothing | 0 | | | 0 | | 0 | 0 |
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.records import About, QuestionResult, Result, Rubric, Status, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, Limits
from autograder.core.store import open_output, save_result
from autograder.gradebook.database import Late
from autograder.gradebook.folder import update_gradebook
from autograder.marks.late import Policy
from autograder.marks.points import Points
from autograder.report.outputs import write_page, write_tables
from tests.gradebook.test_database import opened

pytestmark = pytest.mark.published

CODE = {"1": 70.0, "2": 60.0, "3": 70.0, "4": 40.0, "5": 70.0, "6": 0.0}
REPORT = {"1": 20.0, "2": 25.0, "3": 20.0, "4": 0.0, "5": 30.0}
NAMES = {"1": "Ann Abel", "2": "Bob Berg", "3": "Cy Cruz", "4": "Di Dahl", "5": "Ed Egger", "6": "Fay Frei"}
KEPT = {"1": "115", "2": "68", "3": "90", "4": "40", "5": "100", "6": "0"}
CODE_KEPT = {"1": "95", "2": "48", "3": "70", "4": "40", "5": "70", "6": "0"}
DUE = datetime.fromisoformat("2026-12-12T23:59:00+01:00")


def result(student: str, rubric: Rubric) -> Result:
    """A student's code: points from the first question on; ann has all bonus points as well."""
    left, questions = CODE[student], []
    for question in rubric.graded:
        earned = (5.0 if student == "1" else 0.0) if question.bonus else min(question.points, left)
        left -= 0 if question.bonus else earned
        questions.append(QuestionResult(question.id, question.title, earned, question.points, ()))
    times = {"2": "2026-12-14T12:00:00+01:00", "6": ""}
    about = About(NAMES[student], f"{student}@x.org", submitted=times.get(student, "2026-12-12T23:59:40+01:00"))
    status = Status.MISSING if student == "6" else Status.OK
    return Result(student, status, rubric.max_score, 0.1, tuple(questions), "f", about=about)


@pytest.fixture
def rubric() -> Rubric:
    return load_rubric()


@pytest.fixture
def grades(tmp_path: Path, rubric: Rubric, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The class as `autograde` leaves it."""
    monkeypatch.setattr("autograder.commands.export.read_policy", lambda: Policy(DUE, percent=10))
    folder = tmp_path / "grades"
    open_output(folder, tmp_path / "class")
    results = [result(student, rubric) for student in CODE]
    for one in results:
        save_result(folder, one)
        write_page(folder, one, rubric, Points())
    write_tables(folder, results, rubric, Points())
    return folder


@pytest.fixture
def listed(tmp_path: Path) -> list[str]:
    """The report's points in a list, di's and fay's not among them."""
    rows = [f"{student},{points:g},Note {student}.\n" for student, points in REPORT.items() if student != "4"]
    (tmp_path / "report.csv").write_text("id,points,comment\n" + "".join(rows))
    return ["--points", str(tmp_path / "report.csv")]


@pytest.fixture
def complete(tmp_path: Path, listed: list[str]) -> list[str]:
    with (tmp_path / "report.csv").open("a") as file:
        file.write("4,0,Nothing was handed in.\n")
    return listed


def canvas(maximum: str) -> str:
    rows = "".join(f'"{name}",{student},,,"A",,4.5,\r\n' for student, name in NAMES.items())
    head = "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (4711),Quiz (12),Final Score\r\n"
    return f"{head}    Points Possible,,,,,{maximum},5.00,(read only)\r\n{rows}"


def moodle(maximum: str) -> str:
    rows = "".join(f'"Participant {student}","{name}",Submitted,,{maximum},Yes,\n' for student, name in NAMES.items())
    head = 'Identifier,"Full name",Status,Grade,"Maximum grade","Grade can be changed","Feedback comments"\n'
    return head + rows


def filled(tmp_path: Path, kind: str, grades: Path, sheet: str, *flags: str) -> list[dict[str, str]]:
    (tmp_path / "sheet.csv").write_text(sheet)
    (tmp_path / "sheet-filled.csv").unlink(missing_ok=True)
    assert main(["export", kind, str(grades), "--sheet", str(tmp_path / "sheet.csv"), *flags]) == 0
    with open(tmp_path / "sheet-filled.csv", newline="") as file:
        return list(csv.DictReader(file))


def of_canvas(tmp_path: Path, grades: Path, maximum: str, *flags: str) -> Mapping[str, str]:
    rows = filled(tmp_path, "canvas", grades, canvas(maximum), "--column", "4711", *flags)
    assert [row["Quiz (12)"] for row in rows[1:]] == ["4.5"] * 6
    return {row["ID"]: row["Homework 1 (4711)"] for row in rows if row["ID"]}


@pytest.mark.parametrize("kind", ["canvas", "moodle"])
@pytest.mark.parametrize("more", [(), ("--scale",)])
def test_a_report_without_points_is_refused(
    tmp_path: Path, grades: Path, listed: list[str], kind: str, more: tuple[str, ...]
) -> None:
    sheet, flags = {"canvas": (canvas("100"), ("--column", "4711")), "moodle": (moodle("100"), ())}[kind]
    for points in (listed, []):
        with pytest.raises(AutograderError) as caught:
            filled(tmp_path, kind, grades, sheet, *flags, *more, *points)
        assert caught.value.message.endswith("  4 (Di Dahl): question 4 has no points yet")
        assert "--without-report" in caught.value.hint
        assert not (tmp_path / "sheet-filled.csv").exists()


@pytest.mark.parametrize("more", [(), ("--scale",)])
def test_while_nobody_has_points_seventy_is_never_a_hundred(
    tmp_path: Path, grades: Path, more: tuple[str, ...]
) -> None:
    with pytest.raises(AutograderError, match="question 4 has no points yet"):
        of_canvas(tmp_path, grades, "100", *more)
    assert of_canvas(tmp_path, grades, "70", *more) == CODE_KEPT
    assert of_canvas(tmp_path, grades, "100", "--without-report", *more) == CODE_KEPT


def table(tmp_path: Path, kind: str, grades: Path, *flags: str) -> list[dict[str, str]]:
    output = tmp_path / "marks.csv"
    assert main(["export", kind, str(grades), "--output", str(output), *flags]) == 0
    with open(output, newline="") as file:
        return list(csv.DictReader(file))


def test_grades_csv_and_the_pages_know_the_report(tmp_path: Path, grades: Path, complete: list[str]) -> None:
    with open(grades / "grades.csv", newline="") as file:
        assert [row["4"] for row in csv.DictReader(file)] == [""] * 6
    rows = table(tmp_path, "csv", grades, *complete)
    assert {row["student"]: row["score"] for row in rows} == KEPT
    assert {row["max_score"] for row in rows} == {"100"}
    assert [row["undiscounted"] for row in rows] == ["115", "85", "90", "40", "100", "0"]
    with open(grades / "grades.csv", newline="") as file:
        found = [(row["score"], row["max_score"], row["4"]) for row in csv.DictReader(file)]
    assert found == [
        *[("95", "70", "20"), ("60", "70", "25"), ("70", "70", "20"), ("40", "70", "0"), ("70", "70", "30")],
        ("0", "70", ""),
    ]
    page = (grades / "feedback" / "5.html").read_text()
    assert "<strong>100</strong> of 100 points" in page and "Note 5." in page and "<strong>30</strong> / 30" in page
    assert "Question 4 (Report, 30 points) is marked by a person" in (grades / "feedback" / "6.html").read_text()
    assert "/ 30" in (grades / "report.html").read_text()


def mark(url: str, points: Mapping[str, float]) -> None:
    """Mark the report as a person does in formgrader: the first part takes all the points."""
    with opened(url) as book:
        for student, given in points.items():
            parts = [grade for part in book.find_submission("ssl", student).notebooks for grade in part.grades]
            report = sorted((one for one in parts if one.notebook.name == "report"), key=lambda one: one.name)
            for grade in report:
                grade.manual_score = given if grade is report[0] else 0.0
                grade.needs_manual_grade = False
        book.db.commit()


@pytest.fixture
def gradebook(grades: Path, rubric: Rubric, tmp_path: Path) -> tuple[Path, Any]:
    """The class in nbgrader's gradebook; what is returned records it again."""
    submissions = []
    for student in "1235":
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "report.ipynb").write_text((SKELETON / "report.ipynb").read_text())
        submissions.append(Submission(student, tmp_path / "class" / student))
    late = Late(DUE, {"2": 20.0})
    results = [result(student, rubric) for student in CODE]

    def record() -> None:
        update_gradebook(grades, None, submissions, results, rubric, SKELETON / "report.ipynb", Limits(), late)

    record()
    return grades, record


def own_export(url: str) -> dict[str, tuple[float, float]]:
    """Score and penalty as `nbgrader export` works them out."""
    with opened(url) as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {student.id: (0.0, 0.0) for student in book.students}
        for one in book.assignment_submissions("ssl"):
            found[one.student.id] = (one.score - one.late_submission_penalty, one.late_submission_penalty)
        return found


def test_nbgrader(tmp_path: Path, gradebook: tuple[Path, Any]) -> None:
    grades, record = gradebook
    url = f"sqlite:///{grades / 'gradebook.db'}"
    with pytest.raises(AutograderError, match=r"1 \(Ann Abel\): question 4 has no points yet"):
        of_canvas(tmp_path, grades, "100")
    mark(url, {student: points for student, points in REPORT.items() if student != "4"})
    record()
    with opened(url) as book:
        assert {one.student.id for one in book.assignment_submissions("ssl")} == {*"12345"}
        # A part that asks to be looked at again is not marked yet.
        part = min(book.find_submission_notebook("report", "ssl", "5").grades, key=lambda one: one.name)
        part.needs_manual_grade = True
        book.db.commit()
    with pytest.raises(AutograderError, match=r"5 \(Ed Egger\): question 4 has no points yet"):
        of_canvas(tmp_path, grades, "100")
    mark(url, {"5": 30})
    assert of_canvas(tmp_path, grades, "100") == KEPT
    assert "No report was handed in." in (grades / "feedback" / "4.html").read_text()


def test_a_score_entered_for_the_code_counts(tmp_path: Path, gradebook: tuple[Path, Any]) -> None:
    grades, _ = gradebook
    url = f"sqlite:///{grades / 'gradebook.db'}"
    mark(url, {student: points for student, points in REPORT.items() if student != "4"})
    with opened(url) as book:
        grade = book.find_grade("question-3", "code", "ssl", "2")
        grade.manual_score, grade.extra_credit = 5.0, 1.0
        book.db.commit()
    assert of_canvas(tmp_path, grades, "100")["2"] == "72.8"  # (60 + 6 + 25) less 20 percent
    page = (grades / "feedback" / "2.html").read_text()
    assert "Changed by a person: the checks gave 0." in page and "<strong>91</strong> of 100" in page
    assert own_export(url)["2"][0] + own_export(url)["2"][1] == 91
