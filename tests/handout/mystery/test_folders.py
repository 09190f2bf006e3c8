"""Tests of autograder/handout/mystery/folders.py: what a student gets, and that nothing of it is the answer."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from autograder.core.rubric import load_rubric
from autograder.core.settings import ROOT
from autograder.handout.mystery.folders import write_folders
from autograder.handout.mystery.kinds import KINDS, SEEDS
from autograder.mystery import FILE
from autograder.mystery.answers import read_answer
from autograder.mystery.runs import COLUMNS, NO_MISTAKE, Run, Runs, code, load_runs

ROWS = ((0, None, 94.44, 0.228, 44.76), (1, 5.2, 96.0, 0.5, 40.0), (2, 4.6, 97.0, 0.9, 38.0))
RUNS = Runs(
    "",
    (
        Run("python main.py --method simclr --dataset digits", "sum-for-mean", "SSLLoss.contrastive_loss", (10,), ROWS),
        Run("python main.py --method simclr --dataset digits", NO_MISTAKE, NO_MISTAKE, (), ROWS),
    ),
)
CLASS = ["1001", "1002", "1003", "1004", "../evil"]


def test_each_student_has_a_folder_with_curves_and_the_file_to_hand_in(tmp_path: Path) -> None:
    assert write_folders(tmp_path, RUNS, "seed", CLASS) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["%2E.%2Fevil", *CLASS[:4]]
    for student in CLASS[:4]:
        folder = tmp_path / student
        assert sorted(path.name for path in folder.iterdir()) == ["mystery.csv", "mystery.png", FILE]
        with (folder / "mystery.csv").open(newline="") as file:
            assert [*csv.reader(file)][:2] == [[*COLUMNS], ["0", "", "94.44", "0.228", "44.76"]]
        asked = tomllib.loads((folder / FILE).read_text())
        assert asked == {"run": code("seed", student), "mistake": "", "function": "", "line": ""}
        assert "python main.py --method simclr" in (folder / FILE).read_text()


def test_what_is_handed_out_can_be_handed_in_once_filled(tmp_path: Path) -> None:
    write_folders(tmp_path, RUNS, "seed", ["1001"])
    filled = (tmp_path / "1001" / FILE).read_text().replace('mistake = ""', 'mistake = "sign"')
    found = read_answer({filled.encode()})
    assert not isinstance(found, str) and (found.run, found.mistake) == (code("seed", "1001"), "sign")


def test_nothing_tells_the_answer(tmp_path: Path) -> None:
    """Curves apart, the folders of two students differ in the code alone, whatever was wrong in their runs."""
    write_folders(tmp_path, RUNS, "seed", CLASS)
    drawn = {RUNS.of("seed", student).mistake for student in CLASS[:4]}
    assert drawn == {"sum-for-mean", NO_MISTAKE}  # both are among them, so that the next lines mean something
    texts = {student: (tmp_path / student / FILE).read_text() for student in CLASS[:4]}
    assert len({text.replace(code("seed", student), "") for student, text in texts.items()}) == 1
    assert len({(tmp_path / student / "mystery.csv").read_bytes() for student in CLASS[:4]}) == 1
    assert len({(tmp_path / student / "mystery.png").read_bytes() for student in CLASS[:4]}) == 1


def test_students_do_not_get_the_runs() -> None:
    for folder in ("assignment", "handouts", "solutions"):
        assert [*(ROOT / folder).rglob("mystery.json")] == []


def test_each_kind_is_explained_in_every_language() -> None:
    for page in ("mystery.md", "ko/mystery.md"):
        text = (ROOT / "handouts" / "source" / page).read_text("utf-8")
        listed = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")} - {"mistake"}
        assert listed == {kind.mistake for kind in KINDS}


@pytest.mark.published
def test_each_line_that_counts_is_in_the_listing_under_its_function() -> None:
    """Of every language; which lines give a mistake is tried in tests/solutions/test_mystery_lines.py."""
    runs = {
        kind.mistake: run for kind, run in zip(KINDS, load_runs(ROOT, load_rubric().seed).runs[::SEEDS], strict=True)
    }
    for page in ("mystery.md", "ko/mystery.md"):
        listed: dict[int, str] = {}
        function = ""
        for line in (ROOT / "handouts" / "source" / page).read_text("utf-8").splitlines():
            if line.startswith("    "):
                function = line.strip() if line[4] != " " else function
                if line[4] == " ":
                    listed[int(line.split()[0])] = function
        assert [*listed] == [*range(1, 18)]
        for kind in KINDS:
            assert runs[kind.mistake].lines == kind.lines
            assert {listed[line] for line in kind.lines} <= {runs[kind.mistake].function.rpartition(".")[2]}


def test_there_are_runs_to_compare_with() -> None:
    assert SEEDS >= 2
    assert {kind.method for kind in KINDS if kind.mistake == NO_MISTAKE} == {kind.method for kind in KINDS}
