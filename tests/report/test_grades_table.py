"""`grades.csv`: SPEC's columns, short numbers, blanks, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from autograder.core.records import Result, Rubric, Status
from autograder.marks.grades_table import grades_csv, text_cell


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_golden(results: list[Result], rubric: Rubric, golden: Callable[[str, str], None]) -> None:
    golden("grades.csv", grades_csv(results, rubric))


def test_columns_are_those_of_the_rubric(rubric: Rubric) -> None:
    questions, about = "1.1,1.2,1.3,1.4,2,3,4,B1", "name,email,group,late,lateness"
    assert grades_csv([], rubric) == f"student,status,score,max_score,{questions},{about}\n"


def test_rows_are_sorted_by_code_points(rubric: Rubric) -> None:
    names = ["b", "a10", "B", "ä", "a9"]
    rows = read(grades_csv([Result(name, Status.OK, 70, 0, (), "") for name in names], rubric))
    assert [row["student"] for row in rows] == ["B", "a10", "a9", "b", "ä"]


def test_an_error_has_no_score_and_a_problem_has(results: list[Result], rubric: Rubric) -> None:
    rows = {row["student"]: row for row in read(grades_csv(results, rubric))}
    assert rows["'=cmd()"]["score"] == ""
    assert rows["'=cmd()"]["max_score"] == "70"
    assert rows["ada_lovelace"]["score"] == "47.5"
    assert rows["ada_lovelace"]["B1"] == "2.5"
    assert rows["turing"]["B1"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\x7f", "\x9b"])
def test_what_a_spreadsheet_would_run_is_text(start: str) -> None:
    assert text_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a\nb", "a\rb", "a\r\nb", "a=b", "ä b", ""])
def test_any_other_name_comes_back_as_it_was(name: str, rubric: Rubric) -> None:
    text = grades_csv([Result(name, Status.OK, 70, 0, (), ""), Result("z", Status.OK, 70, 0, (), "")], rubric)
    assert {row["student"] for row in read(text)} == {name, "z"}


def test_a_lone_surrogate_can_be_written(rubric: Rubric) -> None:
    text = grades_csv([Result("a\udc80", Status.OK, 70, 0, (), "")], rubric)
    assert rb"a\udc80,ok" in text.encode("utf-8")
