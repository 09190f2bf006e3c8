"""Sheets of Canvas and Moodle, and a small graded class to fill them with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from autograder import pipeline
from autograder.cli import main
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Question, QuestionResult, Result, Rubric, Status, Submission
from autograder.core.store import open_output, save_result
from autograder.grading.worker import Task
from autograder.marks.grades_table import grades_csv
from autograder.marks.late import Policy
from tests.marks.class_of_thirty import Works, works

# As Canvas and Moodle write them: quotes only where needed, read-only totals, a row for the posting policy.
CANVAS = (
    '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz (11),"Homework 1, SSL (4711)",Current Score\r\n'
    ",,,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,5.00,70.00,(read only)\r\n"
    '"Abel, Ann",101,,ann,"Vision, A",4.5,,90.00\r\n'
    '"Berg, Bo ""B""",102,,bo,"Vision, A",,12.00,\r\n'
    '"Cruz, Cy",103,,cy,"Vision, A",3.00,EX,\r\n'
    '"Dahl, Di",104,,di,"Vision, A",3.00,61.00,\r\n'
    '"Student, Test",199,,,"Vision, A",,,\r\n'
)
MOODLE = (
    '\ufeffBezeichner;"Vollständiger Name";E-Mail-Adresse;Status;Bewertung;Bestwertung;'
    '"Bewertung kann geändert werden";"Feedback als Kommentar"\n'
    '"Teilnehmer/in101";"Ann Abel";ann@x.org;"Abgegeben";;"70,00";Ja;\n'
    'Teilnehmer/in102;"Bo; Berg";bo@x.org;;"12,50";"70,00";Ja;"see me"\n'
    "Teilnehmer/in103;Cy;cy@x.org;;;70,00;Nein;\n"
    "Teilnehmer/in104;Di;di@x.org;;;70,00;Ja;\n"
)


RUBRIC = Rubric(
    (
        Question("1.2", "Loss", "criterion.py", 70),
        Question("4", "Report", "report.ipynb", 30, manual=True),
        Question("B1", "Queue", "criterion.py", 25, bonus=True),
    ),
    "seed",
)


def result(student: str, score: float, status: Status = Status.OK) -> Result:
    """A score above 70 is one with bonus points."""
    outcome, message = (Outcome.PASSED, "") if score > 0 else (Outcome.FAILED, "wrong value\nmore")
    check = CheckResult("a check", outcome, min(score, 70.0), 70.0, True, message)
    loss = QuestionResult("1.2", "Loss", min(score, 70.0), 70.0, (check,))
    queue = QuestionResult("B1", "Queue", max(0.0, score - 70), 25.0, ())
    questions = () if status is Status.ERROR else (loss, queue)
    return Result(student, status, 70.0, 0.1, questions, "")


Graded = Callable[..., Path]


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graded:
    """Makes an output folder with these scores."""
    monkeypatch.setattr("autograder.commands.export.load_rubric", lambda: RUBRIC)

    def make(name: str = "grades", **scores: float) -> Path:
        folder = tmp_path / name
        open_output(folder, tmp_path / "class")
        results = [result(student.strip("s"), score) for student, score in scores.items()]
        results.append(result("104", 0, Status.ERROR))
        for one in results:
            save_result(folder, one)
        (folder / "grades.csv").write_text(grades_csv(results, RUBRIC))
        return folder

    return make


def run(tmp_path: Path, kind: str, folder: Path, sheet: str, *more: str, encoding: str = "utf-8") -> str:
    path = tmp_path / "sheet.csv"
    path.write_bytes(sheet.encode(encoding))
    assert main(["export", kind, str(folder), "--sheet", str(path), *more]) == 0
    assert path.read_bytes() == sheet.encode(encoding)
    return (tmp_path / "sheet-filled.csv").read_bytes().decode(encoding)


POLICY = Policy(datetime.fromisoformat("2026-12-12T23:59:00+01:00"), percent=10)
GRADED: dict[str, Result] = {}
"""Results by what was handed in."""


def content(submission: Submission) -> str:
    """A digest of the files that count, wherever they lie and whosever they are."""
    paths = [piece.origin for piece in submission.pieces] or [submission.origin]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return sha256(b"\0".join(sorted(file.read_bytes() for file in files if file.suffix in (".py", ".zip")))).hexdigest()


@pytest.fixture
def graded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grade each content once; what is late costs 10 percent a day."""
    grade = pipeline._graded

    def graded(work: Sequence[Task], *more: Any) -> Iterator[tuple[Submission, Result]]:
        new = {content(task.submission): task for task in work}
        for submission, result in grade([new[key] for key in new.keys() - GRADED.keys()], *more):
            GRADED[content(submission)] = result
        for task in work:
            known = GRADED[content(task.submission)]
            yield task.submission, replace(known, student=task.submission.student, fingerprint=task.fingerprint)

    monkeypatch.setattr("autograder.pipeline._graded", graded)
    monkeypatch.setattr("autograder.gradebook.folder.read_policy", lambda: POLICY)
    monkeypatch.setattr("autograder.commands.export.read_policy", lambda: POLICY)


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Works:
    return works(tmp_path_factory.mktemp("works"))
