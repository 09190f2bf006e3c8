"""Grids whose runs share, fail, stop and go on; the scripts are stood in for by what they leave behind."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ssl_kit import engine, experiments, flags, grid_figures, grid_runs, tables
from ssl_kit.cells import Cell, Grid
from ssl_kit.checkpoints import save_checkpoint
from ssl_kit.grids import GRIDS
from ssl_kit.logs import write_rows
from ssl_kit.methods import make_method

SHARED = ("--method", "simclr", "--batch_size", "32")
CELLS = (
    Cell(("A", "all"), SHARED),
    Cell(("A", "two"), SHARED, linear=("--num_classes", "2")),
    Cell(("B", "all"), ("--method", "byol")),
    Cell(("C", "all"), ("--method", "moco"), equals="A-two"),
)


class Scripts:
    """Stands in for `call`: leaves a log and checkpoints behind, or fails where it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.breaks: dict[tuple[str, str], BaseException] = {}

    def __call__(self, script: str, argv: list[str]) -> None:
        self.calls.append((script, argv))
        folder = Path(argv[argv.index("--exp_dir") + 1])
        broken = self.breaks.get((script, "/".join(folder.parts[-2:])))
        if broken is not None:
            raise broken
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = {"args": {}, "epoch": 1, "model": {}, "accuracy": 70.0, "macro_accuracy": 60.0}
        save_checkpoint(folder / ("last.pth" if script == "main.py" else "linear.pth"), checkpoint)
        if script == "main.py":
            measured = {"knn": "50", "knn_projector": "50", "std_sqrt_d": "1", "effective_rank": "9"}
            epochs = [{"epoch": "0", **measured}, {"epoch": "1", "loss": "1", "seconds": "2", **measured}]
            write_rows(folder / "log.csv", epochs)

    def names(self) -> Iterator[str]:
        """Yield script and folder of each call, and empty the list."""
        for script, argv in self.calls:
            yield f"{script} {'/'.join(Path(argv[argv.index('--exp_dir') + 1]).parts[-2:])}"
        self.calls.clear()


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Scripts:
    made = Scripts()
    monkeypatch.setattr(grid_runs, "call", made)
    monkeypatch.setitem(GRIDS, "table1", Grid("Table 1", ("method", "classes"), CELLS, measures=("linear",)))
    monkeypatch.setattr(experiments, "save_curves", lambda _runs: None)
    monkeypatch.setattr(tables, "save", lambda _figure, _path: None)
    return made


def run(folder: Path, *more: str) -> int:
    return experiments.main(["table1", "--dataset", "fake", "--epochs", "1", "--output", str(folder), *more])


def test_cells_of_the_same_flags_share_a_run(tmp_path: Path, scripts: Scripts) -> None:
    assert run(tmp_path) == 0
    evaluated = {argv[argv.index("--exp_dir") + 1]: argv for script, argv in scripts.calls if script != "main.py"}
    two = evaluated[str(tmp_path / "table1" / "A-two" / "seed-0")]
    assert two[two.index("--pretrained") + 1] == str(tmp_path / "table1" / "A-all" / "seed-0" / "last.pth")
    assert (
        two[-2:] == ["--num_classes", "2"] and "--num_classes" not in evaluated[str(tmp_path / "table1/A-all/seed-0")]
    )
    assert [*scripts.names()] == [
        *("main.py A-all/seed-0", "main_linclis.py A-all/seed-0", "main_linclis.py A-two/seed-0"),
        *("main.py B-all/seed-0", "main_linclis.py B-all/seed-0"),
    ]
    assert (tmp_path / "table1" / "A-two" / "seed-0" / "result.json").is_file()
    with pytest.raises(engine.UserError, match="other flags of linear evaluation"):
        run(tmp_path, "--linear=--epochs 3")
    with pytest.raises(engine.UserError, match="holds a run with other images"):
        run(tmp_path, "--dataset", "digits")
    assert scripts.calls == []


def test_the_linear_classifier_has_as_many_labels_as_k_nn(tmp_path: Path, scripts: Scripts) -> None:
    more = ["--", "--label_fraction", "0.5"]
    assert run(tmp_path / "a", *more) == run(tmp_path / "b", "--linear=--train_fraction 1", *more) == 0
    of_a, of_b = (
        [argv for script, argv in scripts.calls if script != "main.py" and str(tmp_path / name) in " ".join(argv)]
        for name in "ab"
    )
    assert len(of_a) == len(of_b) == 3
    assert all(argv[argv.index("--train_fraction") + 1] == "0.5" for argv in [*of_a, *of_b])
    assert all(argv[-2:] == ["--train_fraction", "1"] for argv in of_b), "the last one counts"


def test_a_log_without_a_trained_epoch_is_named(tmp_path: Path, scripts: Scripts) -> None:
    folder = tmp_path / "table1" / "A-all" / "seed-0"
    scripts.breaks = {("main_linclis.py", "A-all/seed-0"): KeyboardInterrupt()}
    assert run(tmp_path) == 130
    write_rows(folder / "log.csv", [{"epoch": "0"}])
    scripts.breaks = {}
    with pytest.raises(engine.UserError, match=r"log\.csv has no row of before training and one of after it"):
        run(tmp_path)


def test_a_cell_that_fails_is_a_line_and_is_run_again_alone(
    tmp_path: Path, scripts: Scripts, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = grid_runs.RunFailed("main.py ended with status 2", "")
    scripts.breaks = {("main.py", "A-all/seed-1"): failure, ("main.py", "B-all/seed-0"): failure}
    assert run(tmp_path, "--seeds", "0", "1") == 1
    lines = (tmp_path / "table1" / "table1.md").read_text().splitlines()
    assert lines[7] == "| A | all | 70.00 failed: main.py ended with status 2 (seed 1) |"
    assert "Runs of 3 rows failed. The same command runs those again, and no others." in lines
    assert "B-all, seed 0: main.py ended with status 2.\n" in capsys.readouterr().err
    assert [*scripts.names()].count("main.py A-all/seed-1") == 1  # not once more for the cell that shares it
    scripts.breaks = {}
    assert run(tmp_path, "--seeds", "0", "1") == 0
    assert {*scripts.names()} == {
        *("main.py A-all/seed-1", "main_linclis.py A-all/seed-1", "main_linclis.py A-two/seed-1"),
        *("main.py B-all/seed-0", "main_linclis.py B-all/seed-0"),
    }
    assert "failed" not in (tmp_path / "table1" / "table1.md").read_text()


def test_a_grid_that_is_stopped_goes_on(tmp_path: Path, scripts: Scripts, capsys: pytest.CaptureFixture[str]) -> None:
    scripts.breaks = {("main_linclis.py", "A-two/seed-0"): KeyboardInterrupt()}
    assert run(tmp_path) == 130
    assert "Stopped. The same command goes on from here." in capsys.readouterr().err
    scripts.calls.clear()
    scripts.breaks = {}
    assert run(tmp_path) == 0
    assert [*scripts.names()][:2] == ["main_linclis.py A-two/seed-0", "main.py B-all/seed-0"]


def test_a_run_that_was_killed_resumes_with_its_own_flags_only(tmp_path: Path, scripts: Scripts) -> None:
    run(tmp_path)
    place = tmp_path / "table1" / "B-all" / "seed-0"
    (place / "result.json").unlink()
    started = json.loads((place / "training.json").read_text())
    del started["seconds"]
    (place / "training.json").write_text(json.dumps(started))
    with pytest.raises(engine.UserError, match="holds a run with other flags"):
        run(tmp_path, "--", "--feat_dim", "16")
    scripts.calls.clear()
    run(tmp_path)
    assert scripts.calls[0][1][-2:] == ["--resume", str(place / "last.pth")]


def test_results_of_an_earlier_kit_are_read_unless_their_evaluation_is_not_known(
    tmp_path: Path, scripts: Scripts
) -> None:
    run(tmp_path)
    for cell in CELLS[:3]:
        path = tmp_path / "table1" / cell.name / "seed-0" / "result.json"
        found = json.loads(path.read_text())
        if not cell.linear:
            path.write_text(json.dumps({name: found[name] for name in ("flags", "before", "after")}))
    scripts.calls.clear()
    assert run(tmp_path) == 0 and scripts.calls == []
    path = tmp_path / "table1" / "A-two" / "seed-0" / "result.json"
    path.write_text((tmp_path / "table1" / "A-all" / "seed-0" / "result.json").read_text())
    with pytest.raises(engine.UserError, match="other flags of linear evaluation"):
        run(tmp_path)
    path.write_text('{"flags"')
    with pytest.raises(engine.UserError, match="cannot be read"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--", "--archh", "small"], "unrecognized arguments: --archh small"),
        (["--linear=--epoch 3"], "unrecognized arguments: --epoch 3"),
        (["--", "--exp_dir", "here"], "--exp_dir cannot stand after --: --dataset, --data_root"),
        (["--linear=--seed 3"], "--seed cannot stand in --linear"),
        (["--linear=--batch_size 0"], "not a whole number of at least 1"),
    ],
)
def test_flags_that_nothing_takes_are_refused_before_hours_of_training(
    more: list[str], said: str, tmp_path: Path, scripts: Scripts, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        run(tmp_path / "new", *more)
    assert stop.value.code == 2 and said in capsys.readouterr().err
    assert scripts.calls == [] and not (tmp_path / "new").exists()


def test_flags_that_one_cell_takes_are_tried_in_all(tmp_path: Path, scripts: Scripts) -> None:
    more = ["--", "--use_momentum_encoder", "true", "--shuffle_bn", "true"]
    with pytest.raises(SystemExit):
        run(tmp_path, *more)  # both methods refuse the second
    assert run(tmp_path, "--", "--predictor_type", "linear") == 0  # SimCLR has no predictor, BYOL has
    assert "main.py A-all/seed-0" in [*scripts.names()]


def test_a_folder_or_a_figure_that_cannot_be_written_is_named(
    tmp_path: Path, scripts: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(engine.UserError, match="There is no folder") as raised:
        run(tmp_path / "file")
    assert raised.value.hint == "Give another --output." and scripts.calls == []

    class Full:
        def savefig(self, path: Path, **_: object) -> None:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(engine.UserError, match=r"x\.png could not be written: No space left on device"):
        grid_figures.save(Full(), tmp_path / "x.png")
    assert {path.name for path in tmp_path.iterdir()} == {"file"}


def gradients(cell: Cell) -> list[torch.Tensor]:
    """Of the loss of one batch, for each parameter of the encoder."""
    args = flags.parse_args([*cell.flags, "--arch", "small", "--feat_dim", "16", "--batch_size", "8"])
    engine.seed_epoch(0, 0)
    method = make_method(args, 10)
    views = torch.rand(2, 8, 3, 16, 16, generator=engine.generator(0))
    loss = method(tuple(views), torch.zeros(8, dtype=torch.long), ())
    return [*torch.autograd.grad(loss, [*method.model.encoder.parameters()])]


def equal(one: Cell, two: Cell) -> bool:
    return all(torch.equal(a, b) for a, b in zip(gradients(one), gradients(two), strict=True))


def test_cells_that_are_equal_by_construction_have_equal_gradients() -> None:
    found = 0
    for grid in GRIDS.values():
        named = {cell.name: cell for cell in grid.cells}
        for cell in grid.cells:
            if cell.equals:
                assert [*named].index(cell.equals) < [*named].index(cell.name)
                assert equal(cell, named[cell.equals]), (grid.title, cell.name)
                found += 1
    named = {cell.name: cell for cell in GRIDS["table4"].cells}
    assert found and not equal(named["BYOL-yes-yes"], named["BYOL-yes-no"])
