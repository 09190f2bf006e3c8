"""Tests of autograder/platforms/blackboard_sheet.py: marks go into one column, and nothing else of the file moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_list.sheet import read_sheet
from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Rubric, Status
from autograder.core.store import open_output, save_result
from autograder.marks.marks import Mark, Marks, Terms
from autograder.platforms.known.blackboard import fill_blackboard

# Everything quoted, a computed column, one shown as letters, one with brackets in its name, a cell that waits.
COMMAS = (
    '\ufeff"Last Name","First Name","Username","Student ID","Last Access","Availability",'
    '"Quiz 1 [Total Pts: 10 Score] |1281892","HW3 [SSL], losses [Total Pts: 70 Score] |1281893",'
    '"Essay [Total Pts: 70 Letter] |1281894","Total [Total Pts: up to 80 Score] |1281890"\r\n'
    '"Adams","Ann","aadams","0442474","2026-11-26 20:20:47","Yes","4.5","","A","4.50"\r\n'
    '"Berg, van","Bo ""B""","s1234567","0433673","","Yes","","Needs Grading","","0"\r\n'
    '"Cruz","Cy","cy_c","0439413","","No","3.00","Exempt","",""\r\n'
)
TABS = COMMAS.replace('","', '"\t"').replace(" [SSL]", "")
SCORES = {"aadams": 66.125, "s1234567": 0.0, "cy_c": 7.0}


def marks(scores: dict[str, float], scale: bool = False) -> Marks:
    found = {who: Mark(who, points) for who, points in scores.items()}
    return Marks(found, 70.0, without={"eve": "no grade, because grading failed"}, terms=Terms(scale))


def filled(folder: Path, text: str, scores: dict[str, float], *, encoding: str = "utf-8", **more: object) -> str:
    path = folder / "gradebook.xls"
    path.write_bytes(text.encode(encoding))
    sheet = read_sheet(path)
    said = fill_blackboard(sheet, marks(scores, bool(more.get("scale"))), more.get("column"))  # type: ignore[arg-type]
    (folder / "said").write_text("\n".join(said.left))
    return sheet.to_bytes().decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize(("text", "name"), [(COMMAS, "HW3 [SSL], losses"), (TABS, "HW3, losses")])
def test_one_column_is_filled_and_the_rest_stays(tmp_path: Path, text: str, name: str, encoding: str) -> None:
    between = '","' if text is COMMAS else '"\t"'
    expected = text.replace(f"4.5{between}{between}A", f"4.5{between}66.13{between}A").replace("Needs Grading", "0")
    assert filled(tmp_path, text, SCORES, column=name, encoding=encoding) == expected
    assert (tmp_path / "said").read_text() == "eve: no grade, because grading failed\ncy_c: Exempt stays"


@pytest.mark.parametrize("column", ["1281893", "HW3 [SSL], losses [Total Pts: 70 Score] |1281893"])
def test_the_column_by_its_number_or_heading(tmp_path: Path, column: str) -> None:
    assert '"4.5","1","A"' in filled(tmp_path, COMMAS, {"aadams": 1}, column=column)


def test_headings_of_another_language(tmp_path: Path) -> None:
    text = (
        "Nachname\tVorname\tBenutzername\tHW3 [Gesamtpunktzahl: 35,5 Punkte] |77\nAdams\tAnn\taadams\t\nB\tB\tb\t1,5\n"
    )
    assert filled(tmp_path, text, {"aadams": 70}, scale=True).endswith("aadams\t35,5\nB\tB\tb\t1,5\n")


@pytest.mark.parametrize(
    ("text", "scores", "column", "message"),
    [
        (COMMAS, {"aadams": 1}, None, "more than one column fits"),
        (COMMAS, {"aadams": 1}, "Essay", "no column fits"),
        (COMMAS, {"aadams": 1}, "Total", "no column fits"),
        (COMMAS.replace("Username", "User"), {"aadams": 1}, "1281893", "no column Username"),
        (COMMAS, {"dd": 1, "ee": 2}, "1281893", "dd is not in the sheet\n  ee is not in the sheet"),
        (COMMAS, {"aadams": 1}, "Quiz 1", "maximum is 10, the rubric's 70: give --scale"),
        (COMMAS.replace("Pts: 70 Score", "Pts: 0 Score"), {"aadams": 1}, "1281893", "the sheet's maximum is 0"),
        (COMMAS.replace("cy_c", "aadams"), {"aadams": 1}, "1281893", "Username aadams is there twice"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, text: str, scores: dict[str, float], column: str | None, message: str
) -> None:
    with pytest.raises(AutograderError) as caught:
        filled(tmp_path, text, scores, column=column)
    assert message in caught.value.message
    assert caught.value.hint


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.commands.export.load_rubric", lambda: Rubric((), "seed"))
    open_output(tmp_path / "grades", tmp_path / "class")
    save_result(tmp_path / "grades", Result("aadams", Status.OK, 70.0, 0.1, (), ""))
    (tmp_path / "grades" / "grades.csv").write_text("student\naadams\n")
    sheet = tmp_path / "gc.xls"
    sheet.write_bytes(TABS.encode("utf-16-le"))
    assert main(["export", "blackboard", str(tmp_path / "grades"), "--sheet", str(sheet), "--column", "1281893"]) == 0
    assert '"4.5"\t"0"\t"A"' in (tmp_path / "gc-filled.xls").read_bytes().decode("utf-16-le")
    assert "1 mark:" in capsys.readouterr().out
