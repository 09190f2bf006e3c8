"""Grids that go on where they stopped, and tables that take in published numbers once they are there."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import main as pretraining
import main_linclis
from ssl_kit import engine, experiments, flags
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
    monkeypatch.setattr(experiments, "call", call_here)
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
    about, _, header, line, untrained, first, second = table.splitlines()[2:]
    assert about == "Ours: fake, small, 1 epochs; after the last epoch."
    assert header == "| method | predictor | k-NN | k-NN, projector | linear | std·√D | rank |"
    assert line.count("---") == 7 and first.startswith("| SimCLR | no | ") and "±" in first
    assert untrained.startswith("| untrained |  | ") and untrained.split(" | ")[4] == ""  # no linear accuracy
    assert (tmp_path / "table1" / "table1.png").stat().st_size > 5000
    experiments.main(argv_of(tmp_path))
    assert len(CALLS) == 8 and (tmp_path / "table1" / "table1.md").read_text() == table
    with pytest.raises(engine.UserError, match="other flags"):
        experiments.main(argv_of(tmp_path, epochs=2))
    released = tmp_path / "published.json"
    monkeypatch.setattr(experiments, "PUBLISHED", released)
    numbers = {"columns": ["best k-NN", "linear"], "about": "CIFAR-10, 800 epochs", "lines": {"BYOL-yes": [1.0, 2.0]}}
    released.write_text(json.dumps({"tables": {"table1": numbers}}))
    experiments.main(argv_of(tmp_path))
    about, _, header, _, _, first, again = (tmp_path / "table1" / "table1.md").read_text().splitlines()[2:]
    assert about.endswith(" Published: CIFAR-10, 800 epochs.")
    assert len(CALLS) == 8 and header.endswith("| rank | best k-NN (published) | linear (published) |")
    assert first.endswith("|  |  |") and again == f"{second} 1.00 | 2.00 |"
    released.write_text("[]")
    with pytest.raises(engine.UserError, match="cannot be read"):
        experiments.main(argv_of(tmp_path))


@pytest.mark.usefixtures("small_grid")
def test_an_unfinished_cell_resumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    experiments.main(argv_of(tmp_path, seeds=("0",)))
    (tmp_path / "table1" / "SimCLR-no" / "seed-0" / "result.json").unlink()
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

    monkeypatch.setattr(experiments, "call", falling)
    experiments.main(argv_of(tmp_path, seeds=("0",), epochs=2))
    assert "| SimCLR | no | 42.00 |" in (tmp_path / "table1" / "table1.md").read_text()


def test_the_sweep_over_k(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "call", call_here)
    assert experiments.main(argv_of(tmp_path, "ksweep")) == 0
    lines = (tmp_path / "ksweep" / "ksweep.csv").read_text().splitlines()
    assert lines[0] == "K,vote,weighted" and " ".join(line.split(",")[0] for line in lines[1:]) == "1 2 3 4 5 10 20 50"
    text = (tmp_path / "ksweep" / "ksweep.md").read_text()
    assert text.startswith("k-NN over K: SimCLR, cosine similarity, 2 seeds\n")
    alone = []
    for seed in "01":
        experiments.main(argv_of(tmp_path, "ksweep", seeds=(seed,)))
        alone.append([line.split(",") for line in (tmp_path / "ksweep" / "ksweep.csv").read_text().splitlines()[1:]])
    for both, one, other in zip(lines[1:], *alone, strict=True):
        mean = (float(one[1]) + float(other[1])) / 2
        assert float(both.split(",")[1]) == pytest.approx(mean, abs=0.011)


def test_a_grid_trains_as_long_as_the_published_runs_did() -> None:
    assert [experiments.parse_args([name]).epochs for name in ("table1", "directpred")] == [800, 100]
    assert experiments.parse_args(["directpred", "--epochs", "2"]).epochs == 2


@pytest.mark.parametrize("name", GRIDS)
def test_every_cell_has_flags_that_main_takes_and_a_name_of_its_own(name: str) -> None:
    grid = GRIDS[name]
    assert len({cell.name for cell in grid.cells}) == len(grid.cells)
    for cell in grid.cells:
        assert flags.parse_args(list(cell.flags_of(grid.epochs))).method
        assert len(cell.labels) == len(grid.columns)


def test_published_numbers_are_of_cells_and_tables_that_are_there() -> None:
    source = Path(experiments.__file__).parents[1] / "published.toml"
    tables = tomllib.loads(source.read_text("utf-8"))
    for name, table in tables.items():
        assert {*table["lines"]} <= {cell.name for cell in GRIDS[name].cells}, name
