"""The momentum update, the run as a whole, and that a resumed run is the run that never stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

import main as pretraining
from autograder.runs import handed
from ssl_kit import checkpoints, engine, logs, measures
from ssl_kit.flags import PRESETS
from ssl_kit.pretraining import Run
from tests.course import needs

SMALL = [
    "--dataset=fake",
    "--img_dim=16",
    "--feat_dim=16",
    "--arch=small",
    "--device=cpu",
    "--epochs=1",
    "--batch_size=32",
]
SOLUTIONS = Path(pretraining.__file__).parent


def flags(tmp_path: Path, *more: str) -> Namespace:
    return pretraining.parse_args([*SMALL, "--exp_dir", str(tmp_path), *more])


@pytest.mark.parametrize("m", [0.0, 0.9, 0.996, 1.0])
def test_update_moves_every_parameter_in_place(m: float) -> None:
    encoder, momentum_encoder = (nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)) for _ in range(2))
    momentum_encoder.requires_grad_(False)
    momentum_encoder[0].weight.requires_grad_(True)
    before = [parameter.detach().clone() for parameter in momentum_encoder.parameters()]
    online = [parameter.detach().clone() for parameter in encoder.parameters()]
    tensors = list(momentum_encoder.parameters())
    pretraining.update_momentum_encoder(Namespace(encoder=encoder, momentum_encoder=momentum_encoder), m)
    for index, parameter in enumerate(momentum_encoder.parameters()):
        assert parameter is tensors[index] and parameter.is_leaf and parameter.requires_grad == (index == 0)
        torch.testing.assert_close(parameter.detach(), m * before[index] + (1 - m) * online[index])
    assert all(torch.equal(a, b) for a, b in zip(encoder.parameters(), online, strict=True))


@pytest.mark.parametrize(("method", "missing"), [("simsiam", "knn"), ("byol", "knn"), ("byol", "update")])
def test_a_stub_that_is_left_ends_a_run_before_it_writes(
    method: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def left(*_arguments: object) -> None:
        raise NotImplementedError

    if missing == "knn":
        monkeypatch.setattr(measures.validation, "KNN", left)
    else:
        monkeypatch.setattr(pretraining, "update_momentum_encoder", left)
    with pytest.raises(NotImplementedError):
        pretraining.main([*SMALL, "--exp_dir", str(tmp_path), f"--method={method}"])
    assert list(tmp_path.iterdir()) == []


def test_the_update_uses_m_and_not_the_momentum_of_the_optimiser(tmp_path: Path) -> None:
    run = Run(flags(tmp_path, "--method=byol", "--m", "1", "--momentum", "0.9"), pretraining.update_momentum_encoder)
    before = [parameter.clone() for parameter in run.model.momentum_encoder.parameters()]
    run.train()
    after = list(run.model.momentum_encoder.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(before, run.model.encoder.parameters(), strict=True))


@pytest.mark.parametrize("method", [name for name in ("byol", "moco-queue", "pixpro", "directpred") if name in PRESETS])
def test_the_momentum_encoder_is_in_no_optimiser(method: str, tmp_path: Path) -> None:
    run = Run(flags(tmp_path, f"--method={method}"), pretraining.update_momentum_encoder)
    trained = {id(parameter) for group in run.optimizer.param_groups for parameter in group["params"]}
    assert not trained & {id(parameter) for parameter in run.model.momentum_encoder.parameters()}
    assert trained >= {id(parameter) for parameter in run.model.encoder.parameters()}


@pytest.mark.parametrize("method", [name for name in ("byol", "moco-queue", "directcopy", "pixpro") if name in PRESETS])
def test_a_resumed_run_is_the_run_that_never_stopped(method: str, tmp_path: Path) -> None:
    common = [*SMALL, f"--method={method}", "--epochs=2", "--save_freq=1", "--eval_freq=1", "--spectrum=true"]
    common += ["--online_probe=true"]
    assert pretraining.main([*common, "--exp_dir", str(tmp_path / "a")]) == 0
    torch.manual_seed(123)
    halfway = str(tmp_path / "a" / "epoch-1.pth")
    assert pretraining.main([*common, "--exp_dir", str(tmp_path / "b"), "--resume", halfway]) == 0
    never, resumed = (checkpoints.load_checkpoint(tmp_path / name / "last.pth") for name in "ab")
    assert never["epoch"] == resumed["epoch"] == 2
    for part in ("model", "method"):
        assert never[part].keys() == resumed[part].keys()
        assert all(torch.equal(never[part][key], resumed[part][key]) for key in never[part])
    assert torch.equal(never["probe"]["fc"]["weight"], resumed["probe"]["fc"]["weight"])


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    for workers in (0, 2):
        pretraining.main([*SMALL, f"--num_workers={workers}", "--exp_dir", str(tmp_path / str(workers))])
    weights = [checkpoints.load_checkpoint(tmp_path / name / "last.pth")["model"] for name in ("0", "2")]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_the_log_of_a_resumed_run_has_each_epoch_once(tmp_path: Path) -> None:
    common = [*SMALL, "--epochs=3", "--save_freq=1", "--eval_freq=2", "--exp_dir", str(tmp_path)]
    pretraining.main(common)
    first = logs.read_log(tmp_path / "log.csv")
    pretraining.main([*common, "--resume", str(tmp_path / "epoch-1.pth")])
    again = logs.read_log(tmp_path / "log.csv")
    assert [row["epoch"] for row in again] == ["0", "1", "2", "3"]
    assert [row.get("loss") for row in again] == [row.get("loss") for row in first]
    assert ["knn" in row for row in again] == [True, False, True, True]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ["log.csv", "best.pth", "epoch-2.pth", "last.pth"])
def test_a_run_that_is_killed_as_it_writes_an_epoch_loses_and_doubles_nothing(
    name: str, after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "evaluate", lambda run, _: {"knn": float(run.epoch)})  # each epoch is the best so far
    common = [*SMALL, "--epochs=2", "--save_freq=1", "--eval_freq=1"]
    never, folder = tmp_path / "never", tmp_path / "killed"
    pretraining.main([*common, "--exp_dir", str(never)])

    def until_killed(write: Callable[[Path, Any], None], path: Path, content: Any) -> None:
        last = content["epoch"] == 2 if isinstance(content, dict) else "\n2," in content
        if not (path.name == name and last):
            write(path, content)
            return
        if after:
            write(path, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(logs, "write_text", partial(until_killed, logs.write_text))
        patch.setattr(checkpoints, "save_checkpoint", partial(until_killed, checkpoints.save_checkpoint))
        with pytest.raises(KeyboardInterrupt):
            pretraining.main([*common, "--exp_dir", str(folder)])
    pretraining.main([*common, "--exp_dir", str(folder), "--resume", str(folder / "last.pth")])
    rows, again = (
        [{key: value for key, value in row.items() if key != "seconds"} for row in logs.read_log(place / "log.csv")]
        for place in (never, folder)
    )
    assert [row["epoch"] for row in again] == ["0", "1", "2"] and again == rows
    epochs = {path.name: checkpoints.load_checkpoint(path)["epoch"] for path in folder.glob("*.pth")}
    assert epochs == {"best.pth": 2, "epoch-1.pth": 1, "epoch-2.pth": 2, "last.pth": 2}


def test_a_run_says_its_flags_and_versions(tmp_path: Path) -> None:
    pretraining.main([*SMALL, "--seed=7", "--exp_dir", str(tmp_path)])
    run = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert run["flags"] == checkpoints.load_checkpoint(tmp_path / "last.pth")["args"] and run["flags"]["seed"] == 7
    assert run["versions"]["torch"].partition("+")[0] == torch.__version__.partition("+")[0]
    assert run["versions"]["device"] == "cpu" and len(run["versions"]) == 5


def test_weights_and_biases_get_the_rows_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    common = [*SMALL, "--wandb=course", "--exp_dir", str(tmp_path / "one")]
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(engine.UserError, match="not installed"):
        pretraining.main(common)
    began, rows = {}, []
    fake = ModuleType("wandb")
    fake.init = lambda **told: (began.update(told), Namespace(log=lambda row, step: rows.append((step, row))))[1]
    monkeypatch.setitem(sys.modules, "wandb", fake)
    pretraining.main(common)
    assert (began["project"], began["name"], began["config"]["arch"]) == ("course", "one", "small")
    assert [step for step, _ in rows] == [0, 1] and rows[1][1]["loss"] > 0 and "epoch" not in rows[1][1]


def test_one_command_repeats_a_run(tmp_path: Path) -> None:
    more = ["--method=byol", "--seed=3", "--m=0.5", "--lr_schedule=step", "--milestones", "1", "2", "--symmetric=true"]
    pretraining.main([*SMALL, *more, "--exp_dir", str(tmp_path / "a")])
    again = ["--config", str(tmp_path / "a" / "run.json"), "--exp_dir", str(tmp_path / "b")]
    assert pretraining.main(again) == 0
    first, second = (json.loads((tmp_path / name / "run.json").read_text("utf-8"))["flags"] for name in "ab")
    assert {**first, "exp_dir": str(tmp_path / "b")} == second and first["milestones"] == [1, 2]
    weights = [checkpoints.load_checkpoint(tmp_path / name / "last.pth")["model"] for name in "ab"]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_flags_come_from_a_file_and_given_ones_win(tmp_path: Path) -> None:
    config = tmp_path / "small.toml"
    config.write_text('method = "byol"\nm = 0.5\nsymmetric = true\nmilestones = [3]\n')
    args = pretraining.parse_args(["--config", str(config), "--m", "0.9"])
    assert (args.loss_type, args.symmetric, args.milestones, args.m) == ("align", True, [3], 0.9)
    with pytest.raises(engine.UserError, match="a run of byol, not of simclr"):
        pretraining.parse_args(["--config", str(config), "--method", "simclr"])
    config.write_text('exp_dir = "exp/a b"\nfeat_dim = 64\n')
    args = pretraining.parse_args([f"--config={config}", "--method", "simsiam"])
    assert (args.loss_type, args.feat_dim, args.exp_dir) == ("align", 64, Path("exp/a b"))


@pytest.mark.parametrize("text", ["method byol", None])
def test_a_file_of_flags_that_can_not_be_read_is_named(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "x.toml").write_text(text)
    with pytest.raises(engine.UserError, match=r"x\.toml cannot be read"):
        pretraining.parse_args(["--config", str(tmp_path / "x.toml")])


@pytest.mark.parametrize(("line", "said"), [("nonsense = 1", "--nonsense"), ("m = 2.0", "not a number from 0 to 1")])
def test_a_file_of_flags_is_read_as_strictly_as_the_command_line(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.toml").write_text(line)
    with pytest.raises(SystemExit):
        pretraining.parse_args(["--config", str(tmp_path / "x.toml")])
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "more", [["--precision=bf16"], ["--channels_last=true", "--method=moco"], ["--tensorboard=true"], ["--knn_k=5"]]
)
def test_ways_to_train_that_change_the_speed_or_the_log_only(more: list[str], tmp_path: Path) -> None:
    assert pretraining.main([*SMALL, *more, "--exp_dir", str(tmp_path)]) == 0
    row = logs.read_log(tmp_path / "log.csv")[-1]
    assert 0 < float(row["loss"]) < 10 and float(row["knn"]) >= 10
    assert bool(list(tmp_path.glob("events.*"))) == ("--tensorboard=true" in more)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--m", "1.5"], "not a number from 0 to 1"),
        (["--batch_size", "1"], "of at least 2"),
        (["--use_predictor", "perhaps"], "neither true nor false"),
        (["--dataset", "nowhere"], "There is no data set called 'nowhere'"),
        (["--dataset", "fake", "--batch_size", "65"], "larger than the data set"),
        (["--method", "byol2"], "invalid choice"),
        (["--method", "barlow-twins", "--use_predictor", "true"], "has no predictor"),
        (["--method", "pixpro", "--rotate", "9"], "no pixels in turned views"),
        (["--device", "cuda:99"], "There is no device"),
        (["--dataset", "fake", "--method", "moco-queue", "--shuffle_bn", "true"], "needs several processes"),
        (["--dataset", "fake", "--learning_rate", "1e30", "--epochs", "9", "--arch", "small"], "The loss is"),
    ],
)
def test_what_a_person_can_mend_ends_in_status_2_without_a_traceback(
    argv: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["main.py", "--exp_dir", str(tmp_path), *argv])
    try:
        status = engine.run_script(pretraining.main)
    except SystemExit as stop:  # argparse leaves by itself
        status = stop.code
    assert status == 2 and said in capsys.readouterr().err


def test_importing_the_files_needs_nothing_slow() -> None:
    """torchvision alone takes 2 s, and the checks that students run should answer at once."""
    slow = {"torchvision", "sklearn", "matplotlib", "tensorboard", "kornia"}
    code = f"import sys, criterion, validation, model_factory, main, main_linclis; print({slow!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=SOLUTIONS, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_each_flag_is_repeated_by_the_grader_or_has_a_reason_not_to_be() -> None:
    args = vars(pretraining.parse_args([]))
    assert {*args} == {*handed.REPEATED, *handed.WITHOUT_EFFECT, *handed.AS_USUAL}
    assert not any(isinstance(args[name], Path) for name in handed.REPEATED)


@needs("B1")
def test_a_queue_larger_than_the_data_is_said_so(tmp_path: Path) -> None:
    few, many = (
        [*Run(flags(tmp_path, "--method=moco-queue", f"--queue_batches={count}"), print).remarks()] for count in (2, 3)
    )
    assert few == [] and many == [
        "The queue holds 96 keys, an epoch 64 images: so a query's own older keys are negatives."
    ]
