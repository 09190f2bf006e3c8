"""Tests of autograder/class_list/sheet.py: a file in any encoding comes back as it was; columns have headings."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_list.sheet import read_sheet

TEXT = "id,name\r\n1,홍길동\r\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("cp949"),
        "id;name\n1;Jürgen\n".encode("cp1252"),
        b"id;name\n1;what Excel never writes: \x81\x8d\n",
    ],
)
def test_what_is_not_touched_is_written_as_it_was(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "sheet.csv").write_bytes(data)
    assert read_sheet(tmp_path / "sheet.csv").to_bytes() == data


@pytest.mark.parametrize(
    ("names", "column"),
    [
        (("b", "a"), 1),
        (("A",), 0),
        (("l'été",), 2),
        (("l\u2019e\u0301te\u0301",), 2),
        (("twice", "b"), 1),
        (("twice",), None),
        ((), None),
    ],
)
def test_the_first_heading_that_occurs_once_counts(tmp_path: Path, names: tuple[str, ...], column: int | None) -> None:
    (tmp_path / "sheet.csv").write_text("a , b,L\u2019\u00e9t\u00e9,twice,Twice\n1,2,3,4,5\n")
    assert read_sheet(tmp_path / "sheet.csv").column(names) == column


@pytest.mark.parametrize(
    ("points", "text"),
    [(1.005, "1.01"), (66.125, "66.13"), (58.225, "58.23"), (0.0, "0"), (100.0, "100"), (7.5, "7.5")],
)
def test_marks_are_rounded_as_on_paper(tmp_path: Path, points: float, text: str) -> None:
    (tmp_path / "sheet.csv").write_text("a,b\n1,2\n")
    assert read_sheet(tmp_path / "sheet.csv").number(points) == text
