"""Several runs next to each other: shares of each class, mistakes that moved, and hints that did not help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.records import Diagnosis, Excerpt, Question, Result, Rubric, Status
from autograder.core.store import open_output, save_result
from autograder.marks.grades_table import grades_csv
from autograder.report.trend import HintTrend, Share, trend
from tests.report.conftest import check, question

LOSS = Question("1.2", "Loss", "criterion.py", 10)
RUBRIC = Rubric((LOSS,), "seed")


def answer(student: str, code: str, *mistakes: str, asked: Question = LOSS) -> Result:
    """Somebody whose answer has these lines and mistakes, and no points if there is any."""
    found = tuple(Diagnosis(one, f"Look at {one}.") for one in mistakes)
    points = 0 if mistakes else asked.points
    one = question(asked, check("values", points, asked.points), diagnosis=found)
    lines = (Excerpt(asked.id, asked.file, ((1, code),)),)
    return Result(student, Status.OK, asked.points, 1.0, (one,), code, excerpts=lines)


FIRST = [answer("1", "a", "sign"), answer("2", "b", "sign"), answer("3", "c", "mean"), answer("4", "d")]
THEN = [answer("1", "a2", "sign"), answer("2", "b", "sign"), answer("3", "c2", "sum"), answer("5", "e")]


def test_shares_of_each_class() -> None:
    # Points are compared as shares, so that a question may be worth another number.
    dear = [answer("6", "f", asked=replace(LOSS, points=20)), replace(FIRST[0], status=Status.MISSING)]
    (one,) = trend([FIRST, dear], ["2025", "2026"]).questions
    assert one.means == (0.25, 1.0) and one.full == (Share(1, 4), Share(1, 1))
    by_name = {one.mistake: one for one in trend([FIRST, THEN], ["2025", "2026"]).mistakes}
    assert by_name["mean"].grown == -0.25 and not by_name["mean"].is_new
    assert by_name["sum"].grown == 0.25 and by_name["sum"].is_new
    assert by_name["sign"].grown == 0 and by_name["sign"].shares == (Share(2, 4), Share(2, 4))


def test_a_hint_counts_only_where_the_answer_was_changed() -> None:
    """The second student left the lines as they were: that says nothing about the hint."""
    again = HintTrend("1.2", "sign", Share(1, 1))
    assert trend([FIRST, THEN], ["a", "b"]).hints == [again]
    assert trend([THEN, [answer("9", "z")]], ["a", "b"], [FIRST]).hints == [again]
    assert trend([THEN, THEN], ["a", "b"]).hints == []


def test_questions_that_are_not_the_same_are_named() -> None:
    other, more = replace(LOSS, title="Align"), Question("B1", "Queue", "criterion.py", 5, bonus=True)
    renamed = [answer("1", "x", "sign", asked=other), answer("2", "x", "sign", asked=more)]
    found = trend([FIRST, renamed], ["2025", "2026"])
    assert (found.questions, found.mistakes, found.hints) == ([], [], [])
    assert found.unlike == [
        "1.2 is not compared, because it is another question: Loss in 2025, Align in 2026.",
        "Only 2026 has B1.",
    ]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name, run in (("grades-2025", FIRST), ("grades-2026", THEN), ("grades-2026/previous", FIRST)):
        open_output(Path(name), Path("class"))
        for one in run:
            save_result(Path(name), one)
        (Path(name) / "grades.csv").write_text(grades_csv(run, RUBRIC))
    assert main(["trend", "grades-2025", "grades-2026"]) == 0
    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert {"1.2 Loss 25 → 25 25 → 25", "1.2 sum 0 → 25 0 → 1 new", "1.2 mean 25 → 0 1 → 0 shrank"} <= {*said}
    assert "1.2 sign 2 of 2" in said  # once in the folder's own run before, once between the folders
    assert main(["trend", "grades-2026"]) == 0
    assert "1.2 sign 1 of 1" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(AutograderError, match="no run before this one"):
        main(["trend", "grades-2025"])
