"""A class of thirty from four platforms: in as downloaded, graded, marked, and out to the cell, twice.

Grading is real, of each content once. Every cell that is expected stands here or in the table as it was worked out by
hand; nothing of it is computed by the kit.
"""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from autograder import pipeline
from autograder.cli import main
from autograder.errors import AutograderError
from autograder.exports.late import Policy
from autograder.records import Result, Rubric, Submission
from autograder.settings import Settings
from autograder.worker import Task
from tests.exports import class_of_thirty as class_
from tests.exports.class_of_thirty import AFTER_70, AFTER_100, CLASS, OF_70, OF_100, Person, Works
from tests.gradebook.test_database import opened

POLICY = Policy(datetime.fromisoformat("2026-12-12T23:59:00+01:00"), percent=10)
GRADED: dict[str, Result] = {}
"""Results by what was handed in."""


def content(submission: Submission) -> str:
    """A digest of the files that count, wherever they lie and whosever they are."""
    paths = [piece.origin for piece in submission.pieces] or [submission.origin]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return sha256(b"\0".join(sorted(file.read_bytes() for file in files if file.suffix in (".py", ".zip")))).hexdigest()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grade each content once; what is late costs 10 percent a day."""
    grade = pipeline._graded

    def graded(work: Sequence[Task], rubric: Rubric, settings: Settings) -> Iterator[tuple[Submission, Result]]:
        new = {content(task.submission): task for task in work}
        for submission, result in grade([new[key] for key in new.keys() - GRADED.keys()], rubric, settings):
            GRADED[content(submission)] = result
        for task in work:
            known = GRADED[content(task.submission)]
            yield task.submission, replace(known, student=task.submission.student, fingerprint=task.fingerprint)

    monkeypatch.setattr("autograder.pipeline._graded", graded)
    monkeypatch.setattr("autograder.pipeline.read_policy", lambda: POLICY)
    monkeypatch.setattr("autograder.exports.cli.read_policy", lambda: POLICY)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Works:
    return class_.works(tmp_path_factory.mktemp("works"))


REGRADED = [replace(one, work="right") if one.id == class_.REGRADED else one for one in CLASS]
"""The class after one of them handed in again."""
FULL = "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 10/10"
NOTHING = "1.1: 0/10, 1.2: 0/20, 1.3: 0/10, 1.4: 0/10, 2: 0/10, 3: 0/10"
CODE = {
    "right": FULL,
    "zip": FULL,
    "bonus": FULL,
    "denominator": "1.1: 10/10, 1.2: 0/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 10/10",
    "swapped": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 0/10, 2: 10/10, 3: 10/10",
    "training": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 8.5/10",
    "untouched": NOTHING,
    "absent": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 0/10",
    "syntax": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 0/10, 3: 10/10",
    "nothing": NOTHING,
}
"""How a comment tells what each work has."""
NO_BONUS, TWO = (f"B1: 0/5, B2: {each}/5, B3: {each}/5, B4: 0/5, B5: 0/5" for each in (0, 5))


def points(folder: Path) -> str:
    """The report's points in a list: who handed in nothing at all is not in it."""
    rows = [f"{one.id},{one.report},Note {one.id}." for one in CLASS if one.handed_in]
    (folder / "report.csv").write_text("\n".join(["id,points,comment", *rows, ""]))
    return str(folder / "report.csv")


def later_points(folder: Path) -> str:
    (folder / "later.csv").write_text("id,points,comment\n108,26,Looked at again.\n")
    return str(folder / "later.csv")


def times(folder: Path) -> str:
    rows = [f"{one.id},{one.stamp}" for one in CLASS if one.handed_in]
    (folder / "times.csv").write_text("\n".join(["id,submitted", *rows, ""]))
    return str(folder / "times.csv")


def written(rows: Sequence[Sequence[str]], encoding: str, delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def filled(kind: str, grades: Path, sheet: bytes, *flags: str) -> bytes:
    """What an export makes of a sheet."""
    path = grades.with_name("sheet.csv")
    path.write_bytes(sheet)
    assert main(["export", kind, str(grades), "--sheet", str(path), *flags]) == 0
    return path.with_name("sheet-filled.csv").read_bytes()


def canvas(most: str, marks: Mapping[str, str]) -> bytes:
    """The gradebook as Canvas exports it, with these marks in the assignment's column."""
    rows = [
        ["Student", "ID", "SIS Login ID", "Section", "Quiz 1 (11)", "Homework 3 (4711)", "Final Score"],
        ["", "", "", "", "", "Manual Posting", ""],
        ["    Points Possible", "", "", "", "5.00", most, "(read only)"],
    ]
    for one in CLASS:
        mark = "EX" if one.id == "114" else marks.get(one.id, "")
        rows.append([f"{one.last}, {one.first}", one.id, f"u{one.id}", "Vision, A", "4.5", mark, "90.00"])
    return written([*rows, ["Student, Test", "199", "", "Vision, A", "", "", ""]], "utf-8-sig")


def test_canvas(tmp_path: Path, work: Works, capsys: pytest.CaptureFixture[str]) -> None:
    download, grades, roster = tmp_path / "submissions.zip", tmp_path / "grades", tmp_path / "gradebook.csv"
    roster.write_bytes(canvas("100.00", {}))
    run = [str(class_.canvas(download, CLASS, work)), "--roster", str(roster), "--output", str(grades)]
    assert main(run) == 0
    assert "Left out: 199 is the test student." in capsys.readouterr().out
    flags = ["--column", "Homework 3", "--times", times(tmp_path)]
    assert filled("canvas", grades, canvas("70.00", {}), *flags) == canvas("70.00", OF_70)
    with pytest.raises(AutograderError, match="28 times: question 4 has no points yet"):
        filled("canvas", grades, canvas("100.00", {}), *flags)
    capsys.readouterr()
    more = [*flags, "--points", points(tmp_path)]
    assert filled("canvas", grades, canvas("100.00", {}), *more) == canvas("100.00", OF_100)
    said = capsys.readouterr().out
    assert "29 marks" in said and "114: EX stays" in said
    assert "bonus: 103 gets 110 of 100" in said and "late: 105 gets 76, 95 before 2 days late" in said
    for rule in ("cap", "drop"):
        cut = filled("canvas", grades, canvas("100.00", {}), *flags, "--bonus", rule)
        assert cut == canvas("100.00", {**OF_100, "103": "100"})
    # Then 107 hands in again, and the report of 108 is looked at again; the sheet is what Canvas has now.
    class_.canvas(download, REGRADED, work)
    assert main(run) == 0
    more = [*flags, "--points", later_points(tmp_path)]
    assert filled("canvas", grades, canvas("100.00", OF_100), *more) == canvas("100.00", AFTER_100)
    assert filled("canvas", grades, canvas("70.00", OF_70), *flags) == canvas("70.00", AFTER_70)


def test_a_test_student_needs_no_points(tmp_path: Path, work: Works, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a roster nobody tells it from the others before the sheet does."""
    download, grades = class_.canvas(tmp_path / "submissions.zip", CLASS, work), tmp_path / "grades"
    assert main([str(download), "--output", str(grades)]) == 0
    flags = ["--column", "4711", "--times", times(tmp_path), "--points", points(tmp_path)]
    wanted = {one.id: one.of_100 for one in CLASS if one.handed_in}
    with open(tmp_path / "times.csv", "a") as file:
        file.write("199,2026-12-01 10:00:00 UTC\n")
    assert filled("canvas", grades, canvas("100.00", {}), *flags) == canvas("100.00", wanted)
    assert "199: the test student" in capsys.readouterr().out


ENGLISH = [
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade", "Grade can be changed"),
    *("Last modified (submission)", "Feedback comments"),
]
GERMAN = [
    *("Bezeichner", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung"),
    *("Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)", "Feedback als Kommentar"),
]


def moodle(most: str, marks: Mapping[str, str], comments: Mapping[str, str]) -> bytes:
    """The grading worksheet with these marks: in English of 100, of 70 in German and as Excel in Germany reads it."""
    german = most == "70,00"
    rows = [GERMAN if german else ENGLISH]
    for one in CLASS:
        if german:
            time = "Montag, 14. Dezember 2026, 12:00" if one.id == class_.LATE else "Samstag, 12. Dezember 2026, 23:59"
        else:
            late = one.id == class_.LATE
            time = "Monday, 14 December 2026, 12:00 PM" if late else "Saturday, 12 December 2026, 11:59 PM"
        status = "Submitted for grading - 1 day 12 hours late" if one.id == class_.LATE else "Submitted for grading"
        mark, comment = ("12", "") if one.id == LOCKED else (marks.get(one.id, ""), comments.get(one.id, ""))
        mark = mark.replace(".", ",") if german else mark
        changeable = ("Nein" if german else "No") if one.id == LOCKED else ("Ja" if german else "Yes")
        name, address = f"{one.first} {one.last}", f"{one.id}@x.edu"
        number, time = (
            (f"Teilnehmer/in {one.id}" if german else f"Participant {one.id}"),
            time if one.handed_in else "-",
        )
        rows.append([number, name, address, status, mark, most, changeable, time, comment])
    return written(rows, "utf-16", ";") if german else written(rows, "utf-8-sig")


LOCKED = "115"
CUT_70, CUT_100 = {**OF_70, "103": "70"}, {**OF_100, "103": "100"}
SAID = {"110": "See me."}
"""What a person wrote there."""


def comments(
    people: Sequence[Person], most: str, marks: Mapping[str, str], reports: Mapping[str, str]
) -> dict[str, str]:
    """The line of feedback that each must read."""
    found = {}
    for one in people:
        report = f", 4: {reports.get(one.id, one.report)}/30" if most == "100" and one.handed_in else ""
        bonus = TWO if one.work == "bonus" else NO_BONUS
        after = {("103", "70"): "; 80 with bonus points", ("103", "100"): "; 110 with bonus points"}
        after |= {("105", "70"): "; 70 before 2 days late", ("105", "100"): "; 95 before 2 days late"}
        end = after.get((one.id, most), "")
        found[one.id] = f"{marks[one.id]} of {most} ({CODE[one.work]}{report}, {bonus}{end})"
    return {**found, **SAID}


def test_moodle(tmp_path: Path, work: Works, capsys: pytest.CaptureFixture[str]) -> None:
    download, grades, roster = tmp_path / "Vision-Homework 3-42.zip", tmp_path / "grades", tmp_path / "worksheet.csv"
    roster.write_bytes(moodle("100.00", {}, {}))
    run = [str(class_.moodle(download, CLASS, work)), "--roster", str(roster), "--output", str(grades)]
    assert main(run) == 0
    with open(grades / "grades.csv", newline="") as file:
        assert {row["student"]: row["lateness"] for row in csv.DictReader(file) if row["lateness"]} == {
            "105": "1 day 12 hours late"
        }
    first = comments(CLASS, "70", CUT_70, {})
    assert filled("moodle", grades, moodle("70,00", {}, SAID)) == moodle("70,00", CUT_70, first)
    with pytest.raises(AutograderError, match="28 times: question 4 has no points yet"):
        filled("moodle", grades, moodle("100.00", {}, SAID))
    capsys.readouterr()
    first = comments(CLASS, "100", CUT_100, {})
    marked = filled("moodle", grades, moodle("100.00", {}, SAID), "--points", points(tmp_path))
    assert marked == moodle("100.00", CUT_100, first)
    said = capsys.readouterr().out
    assert "29 marks" in said and "115: the grade is locked" in said and "110: the comment that is there stays" in said
    # Then 107 hands in again, beside whose line a person wrote, and the report of 108 is looked at again.
    class_.moodle(download, REGRADED, work)
    assert main(run) == 0
    now = moodle("100.00", CUT_100, {**first, "107": f"{first['107']} Better!"})
    after = {**AFTER_100, "103": "100"}
    second = comments(REGRADED, "100", after, {"108": "26"})
    second["107"] += " Better!"
    marked = filled("moodle", grades, now, "--points", later_points(tmp_path), "--times", str(roster))
    assert marked == moodle("100.00", after, second)
    after = {**AFTER_70, "103": "70"}
    now = moodle("70,00", CUT_70, comments(CLASS, "70", CUT_70, {}))
    assert filled("moodle", grades, now) == moodle("70,00", after, comments(REGRADED, "70", after, {}))


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
    assert "late: 105 gets 76, 95 before 2 days late" in capsys.readouterr().out
    late = json.loads((tmp_path / "results" / "105" / "results.json").read_text())
    assert late["output"] == f"76 of 100 ({FULL}, 4: 25/30, {NO_BONUS}; 95 before 2 days late)"
    assert results(grades, "--bonus", "drop") == numbers({**OF_100, "103": "100"})
    assert results(grades, "--without-report") == numbers(OF_70)
    class_.gradescope(download, REGRADED, work)
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
    class_.nbgrader(course, REGRADED, work)
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
