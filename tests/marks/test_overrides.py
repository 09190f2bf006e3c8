"""Changes by people: the record, what it does to results, and what undoes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Question, QuestionResult, Result, Rubric, Status
from autograder.marks.changed import changed
from autograder.marks.overrides import (
    FILE,
    Change,
    Kind,
    Overrides,
    lines,
    load_overrides,
    new,
    points_of,
    save_overrides,
)

RUBRIC = Rubric(
    (Question("1.2", "Loss", "criterion.py", 20), Question("4", "Report", "report.ipynb", 30, manual=True)), "seed"
)
CHECKS = (
    CheckResult("The value", Outcome.FAILED, 0, 12, True, "wrong"),
    CheckResult("The gradient", Outcome.PASSED, 8, 8, False, ""),
)
ANN = Result("ann", Status.OK, 20, 0.1, (QuestionResult("1.2", "Loss", 8, 20, CHECKS),), "")


def points(number: float, **rest: object) -> Change:
    return new(Kind.POINTS, "ta", ["ann"], question="1.2", points=number, reason="r", **rest)


def test_a_record_survives_any_text(tmp_path: Path) -> None:
    odd = 'quote " back \\ line\nend \x7f \x00 \u2028 “é” 한국어 = [x] # \udcff'
    record = Overrides().added(new(Kind.COMMENT, odd, [odd], question="1.2", comment=odd)).added(points(0.1 + 0.2))
    save_overrides(tmp_path, record)
    escaped = odd.encode("utf-8", "backslashreplace").decode()
    read = load_overrides(tmp_path)
    assert (read.changes[0].by, read.changes[0].students, read.changes[0].comment) == (escaped, (escaped,), escaped)
    assert read.changes[1] == record.changes[1]
    save_overrides(tmp_path, read)
    assert load_overrides(tmp_path) == read


def test_the_record_is_added_to_and_never_altered(tmp_path: Path) -> None:
    record, before = Overrides(), ""
    for change in (points(3), points(4), new(Kind.UNDO, "ta", undoes=2)):
        record = record.added(change)
        save_overrides(tmp_path, record)
        after = (tmp_path / FILE).read_text("utf-8")
        assert after.startswith(before) and len(after) > len(before)
        before = after


def test_an_undo_can_be_undone() -> None:
    record = Overrides().added(points(3)).added(new(Kind.UNDO, "ta", undoes=1))
    assert record.of("ann") == ()
    assert [one.id for one in record.added(new(Kind.UNDO, "ta", undoes=2)).of("ann")] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "[[override]]\nid = 1\n",
        "[[override]]\nid = 1\nat = 'x'\nby = 'y'\nkind = 'bribe'\n",
        "[[override]]\nid = 1\nat = 'x'\nby = 'y'\nkind = 'points'\npoints = nan\n",
        "no toml",
        "\n".join(["[[override]]\nid = 1\nat = 'x'\nby = 'y'\nkind = 'zero'"] * 2),
    ],
)
def test_a_damaged_record_is_an_error_and_is_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(AutograderError, match="damaged"):
        load_overrides(tmp_path)
    assert (tmp_path / FILE).read_text("utf-8") == text


def test_points_of_a_question_replace_those_of_the_checks() -> None:
    question = changed(ANN, RUBRIC, [points(15, comment="Nearly.")]).questions[0]
    assert (question.score, question.changed) == (15, True)
    assert question.comment == "Changed by a person: the checks gave 8.\nNearly."
    twice = changed(ANN, RUBRIC, [points(15), points(16)]).questions[0]
    assert (twice.score, twice.comment) == (16, "Changed by a person: the checks gave 8.")


def test_points_of_a_check_move_the_question_by_as_much() -> None:
    result = changed(ANN, RUBRIC, [points(5, check="The value")])
    assert result.questions[0].score == 13 and result.questions[0].checks[0].points == 5
    assert changed(ANN, RUBRIC, [points(5, check="gone")]) == ANN


def test_points_of_the_report_count_with_its_maximum() -> None:
    result = changed(ANN, RUBRIC, [new(Kind.POINTS, "ta", ["ann"], question="4", points=25, reason="r")])
    assert (result.score, result.max_score) == (33, 50)


def test_the_last_standing_counts() -> None:
    zero = new(Kind.ZERO, "ta", ["ann"], reason="r", comment="Copied.")
    result = changed(ANN, RUBRIC, [zero])
    assert (result.standing, result.score, result.max_score, result.remark) == ("zero", 0, 50, "Copied.")
    assert changed(ANN, RUBRIC, [zero, new(Kind.HOLD, "ta", ["ann"], reason="r")]).score == 8


def test_a_result_without_a_score_stays_without() -> None:
    failed = Result("ann", Status.ERROR, 20, 0, (), "")
    assert changed(failed, RUBRIC, [points(15)]) == failed


def test_a_line_names_what_was_changed() -> None:
    record = Overrides().added(points(15)).added(new(Kind.UNDO, "bob", undoes=1))
    first, second = lines(record.changes)
    assert first.endswith("ta: ann 1.2: 15 points (r)") and second.endswith("bob: undoes 1")


@pytest.mark.parametrize(("written", "number"), [("12,5", 12.5), ("7.5", 7.5), ("0", 0)])
def test_points_are_written_with_a_comma_or_a_point(written: str, number: float) -> None:
    assert points_of(written) == number


@pytest.mark.parametrize("written", ["-3", "x", "nan", "1e9", "1,2,3", ""])
def test_other_points_are_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number of points\. Write a number from 0 on\."):
        points_of(written)
