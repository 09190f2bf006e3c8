"""Tests of autograder/platforms/brightspace_sheet.py: whose row is found, and nothing but one column moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.class_list.sheet import read_sheet
from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.records import About, Result, Rubric, Status
from autograder.core.store import open_output, save_result
from autograder.marks.marks import Mark, Marks, Terms
from autograder.platforms.known.brightspace import fill_brightspace

SHEET = (
    "OrgDefinedId,Username,Last Name,First Name,Email,Quiz Points Grade <Numeric MaxPoints:10>,"
    '"HW3, losses Points Grade <Numeric MaxPoints:70 Weight:16.67 Category:Labs CategoryWeight:10>",'
    "Essay Text Grade <Text>,Calculated Final Grade Numerator,End-of-Line Indicator\r\n"
    "#1001,#ann,Adams,Ann,ann@x.org,4.5,,good,,#\r\n"
    "#1002,#bob,Baker,Bob,bob@x.org,,12.00,,,#\r\n"
    '#1003,#cy.c,"van Cruz","Cy",cy@x.org,3,,,,#\r\n'
)


def marks(*students: tuple[str, str, float]) -> Marks:
    return Marks({one: Mark(one, points, about=About(name)) for one, name, points in students}, 70.0)


def filled(folder: Path, text: str, given: Marks, column: str | None = "HW3, losses", scale: bool = False) -> str:
    path = folder / "grades.csv"
    path.write_bytes(text.encode())
    sheet = read_sheet(path)
    assert fill_brightspace(sheet, replace(given, terms=Terms(scale)), column).left == []
    return sheet.to_bytes().decode()


ANN = SHEET.replace("4.5,,good", "4.5,66.13,good")


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("ann", ""),
        ("ann", "Ann Adams"),
        ("1001", ""),
        ("77", "Ann Adams"),
        ("77", "adams, ANN"),
        ("77", "ann Ann Adams"),
        ("77", "1001 - Ann Adams"),
        ("1002", "Ann Adams"),
        ("ann", "Bob Baker"),
        ("1001", "Ann Miller"),
    ],
)
def test_a_row_is_found_by_an_id_or_a_name(tmp_path: Path, student: str, name: str) -> None:
    """A number of the download is not an id of the sheet if the names disagree."""
    assert filled(tmp_path, SHEET, marks((student, name, 66.125))) == ANN


@pytest.mark.parametrize("dropped", [0, 1])
def test_one_of_the_two_ids_is_enough(tmp_path: Path, dropped: int) -> None:
    lines = [line.split(",") for line in SHEET.splitlines()]
    text = "\n".join(",".join([line[1 - dropped], *line[2:]]) for line in lines)
    assert ",66.13,good" in filled(tmp_path, text, marks(("7", "Ann Adams", 66.125)))
    assert ",66.13,good" in filled(tmp_path, text, marks((lines[1][1 - dropped].strip("#"), "", 66.125)))


def test_everybody(tmp_path: Path) -> None:
    text = filled(tmp_path, SHEET, marks(("1", "Cy van Cruz", 1), ("2", "Bob Baker", 2.5), ("3", "Ann Adams", 0)))
    assert text == SHEET.replace("4.5,,good", "4.5,0,good").replace("12.00", "2.5").replace("org,3,,", "org,3,1,")


def test_scaling(tmp_path: Path) -> None:
    assert "org,5,,good" in filled(tmp_path, SHEET, marks(("ann", "", 35)), "Quiz", scale=True)


TWINS = SHEET.replace("Baker,Bob", "Adams,Ann")


@pytest.mark.parametrize(
    ("text", "given", "column", "message"),
    [
        (SHEET, marks(("7", "Eve Eden", 1)), "Quiz", "7 is not in the sheet"),
        (SHEET, marks(("1002", "Eve Eden", 1)), "HW3, losses", "1002 is not in the sheet"),
        (TWINS, marks(("7", "Ann Adams", 1)), "HW3, losses", "7 can be any of 2 people in the sheet"),
        (SHEET, marks(("7", "Ann Adams", 1), ("ann", "", 1)), "HW3, losses", "ann and 7 are one person in the sheet"),
        (SHEET, marks(("ann", "", 1)), "Quiz", "maximum is 10, the rubric's 70: give --scale"),
        (SHEET, marks(("ann", "", 1)), None, "more than one column fits"),
        (SHEET, marks(("ann", "", 1)), "Essay", "no column fits"),
        (SHEET.replace("Numeric", "Text"), marks(("ann", "", 1)), None, "no column fits"),
        (SHEET.replace("OrgDefinedId,Username", "A,B"), marks(("ann", "", 1)), "Quiz", "no column Username"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, text: str, given: Marks, column: str | None, message: str
) -> None:
    with pytest.raises(AutograderError) as caught:
        filled(tmp_path, text, given, column)
    assert message in caught.value.message
    assert caught.value.hint


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.commands.export.load_rubric", lambda: Rubric((), "seed"))
    open_output(tmp_path / "grades", tmp_path / "class")
    save_result(tmp_path / "grades", Result("77", Status.OK, 70.0, 0.1, (), "", about=About("Ann Adams")))
    (tmp_path / "grades" / "grades.csv").write_text("student\n77\n")
    sheet = tmp_path / "gc.csv"
    sheet.write_bytes(SHEET.encode())
    assert (
        main(["export", "brightspace", str(tmp_path / "grades"), "--sheet", str(sheet), "--column", "HW3, losses"]) == 0
    )
    assert (tmp_path / "gc-filled.csv").read_bytes().decode() == SHEET.replace("4.5,,good", "4.5,0,good")
    assert "1 mark:" in capsys.readouterr().out
