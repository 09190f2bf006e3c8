"""Filling in a sheet: cells that are refused, replaced or named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core.console import make_console, print_error
from autograder.core.errors import AutograderError
from tests.marks.conftest import CANVAS, MOODLE, Graded, run


def test_only_a_part_of_the_questions_is_no_mark(tmp_path: Path, graded: Graded) -> None:
    folder = graded(s101=1)
    part = json.loads((folder / "results/101.json").read_text())
    part["questions"] = part["questions"][:1]
    (folder / "results/101.json").write_text(json.dumps(part))
    for kind, sheet in (("canvas", CANVAS), ("moodle", MOODLE)):
        with pytest.raises(AutograderError, match="101: B1 not graded yet") as caught:
            run(tmp_path, kind, folder, sheet)
        assert "without --question" in caught.value.hint
    for kind in ("csv", "nbgrader"):
        with pytest.raises(AutograderError, match="not graded yet"):
            main(["export", kind, str(folder), "--output", str(tmp_path / "marks.csv")])
    assert not (tmp_path / "marks.csv").exists()


def test_moodle_wants_participants_numbers(tmp_path: Path, graded: Graded) -> None:
    with pytest.raises(AutograderError, match="are not participants' numbers") as caught:
        run(tmp_path, "moodle", graded(ann=1, bo=20), MOODLE)
    assert caught.value.hint == "Grade again with the worksheet as --roster, then export."


OWN = "40 of 70 (1.2: 0/70, B1: 0/25)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OWN, "{}"),
        (f"{OWN} Nice plots.", "{} Nice plots."),
        (f"Nice plots.\n{OWN}\nSee me.", "Nice plots.\n{}\nSee me."),
        ("40 of 70 (1.2: 0/70,\n B1: 0/25;\n50 before 2 days late)", "{}"),
        ("100 of 100 (1.2: 0/70, B1: 25/25; 125 with bonus points)", "{}"),
        ("See me.", "See me."),
        ("You have 40 of 70 (good)", "You have 40 of 70 (good)"),
    ],
)
def test_ones_own_comment_is_written_anew_and_a_persons_stays(
    tmp_path: Path, graded: Graded, before: str, after: str
) -> None:
    sheet = MOODLE.replace('"see me"', f'"{before}"')
    filled = run(tmp_path, "moodle", graded(s102=20), sheet)
    assert f'"{after.format("20 of 70 (1.2: 20/70, B1: 0/25)")}"' in filled


@pytest.mark.parametrize(
    ("title", "cell", "told"),
    [
        ("Final Grade Project (4711)", "12.00", "reads like one of Canvas's totals"),
        ("Homework 1 (4711)", "complete", "is marked complete or incomplete"),
        ("Homework 1 (4711)", "A-", "holds letters (A-)"),
        ("Homework 1 (4711)", "12.00", None),
        ("Final Project (4711)", "EX", None),
    ],
)
def test_odd_columns_of_canvas_are_named(
    tmp_path: Path, graded: Graded, title: str, cell: str, told: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = CANVAS.replace('"Homework 1, SSL (4711)"', title).replace("12.00", cell)
    run(tmp_path, "canvas", graded(s101=1), sheet, "--column", "4711")
    said = capsys.readouterr().out
    assert told in said if told else "'" not in said


def test_a_refusal_is_a_list_of_lines(tmp_path: Path, graded: Graded, capfd: pytest.CaptureFixture[str]) -> None:
    sheet = CANVAS.replace(",101,", ",101.0,").replace(",102,", ",102.0,").replace(",103,", ",103.0,")
    sheet = sheet.replace(",104,", ",104.0,").replace(",199,", ",199.0,")
    with pytest.raises(AutograderError) as caught:
        run(tmp_path, "canvas", graded(s101=1, s102=2), sheet, "--column", "4711")
    print_error(caught.value, make_console(sys.stdout))
    lines = capfd.readouterr().out.split("\n")
    assert lines[:3] == ["Nothing was written:", "  101 is not in the sheet", "  102 is not in the sheet"]
    assert lines[3].startswith("Its ids read 101.0: a spreadsheet program has changed them.")
