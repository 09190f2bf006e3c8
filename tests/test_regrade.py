"""A class is graded again into the same folder, as after a mended check: the run says whose grade moved, and why."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder import pipeline
from autograder.cli import main
from autograder.commands.summary import MOST_LINES
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Status, Submission
from autograder.core.settings import SKELETON, SOLUTIONS
from autograder.grading.worker import Task

pytestmark = pytest.mark.published


def grade(folder: Path, *flags: str) -> int:
    return main([str(folder / "class"), "--output", str(folder / "grades"), "--question", "1.3", *flags])


@pytest.fixture
def graded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A right answer and an empty one, with a roster, graded once."""
    for student, source in (("1", SKELETON), ("2", SOLUTIONS)):
        (tmp_path / "class" / student).mkdir(parents=True)
        shutil.copy(source / "criterion.py", tmp_path / "class" / student)
    (tmp_path / "roster.csv").write_text("id,name\n1,Ann Abel\n2,Bo Berg\n")
    assert grade(tmp_path, "--roster", str(tmp_path / "roster.csv")) == 0
    assert " moved" not in capsys.readouterr().out
    return tmp_path


def test_whose_grade_moved_is_told_and_can_be_looked_at(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(SOLUTIONS / "criterion.py", graded / "class" / "1")
    roster = ("--roster", str(graded / "roster.csv"))
    assert grade(graded, *roster) == 0
    kept, line = graded / "grades" / "previous", "1 (Ann Abel): 0 -> 10 (1.3: 0 -> 10)\n"
    said = capsys.readouterr().out
    assert f"1 student's grade moved. The run before is kept in {kept}:\n  {line}" in said
    assert main(["diff", str(kept), str(graded / "grades"), "--details"]) == 1
    assert capsys.readouterr().out.startswith(f"{line}  1.3: 0 -> 10\n    ")
    # Nothing moves: the run that is kept stays, and nothing is said.
    assert grade(graded, *roster, "--fresh") == 0
    assert " moved" not in capsys.readouterr().out
    assert main(["diff", str(kept), str(graded / "grades")]) == 1


def test_who_hands_in_nothing_any_more_is_told(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(graded / "class" / "2")
    assert grade(graded, "--roster", str(graded / "roster.csv")) == 0
    assert "\n  2 (Bo Berg): 10 -> 0, ok -> missing (1.3: 10 -> 0)\n" in capsys.readouterr().out


def test_one_question_again_leaves_who_handed_in_nothing_whole(
    graded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(graded / "class" / "2")
    everything = [str(graded / "class"), "--output", str(graded / "grades"), "--roster", str(graded / "roster.csv")]
    assert main(everything) == 0
    table = (graded / "grades" / "grades.csv").read_text()
    assert main(["regrade", str(graded / "grades"), "--student", "1", "--question", "1.2"]) == 0
    assert "Not graded" not in capsys.readouterr().out
    assert (graded / "grades" / "grades.csv").read_text() == table


def test_one_student_again_is_all_that_is_told_of(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (graded / "class" / "3").mkdir()
    (graded / "class" / "3" / "criterion.py").write_text("import nothing_of_this_name\n")
    with (graded / "roster.csv").open("a") as roster:
        roster.write("3,Cy Cole\n")
    assert grade(graded, "--roster", str(graded / "roster.csv")) == 0
    assert "problem: 3 (Cy Cole): " in capsys.readouterr().out
    assert main(["regrade", str(graded / "grades"), "--student", "2", "--question", "1.3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 of 3 are left as they were.\n")
    assert "Bo Berg" in said and "1 submission: 1 ok." in said
    assert "Cy Cole" not in said and "Ann Abel" not in said
    assert main(["regrade", str(graded / "grades"), "--question", "1.3"]) == 0
    assert "problem: 3 (Cy Cole): " in capsys.readouterr().out


def test_the_terminal_has_the_points_that_a_person_gave(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = str(graded / "grades")
    assert main(["override", output, "1", "1.3", "--points", "7", "--reason", "It is in another file."]) == 0
    capsys.readouterr()
    assert grade(graded, "--roster", str(graded / "roster.csv")) == 0
    said = capsys.readouterr().out
    assert re.search(r"^1 +Ann Abel +\*7 +7 ", said, re.MULTILINE)
    assert "Mean score 8.5 of" in " ".join(said.split())
    assert "* A person changed points of 1 student." in " ".join(said.split())
    assert main(["show", output, "1"]) == 0
    said = capsys.readouterr().out
    assert "7 of 10" in said
    assert "Not attempted: 1.3" not in said


def test_points_for_an_earlier_answer_hold_and_are_told_of(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = str(graded / "grades")
    assert main(["override", output, "1", "1.3", "--points", "7", "--reason", "It is in another file."]) == 0
    assert main(["override", output, "2", "1.3", "--points", "4", "--reason", "Late."]) == 0
    roster = ("--roster", str(graded / "roster.csv"))
    assert grade(graded, *roster, "--fresh") == 0
    assert "earlier result" not in capsys.readouterr().out, "the same code has the same verdict"
    (graded / "class" / "1" / "criterion.py").write_bytes((graded / "class" / "2" / "criterion.py").read_bytes())
    for _ in range(2):
        assert grade(graded, *roster) == 0
        said = capsys.readouterr().out
        assert " moved" not in said, "it is 7 as before"
        assert f"`autograde review {output}`:\n  1 (Ann Abel) 1.3: 7 by a person, the checks now give 10\n" in said
        assert "2 (Bo Berg) 1.3" not in said
    assert main(["override", output, "1", "--reviewed"]) == 0
    assert grade(graded, *roster) == 0
    assert "earlier result" not in capsys.readouterr().out


def test_of_many_the_first_are_told(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(10, 10 + MOST_LINES + 1):
        (graded / "class" / str(number)).mkdir()
        shutil.copy(SKELETON / "criterion.py", graded / "class" / str(number))
    assert grade(graded) == 0
    assert " moved" not in capsys.readouterr().out, "who is new has not moved"
    for number in range(10, 10 + MOST_LINES + 1):
        shutil.copy(SOLUTIONS / "criterion.py", graded / "class" / str(number))
    assert grade(graded) == 0
    said = capsys.readouterr().out
    grades = graded / "grades"
    assert f"{MOST_LINES + 1} students' grades moved." in said
    assert said.count(": 0 -> 10 (1.3: 0 -> 10)\n") == MOST_LINES
    assert f"  and 1 more, which `autograde diff {grades / 'previous'} {grades}` lists.\n" in said


def test_the_slow_ones_of_the_last_run_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def pretend(work: Sequence[Task], *_: object) -> Iterator[tuple[Submission, Result]]:
        order[:] = [task.submission.student for task in work]
        for task in work:
            student = task.submission.student
            yield task.submission, Result(student, Status.OK, 70.0, 39.0 if student == "cy" else 1.0, (), "old")

    for student in ("ann", "bo", "cy", "eve"):
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "main.py").touch()
    monkeypatch.setattr(pipeline, "_graded", pretend)
    assert grade(tmp_path) == 0
    assert order == ["ann", "bo", "cy", "eve"]
    for flags in ([], ["--fresh"]):
        assert grade(tmp_path, *flags) == 0
        assert order == ["cy", "ann", "bo", "eve"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """The work of each run from now on: students, and the questions that are asked."""
    found: list[tuple[str, tuple[str, ...]]] = []
    grade_all = pipeline._graded

    def noted(work: Sequence[Task], *more: Any) -> Iterator[tuple[Submission, Result]]:
        found.extend((task.submission.student, tuple(one.id for one in task.questions)) for task in work)
        return grade_all(work, *more)

    monkeypatch.setattr(pipeline, "_graded", noted)
    return found


def test_a_part_is_asked_again_and_changes_by_hand_stay(
    graded: Path, asked: list[tuple[str, tuple[str, ...]]], capsys: pytest.CaptureFixture[str]
) -> None:
    grades = str(graded / "grades")
    assert main(["override", grades, "1", "1.3", "--points", "4", "--reason", "r"]) == 0
    before = (graded / "grades" / "grades.csv").read_bytes()
    assert main(["regrade", grades, "--student", "Ann", "--question", "1.3"]) == 0
    assert asked == [("1", ("1.3",))]
    assert (graded / "grades" / "grades.csv").read_bytes() == before
    capsys.readouterr()
    assert main(["override", grades]) == 0
    assert "1 1.3: 4 points (r)" in capsys.readouterr().out


def test_after_a_change_of_the_kit_others_stay_as_they_are(
    graded: Path, asked: list[tuple[str, tuple[str, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "version", lambda: "another")
    before = (graded / "grades" / "results" / "2.json").read_bytes()
    assert main(["regrade", str(graded / "grades"), "--student", "1", "--question", "1.3"]) == 0
    ((student, questions),) = asked
    assert student == "1" and {"1.1", "1.3", "3"} < {*questions}, "what is stored of the others is of the old kit"
    assert (graded / "grades" / "results" / "2.json").read_bytes() == before


def test_a_class_that_has_gone_cannot_be_graded_again(graded: Path) -> None:
    (graded / "class").rename(graded / "elsewhere")
    with pytest.raises(AutograderError, match="is not there any more"):
        main(["regrade", str(graded / "grades")])
    (graded / "grades" / "run.json").write_text("{")
    with pytest.raises(AutograderError, match="does not say how the class was graded"):
        main(["regrade", str(graded / "grades")])
