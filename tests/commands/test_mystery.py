"""Tests of `autograde mystery`: from hand-ins to a list that `--points` reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import cli
from autograder.class_list.headings import ListHeadings
from autograder.commands import mystery
from autograder.core.errors import AutograderError
from autograder.core.records import Question, Rubric
from autograder.marks.points import Given, read_points
from autograder.mystery import FILE
from autograder.mystery.runs import Run, Runs, code

REPORT = Question("4", "Report", "report.ipynb", 30, manual=True)
MYSTERY = Question("5", "The mystery run", FILE, 5, manual=True)
RUBRIC = Rubric((Question("1.2", "Loss", "criterion.py", 20), REPORT, MYSTERY), "seed")
RUNS = Runs("", (Run("python main.py --method simclr", "sign", "SSLLoss.contrastive_loss", (9, 10), ()),))


@pytest.fixture
def hand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cli, "load_rubric", lambda: RUBRIC)
    monkeypatch.setattr(mystery, "load_runs", lambda root, seed: RUNS)
    for student, mistake in (("ann", "sign"), ("bob", "sum-for-mean"), ("eve", None)):
        folder = tmp_path / "class" / student
        folder.mkdir(parents=True)
        (folder / "criterion.py").write_text("raise SystemExit('this must not run')\n")
        if mistake is not None:
            text = (
                f'run = "{code("seed", student)}"\nmistake = "{mistake}"\nfunction = "contrastive_loss"\nline = "9"\n'
            )
            (folder / FILE).write_text(text)
    return tmp_path / "class"


@pytest.mark.parametrize("questions", [(REPORT, MYSTERY), (MYSTERY,)])
def test_the_list_is_one_that_points_are_read_from(
    hand_ins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, questions: tuple[Question, ...]
) -> None:
    rubric = Rubric((RUBRIC.questions[0], *questions), "seed")
    monkeypatch.setattr(cli, "load_rubric", lambda: rubric)
    assert cli.main(["mystery", str(hand_ins), "--output", str(tmp_path / "list.csv")]) == 0
    found = read_points(tmp_path / "list.csv", rubric, {"ann", "bob", "eve"}, ListHeadings())
    right = "The line is right. The run has `sign` in `SSLLoss.contrastive_loss`, line 9 or 10."
    unknown = f"{FILE}: `sum-for-mean` is none of the page's names of a mistake."  # these runs have `sign` alone
    assert found == {
        "ann": {"5": Given(5, f"Right. {right}")},
        "bob": {"5": Given(3, f"The function is right, the mistake is another one. {right} {unknown}")},
        "eve": {"5": Given(0, f"There is no {FILE}.")},
    }


def test_who_handed_in_nothing_stands_in_no_line(hand_ins: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,name\nann,A\nbob,B\neve,E\nzoe,Z\n")
    flags = ["--roster", str(tmp_path / "roster.csv"), "--output", str(tmp_path / "list.csv")]
    assert cli.main(["mystery", str(hand_ins), *flags]) == 0
    assert [line.split(",")[0] for line in (tmp_path / "list.csv").read_text().splitlines()] == [
        *("id", "ann", "bob", "eve")
    ]


def test_a_course_without_a_mystery_says_what_to_write(hand_ins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "load_rubric", lambda: Rubric((REPORT,), "seed"))
    with pytest.raises(AutograderError, match="has no mystery run") as raised:
        cli.main(["mystery", str(hand_ins)])
    assert 'file = "mystery.toml"' in raised.value.hint
