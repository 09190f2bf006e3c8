"""`autograde diff`: a line a student, with names, and what moved in it; details where they are asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import About, QuestionResult, Result, Status
from autograder.marks.diff import Move, counted, moves
from tests.marks.conftest import Graded


def result(student: str, *points: float, status: Status = Status.OK, name: str = "", most: float = 10) -> Result:
    """One with these points in the questions 1, 2, 3."""
    questions = tuple(
        QuestionResult(str(number), "", score, most, (check(score, most),)) for number, score in enumerate(points, 1)
    )
    return Result(student, status, 30, 0.1, questions, "", about=About(name))


def check(points: float, most: float = 10, name: str = "values") -> CheckResult:
    outcome = Outcome.PASSED if points == most else Outcome.FAILED
    return CheckResult(name, outcome, points, most, True, "" if points == most else "\nwrong\x1b value\nmore")


OLD = result("101", 10, 2.5, 0)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (OLD, result("101", 10, 5, 0), "101: 12.5 -> 15 (2: 2.5 -> 5)"),
        (OLD, result("101", 0, 10, 2.5), "101: 12.5 -> 12.5 (1: 10 -> 0, 2: 2.5 -> 10, 3: 0 -> 2.5)"),
        (OLD, result("101", 10, 2.5), "101: 12.5 -> 12.5"),
        (OLD, replace(OLD, status=Status.PROBLEM), "101: 12.5 -> 12.5, ok -> problem"),
        (OLD, result("101", status=Status.ERROR), "101: 12.5 -> no grade, ok -> error"),
        (result("101", 10), OLD, "101: 10 -> 12.5 (2: not graded -> 2.5 of 10, 3: not graded -> 0 of 10)"),
        (result("101", 10), result("101", 20, most=20), "101: 10 -> 20 (1: 10 of 10 -> 20 of 20)"),
        (None, result("101", 10, name="Ann Abel"), "101 (Ann Abel): new, 10"),
        (result("101", 10, name="Ann Abel"), None, "101 (Ann Abel): gone, 10"),
        (result("101", 1, name="Ann Abel"), result("101", 2), "101 (Ann Abel): 1 -> 2 (1: 1 -> 2)"),
        (result("\x1b[2J", 1), result("\x1b[2J", 2, name="a\nb"), r"\x1b[2J (a\nb): 1 -> 2 (1: 1 -> 2)"),
    ],
)
def test_a_line_a_student(old: Result | None, new: Result | None, line: str) -> None:
    assert Move(old, new).line == line


def test_details_say_which_checks_moved() -> None:
    before = replace(OLD.questions[0], checks=(check(10), check(1, name="gone")))
    after = replace(OLD.questions[0], score=0, checks=(check(0), check(2, name="new")))
    old, new = (replace(OLD, questions=(question,)) for question in (before, after))
    assert [*Move(old, new).details] == [
        "  1: 10 -> 0",
        r"    values: 10 of 10 -> 0 of 10: wrong\x1b value",
        "    new check: new (2 of 10)",
        "    no check any more: gone",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("", 0), ("kept", 7), "named mistake: kept, 7 of 10"),
        (("kept", 7), ("kept", 6), "named mistake: kept, 6 of 10"),
        (("kept", 7), ("", 0), "no points for a named mistake any more: kept"),
    ],
)
def test_details_say_what_a_named_mistake_gives(before: tuple[str, float], after: tuple[str, float], told: str) -> None:
    old, new = (
        replace(OLD, questions=(replace(OLD.questions[2], credited=name, score=score),))
        for name, score in (before, after)
    )
    assert [*Move(old, new).details] == [f"  3: {before[1]:g} -> {after[1]:g}", f"    {told}"]


def test_who_did_not_move_is_not_listed() -> None:
    same = result("102", 1, 2, 3)
    assert moves([OLD, same], [replace(same, seconds=9.0), replace(OLD, message="other")]) == []
    assert [move.line for move in moves([same], [OLD])] == ["101: new, 12.5", "102: gone, 6"]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ("", "No grade moved."),
        ("m", "1 student's grade moved."),
        ("mm", "2 students' grades moved."),
        ("mng", "1 student's grade moved, 1 is new, 1 is gone."),
        ("nngg", "No grade moved, 2 are new, 2 are gone."),
    ],
)
def test_one_and_many(found: str, sentence: str) -> None:
    kinds = {"m": Move(OLD, OLD), "n": Move(None, OLD), "g": Move(OLD, None)}
    assert counted([kinds[kind] for kind in found]) == sentence


def test_the_command(graded: Graded, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = graded("old", s101=20, s102=5, s103=7), graded("new", s101=0, s102=5, s105=3)
    assert main(["diff", str(old), str(new)]) == 1
    last = "1 student's grade moved, 1 is new, 1 is gone.\n"
    assert capsys.readouterr().out == f"101: 20 -> 0 (1.2: 20 -> 0)\n103: gone, 7\n105: new, 3\n{last}"
    assert main(["diff", str(old), str(new), "--details"]) == 1
    details = "  1.2: 20 -> 0\n    a check: 20 of 70 -> 0 of 70: wrong value\n"
    assert capsys.readouterr().out == f"101: 20 -> 0 (1.2: 20 -> 0)\n{details}103: gone, 7\n105: new, 3\n{last}"
    assert main(["diff", str(old), str(old)]) == 0
    assert capsys.readouterr().out == "No grade moved.\n"


def test_points_by_hand_are_known(tmp_path: Path, graded: Graded, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = graded("old", s101=20), graded("new", s101=20)
    for folder, points in ((old, 10), (new, 25)):
        (tmp_path / "report.csv").write_text(f"id,points\n101,{points}\n")
        command = ["export", "csv", str(folder), "--points", str(tmp_path / "report.csv")]
        assert main([*command, "--output", str(tmp_path / "m.csv")]) == 0
    capsys.readouterr()
    assert main(["diff", str(old), str(new)]) == 1
    assert capsys.readouterr().out == "101: 30 -> 45 (4: 10 -> 25)\n1 student's grade moved.\n"
