"""The terminal: plain text if it is not one, and names are never markup."""

from __future__ import annotations

import io
import re
import time

import pytest
from rich.console import Console

from autograder.core.console import make_console, print_error, progress, say
from autograder.core.errors import AutograderError


def test_a_stream_that_knows_few_letters_takes_any_name() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    say(make_console(stream), "Zoë")
    stream.flush()
    assert rb"Zo\xeb" in raw.getvalue()


def test_a_file_has_whole_lines_and_a_terminal_whole_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    sentence = "Left in grades: [bold]101[/bold] and others who have left the class."
    stream = io.StringIO()
    say(make_console(stream), sentence, "\x1b[2J")
    assert stream.getvalue() == f"{sentence}\n\\x1b[2J\n"
    console = Console(file=io.StringIO(), force_terminal=True, width=30)
    with console.capture() as capture:
        say(console, sentence)
    assert [line.rstrip() for line in capture.get().splitlines()] == [
        "Left in grades:",
        "[bold]101[/bold] and others",
        "who have left the class.",
    ]


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("", 200), ("0", 200), ("wide", 200)])
def test_columns_are_for_files_too(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert make_console(io.StringIO()).width == width


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


def test_progress_in_a_terminal_names_what_is_slow_on_one_line() -> None:
    now = time.monotonic()
    running = {f"{1000 + i} (Student {i})": now - 30 - i for i in range(5)} | {"new": now - 1, "[b]x": now - 99}
    for width in (60, 80, 200):
        console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
        with console.capture() as capture, progress(2, console, running):
            pass
        line = re.sub(r"\x1b\[[?\d]*\w", "", capture.get()).split("\n")[0].rpartition("\r")[2]
        assert line.startswith("Grading") and len(line) <= width
        assert "new" not in line and "[b]x 99 s" in line and "0/2" in line, width
        assert ("1004 (Student 4) 34 s" in line and "3 more" in line) or width < 200
    stream = io.StringIO()
    with progress(1, make_console(stream), running) as advance:
        advance()
    assert stream.getvalue() == "Graded 1 of 1\n"
