"""`autograde --reference`: the kit's own answers have all points, the skeleton none, and no class is touched."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, QuestionResult, Result, Status
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, SOLUTIONS
from autograder.core.store import load_results
from autograder.grading import rehearsal


def test_the_reference_has_all_points_and_the_skeleton_none(tmp_path: Path) -> None:
    """As a command, elsewhere than in the repository; the second time nothing has changed."""
    command = [sys.executable, "-m", "autograder", "--reference"]
    for said in ("Graded 2 of 2", "2 of 2 have not changed since they were graded."):
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout and done.stdout.endswith(f"{rehearsal.AS_IT_MUST_BE}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["grades-reference"]
    reference, skeleton = load_results(tmp_path / "grades-reference")
    every = sum(question.points for question in load_rubric().graded)
    assert (reference.student, reference.score, skeleton.student, skeleton.score) == ("reference", every, "skeleton", 0)
    assert every > reference.max_score, "there are bonus questions"
    assert (tmp_path / "grades-reference" / "feedback" / "reference.html").is_file()


def result(student: str, *scores: float) -> Result:
    questions = tuple(QuestionResult(f"1.{i}", "Loss", score, 10, ()) for i, score in enumerate(scores, 1))
    return Result(student, Status.OK, 10, 1.0, questions, "")


def test_what_is_not_as_it_must_be_is_told() -> None:
    assert rehearsal.faults([result("reference", 10, 10), result("skeleton", 0, 0)]) == []
    failed = replace(result("reference"), status=Status.ERROR)
    assert rehearsal.faults([result("reference", 10, 7.5), result("skeleton", 0.5, 0), failed]) == [
        "Not as it must be: the reference has 7.5 of 10 in 1.2 Loss.",
        "Not as it must be: the skeleton has 0.5 of 10 in 1.1 Loss.",
        "Not as it must be: the reference could not be graded.",
    ]


@pytest.mark.published
def test_a_fault_is_an_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    untouched = {file: (SKELETON / file).read_text("utf-8") for file in STUDENT_FILES}
    monkeypatch.setattr(rehearsal, "student_files", lambda *_: untouched)
    monkeypatch.setattr(rehearsal, "SKELETON", SOLUTIONS)
    assert main(["--reference", "--question", "1.3", "--output", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Not as it must be: the reference has 0 of 10 in 1.3 Align loss.",
        "Not as it must be: the skeleton has 10 of 10 in 1.3 Align loss.",
    ]


def test_a_class_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "grades" / "results").mkdir(parents=True)
    for name in ("reference", "ann"):
        (tmp_path / "grades" / "results" / f"{name}.json").write_text("{}")
    with pytest.raises(AutograderError, match="holds the grades of a class"):
        main(["--reference", "--output", str(tmp_path / "grades")])
    assert (tmp_path / "grades" / "results" / "reference.json").read_text() == "{}"


@pytest.mark.parametrize("flags", [["class"], ["--roster", "r.csv"], ["--points", "p.csv"], ["--anonymise"]])
def test_what_does_not_go_with_it_is_refused(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--reference", *flags])
    assert stopped.value.code == 2
    assert "it takes no submissions, list or pseudonyms" in capsys.readouterr().err


def test_the_kits_folder_of_answers_is_no_class(tmp_path: Path) -> None:
    for folder in (SOLUTIONS, SKELETON):
        with pytest.raises(AutograderError, match="looks like one student's submission") as caught:
            main([str(folder), "--output", str(tmp_path / "grades")])
        assert "`autograde --reference`" in caught.value.hint
    assert not (tmp_path / "grades").exists()
