"""Tests of what a whole run makes of every platform's download, as a folder and as a zip, without and with a list."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from autograder import pipeline
from autograder.cli import main
from autograder.collect.tree import materialise
from autograder.core.records import QuestionResult, Result, Rubric, Status, Submission
from autograder.core.settings import SKELETON, SOLUTIONS, Limits, Settings
from autograder.grading.worker import Task
from tests.platforms.downloads import DOWNLOADS, FILE, RIGHT


def rows(output: Path) -> list[tuple[str, str, str]]:
    listed = csv.DictReader((output / "grades.csv").read_text().splitlines())
    return [(row["student"], row["status"], row["score"]) for row in listed]


@pytest.mark.published
def test_whom_the_platform_lists_without_files_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of two assignments in a course of nbgrader's, and repositories of which one is empty."""
    for student, assignment in (("ann", "hw3"), ("ann", "hw2"), ("bob", "hw2")):
        folder = tmp_path / "course" / "submitted" / student / assignment
        folder.mkdir(parents=True)
        shutil.copy(SOLUTIONS / "main_linclis.py", folder)
    (tmp_path / "course" / "nbgrader_config.py").touch()
    command = [str(tmp_path / "course"), "--output", str(tmp_path / "nbgrader"), "--question", "3"]
    assert main([*command, "--assignment", "hw3"]) == 0
    assert rows(tmp_path / "nbgrader") == [("ann", "ok", "10"), ("bob", "missing", "0")]
    assert "This is a course folder of nbgrader's." in capsys.readouterr().out

    for name in ("hw3-ann-1", "hw3-bob"):
        (tmp_path / "github" / "hw3-submissions" / name / ".git").mkdir(parents=True)
    shutil.copy(SOLUTIONS / "main_linclis.py", tmp_path / "github" / "hw3-submissions" / "hw3-ann-1")
    assert main([str(tmp_path / "github"), "--output", str(tmp_path / "classroom"), "--question", "3"]) == 0
    assert rows(tmp_path / "classroom") == [("ann", "ok", "10"), ("bob", "missing", "0")]
    assert "hw3-ann-1 is taken for ann's" in capsys.readouterr().out


def test_who_handed_in_beside_an_empty_submission_is_not_missing(tmp_path: Path) -> None:
    (tmp_path / "export" / "submission_1").mkdir(parents=True)
    shutil.copy(SKELETON / "main_linclis.py", tmp_path / "export" / "submission_1")
    both = "submission_2:\n  :submitters:\n  - :sid: ann\n  - :sid: bob\n"
    metadata = f"submission_1:\n  :submitters:\n  - :sid: ann\n{both}"
    (tmp_path / "export" / "submission_metadata.yml").write_text(metadata)
    assert main([str(tmp_path / "export"), "--output", str(tmp_path / "grades"), "--question", "3"]) == 0
    assert rows(tmp_path / "grades") == [("ann", "ok", "0"), ("bob", "missing", "0")]


@pytest.fixture
def graded_by_reading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Full points for the file with the right answers, and none for any other: no code is run."""

    def graded(
        work: Sequence[Task], rubric: Rubric, settings: Settings, *_: object
    ) -> Iterator[tuple[Submission, Result]]:
        for task in work:
            submission = task.submission
            tree = materialise(submission, tmp_path / "read" / submission.student, Limits())
            right = (tree.root / tree.files[FILE.removesuffix(".py")]).read_bytes() == RIGHT
            questions = tuple(
                QuestionResult(one.id, one.title, 10.0 if right else 0.0, 10.0, ()) for one in task.questions
            )
            yield submission, Result(submission.student, Status.OK, rubric.max_score, 0.0, questions, task.fingerprint)

    monkeypatch.setattr(pipeline, "_graded", graded)


@pytest.mark.usefixtures("graded_by_reading")
@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("listed", ["no list", "the platform's list", "a list of our own"])
@pytest.mark.parametrize("kind", DOWNLOADS)
def test_every_download(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, listed: str, form: str) -> None:
    download = DOWNLOADS[kind]
    ids = download.enrolled if download.enrolled and listed == "the platform's list" else download.ids
    ann, bo, cy, di, ed, fay = ids
    expected = {ann: ("ok", "10"), bo: ("ok", "10"), di: ("ok", "0"), fay: ("ok", "10")}
    if listed != "no list":
        expected |= {cy: ("missing", "0"), ed: ("missing", "0")}
    elif download.lists_cy:
        expected[cy] = ("missing", "0")
    command = [str(download.write(tmp_path, form == "zip")), "--output", str(tmp_path / "grades"), "--question", "3"]
    if listed != "no list":
        names = ("Ann Adams", "Bo Baker", "Cy Cole", "Di Dunn", "Ed East")
        own = "id,name\n" + "".join(f"{student},{name}\n" for student, name in zip(ids, names, strict=False))
        (tmp_path / "roster.csv").write_text(own if listed == "a list of our own" else download.roster)
        command += ["--roster", str(tmp_path / "roster.csv")]
    assert main([*command, *download.options]) == 0
    assert {student: (status, score) for student, status, score in rows(tmp_path / "grades")} == expected
    strangers = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Not on the roster")]
    assert [line.split()[4] for line in strangers] == ([fay] if listed != "no list" else [])
