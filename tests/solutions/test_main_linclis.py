"""The frozen backbone and linear evaluation from a checkpoint of pre-training."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import main as pretraining
import main_linclis
from ssl_kit import checkpoints, engine, linear
from ssl_kit.networks import Backbone
from ssl_kit.pretraining import Run

SMALL = ["--dataset", "fake", "--img_dim", "16", "--device", "cpu"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pretrained")
    run = Run(
        pretraining.parse_args([*SMALL, "--arch", "small", "--feat_dim", "16", "--exp_dir", str(folder)]),
        pretraining.update_momentum_encoder,
    )
    checkpoints.save_checkpoint(folder / "last.pth", run.state())
    return folder / "last.pth"


def test_freezing_leaves_the_classifier_alone_to_train() -> None:
    model = linear.LinearClassifier("resnet18", 50).requires_grad_(False)
    parameters = main_linclis.freeze_backbone(model)
    assert [id(parameter) for parameter in parameters] == [id(model.fc.weight), id(model.fc.bias)]
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert trained == ["fc.weight", "fc.bias"]
    assert model.fc.weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert model.fc.weight.mean().item() == pytest.approx(0, abs=5e-4)
    assert not model.fc.bias.any() and not any(module.training for module in model.modules())


@pytest.mark.parametrize("more", [[], ["--augment=none"], ["--optimizer=adam", "--train_fraction=0.5"]])
def test_training_moves_the_classifier_and_nothing_else(more: list[str], checkpoint: Path, tmp_path: Path) -> None:
    argv = [*SMALL, *more, "--pretrained", str(checkpoint), "--exp_dir", str(tmp_path), "--epochs", "2"]
    assert main_linclis.main(argv) == 0
    _, weights = checkpoints.load_backbone(checkpoint)
    saved = checkpoints.load_checkpoint(tmp_path / "linear.pth")
    assert all(torch.equal(saved["model"][f"backbone.{key}"], value) for key, value in weights.items())
    assert saved["model"]["fc.bias"].any() and saved["accuracy"] > 10 and saved["macro_accuracy"] > 10


def test_adam_falls_at_every_step_to_its_last_rate() -> None:
    args = linear.parse_args(["--pretrained", "x", "--optimizer", "adam", "--epochs", "2"])
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))])
    rates = []
    for epoch in range(2):
        schedule = linear.RateSchedule(optimizer, args, epoch, 2)
        for _ in range(2):
            rates.append(optimizer.param_groups[0]["lr"])
            schedule.step()
    assert rates == pytest.approx([0.0495 * (1 - k / 4) ** 2 + 5e-4 for k in range(4)])


def test_a_moved_statistic_is_noticed(checkpoint: Path) -> None:
    arch, weights = checkpoints.load_backbone(checkpoint)
    backbone = Backbone(arch)
    backbone.load_state_dict(weights)
    linear.check_frozen(backbone, weights)
    backbone.net[0][1].running_mean += 1
    with pytest.raises(engine.UserError, match=r"running_mean"):
        linear.check_frozen(backbone, weights)


def test_accuracy_is_over_all_images_and_macro_over_classes() -> None:
    batches = [(torch.eye(3), torch.tensor([0, 1, 0])), (torch.eye(3)[:1], torch.tensor([0]))]
    plain, macro = linear.accuracies(nn.Identity(), batches, torch.device("cpu"))
    assert (plain, macro) == pytest.approx((75.0, 100 * (2 / 3 + 1) / 2))
