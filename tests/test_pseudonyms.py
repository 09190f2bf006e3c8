"""Pseudonyms: stable, unlike each other, and nowhere a real id beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.pseudonyms import anonymise, names_file
from autograder.records import Submission


def submissions(*students: str) -> list[Submission]:
    return [Submission(student, Path(student)) for student in students]


def test_they_are_drawn_once(tmp_path: Path) -> None:
    output = tmp_path / "grades"
    first = anonymise(submissions("ada", 'q"uo,te\nx', "=cmd()"), output)
    again = anonymise(submissions("=cmd()", "ada", "new", 'q"uo,te\nx'), output)
    drawn = {one.origin: one.student for one in again}
    assert {one.origin: one.student for one in first}.items() < drawn.items()
    assert len({*drawn.values()}) == 4
    assert [one.student for one in again] == sorted(drawn.values())
    assert not any("ada" in one.student for one in again)
    assert names_file(output) == tmp_path / "grades-names.csv"


def test_a_folder_with_real_ids_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "grades"
    (output / "results").mkdir(parents=True)
    drawn = anonymise(submissions("ada"), output)[0].student
    (output / "results" / f"{drawn}.json").touch()
    anonymise(submissions("ada"), output)
    (output / "results" / "ada.json").touch()
    with pytest.raises(AutograderError, match="under other names"):
        anonymise(submissions("ada"), output)


@pytest.mark.parametrize("content", ["", "a,b\n", "student,pseudonym\nx\n", "student,pseudonym\nx,p\ny,p\n"])
def test_a_damaged_list_is_not_overwritten(tmp_path: Path, content: str) -> None:
    names_file(tmp_path / "grades").write_text(content)
    with pytest.raises(AutograderError, match="not a list of names"):
        anonymise(submissions("ada"), tmp_path / "grades")
    assert names_file(tmp_path / "grades").read_text() == content
