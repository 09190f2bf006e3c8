"""Pseudonyms: stable, unlike each other, and nowhere a real id next to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_list.pseudonyms import anonymise, known, names_file
from autograder.class_list.roster import Enrolled
from autograder.cli import main
from autograder.collect.tree import materialise
from autograder.core import store
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.core.records import About, Submission
from autograder.core.settings import Limits

ANN = About("Ann Lee", "ann@example.edu", "red", late=True, submitted="2026-11-01T12:00:00+00:00")


def submissions(*students: str) -> Enrolled:
    return Enrolled([Submission(student, Path(student), about=ANN) for student in students])


def test_they_are_drawn_once(tmp_path: Path) -> None:
    output = tmp_path / "grades"
    first = anonymise(submissions("ada", 'q"uo,te\nx', "=cmd()"), output)
    again = anonymise(submissions("=cmd()", "ada", "new", 'q"uo,te\nx'), output)
    drawn = {one.origin: one.student for one in again.submissions}
    assert {one.origin: one.student for one in first.submissions}.items() < drawn.items()
    assert len({*drawn.values()}) == 4
    assert [one.student for one in again.submissions] == sorted(drawn.values())
    assert not any("ada" in one.student for one in again.submissions)
    assert {one.about for one in again.submissions} == {About(late=True)}
    assert names_file(output) == tmp_path / "grades-names.csv"


def test_a_run_that_does_not_hold_the_folder_draws_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(output: Path) -> None:
        raise AutograderError("Another run is using the folder.", "Wait until it has ended.")

    (tmp_path / "class" / "ada").mkdir(parents=True)
    monkeypatch.setattr(store, "only_run", held)
    with pytest.raises(AutograderError, match="Another run"):
        main([str(tmp_path / "class"), "--output", str(tmp_path / "grades"), "--anonymise"])
    assert not names_file(tmp_path / "grades").exists()


def test_a_reader_knows_those_who_have_one_and_draws_none(tmp_path: Path) -> None:
    output = tmp_path / "grades"
    drawn = anonymise(submissions("ada", "bo"), output).submissions
    written = names_file(output).read_text()
    assert sorted(known(submissions("bo", "new", "ada").submissions, output), key=lambda one: one.student) == drawn
    assert names_file(output).read_text() == written


def test_a_folder_with_real_ids_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "grades"
    (output / "results").mkdir(parents=True)
    drawn = anonymise(submissions("ada"), output).submissions[0].student
    (output / "results" / f"{drawn}.json").touch()
    anonymise(submissions("ada"), output)
    (output / "results" / "ada.json").touch()
    with pytest.raises(AutograderError, match="under other names"):
        anonymise(submissions("ada"), output)


def test_groups_and_who_is_missing_are_renamed_too(tmp_path: Path) -> None:
    group = Submission("red", tmp_path, members=(("ann", ANN), ("bob", ANN)))
    drawn = anonymise(Enrolled([group], (("cy", ANN),), ("bob",)), tmp_path / "grades")
    assert not {"ann", "bob", "cy", "red", "Ann Lee", "ann@example.edu"} & {*repr(drawn).replace("'", " ").split()}
    assert len(names_file(tmp_path / "grades").read_text().splitlines()) == 5


@pytest.mark.parametrize("content", ["", "a,b\n", "student,pseudonym\nx\n", "student,pseudonym\nx,p\ny,p\n"])
def test_a_damaged_list_is_not_overwritten(tmp_path: Path, content: str) -> None:
    names_file(tmp_path / "grades").write_text(content)
    with pytest.raises(AutograderError, match="not a list of names"):
        anonymise(submissions("ada"), tmp_path / "grades")
    assert names_file(tmp_path / "grades").read_text() == content


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"Rar!"])
def test_what_is_said_of_an_archive_does_not_name_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ada.zip").write_bytes(content)
    found = Enrolled([Submission("ada", tmp_path / "ada.zip")])
    for class_, named in ((found, True), (anonymise(found, tmp_path / "grades"), False)):
        with pytest.raises(SubmissionProblem) as caught:
            materialise(class_.submissions[0], tmp_path / f"into {named}", Limits())
        assert ("ada" in f"{caught.value.message} {caught.value.hint}") is named
        assert named or caught.value.message.startswith("What was handed in is ")
