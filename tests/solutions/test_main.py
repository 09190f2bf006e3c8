"""The momentum update, the run as a whole, and that a resumed run is the run that never stopped."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from torch import nn

import engine
import main as pretraining
from criterion import SSLLoss

SMALL = ["--dataset", "fake", "--img_dim", "8", "--feat_dim", "16", "--device", "cpu", "--epochs", "1"]
BYOL = ["--loss_type=align", "--use_momentum_encoder=true", "--use_predictor=true", "--stop_gradient=true"]
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


def test_the_update_uses_m_and_not_the_momentum_of_the_optimiser(tmp_path: Path) -> None:
    run = pretraining.Run(flags(tmp_path, *BYOL, "--m", "1", "--momentum", "0.9"))
    before = [parameter.clone() for parameter in run.model.momentum_encoder.parameters()]
    run.train()
    after = list(run.model.momentum_encoder.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(before, run.model.encoder.parameters(), strict=True))


def test_the_momentum_encoder_is_in_no_optimiser(tmp_path: Path) -> None:
    run = pretraining.Run(flags(tmp_path, *BYOL))
    trained = {id(parameter) for group in run.optimizer.param_groups for parameter in group["params"]}
    assert not trained & {id(parameter) for parameter in run.model.momentum_encoder.parameters()}
    online = [*run.model.encoder.parameters(), *run.model.predictor.parameters()]
    assert trained == {id(parameter) for parameter in online}


def test_a_resumed_run_is_the_run_that_never_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded: list[int] = []
    seed_epoch = engine.seed_epoch
    monkeypatch.setattr(engine, "seed_epoch", lambda seed, epoch: (seeded.append(epoch), seed_epoch(seed, epoch)))
    common = [*SMALL, *BYOL, "--epochs", "2", "--save_freq", "1"]
    assert pretraining.main([*common, "--exp_dir", str(tmp_path / "a")]) == 0
    torch.manual_seed(123)
    halfway = str(tmp_path / "a" / "epoch-1.pth")
    assert pretraining.main([*common, "--exp_dir", str(tmp_path / "b"), "--resume", halfway]) == 0
    assert seeded == [0, 1, 2, 0, 2]  # each epoch has views of its own, the building of the network too
    never, resumed = (engine.load_checkpoint(tmp_path / name / "last.pth") for name in "ab")
    assert never["epoch"] == resumed["epoch"] == 2
    assert all(torch.equal(never["model"][key], resumed["model"][key]) for key in never["model"])


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    run = pretraining.Run(flags(tmp_path))
    engine.save_checkpoint(tmp_path / "last.pth", run.state())
    other = pretraining.Run(flags(tmp_path, "--use_predictor", "true"))
    with pytest.raises(engine.UserError, match="made with --use_predictor False, not True"):
        other.resume(tmp_path / "last.pth")


@pytest.mark.parametrize(
    ("stop_gradient", "predictor", "momentum", "expected"),
    [
        (True, False, False, "through view 1."),
        (False, False, False, "through view 1 and view 2."),
        (True, True, False, "through view 1 and view 2, and the predictor."),
        (False, False, True, "so that without predictor --stop_gradient changes nothing."),
    ],
)
def test_the_log_says_what_the_gradient_reaches(
    stop_gradient: bool, predictor: bool, momentum: bool, expected: str
) -> None:
    assert pretraining.gradient_reach(SSLLoss("align", stop_gradient, predictor), momentum).endswith(expected)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--m", "1.5"], "not a number from 0 to 1"),
        (["--batch_size", "1"], "of at least 2"),
        (["--use_predictor", "perhaps"], "neither true nor false"),
        (["--dataset", "nowhere"], "There is no data set called 'nowhere'"),
        (["--dataset", "fake", "--batch_size", "65"], "larger than the data set"),
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


def test_importing_the_files_needs_no_torchvision() -> None:
    """torchvision takes 2 s, and the checks that students run are to answer at once."""
    code = "import sys, criterion, validation, model_factory, main, main_linclis; print('torchvision' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=SOLUTIONS, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
