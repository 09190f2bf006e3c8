"""The terminal: plain where it is not one, and names are never markup."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.console import MOST_ROWS, make_console, print_error, progress, summary_table
from autograder.errors import AutograderError
from autograder.outcomes import CheckResult, Outcome
from autograder.records import Question, QuestionResult, Result, Rubric, Status

RUBRIC = Rubric(
    (Question("1.2", "Contrastive loss", "criterion.py", 20), Question("4", "Report", "r.ipynb", 30, manual=True)), "s"
)


def graded(student: str, score: float = 20, status: Status = Status.OK, message: str | None = None) -> Result:
    check = CheckResult("values", Outcome.PASSED if score == 20 else Outcome.FAILED, score, 20, True, "")
    question = QuestionResult("1.2", "Contrastive loss", score, 20, (check,))
    questions = () if status is Status.ERROR else (question,)
    return Result(student, status, 20, 1.0, questions, "f", message)


def shown(results: list[Result]) -> str:
    stream = io.StringIO()
    make_console(stream).print(summary_table(results, RUBRIC))
    return stream.getvalue()


def test_a_small_class_is_listed_by_student() -> None:
    lines = shown([graded("b", 7.5), graded("a")]).splitlines()
    rows = [line.split() for line in lines if line.strip().startswith(("a", "b"))]
    assert rows == [["a", "20", "20", "ok"], ["b", "7.5", "7.5", "ok"]]
    assert lines[-1] == "2 submissions: 2 ok. Mean score 13.75 of 20."


def test_what_was_not_attempted_has_a_dash() -> None:
    check = CheckResult("values", Outcome.NOT_ATTEMPTED, 0, 20, True, "")
    result = Result("a", Status.OK, 20, 1.0, (QuestionResult("1.2", "Contrastive loss", 0, 20, (check,)),), "f")
    assert ["a", "–", "0", "ok"] in [line.split() for line in shown([result]).splitlines()]


def test_a_large_class_lists_who_needs_a_look() -> None:
    fine = [graded(f"fine{i}") for i in range(MOST_ROWS)]
    text = shown([*fine, graded("slow", 0, Status.PROBLEM), graded("lost", status=Status.ERROR, message="Gone.\nx")])
    assert "slow" in text
    assert "fine" not in text
    assert text.index("lost") < text.index("slow")
    assert "error: lost: Gone.\n" in text
    assert "42 submissions: 40 ok, 1 problem, 1 error." in text
    assert "The 40 not listed are in the report." in text


def test_more_problems_than_rows() -> None:
    text = shown([graded(f"slow{i}", 0, Status.PROBLEM) for i in range(100)])
    assert text.count("slow") == MOST_ROWS
    assert "The 60 not listed are in the report." in text


def test_nobody() -> None:
    assert shown([]) == "No submissions.\n"


def test_names_are_neither_markup_nor_commands() -> None:
    text = shown([graded("[red]ann[/red]\x1b[2J\n\udc80 :smile:")])
    assert r"[red]ann[/red]\x1b[2J\n\udc80 :smile:" in text
    text.encode("utf-8")


def test_a_terminal_gets_colour_and_the_word() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system="standard")
    with console.capture() as capture:
        console.print(summary_table([graded("ann", 0, Status.PROBLEM)], RUBRIC))
    assert "\x1b[33mproblem" in capture.get()


def test_a_stream_that_knows_few_letters_takes_any_name() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    make_console(stream).print(summary_table([graded("Zoë")], RUBRIC))
    stream.flush()
    assert rb"Zo\xeb" in raw.getvalue()


def test_an_error_is_two_plain_lines() -> None:
    stream = io.StringIO()
    long = "There is no folder [bold]" + "x" * 300 + "\x1b."
    print_error(AutograderError(long, "Name a folder."), make_console(stream))
    assert stream.getvalue() == long.replace("\x1b", r"\x1b") + "\nName a folder.\n"


@pytest.mark.parametrize(("total", "lines"), [(0, 0), (1, 1), (3, 3), (64, 10), (2000, 10)])
def test_progress_in_a_log_is_a_few_lines(total: int, lines: int) -> None:
    stream = io.StringIO()
    with progress(total, make_console(stream)) as advance:
        for _ in range(total):
            advance()
    written = stream.getvalue().splitlines()
    assert len(written) == lines
    assert not written or written[-1] == f"Graded {total} of {total}"


def test_progress_in_a_terminal_shows_count_and_rate() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with console.capture() as capture, progress(2, console) as advance:
        advance()
        advance()
    assert "2/2" in capture.get()
    assert "/s" in capture.get()
