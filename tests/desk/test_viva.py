"""Tests of autograder/desk/viva.py: which questions a student is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import cli
from autograder.core import store
from autograder.core.errors import AutograderError
from autograder.core.questions import TALK
from autograder.core.records import Diagnosis, Excerpt, Question, QuestionResult, Result, Rubric, Status
from autograder.core.settings import ROOT, SKELETON
from autograder.desk.viva import BANK, Ask, load_bank, on_run, place, read_log, viva

HINT = "Similarities are multiplied by the temperature."
LOST = QuestionResult("1.2", "Loss", 14, 20, (), (Diagnosis("multiplied_by_temperature", HINT),))
FULL = QuestionResult("1.3", "Align loss", 10, 10, ())
EXCERPTS = (
    Excerpt("1.2", "criterion.py", ((70, "    def contrastive_loss(self, z1, z2):"), (71, "        return 0"))),
    Excerpt("1.3", "criterion.py", ((90, "    def align_loss(self, z1, z2):"), (91, "        return 1"))),
)
RESULT = Result("ann", Status.OK, 70, 0.1, (LOST, FULL), "", excerpts=EXCERPTS)
BANKED = [Ask(function, f"{function} {number}?", "Yes.") for function in ("align_loss", "KNN") for number in range(4)]
LOG = "epoch,knn,std_sqrt_d,effective_rank,loss\n0,94.4,0.23,{first},\n10,{knn},{spread},{last},-0.4\n"


def log(tmp_path: Path, first: float = 45, last: float = 50, spread: float = 0.9, knn: float = 97.0) -> Path:
    (tmp_path / "log.csv").write_text(LOG.format(first=first, last=last, spread=spread, knn=knn))
    return tmp_path / "log.csv"


def test_first_what_was_lost_then_the_run_then_code_of_theirs(tmp_path: Path) -> None:
    first, second, third = viva(RESULT, BANKED, "seed", log(tmp_path))
    assert first.question.startswith("Question 1.2 has 14 of 20 points.") and first.good == HINT
    assert second.question.startswith("Your k-NN accuracy was 94.4 % before training and 97.0 % at epoch 10.")
    assert third.function == "align_loss"  # KNN is not among what they handed in
    assert place(RESULT, third.function) == "criterion.py, lines 90 to 91"


def test_who_lost_nothing_is_asked_about_code() -> None:
    right = Result("ann", Status.OK, 70, 0.1, (FULL,), "", excerpts=EXCERPTS)
    asked = viva(right, BANKED, "seed", None)
    assert len({*asked}) == TALK and {one.function for one in asked} == {"align_loss"}
    assert asked == viva(right, BANKED, "seed", None)
    others = [
        viva(Result(f"{n}", Status.OK, 70, 0.1, (FULL,), "", excerpts=EXCERPTS), BANKED, "seed", None) for n in "123"
    ]
    assert any(other != asked for other in others)


def test_who_handed_in_nothing_is_asked_nothing() -> None:
    assert viva(Result("ann", Status.MISSING, 70, 0.0, (), ""), BANKED, "seed", None) == []


@pytest.mark.parametrize(
    ("first", "last", "spread", "word"),
    [(45, 12, 0.02, "Complete collapse"), (45, 12, 0.9, "Dimensional collapse"), (45, 50, 0.9, "Other seeds")],
)
def test_a_run_is_asked_about_by_what_it_shows(
    tmp_path: Path, first: float, last: float, spread: float, word: str
) -> None:
    assert word in on_run(read_log(log(tmp_path, first, last, spread))).good


@pytest.mark.parametrize(
    "text", ["", "epoch,loss\n1,2\n", "knn,std_sqrt_d,effective_rank\n1,a,b\n", "knn,effective_rank\n90,12\n", "\0"]
)
def test_a_log_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(AutograderError, match="cannot be read"):
        read_log(tmp_path / "log.csv")


def test_the_bank_asks_about_functions_that_there_are() -> None:
    given = "\n".join(path.read_text("utf-8") for path in SKELETON.glob("*.py"))
    bank = load_bank(ROOT / BANK)
    assert len(bank) >= 10
    assert [one.function for one in bank if f"def {one.function}(" not in given] == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rubric = Rubric((Question("6", "Viva", "", 20, manual=True),), "seed")
    monkeypatch.setattr("autograder.commands.export.load_rubric", lambda: rubric)
    (tmp_path / "class").mkdir()
    store.open_output(tmp_path / "grades", tmp_path / "class")
    store.save_result(tmp_path / "grades", RESULT)
    (tmp_path / "grades" / "grades.csv").write_text("student\nann\n")
    assert cli.main(["viva", str(tmp_path / "grades"), "ann", "--log", str(log(tmp_path))]) == 0
    said = capsys.readouterr().out
    assert "0 to 20 points: column 6 of the list for --points." in said
    assert said.count("A good answer:") == TALK and HINT in " ".join(said.split())
