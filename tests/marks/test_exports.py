"""Tests sheets of Canvas and Moodle: marks go where they belong, and nothing else of the file moves."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.class_list.sheet import Sheet, _split, read_sheet
from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.marks.late import Policy
from autograder.marks.overrides import Kind, Overrides, new, save_overrides
from tests.marks.conftest import CANVAS, MOODLE, Graded, run


def test_canvas(tmp_path: Path, graded: Graded, capsys: pytest.CaptureFixture[str]) -> None:
    filled = run(tmp_path, "canvas", graded(s101=66.125, s102=0, s103=7), CANVAS, "--column", "Homework 1, SSL")
    assert filled == CANVAS.replace("4.5,,90.00", "4.5,66.13,90.00").replace('A",,12.00', 'A",,0')
    said = capsys.readouterr().out
    assert (
        "2 marks" in said
        and "left as it was: 103: EX stays" in said
        and "104: no grade, because grading failed" in said
    )


def test_who_is_excused_gets_the_word_that_canvas_takes(
    tmp_path: Path, graded: Graded, capsys: pytest.CaptureFixture[str]
) -> None:
    grades = graded(s101=66, s102=0)
    excuse = new(Kind.EXCUSE, "ta", ["102", "105"], reason="ill")
    save_overrides(grades, Overrides().added(excuse).added(new(Kind.HOLD, "ta", ["101"], reason="asked")))
    filled = run(tmp_path, "canvas", grades, CANVAS, "--column", "4711")
    assert filled == CANVAS.replace('A",,12.00', 'A",,EX'), "nothing for who is on hold, and Moodle has no such word"
    said = capsys.readouterr().out
    assert "102: excused, EX" in said and "102: excused, so" not in said and "101: on hold" in said
    sheet = MOODLE.replace("Nein", "Ja")
    assert run(tmp_path, "moodle", grades, sheet) == sheet
    assert "102: excused, so without a mark" in capsys.readouterr().out


@pytest.mark.parametrize("column", ["Homework 1, SSL (4711)", "4711"])
def test_canvas_columns_by_heading_or_number(tmp_path: Path, graded: Graded, column: str) -> None:
    assert "4.5,1,90.00" in run(tmp_path, "canvas", graded(s101=1), CANVAS, "--column", column)


@pytest.mark.parametrize(
    ("sheet", "more", "scores", "message"),
    [
        (CANVAS, (), {"s101": 1}, "more than one column fits"),
        (CANVAS, ("--column", "Homework"), {"s101": 1}, "no column fits"),
        (CANVAS.replace("ID,", "Id-x,"), ("--column", "4711"), {"s101": 1}, "no column ID"),
        (CANVAS.replace("Points Possible", "Total"), ("--column", "4711"), {"s101": 1}, "no row `Points Possible`"),
        (CANVAS.replace("70.00", ""), ("--column", "4711"), {"s101": 1}, "are '', which is not a number"),
        (CANVAS, ("--column", "4711"), {"s105": 1, "s106": 2}, "105 is not in the sheet\n  106 is not in the sheet"),
        (CANVAS.replace("70.00", "50"), ("--column", "4711"), {"s101": 1}, "maximum is 50, the rubric's 100 (70 with"),
        (CANVAS.replace("70.00", "0"), ("--column", "4711", "--scale"), {"s101": 1}, "maximum is 0: set it"),
        (CANVAS.replace(",102,", ",101,"), ("--column", "4711"), {"s101": 1}, "ID 101 is there twice"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(
    tmp_path: Path, graded: Graded, sheet: str, more: tuple[str, ...], scores: dict[str, float], message: str
) -> None:
    with pytest.raises(AutograderError) as caught:
        run(tmp_path, "canvas", graded(**scores), sheet, *more)
    assert message in caught.value.message and caught.value.hint
    assert not (tmp_path / "sheet-filled.csv").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_moodle(tmp_path: Path, graded: Graded, encoding: str, capsys: pytest.CaptureFixture[str]) -> None:
    filled = run(tmp_path, "moodle", graded(s101=19.5, s102=20, s103=7), MOODLE, encoding=encoding)
    expected = MOODLE.replace(
        '"Abgegeben";;"70,00";Ja;', '"Abgegeben";19,5;"70,00";Ja;19.5 of 70 (1.2: 19.5/70, B1: 0/25)'
    )
    assert filled == expected.replace('"12,50"', '"20"')
    said = capsys.readouterr().out
    assert "103: the grade is locked" in said and "102: the comment that is there stays" in said and "2 marks" in said


def test_moodle_refuses(tmp_path: Path, graded: Graded) -> None:
    with pytest.raises(AutograderError, match="no column for the grade"):
        run(tmp_path, "moodle", graded(s101=1), MOODLE.replace("Bewertung;", "Punkte;"))
    with pytest.raises(AutograderError, match=r"101: the sheet's maximum is '-', which is not a number"):
        run(tmp_path, "moodle", graded(s101=1), MOODLE.replace('"Abgegeben";;"70,00"', '"Abgegeben";;-'))
    with pytest.raises(AutograderError, match=r"the rubric's 100 \(70 without the report\): give --scale"):
        run(tmp_path, "moodle", graded(s101=1), MOODLE.replace("70,00", "50"))


def test_plain_csv(tmp_path: Path, graded: Graded) -> None:
    assert main(["export", "csv", str(graded(s101=1.5)), "--output", str(tmp_path / "marks.csv")]) == 0
    assert (tmp_path / "marks.csv").read_text() == (
        "student,name,email,group,score,max_score,undiscounted,days_late,submitted\n101,,,,1.5,70,1.5,0,\n"
    )


def test_the_columns_of_nbgraders_own_export(tmp_path: Path, graded: Graded) -> None:
    assert main(["export", "nbgrader", str(graded(s101=1.5)), "--output", str(tmp_path / "marks.csv")]) == 0
    head, row = (tmp_path / "marks.csv").read_text().splitlines()
    assert head == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,"
        "raw_score,late_submission_penalty,score,max_score"
    )
    assert row == "ssl,,,101,,,,1.5,0,1.5,70"


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten percent a day."""
    due = datetime.fromisoformat("2026-12-12T23:59:00+01:00")
    monkeypatch.setattr("autograder.commands.export.read_policy", lambda: Policy(due, percent=10))


@pytest.mark.usefixtures("policy")
def test_what_a_late_hand_in_costs_is_taken_off_and_told(
    tmp_path: Path, graded: Graded, capsys: pytest.CaptureFixture[str]
) -> None:
    times = tmp_path / "times.csv"
    times.write_text("id,submitted\n101,2026-12-14T12:00:00+01:00\n102,2026-12-12T12:00:00+01:00\n")
    folder = graded(s101=50, s102=70)
    canvas = run(tmp_path, "canvas", folder, CANVAS, "--column", "4711", "--times", str(times))
    assert "4.5,40,90.00" in canvas
    assert "late: 101 gets 40, 50 before 2 days late" in capsys.readouterr().out
    moodle = run(tmp_path, "moodle", folder, MOODLE, "--times", str(times))
    assert "40 of 70 (1.2: 50/70, B1: 0/25; 50 before 2 days late)" in moodle
    assert main(["export", "csv", str(folder), "--times", str(times), "--output", str(tmp_path / "marks.csv")]) == 0
    assert "101,,,,40,70,50,2," in (tmp_path / "marks.csv").read_text()


@pytest.mark.usefixtures("policy")
def test_without_times_nothing_is_written(tmp_path: Path, graded: Graded) -> None:
    with pytest.raises(AutograderError, match=r"101: when it was handed in is not known: give --times"):
        run(tmp_path, "canvas", graded(s101=50), CANVAS, "--column", "4711")
    assert not (tmp_path / "sheet-filled.csv").exists()


def test_times_without_a_policy_cost_nothing_and_it_is_told(
    tmp_path: Path, graded: Graded, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "times.csv").write_text("id,submitted\n101,2026-12-14\n")
    run(tmp_path, "moodle", graded(s101=1), MOODLE, "--times", str(tmp_path / "times.csv"))
    assert "takes nothing off late hand-ins: solutions/course.toml has no [late]" in capsys.readouterr().out


def test_what_is_no_sheet_or_no_run_is_refused(tmp_path: Path, graded: Graded) -> None:
    path = tmp_path / "sheet.csv"
    for content in (b"", b"PK\x03\x04\0\0", b"one line"):
        path.write_bytes(content)
        with pytest.raises(AutograderError):
            read_sheet(path)
    with pytest.raises(AutograderError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv")
    with pytest.raises(AutograderError, match="no whole grading run"):
        main(["export", "csv", str(tmp_path)])
    path.write_bytes(CANVAS.encode())
    folder = graded(s101=1)
    with pytest.raises(AutograderError, match="is the sheet itself"):
        main(["export", "canvas", str(folder), "--sheet", str(path), "--column", "4711", "--output", str(path)])
    assert path.read_bytes() == CANVAS.encode()


@given(st.text(alphabet=',;"\r\n\t aé', max_size=60), st.sampled_from(",;\t"))
def test_a_file_that_is_not_touched_is_written_as_it_was(text: str, delimiter: str) -> None:
    rows, ends = _split(text, delimiter)
    assert Sheet(rows, ends, delimiter, "utf-8", b"").to_bytes().decode() == text


def test_results_of_who_left_do_not_count(graded: Graded) -> None:
    folder = graded(s101=1)
    stale = json.loads((folder / "results/101.json").read_text())
    (folder / "results/900.json").write_text(json.dumps({**stale, "student": "900"}))
    assert main(["export", "csv", str(folder), "--output", str(folder.parent / "m.csv")]) == 0
    assert "900" not in (folder.parent / "m.csv").read_text()
    (folder / "results/101.json").write_text("{")
    with pytest.raises(AutograderError, match=r"101\.json is damaged"):
        main(["export", "csv", str(folder)])


def test_an_extension_for_nobody_stops_an_export(
    tmp_path: Path, graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Policy(datetime.fromisoformat("2026-12-12T23:59:00+01:00"), percent=10, extensions={"1O1": 2})
    monkeypatch.setattr("autograder.commands.export.read_policy", lambda: policy)
    with pytest.raises(AutograderError, match="names 1O1, who is not in the class"):
        main(["export", "csv", str(graded(s101=1)), "--output", str(tmp_path / "m.csv")])
    assert not (tmp_path / "m.csv").exists()


@pytest.mark.usefixtures("policy")
def test_a_report_alone_may_be_late_too(tmp_path: Path, graded: Graded) -> None:
    """A student without points for the code, but with some for the report, is not said to be in time."""
    (tmp_path / "report.csv").write_text("id,points\n101,20\n")
    with pytest.raises(AutograderError, match="101: when it was handed in is not known"):
        main(["export", "csv", str(graded(s101=0)), "--points", str(tmp_path / "report.csv")])
