"""LARS against lightly's and a closed form, schedules against torch's."""

from __future__ import annotations

import copy
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from lightly.utils.lars import LARS as LightlyLARS  # noqa: N811
from torch import nn
from torch.optim.lr_scheduler import MultiStepLR, ReduceLROnPlateau

import main as pretraining
from ssl_kit import checkpoints
from ssl_kit.logs import read_log
from ssl_kit.optimizers import LARS, Schedule

SMALL = ["--dataset=fake", "--img_dim=16", "--feat_dim=16", "--arch=small", "--device=cpu", "--print_freq=100"]


def test_lars_is_that_of_lightly() -> None:
    """Theirs takes a weight decay of 0 as the sign of a bias; ours goes by the number of dimensions."""
    torch.manual_seed(0)
    ours = nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3, 2)).double()
    theirs = copy.deepcopy(ours)
    with torch.no_grad():
        for network in (ours, theirs):
            network[3].weight.zero_()  # of norm 0: a plain step
    weights, rest = ([p for p in theirs.parameters() if (p.dim() > 1) == many] for many in (True, False))
    groups = [{"params": weights, "weight_decay": 0.1}, {"params": rest}]
    optimizers = [LARS(ours.parameters(), 0.5, 0.9, 0.1), LightlyLARS(groups, 0.5, 0.9)]
    for _ in range(4):
        images = torch.randn(5, 2, 2, 2, dtype=torch.float64)
        for network, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            (network(images) - 1).square().sum().backward()
            optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-12)


def test_the_first_step_of_lars_is_a_share_of_the_weights_norm() -> None:
    """Without decay its length is rate × trust × ||w||, whatever the gradient's length; a bias moves by rate × g."""
    weight, bias = nn.Parameter(torch.tensor([[3.0, 4.0]])), nn.Parameter(torch.tensor([1.0]))
    weight.grad, bias.grad = torch.tensor([[0.0, 700.0]]), torch.tensor([0.5])
    LARS([weight, bias], 2.0, weight_decay=0.0, trust_coefficient=0.01).step()
    torch.testing.assert_close(weight.detach(), torch.tensor([[3.0, 4.0 - 2 * 0.01 * 5]]))
    assert bias.item() == 0.0


def schedule(kind: str, **flags: object) -> Schedule:
    common = {"learning_rate": 0.2, "epochs": 40, "warmup_epochs": 0, "milestones": [3, 7], "patience": 2}
    return Schedule(Namespace(lr_schedule=kind, **{**common, **flags}))


def test_steps_are_those_of_torch_and_begin_after_the_warm_up() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], 0.2)
    theirs, ours = MultiStepLR(optimizer, [3, 7]), schedule("step")
    for epoch in range(10):
        assert ours.rate(epoch) == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()
    warm = schedule("step", warmup_epochs=1)
    assert [warm.rate(epoch) for epoch in range(4)] == pytest.approx([0.1, 0.2, 0.2, 0.02])


@pytest.mark.parametrize("sign", [1, -1])
def test_plateaus_are_those_of_torch(sign: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], 0.2)
    theirs, ours = ReduceLROnPlateau(optimizer, patience=2, threshold_mode="abs"), schedule("plateau")
    losses = [3, 2, 2, 2, 2, 2, 1, 1.5, 1.2, 0.99995, 1, 1, 1, 0.5, 1, 1, 1, 1, 1]
    rates = []
    for epoch, loss in enumerate(losses):
        loss = loss if sign == 1 else loss - 4
        ours.after(epoch, loss)
        theirs.step(loss)
        rates.append(ours.rate(epoch + 1))
        assert rates[-1] == pytest.approx(optimizer.param_groups[0]["lr"])
    assert len(set(rates)) > 3


def test_a_plateau_survives_a_resumed_run(tmp_path: Path) -> None:
    common = [*SMALL, "--epochs=4", "--save_freq=2", "--learning_rate=0", "--lr_schedule=plateau", "--patience=1"]
    common += ["--optimizer=lars", "--eval_freq=9", "--m=1"]
    for name, more in (("a", []), ("b", ["--resume", str(tmp_path / "a" / "epoch-2.pth")])):
        assert pretraining.main([*common, "--exp_dir", str(tmp_path / name), *more]) == 0
    never, resumed = (checkpoints.load_checkpoint(tmp_path / name / "last.pth")["schedule"] for name in "ab")
    assert never == resumed and never["best"] < 10


def test_a_run_with_lars_and_steps_logs_its_rates(tmp_path: Path) -> None:
    flags = ["--epochs=3", "--optimizer=lars", "--learning_rate=0.4", "--lr_schedule=step", "--milestones", "1", "2"]
    assert pretraining.main([*SMALL, *flags, "--exp_dir", str(tmp_path)]) == 0
    assert [float(row["rate"]) for row in read_log(tmp_path / "log.csv")[1:]] == pytest.approx([0.4, 0.04, 0.004])
