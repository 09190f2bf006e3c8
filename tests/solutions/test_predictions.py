"""Predictions that are sealed before there are results, and shown next to these."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ssl_kit import experiments, predictions
from ssl_kit.cells import MEASURES, Cell, Grid
from ssl_kit.engine import UserError
from ssl_kit.grid_runs import GridRuns
from ssl_kit.grids import GRIDS

Answers = Callable[..., None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Has somebody type these lines, and nothing after them."""

    def typed(*lines: str) -> None:
        left = iter(lines)

        def line(_: str) -> str:
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", line)

    return typed


def test_the_list_of_grids_is_aligned_and_needs_no_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert experiments.main(["--list"]) == experiments.main(["predict", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * len(GRIDS) and len({line.index(" cells  ") for line in lines}) == 1


def test_a_seal_breaks_when_a_number_or_the_time_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "new" / predictions.NAME
    sealed = predictions.seal(path, {"a": 40.0, "b": 12.5})
    assert predictions.read(path) == sealed and sealed.intact and sealed.digest[:12] in str(sealed)
    for key, value in (("predictions", {"a": 41.0, "b": 12.5}), ("time", "2020-01-01")):
        found = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**found, key: value}), "utf-8")
        changed = predictions.read(path)
        assert changed is not None and not changed.intact and "were changed after they were sealed" in str(changed)
        path.write_text(json.dumps(found), "utf-8")
    with pytest.raises(UserError, match="sealed already"):
        predictions.seal(path, {"a": 1.0})
    path.write_text("[]", "utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        predictions.read(path)
    assert predictions.read(tmp_path / "none.json") is None
    with pytest.raises(UserError, match="Nothing was predicted"):
        predictions.seal(tmp_path / "none.json", {})


def test_answers_are_numbers_in_their_range_or_left_out(answers: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    answers("forty", "101", "40 %", "", "200", "", "2,5")
    asked = {"a": "A?", "b": "B?", "c": "C?", "d": "D?"}
    assert predictions.ask(asked, 0, 100) == {"a": 40.0, "d": 2.5}
    assert capsys.readouterr().out.count("from 0 to 100") == 3
    answers("1")
    with pytest.raises(UserError, match="ended before the last question"):
        predictions.ask(asked, 0, 100)


@pytest.fixture
def grid(monkeypatch: pytest.MonkeyPatch) -> Grid:
    """Two cells whose runs are not made: each has reached 50 %."""
    cells = (Cell(("SimCLR", "no"), ()), Cell(("BYOL", "yes"), ()))
    made = Grid("Table 1", ("method", "predictor"), cells)

    def run(runs: GridRuns, cell: Cell, seed: int) -> tuple[dict[str, float], dict[str, float]]:
        folder = runs.place(cell, seed)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "log.csv").write_text("epoch,knn\n0,50\n")
        measured = dict.fromkeys(MEASURES, 50.0)
        return measured, measured

    monkeypatch.setitem(GRIDS, "table1", made)
    monkeypatch.setattr(GridRuns, "measure", run)
    return made


@pytest.mark.usefixtures("grid")
def test_a_table_shows_what_was_expected_next_to_what_came_out(tmp_path: Path, answers: Answers) -> None:
    answers("", "61.5", "0.9", "")
    output = ["--output", str(tmp_path)]
    assert experiments.main(["predict", "table1", *output]) == 0
    assert experiments.main(["table1", *output]) == 0
    table = (tmp_path / "table1" / "table1.md").read_text("utf-8")
    assert "Predictions sealed 20" in table
    header, _, untrained, first, second = table.splitlines()[4:9]
    assert header.startswith("| method | predictor | k-NN, expected | std·√D, expected | k-NN |")
    assert untrained.startswith("| untrained |  |  |  | 50.00 ") and first.startswith("| SimCLR | no |  | 0.9 | 50.00 ")
    assert second.startswith("| BYOL | yes | 61.5 |  | 50.00 ")


@pytest.mark.usefixtures("grid")
def test_a_second_prediction_replaces_nothing_and_is_refused_before_it_asks(tmp_path: Path, answers: Answers) -> None:
    output = ["--output", str(tmp_path)]
    answers("40", "50", "1", "1")
    experiments.main(["predict", "table1", *output])
    sealed = (tmp_path / "table1" / predictions.NAME).read_bytes()
    answers()
    with pytest.raises(UserError, match=r"was sealed already, .*; a sealed prediction is not replaced"):
        experiments.main(["predict", "table1", *output])
    assert (tmp_path / "table1" / predictions.NAME).read_bytes() == sealed


@pytest.mark.usefixtures("grid")
def test_nothing_is_predicted_once_there_are_results(tmp_path: Path, answers: Answers) -> None:
    answers("1", "2")
    output = ["--output", str(tmp_path)]
    experiments.main(["table1", *output])
    with pytest.raises(UserError, match="holds results already"):
        experiments.main(["predict", "table1", *output])
    assert not (tmp_path / "table1" / predictions.NAME).exists()
    assert "expected" not in (tmp_path / "table1" / "table1.md").read_text("utf-8")


def test_the_sweep_has_nothing_to_predict(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        experiments.main(["predict", "ksweep"])
    assert "no cells" in capsys.readouterr().err
