"""Tests `python check.py --zip`: what goes into the zip, and that it refuses what grading would refuse."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.core.records import STUDENT_FILES
from autograder.handout.build import PUBLIC
from ssl_kit import hand_in
from tests.solutions.conftest import download


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    download(tmp_path, hand_in, monkeypatch)
    for name in STUDENT_FILES:
        (tmp_path / name).write_text('"""A student file."""\n')
    for name in ("data.py", "last.pth", "notes.txt", "helper.py", "other.py", "unused.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "criterion.py").write_text(
        "import torch, data\nfrom helper import f\nfrom ssl_kit import data as given\n"
    )
    (tmp_path / "helper.py").write_text("import tools.deep\nimport other\n")
    (tmp_path / "tools").mkdir()
    for name in ("__init__.py", "deep.py"):
        (tmp_path / "tools" / name).write_text("")
    (tmp_path / "report.ipynb").write_text('{"cells": []}')
    return tmp_path


def passing() -> int:
    return 0


@pytest.mark.parametrize("status", [0, 1])
def test_own_work_goes_in_and_nothing_else(folder: Path, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert hand_in.main(["--zip", "1234567"], lambda: status) == 0
    with zipfile.ZipFile(folder / "1234567.zip") as archive:
        own = {"report.ipynb", "data.py", "helper.py", "other.py", "tools/__init__.py", "tools/deep.py"}
        assert {*archive.namelist()} == {*STUDENT_FILES, *own}
        assert archive.read("helper.py") == b"import tools.deep\nimport other\n"
    assert "Wrote 1234567.zip" in capsys.readouterr().out


def test_a_module_in_exp_is_named_and_is_no_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "exp").mkdir()
    (folder / "exp" / "own.py").write_text("")
    (folder / "main.py").write_text("import exp.own\n")
    assert hand_in.main(["--zip", "1234567"], lambda: 0) == 0
    said = capsys.readouterr().out
    assert "exp/own.py" in said and "The logs of" not in said


def test_the_logs_of_runs_go_in_and_their_checkpoints_do_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for run in ("exp/byol", "exp/tables/table1/MoCo/seed-0"):
        (folder / run).mkdir(parents=True)
        for name in ("log.csv", "run.json", "last.pth"):
            (folder / run / name).write_text("{}")
    (folder / "exp" / "log.csv").mkdir()
    (folder / "exp" / "failed").mkdir()
    (folder / "exp" / "failed" / "run.json").write_text("{}")
    assert hand_in.main(["--zip", "1234567"], lambda: 0) == 0
    with zipfile.ZipFile(folder / "1234567.zip") as archive:
        inside = [name for name in archive.namelist() if name.startswith("exp/")]
    runs = ("exp/byol", "exp/tables/table1/MoCo/seed-0")
    logs = [f"{run}/{name}" for run in runs for name in ("log.csv", "run.json")]
    assert sorted(inside) == sorted([*logs, "exp/failed/run.json"])
    assert "The logs of 2 runs below exp/ are in it too." in capsys.readouterr().out


@pytest.mark.parametrize(
    "page", ["assignment.md", "assignment_readme.md", "ko/assignment.md", "ko/assignment_readme.md"]
)
def test_pages_say_which_files_of_a_run_go_in(page: str) -> None:
    text = (Path(__file__).parents[2] / "handouts" / "source" / page).read_text("utf-8")
    section = text[text.index("check.py --zip") :].split("\n## ")[0]
    assert [name for name in hand_in.OF_RUNS if f"`{name}`" not in section] == []


ANSWER = 'run = "0"\nmistake = "sign"\nfunction = "contrastive_loss"\nline = "9"\n'


def test_the_answer_to_the_mystery_run_goes_in_where_there_is_one(folder: Path) -> None:
    (folder / "mystery.toml").write_text(ANSWER)
    assert hand_in.main(["--zip", "1234567"], passing) == 0
    with zipfile.ZipFile(folder / "1234567.zip") as archive:
        assert archive.read("mystery.toml").decode() == ANSWER


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('"9"', '"9', "mystery.toml, line 4, is not as it was handed out: it needs the texts run, mistake, function"),
        ('run = "0"\n', "", "mystery.toml is not as it was handed out"),
        ('"9"', f'"9"\n# {"long " * 2000}', "mystery.toml is larger than 10,000 bytes."),
    ],
)
def test_a_file_that_is_no_answer_is_refused(
    folder: Path, right: str, wrong: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mystery.toml").write_text(ANSWER.replace(right, wrong))
    assert hand_in.main(["--zip", "1234567"], passing) == 1
    error = capsys.readouterr().err
    assert message in error and error.endswith(" Mend it, or take it out of the folder.\n")


def test_what_cannot_be_right_in_an_answer_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("- mystery.toml: `one_view` is none of the page's names of a mistake.", "- mystery.toml: `line` is empty.")
    answer = ANSWER.replace("sign", "one_view").replace('"9"', '""')
    (folder / "mystery.toml").write_text(answer)
    asked = folder / PUBLIC / "asked.json"
    for names, said in (([[], []], False), ([["none", "sign"], ["contrastive_loss", "none"]], True)):
        asked.write_text(json.dumps({**json.loads(asked.read_text()), "mystery": names}))
        assert hand_in.main(["--zip", "1234567"], passing) == 0
        output = capsys.readouterr().out
        assert [line in output for line in told] == [said, said]
    (folder / "mystery.toml").write_text(ANSWER)
    assert hand_in.main(["--zip", "1234567"], passing) == 0
    assert "Grading will say" not in capsys.readouterr().out


def test_without_a_name_it_says_to_rename(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "report.ipynb").unlink()
    assert hand_in.main(["--zip"], passing) == 0
    assert (folder / "hand-in.zip").is_file()
    output = capsys.readouterr().out
    assert "Rename it" in output and "no points for the report" in output


def _missing(folder: Path) -> None:
    (folder / "main.py").unlink()


def _empty(folder: Path) -> None:
    (folder / "main.py").write_text("# Nothing.\n\n")


def _syntax(folder: Path) -> None:
    (folder / "main.py").write_text("x = 1\nif\n")


def _latin(folder: Path) -> None:
    (folder / "helper.py").write_bytes(b"# \xe9\n")


def _null(folder: Path) -> None:
    (folder / "main.py").write_bytes(b"x = 1\0\n")


def _folder(folder: Path) -> None:
    (folder / "main.py").unlink()
    (folder / "main.py").mkdir()


def _broken_helper(folder: Path) -> None:
    (folder / "helper.py").write_text("def")


def _no_notebook(folder: Path) -> None:
    (folder / "report.ipynb").write_text("[1, 2]")


def _large(folder: Path) -> None:
    with (folder / "report.ipynb").open("w") as file:
        file.write('{"cells": []}' + " " * (hand_in.LARGEST + 1))


WRONG = {
    _missing: "main.py is missing",
    _empty: "main.py is empty. Take it from the assignment's zip again",
    _syntax: "main.py, line 2, is not valid Python",
    _latin: "helper.py is not text in UTF-8",
    _null: "main.py",
    _folder: "main.py is missing: main.py is a folder; hand in a file of that name",
    _broken_helper: "helper.py, line 1, is not valid Python",
    _no_notebook: "report.ipynb is not a notebook",
    _large: "larger than 100 MiB",
}


@pytest.mark.parametrize(("spoil", "message"), WRONG.items(), ids=[spoil.__name__ for spoil in WRONG])
def test_what_grading_would_refuse_is_refused(
    folder: Path, spoil: Callable[[Path], None], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder)
    (folder / "7.zip").write_text("older")
    assert hand_in.main(["--zip", "7"], passing) == 1
    assert message in capsys.readouterr().err
    assert (folder / "7.zip").read_text() == "older"


def test_what_only_a_newer_python_reads_is_refused_with_both_versions(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    from ssl_kit.public import versions

    monkeypatch.setattr(versions, "newer_syntax", lambda data, grading: "line 3 needs a newer one (why)")
    assert hand_in.main(["--zip", "7"], passing) == 1
    error = capsys.readouterr().err
    assert "- main.py: line 3 needs a newer one (why). Grading may run Python 3.11, and this is 3.14; write" in error


@pytest.mark.parametrize("words", [["a/b"], ["../x"], [".hidden"], ["a", "b"], ["é"], [""]])
def test_a_name_that_is_none_is_refused(folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert hand_in.main(["--zip", *words], passing) == 2
    assert "student id" in capsys.readouterr().err and not list(folder.glob("*.zip"))


def test_damaged_checks_write_nothing(folder: Path) -> None:
    assert hand_in.main(["--zip", "7"], lambda: 2) == 2
    assert not (folder / "7.zip").exists()
