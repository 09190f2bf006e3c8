"""Tests of `autograde runs`: which run is repeated, with which flags, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.commands import runs
from autograder.core import store
from autograder.core.records import QuestionResult, Result, Status, Submission
from autograder.core.settings import Limits
from autograder.runs import handed
from autograder.runs.compare import first_difference
from autograder.runs.handed import Handed, handed_runs, obstacles, read_rows, words
from autograder.runs.repeat import CannotRepeat, repeated

LOG = (
    "epoch,knn,knn_projector,std_sqrt_d,effective_rank,loss,rate\n"
    "0,80.3,81.1,0.23,44.7,,\n1,,,,,4.18,0.1\n2,90.0,90.1,0.95,35.8,3.92,0.05\n"
)
ROWS = read_rows(LOG.encode())
FLAGS: dict[str, Any] = {
    **{"method": "simclr", "dataset": "digits", "data_root": "data", "exp_dir": "exp", "img_dim": 8, "seed": 0},
    **{"arch": "small", "use_predictor": False, "temperature": 0.5, "feat_dim": 16, "epochs": 1, "batch_size": 512},
    **{"learning_rate": 0.03, "resume": None, "precision": "fp32", "predictor_learning_rate": None},
}


def run_of(changes: dict[str, Any] | None = None, device: str = "cpu") -> Handed:
    return Handed("exp/x", {**FLAGS, **(changes or {})}, device, ROWS)


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Submission]:
    def write(student: str, flags: dict[str, Any] | None, log: str = LOG) -> Submission:
        folder = tmp_path / "class" / student
        (folder / "exp" / "x").mkdir(parents=True)
        (folder / "main.py").write_text("raise SystemExit('this must not run')\n")
        if flags is not None:
            (folder / "exp/x/run.json").write_text(json.dumps({"flags": flags, "versions": {"device": "cpu"}}))
            (folder / "exp/x/log.csv").write_text(log)
        return Submission(student, folder)

    return write


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dataset": "folder:/etc"}, "it is not of digits or tinted with --arch small"),
        ({"arch": "resnet18"}, "it is not of digits or tinted with --arch small"),
        ({"epochs": 81}, "it takes too long"),
        ({"epochs": 0}, "it was not trained"),
        ({"epochs": "1"}, "it takes too long"),
        ({"resume": "exp/last.pth"}, "it has --resume"),
        ({"precision": "bf16"}, "it has --precision"),
        ({"hook\x1b": 1}, "its flag hook\\x1b is unknown"),
    ],
)
def test_a_run_that_cannot_be_repeated_says_why(changes: dict[str, Any], why: str) -> None:
    assert [*obstacles(run_of())] == []
    assert [*obstacles(run_of(changes))] == [why]
    assert [*obstacles(run_of(device="cuda"))] == ["it was made on cuda"]


def test_no_path_and_no_second_flag_reaches_the_parser() -> None:
    given = words(run_of({"exp_dir": "/etc", "data_root": "/etc"}))
    assert "--seed=0" in given and "--use_predictor=false" in given and not any("/etc" in word for word in given)
    for value in ("../x", "a b", "", "x" * 31, "1\n"):
        with pytest.raises(ValueError, match="no flag has"):
            words(run_of({"method": value}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", None),
        ("80.3", "80.6", None),
        ("90.0", "85.9", None),
        ("80.3", "84.4", "differs at epoch 0 in knn by 4.1"),
        ("4.18", "4.38", "differs at epoch 1 in loss by 0.2"),
        ("0.05", "0.06", "differs at epoch 2 in rate by 0.01"),
        ("90.0", "", "differs at epoch 2 in knn, which only one log has"),
        ("2,90", "3,90", "differs at epoch 3 in loss, which only one log has"),
    ],
)
def test_logs_are_compared_row_by_row(old: str, new: str, said: str | None) -> None:
    difference = first_difference(read_rows(LOG.replace(old, new).encode() if old else LOG.encode()), ROWS)
    assert (difference if said is None else str(difference)) == said


@pytest.mark.parametrize(
    "log", ["", "epoch,loss\n1,nan\n", "epoch,loss\n1,x\n", "loss\n1\n", "epoch\n1,2\n", "\0", "epoch,a\n1,1e99\n"]
)
def test_a_log_that_is_none_is_passed_over(hand_in: Callable[..., Submission], log: str) -> None:
    assert handed_runs(hand_in("ann", FLAGS, log), Limits()) == []


@pytest.mark.parametrize("text", ["", "[]", '{"flags": {"seed": {}}, "versions": {}}', "[" * 100_000])
def test_flags_that_are_none_are_passed_over(hand_in: Callable[..., Submission], text: str) -> None:
    submission = hand_in("ann", FLAGS)
    (submission.origin / "exp/x/run.json").write_text(text)
    assert handed_runs(submission, Limits()) == []


def test_the_command_names_who_is_to_be_looked_at(
    hand_in: Callable[..., Submission],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def log_of(flags: list[str]) -> handed.Rows:
        if "--seed=9" in flags:
            raise CannotRepeat("it took too long")
        return ROWS

    monkeypatch.setattr(runs, "repeated", log_of)
    for student, flags, log in (
        ("ann", FLAGS, LOG),
        ("bob", FLAGS, LOG.replace("80.3", "84.4")),
        ("eve", {**FLAGS, "epochs": 800}, LOG),
        ("joe", None, LOG),
        ("sue", {**FLAGS, "seed": 9}, LOG),
    ):
        hand_in(student, flags, log)
    grades = tmp_path / "grades"
    store.open_output(grades, tmp_path / "class")
    lost = QuestionResult("1.2", "Loss", 14, 20, ())
    store.save_result(grades, Result("bob", Status.OK, 70, 0.1, (lost,), ""))
    (grades / "grades.csv").write_text("student\nbob\n")
    assert cli.main(["runs", str(tmp_path / "class"), "--output", str(grades)]) == 0
    said = capsys.readouterr().out
    assert "ann: agrees in 3 rows" in said and "To look at by hand: bob, sue." in said
    assert (grades / "runs.csv").read_text().splitlines() == [
        "id,outcome,run,finding",
        "ann,agrees,exp/x,agrees in 3 rows",
        "bob,differs,exp/x,differs at epoch 0 in knn by 4.1; points are missing in 1.2",
        "eve,not repeated,,no run short enough (exp/x: it takes too long)",
        "joe,not repeated,,no run was handed in",
        "sue,differs,exp/x,cannot be repeated: it took too long",
    ]


def test_the_reference_repeats_a_run_and_refuses_flags_as_the_kit_does() -> None:
    first, last = repeated(words(run_of()))
    assert (first["epoch"], last["epoch"], last["rate"]) == (0, 1, pytest.approx(0.03))
    with pytest.raises(CannotRepeat, match="temperature"):
        repeated(words(run_of({"temperature": -1})))
