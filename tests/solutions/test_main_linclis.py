"""The frozen backbone and linear evaluation from a checkpoint of pre-training."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import main as pretraining
import main_linclis
from ssl_kit import checkpoints, data, engine, linear
from ssl_kit.logs import read_log
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
    found = linear.score(nn.Identity(), batches, torch.device("cpu"))
    assert (found.accuracy, found.macro_accuracy) == pytest.approx((75.0, 100 * (2 / 3 + 1) / 2))
    assert found.loss == pytest.approx(
        math.log(math.e + 2) - 3 / 4
    )  # of each image log(e + 2), less the logit of its label


def test_the_log_has_the_losses_of_the_steps_and_of_the_test_images(checkpoint: Path, tmp_path: Path) -> None:
    own = ["--pretrained", str(checkpoint), "--exp_dir", str(tmp_path), "--augment=none", "--learning_rate=0"]
    main_linclis.main([*SMALL, *own, "--epochs=2", "--batch_size=40"])
    rows = read_log(tmp_path / "linear.csv")
    assert [row["epoch"] for row in rows] == ["1", "2"] and rows[0]["test_loss"] == rows[1]["test_loss"]
    saved = checkpoints.load_checkpoint(tmp_path / "linear.pth")
    assert float(rows[1]["test_accuracy"]) == pytest.approx(saved["accuracy"], abs=1e-3)
    model = linear.LinearClassifier("small", saved["model"]["fc.weight"].shape[0]).eval()
    model.load_state_dict(saved["model"])
    train_set = linear.load_task(linear.parse_args([*SMALL, *own]))[0]  # nothing moved, so every step saw this model
    (batch,) = data.plain_batches(train_set, len(train_set), 16)
    logits = model(batch[0]).detach()
    loss = F.cross_entropy(logits, batch[1])
    assert float(rows[0]["train_loss"]) == pytest.approx(float(loss), rel=1e-4)
    right = (logits.argmax(dim=1) == batch[1]).float().mean()
    assert float(rows[0]["train_accuracy"]) == pytest.approx(100 * float(right), rel=1e-4)


@pytest.mark.parametrize(
    ("heads", "count"),
    [([], 1), (["--num_proj_layers=3"], 2), (["--projector=linear"], 1), (["--projector=mlp", "--proj_hidden=8"], 2)],
)
def test_features_are_those_after_the_first_layers_of_the_projector(
    heads: list[str], count: int, tmp_path: Path
) -> None:
    flags = [*SMALL, "--arch=small", "--feat_dim=16", *heads, "--exp_dir", str(tmp_path)]
    run = Run(pretraining.parse_args(flags), pretraining.update_momentum_encoder)
    checkpoints.save_checkpoint(tmp_path / "last.pth", run.state())
    own = ["--pretrained", str(tmp_path / "last.pth"), "--exp_dir", str(tmp_path), "--epochs=1"]
    assert main_linclis.main([*SMALL, *own, f"--projector_layers={count}"]) == 0
    encoder, images = run.model.encoder.eval(), torch.randn(2, 3, 16, 16)
    ends = [index for index, layer in enumerate(encoder.projector) if isinstance(layer, nn.Linear)][1:]
    layers = encoder.projector[: [*ends, len(encoder.projector)][count - 1]]
    expected = layers(encoder.backbone(images))
    saved = checkpoints.load_checkpoint(tmp_path / "linear.pth")
    classes = saved["model"]["fc.weight"].shape[0]
    model = linear.LinearClassifier("small", classes, linear.first_layers(tmp_path / "last.pth", count)).eval()
    model.load_state_dict(saved["model"])
    torch.testing.assert_close(model.backbone(images), expected)
    assert saved["args"]["projector_layers"] == count
    with pytest.raises(engine.UserError, match=r"has [123] layers .*, not 4"):
        main_linclis.main([*SMALL, *own, "--projector_layers=4"])


@pytest.mark.parametrize("loss", ["rotation", "pixpro"])
def test_a_run_without_a_projector_of_images_has_no_layer_to_use(loss: str, tmp_path: Path) -> None:
    checkpoint = {"args": {"arch": "small", "loss_type": loss, "feat_dim": 16}, "epoch": 1, "model": {}}
    checkpoints.save_checkpoint(tmp_path / "last.pth", checkpoint)
    with pytest.raises(engine.UserError, match="has 0 layers"):
        linear.first_layers(tmp_path / "last.pth", 1)
