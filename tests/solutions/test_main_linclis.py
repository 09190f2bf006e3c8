"""The frozen backbone and linear evaluation from a checkpoint of pre-training."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import engine
import main as pretraining
import main_linclis as linear

SMALL = ["--dataset", "fake", "--img_dim", "8", "--device", "cpu"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pretrained")
    run = pretraining.Run(pretraining.parse_args([*SMALL, "--feat_dim", "16", "--exp_dir", str(folder)]))
    engine.save_checkpoint(folder / "last.pth", run.state())
    return folder / "last.pth"


def test_freezing_leaves_the_classifier_alone_to_train() -> None:
    model = linear.LinearClassifier("resnet18", 50).requires_grad_(False)
    parameters = linear.freeze_backbone(model)
    assert [id(parameter) for parameter in parameters] == [id(model.fc.weight), id(model.fc.bias)]
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert trained == ["fc.weight", "fc.bias"]
    assert model.fc.weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert model.fc.weight.mean().item() == pytest.approx(0, abs=5e-4)
    assert not model.fc.bias.any() and not any(module.training for module in model.modules())


def test_training_moves_the_classifier_and_nothing_else(checkpoint: Path, tmp_path: Path) -> None:
    argv = [*SMALL, "--pretrained", str(checkpoint), "--exp_dir", str(tmp_path), "--epochs", "1"]
    assert linear.main(argv) == 0
    _, weights = linear.load_backbone(checkpoint)
    trained = engine.load_checkpoint(tmp_path / "linear.pth")["model"]
    assert all(torch.equal(trained[f"backbone.{key}"], value) for key, value in weights.items())
    assert trained["fc.bias"].any()


def test_a_moved_statistic_is_noticed(checkpoint: Path) -> None:
    arch, weights = linear.load_backbone(checkpoint)
    backbone = linear.Backbone(arch)
    backbone.load_state_dict(weights)
    linear.check_frozen(backbone, weights)
    backbone.net.bn1.running_mean += 1
    with pytest.raises(engine.UserError, match=r"bn1\.running_mean"):
        linear.check_frozen(backbone, weights)


def test_a_checkpoint_without_backbone_is_refused(tmp_path: Path) -> None:
    engine.save_checkpoint(tmp_path / "linear.pth", {"args": {"arch": "resnet18"}, "epoch": 1, "model": {}})
    with pytest.raises(engine.UserError, match="holds no backbone"):
        linear.load_backbone(tmp_path / "linear.pth")


def test_accuracy_is_over_all_images() -> None:
    batches = [(torch.eye(3), torch.tensor([0, 1, 0])), (torch.eye(3)[:1], torch.tensor([0]))]
    assert linear.accuracy_of(nn.Identity(), batches, torch.device("cpu")) == pytest.approx(75.0)
