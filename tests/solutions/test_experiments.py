"""Grids that go on where they stopped, and tables that take in published numbers once they are there."""

from __future__ import annotations

import json
import statistics
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import main as pretraining
import main_linclis
from ssl_kit import engine, experiments, flags, grid_runs, linear, tables
from ssl_kit.cells import USUAL, Cell, Grid
from ssl_kit.grids import GRIDS
from ssl_kit.logs import read_log, write_rows

CALLS: list[str] = []


def call_here(script: str, argv: list[str]) -> None:
    """Run a script in this process, which saves its start."""
    CALLS.append(script)
    assert {"main.py": pretraining.main, "main_linclis.py": main_linclis.main}[script](argv) == 0


@pytest.fixture
def small_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = (
        Cell(("SimCLR", "no"), ("--method", "simclr")),
        Cell(("BYOL", "yes"), ("--method", "byol")),
    )
    monkeypatch.setitem(GRIDS, "table1", Grid("Table 1", ("method", "predictor"), cells))
    monkeypatch.setattr(grid_runs, "call", call_here)
    CALLS.clear()


def argv_of(folder: Path, table: str = "table1", seeds: tuple[str, ...] = ("0", "1"), epochs: int = 1) -> list[str]:
    run = ["--", "--arch", "small", "--feat_dim", "16", "--img_dim", "16"]
    own = [table, "--dataset", "fake", "--epochs", str(epochs), "--output", str(folder), "--linear=--epochs 1"]
    return [*own, "--seeds", *seeds, *run]


@pytest.mark.usefixtures("small_grid")
def test_a_grid_is_written_and_not_run_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert experiments.main(argv_of(tmp_path)) == 0
    assert len(CALLS) == 8
    table = (tmp_path / "table1" / "table1.md").read_text()
    about, _, header, line, untrained, first, second, _, order = table.splitlines()[2:]
    assert about == "Ours: fake, small, 1 epochs, mean ± deviation of 2 seeds; after the last epoch."
    assert order.startswith("Does the ordering repeat? By linear accuracy, ")
    assert header == "| method | predictor | k-NN | k-NN, projector | linear | std·√D | rank |"
    assert line.count("---") == 7 and first.startswith("| SimCLR | no | ") and "±" in first
    assert untrained.startswith("| untrained |  | ") and untrained.split(" | ")[4] == ""  # no linear accuracy
    assert all((tmp_path / "table1" / f"table1{end}.png").stat().st_size > 5000 for end in ("", "-curves"))
    experiments.main(argv_of(tmp_path))
    assert len(CALLS) == 8 and (tmp_path / "table1" / "table1.md").read_text() == table
    with pytest.raises(engine.UserError, match="other flags"):
        experiments.main(argv_of(tmp_path, epochs=2))
    released = tmp_path / "published.json"
    monkeypatch.setattr(tables, "PUBLISHED", released)
    numbers = {"columns": ["best k-NN", "linear"], "about": "CIFAR-10, 800 epochs", "source": "a paper"}
    numbers |= {"lines": {"BYOL-yes": [1.0, 2.0]}}
    released.write_text(json.dumps({"tables": {"table1": numbers}}))
    experiments.main(argv_of(tmp_path))
    about, _, header, _, _, first, again, _, order = (tmp_path / "table1" / "table1.md").read_text().splitlines()[2:]
    assert about.endswith(" Published: CIFAR-10, 800 epochs; source: a paper.")
    assert len(CALLS) == 8 and header.endswith("| rank | best k-NN (published) | linear (published) |")
    assert first.endswith("|  |  |") and again == f"{second} 1.00 | 2.00 |"
    released.write_text("[]")
    with pytest.raises(engine.UserError, match="cannot be read"):
        experiments.main(argv_of(tmp_path))


@pytest.mark.usefixtures("small_grid")
def test_an_unfinished_cell_resumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    experiments.main(argv_of(tmp_path, seeds=("0",)))
    for name in ("result.json", "training.json"):  # as an earlier kit left a run that was stopped
        (tmp_path / "table1" / "SimCLR-no" / "seed-0" / name).unlink()
    capsys.readouterr()
    experiments.main(argv_of(tmp_path, seeds=("0",)))
    assert "Resumed from" in capsys.readouterr().out
    found = json.loads((tmp_path / "table1" / "SimCLR-no" / "seed-0" / "result.json").read_text())
    assert found["after"]["knn"] >= 10 and found["before"].keys() == {*USUAL} - {"linear"}


@pytest.mark.usefixtures("small_grid")
def test_the_last_epoch_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def falling(script: str, argv: list[str]) -> None:
        call_here(script, argv)
        log = Path(argv[argv.index("--exp_dir") + 1]) / "log.csv"
        first, *rows = read_log(log)
        accuracies = zip(rows, (99.0, 42.0), strict=True)
        write_rows(log, [first, *({**row, "knn": str(accuracy)} for row, accuracy in accuracies)])

    monkeypatch.setattr(grid_runs, "call", falling)
    experiments.main(argv_of(tmp_path, seeds=("0",), epochs=2))
    assert "| SimCLR | no | 42.00 |" in (tmp_path / "table1" / "table1.md").read_text()


def test_the_sweep_over_k(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GRIDS, "ksweep", replace(GRIDS["ksweep"], cells=GRIDS["ksweep"].cells[:1]))
    monkeypatch.setattr(grid_runs, "call", call_here)
    CALLS.clear()
    assert experiments.main(argv_of(tmp_path, "ksweep")) == 0
    assert CALLS == ["main.py"] * 2
    lines = [line.split(",") for line in (tmp_path / "ksweep" / "ksweep.csv").read_text().replace('"', "").splitlines()]
    assert lines[0] == ["K", "SimCLR", " vote", "SimCLR", " weighted"]
    assert [line[0] for line in lines[1:]] == ["1", "2", "3", "4", "5", "10", "20", "50"]
    text = (tmp_path / "ksweep" / "ksweep.md").read_text()
    assert text.startswith(
        "k-NN over K\n\nOurs: fake, small, 1 epochs, mean ± deviation of 2 seeds; after the last epoch. "
    )
    assert "K = 70, 100, 200, 500, 1000: left out, the training set is smaller." in text and "osine" in text
    results = [json.loads(path.read_text())["after"] for path in sorted(tmp_path.glob("ksweep/SimCLR/*/result.json"))]
    both = [result["weighted 20"] for result in results]
    assert lines[7][2] == f"{statistics.mean(both):.2f} ± {statistics.stdev(both):.2f}"


def test_a_grid_trains_as_long_as_the_published_runs_did() -> None:
    assert [experiments.parse_args([name]).epochs for name in ("table1", "directpred")] == [800, 100]
    assert experiments.parse_args(["directpred", "--epochs", "2"]).epochs == 2


@pytest.mark.parametrize("name", GRIDS)
def test_every_cell_has_flags_that_main_takes_and_a_name_of_its_own(name: str) -> None:
    grid = GRIDS[name]
    assert len({cell.name for cell in grid.cells}) == len(grid.cells)
    for cell in grid.cells:
        assert flags.parse_args(list(cell.flags_of(grid.epochs))).method
        assert linear.parse_args(["--pretrained", "x", *grid.linear, *cell.linear]).epochs == 100
        assert len(cell.labels) == len(grid.columns)


def test_published_numbers_are_of_cells_and_tables_that_are_there() -> None:
    source = Path(experiments.__file__).parents[1] / "published.toml"
    tables = tomllib.loads(source.read_text("utf-8"))
    for name, table in tables.items():
        assert {*table["lines"]} <= {cell.name for cell in GRIDS[name].cells}, name


def test_a_schedule_is_a_share_of_the_epochs() -> None:
    cell = Cell(("a",), ("--epochs", "400%", "--milestones", "60%", "80%", "--arch", "small"))
    assert cell.flags_of(200) == ("--epochs", "800", "--milestones", "120", "160", "--arch", "small")
    assert cell.flags_of(1) == ("--epochs", "4", "--milestones", "1", "1", "--arch", "small")
