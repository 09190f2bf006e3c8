"""A class of thirty from Canvas and Moodle: in as downloaded, graded, marked, and out to the cell, twice.

Grading is real, of each content once. Every cell that is expected stands here or in the table as it was worked out by
hand; nothing of it is computed by the kit.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import jsonschema
import pytest

from autograder.cli import main
from autograder.core.errors import AutograderError
from tests.core.test_result_json import SCHEMA
from tests.marks import class_of_thirty as class_
from tests.marks.class_of_thirty import (
    AFTER_70,
    AFTER_100,
    CLASS,
    CODE,
    LATER,
    NO_BONUS,
    OF_70,
    OF_100,
    TWO,
    Person,
    Works,
    later_points,
    points,
    times,
)

pytestmark = [pytest.mark.published, pytest.mark.usefixtures("graded_once")]


def written(rows: Sequence[Sequence[str]], encoding: str, delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def filled(kind: str, grades: Path, sheet: bytes, *flags: str) -> bytes:
    """The bytes of a sheet after an export."""
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
    stored = [json.loads(path.read_bytes()) for path in (grades / "results").glob("*.json")]
    assert {one["status"] for one in stored} == {"ok", "problem", "missing"} and len(stored) == 30
    for one in stored:
        jsonschema.validate(one, SCHEMA)
    flags = ["--column", "Homework 3", "--times", times(tmp_path)]
    assert filled("canvas", grades, canvas("70.00", {}), *flags) == canvas("70.00", OF_70)
    with pytest.raises(AutograderError, match="28 students: question 4 has no points yet"):
        filled("canvas", grades, canvas("100.00", {}), *flags)
    capsys.readouterr()
    more = [*flags, "--points", points(tmp_path)]
    assert filled("canvas", grades, canvas("100.00", {}), *more) == canvas("100.00", OF_100)
    said = capsys.readouterr().out
    assert "29 marks" in said and "114 (Novak, Nan): EX stays" in said
    assert "bonus: 103 (Cruz, Cy) gets 110 of 100" in said and "late: 105 (Egger, Edda) gets 76, 95 before 2" in said
    for rule in ("cap", "drop"):
        cut = filled("canvas", grades, canvas("100.00", {}), *flags, "--bonus", rule)
        assert cut == canvas("100.00", {**OF_100, "103": "100"})
    # Then 107 hands in again, and the report of 108 is looked at again; the sheet is what Canvas has now.
    class_.canvas(download, LATER, work)
    assert main(run) == 0
    more = [*flags, "--points", later_points(tmp_path)]
    assert filled("canvas", grades, canvas("100.00", OF_100), *more) == canvas("100.00", AFTER_100)
    assert filled("canvas", grades, canvas("70.00", OF_70), *flags) == canvas("70.00", AFTER_70)


def test_a_test_student_needs_no_points(tmp_path: Path, work: Works, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a roster, only the sheet shows that it is a test student."""
    download, grades = class_.canvas(tmp_path / "submissions.zip", CLASS, work), tmp_path / "grades"
    assert main([str(download), "--output", str(grades)]) == 0
    flags = ["--column", "4711", "--times", times(tmp_path), "--points", points(tmp_path)]
    wanted = {one.id: one.of_100 for one in CLASS if one.handed_in}
    with open(tmp_path / "times.csv", "a") as file:
        file.write("199,2026-12-01 10:00:00 UTC\n")
    assert filled("canvas", grades, canvas("100.00", {}), *flags) == canvas("100.00", wanted)
    assert re.search(r"199 \(.*\): the test student", capsys.readouterr().out)


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
"""Comments that a person wrote in the sheet."""


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
    with pytest.raises(AutograderError, match="28 students: question 4 has no points yet"):
        filled("moodle", grades, moodle("100.00", {}, SAID))
    capsys.readouterr()
    first = comments(CLASS, "100", CUT_100, {})
    marked = filled("moodle", grades, moodle("100.00", {}, SAID), "--points", points(tmp_path))
    assert marked == moodle("100.00", CUT_100, first)
    said = capsys.readouterr().out
    assert "29 marks" in said and "115 (Ole Olsen): the grade is locked" in said
    assert "110 (Jo Jung): the comment that is there stays" in said
    # Then 107 hands in again, next to whose line a person wrote, and the report of 108 is looked at again.
    class_.moodle(download, LATER, work)
    assert main(run) == 0
    now = moodle("100.00", CUT_100, {**first, "107": f"{first['107']} Better!"})
    after = {**AFTER_100, "103": "100"}
    second = comments(LATER, "100", after, {"108": "26"})
    second["107"] += " Better!"
    marked = filled("moodle", grades, now, "--points", later_points(tmp_path), "--times", str(roster))
    assert marked == moodle("100.00", after, second)
    after = {**AFTER_70, "103": "70"}
    now = moodle("70,00", CUT_70, comments(CLASS, "70", CUT_70, {}))
    assert filled("moodle", grades, now) == moodle("70,00", after, comments(LATER, "70", after, {}))
