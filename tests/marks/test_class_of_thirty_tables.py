"""A class of thirty from Gradescope and nbgrader: in as downloaded, graded, marked, and out to the cell, twice.

Grading is real, of each content once. Every cell that is expected stands here or in the table as it was worked out by
hand; nothing of it is computed by the kit.
"""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from autograder.cli import main
from tests.gradebook.test_database import opened
from tests.marks import class_of_thirty as class_
from tests.marks.class_of_thirty import (
    AFTER_70,
    AFTER_100,
    CLASS,
    FULL,
    LATER,
    NO_BONUS,
    OF_70,
    OF_100,
    Works,
    later_points,
    points,
)

pytestmark = [pytest.mark.published, pytest.mark.usefixtures("graded_once")]


def table(kind: str, grades: Path, *flags: str) -> list[list[str]]:
    """The rows of a table without its headings."""
    output = grades.with_name("marks.csv")
    assert main(["export", kind, str(grades), "--output", str(output), *flags]) == 0
    with open(output, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def results(grades: Path, *flags: str) -> dict[str, float]:
    """The scores in what Gradescope's autograder would have left."""
    folder = grades.with_name("results")
    assert main(["export", "gradescope", str(grades), "--output", str(folder), *flags]) == 0
    return {path.parent.name: json.loads(path.read_text("utf-8"))["score"] for path in folder.glob("*/results.json")}


def numbers(marks: Mapping[str, str]) -> dict[str, float]:
    return {student: float(mark) for student, mark in marks.items()}


def gradescope(most: str, marks: Mapping[str, str]) -> list[list[str]]:
    """Every cell of the table: two are a group, and one was late."""
    before = {"70": "70", "100": "95"}[most]
    rows = []
    for one in CLASS:
        group = "submission_7027" if one.id in (class_.FIRST, class_.SECOND) else ""
        late = one.id == class_.LATE
        time = "2026-12-14T11:00:00+00:00" if late else "2026-12-12T22:59:40+00:00"
        who = [one.id, f"{one.first} {one.last}", f"{one.id}@x.edu", group]
        rows.append([*who, marks[one.id], most, before if late else marks[one.id], "2" if late else "0", time])
    return rows


def test_gradescope(tmp_path: Path, work: Works, capsys: pytest.CaptureFixture[str]) -> None:
    download, grades = tmp_path / "assignment_4711_export.zip", tmp_path / "grades"
    run = [str(class_.gradescope(download, CLASS, work)), "--output", str(grades)]
    assert main(run) == 0
    assert table("csv", grades) == gradescope("70", OF_70)
    assert results(grades) == numbers(OF_70)
    listed = points(tmp_path)
    assert table("csv", grades, "--points", listed) == gradescope("100", OF_100)
    capsys.readouterr()
    assert results(grades) == numbers(OF_100)
    assert "late: 105 (Edda Egger) gets 76, 95 before 2 days late" in capsys.readouterr().out
    late = json.loads((tmp_path / "results" / "105" / "results.json").read_text())
    assert late["output"] == f"76 of 100 ({FULL}, 4: 25/30, {NO_BONUS}; 95 before 2 days late)"
    assert results(grades, "--bonus", "drop") == numbers({**OF_100, "103": "100"})
    assert results(grades, "--without-report") == numbers(OF_70)
    class_.gradescope(download, LATER, work)
    assert main(run) == 0
    assert table("csv", grades, "--points", later_points(tmp_path)) == gradescope("100", AFTER_100)
    assert table("csv", grades, "--without-report") == gradescope("70", AFTER_70)
    assert results(grades) == numbers(AFTER_100)


def nbgrader(most: str, marks: Mapping[str, str], absent: Sequence[str] = ()) -> list[list[str]]:
    """Every cell of the table with nbgrader's columns."""
    late = {"70": ["70", "14", "56"], "100": ["95", "19", "76"]}[most]
    rows = []
    for one in CLASS:
        time = "2026-12-14T11:00:00+00:00" if one.id == class_.LATE else "2026-12-12T22:59:40+00:00"
        scores = late if one.id == class_.LATE else [marks[one.id], "0", marks[one.id]]
        time = time if one.handed_in and one.id not in absent else ""
        rows.append(["ssl", "", time, one.id, "", "", "", *scores, most])
    return rows


def mark(url: str, reports: Mapping[str, str]) -> None:
    """Mark reports as a person does in formgrader: the first part takes all the points."""
    with opened(url) as book:
        for student, given in reports.items():
            part = book.find_submission_notebook("report", "ssl", student)
            for at, grade in enumerate(sorted(part.grades, key=lambda one: one.name)):
                grade.manual_score, grade.needs_manual_grade = 0.0 if at else float(given), False
        book.db.commit()


def own_export(url: str) -> dict[str, float]:
    """Everybody's score as `nbgrader export` works it out."""
    with opened(url) as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {student.id: 0.0 for student in book.students}
        scores = {one.student.id: one.score - one.late_submission_penalty for one in book.assignment_submissions("ssl")}
        return found | scores


def test_nbgrader(tmp_path: Path, work: Works) -> None:
    course, grades = tmp_path / "course", tmp_path / "grades"
    run = [str(class_.nbgrader(course, CLASS, work)), "--assignment", "hw3", "--output", str(grades), "--gradebook"]
    assert main(run) == 0
    url = f"sqlite:///{grades / 'gradebook.db'}"
    assert table("nbgrader", grades, "--without-report") == nbgrader("70", OF_70)
    mark(url, {one.id: one.report for one in CLASS if one.handed_in and one.report != "0"})
    assert table("nbgrader", grades) == nbgrader("100", OF_100)
    assert main(run) == 0
    assert own_export(url) == numbers(OF_100)
    # Then 107 hands in again, the report of 108 is looked at again, and 124 takes back what was handed in.
    class_.nbgrader(course, LATER, work)
    for file in (course / "submitted" / "124" / "hw3").iterdir():
        file.unlink()
    mark(url, {"108": "26"})
    assert main(run) == 0
    after = {**AFTER_100, "124": "0"}
    assert table("nbgrader", grades) == nbgrader("100", after, ["124"])
    assert table("nbgrader", grades, "--without-report") == nbgrader("70", {**AFTER_70, "124": "0"}, ["124"])
    own = own_export(url)
    # What a person entered stays in nbgrader's own sum, and asks to be looked at.
    assert own == numbers({**after, "124": "29"})
    with opened(url) as book:
        report = book.find_submission_notebook("report", "ssl", "124")
        assert report.needs_manual_grade
    assert not (grades / "autograded" / "124" / "ssl" / "report.ipynb").exists()
