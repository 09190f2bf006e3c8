"""Mistakes at the keyboard give two sentences and an exit status."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from autograder import cli
from autograder.core import console
from autograder.core.records import Result
from autograder.core.rubric import load_rubric
from autograder.grading.worker import Task, Worker, failed


def autograde(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=600)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The message of a refusal, which has two lines at least and no traceback."""
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) >= 2
    return done.stderr


def test_no_such_folder(tmp_path: Path) -> None:
    assert "There is no folder" in refused(autograde(tmp_path / "nowhere", cwd=tmp_path))
    assert not (tmp_path / "grades").exists()


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    assert "no submission" in refused(autograde(tmp_path / "class", cwd=tmp_path))


def test_a_file_where_a_folder_is_meant(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr("criterion.py", "")
    assert "one looks like one student's submission" in refused(autograde(tmp_path / "one.zip", cwd=tmp_path))
    (tmp_path / "one.txt").touch()
    assert "is not a folder" in refused(autograde(tmp_path / "one.txt", cwd=tmp_path))


def test_an_unknown_layout_is_told_the_known_ones(tmp_path: Path) -> None:
    message = refused(autograde(tmp_path, "--layout", "foo", cwd=tmp_path))
    assert "invalid choice: 'foo' (choose from" in message
    assert "gradescope" in message


def test_an_unknown_question(tmp_path: Path) -> None:
    (tmp_path / "class" / "one").mkdir(parents=True)
    message = refused(autograde(tmp_path / "class", "--question", "9.9", cwd=tmp_path))
    assert "There is no question 9.9" in message
    assert ", ".join(question.id for question in load_rubric().graded) in message


def test_an_output_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "class" / "one").mkdir(parents=True)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("precious")
    refused(autograde(tmp_path / "class", "--output", tmp_path / "thesis", cwd=tmp_path))
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]


@pytest.mark.parametrize(
    "flags", [["--jobs", "0"], ["--timeout", "-1"], ["--timeout", "soon"], ["--memory", "lots"], ["--unheard-of"], []]
)
def test_wrong_usage(tmp_path: Path, flags: list[str]) -> None:
    done = autograde(*flags, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "usage: autograde" in done.stderr


def test_a_broken_archive_is_one_students_problem(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "one.zip").write_bytes(b"this is not a zip archive")
    done = autograde(tmp_path / "class", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "grades" / "grades.csv").read_text().splitlines()[1].startswith("one,problem,0,70,0,0,0,0,0,0,")


def test_version_and_help(tmp_path: Path) -> None:
    assert autograde("--version").stdout.startswith("autograde ")
    help_text = autograde("--help").stdout
    for flag in ("--output", "--jobs", "--question", "--timeout", "--memory", "--fresh", "--no-sandbox"):
        assert flag in help_text
    assert "1024 MiB and 50,000 files unpacked, 60 s a question, 4096 MiB of memory" in " ".join(help_text.split())


def test_of_many_who_are_not_on_the_roster_the_first_are_named(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / "class" / f"s{number:02}").mkdir(parents=True)
    (tmp_path / "roster.csv").write_text("id,name\ns00,Ann Abel\n")
    done = autograde(tmp_path / "class", "--roster", tmp_path / "roster.csv", cwd=tmp_path)
    lines = [line for line in done.stdout.splitlines() if line.startswith("Not on the roster: ")]
    assert lines == [*(f"Not on the roster: s{number:02}" for number in range(1, 21)), "Not on the roster: 9 more"]


def test_the_progress_line_names_the_submission_that_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(self: Worker, task: Task) -> Result:
        time.sleep(0.5)  # the line is drawn ten times a second
        return failed(task.submission.student, load_rubric(), "slow")

    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "ann" / "main.py").write_text("")
    terminal = Console(file=(shown := io.StringIO()), force_terminal=True, width=120)
    monkeypatch.setattr(Worker, "grade", slow)
    monkeypatch.setattr(console, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(cli, "make_console", lambda _: terminal)
    assert cli.main([str(tmp_path / "class"), "--output", str(tmp_path / "grades")]) == 1
    assert "ann 0 s" in shown.getvalue()
