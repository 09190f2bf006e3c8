"""Tests the command `handout`: what it prints, what it returns, and that people see no traceback."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.handout import cli
from autograder.handout.build import Inputs

Run = Callable[..., int]


@pytest.fixture
def run(repository: Path, inputs: Inputs) -> Run:
    @contextlib.contextmanager
    def open_inputs(root: Path) -> Iterator[Inputs]:
        assert root == repository
        yield inputs

    return lambda *arguments: cli.main(["--root", str(repository), *arguments], open_inputs)


def test_check_is_silent_after_build(run: Run, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build") == 0
    said = capsys.readouterr().out
    assert "assignment/criterion.py: written\n" in said and "\n80 points in all, and 0 of bonus questions.\n" in said
    assert run("check") == 0
    output = capsys.readouterr().out
    assert output.startswith("All ") and output.count("\n") == 1


def test_check_shows_what_differs(run: Run, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("build")
    file = repository / "assignment" / "README.md"
    file.write_text(file.read_text().replace("10 points", "[red]11[/red] points"))
    (repository / "assignment" / "notes.txt").write_text("mine")
    capsys.readouterr()
    assert run("check") == 1
    output = capsys.readouterr().out
    assert "-Question 2: [red]11[/red] points.\n+Question 2: 10 points.\n" in output
    assert "assignment/notes.txt is not generated" in output
    assert "2 files differ" in output
    assert file.read_text().count("11") == 1, "check changes nothing"


def test_build_says_what_it_removed_and_what_it_left(
    run: Run, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("build")
    (repository / "assignment" / "notes.txt").write_text("mine")
    (repository / "handouts" / "letter.txt").write_text("mine")
    capsys.readouterr()
    assert run("build") == 0
    output = capsys.readouterr().out
    assert "assignment/notes.txt: removed\n" in output
    assert "handouts/letter.txt: left alone, though it is not generated\n" in output


def test_a_failed_build_leaves_the_old_one_whole(run: Run, repository: Path) -> None:
    run("build")
    before = (repository / "assignment" / "criterion.py").read_bytes()
    source = repository / "solutions" / "criterion.py"
    source.write_text(source.read_text().replace("return 2 * x", "return 3 * x").replace("### END", "### END OF THE"))
    with pytest.raises(AutograderError):
        run("build")
    assert (repository / "assignment" / "criterion.py").read_bytes() == before


def test_errors_are_two_lines_and_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["handout", "check"])
    with pytest.raises(SystemExit) as caught:
        cli.entry_point()
    assert caught.value.code == 2
    message = capsys.readouterr().err.splitlines()
    assert len(message) == 2
    assert "no repository of this kit around" in message[0]
    assert "--root" in message[1]
