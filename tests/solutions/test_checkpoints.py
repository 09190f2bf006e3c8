"""Checkpoints that are whole, run no code, and can be exported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn
from torchvision import models

from ssl_kit import checkpoints, engine
from ssl_kit.networks import Backbone


def test_checkpoint_survives_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.pth"
    checkpoints.save_checkpoint(path, {"args": {}, "epoch": 1, "model": {}})

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(engine.UserError, match="could not be written"):
        checkpoints.save_checkpoint(path, {"args": {}, "epoch": 2, "model": {}})
    assert checkpoints.load_checkpoint(path)["epoch"] == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["last.pth"]


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 half a file"])
def test_damaged_checkpoints_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    with pytest.raises(engine.UserError, match=r"x\.pth"):
        checkpoints.load_checkpoint(path)


def test_a_checkpoint_can_not_run_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("run",)

    torch.save({"args": {}, "epoch": 0, "model": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(engine.UserError):
        checkpoints.load_checkpoint(tmp_path / "evil.pth")


def test_weights_of_another_network_are_named(tmp_path: Path) -> None:
    with pytest.raises(engine.UserError, match="another network"):
        checkpoints.load_weights(nn.Linear(2, 2), nn.Linear(3, 2).state_dict(), tmp_path)


def test_the_exported_backbone_has_the_keys_of_torchvision(tmp_path: Path) -> None:
    weights = {f"encoder.backbone.{key}": value for key, value in Backbone("resnet18").state_dict().items()}
    checkpoints.save_checkpoint(tmp_path / "last.pth", {"args": {"arch": "resnet18"}, "epoch": 1, "model": weights})
    assert checkpoints.main([str(tmp_path / "last.pth"), str(tmp_path / "backbone.pth")]) == 0
    exported = torch.load(tmp_path / "backbone.pth", weights_only=True)
    theirs = {key: value for key, value in models.resnet18().state_dict().items() if not key.startswith("fc.")}
    assert exported.keys() == theirs.keys()
    assert {key for key in theirs if exported[key].shape != theirs[key].shape} == {"conv1.weight"}  # the stem is 3x3
    torch.testing.assert_close(exported["layer4.1.conv2.weight"], weights["encoder.backbone.net.layer4.1.conv2.weight"])


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_resnet_of_torchvision_goes_in_and_out_unchanged(suffix: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs, exported = models.resnet18(), tmp_path / f"backbone{suffix}"
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    assert checkpoints.main([str(tmp_path / "theirs.pth"), str(exported)]) == 0
    ours, again = checkpoints.load_network(exported), models.resnet18()
    images, theirs.fc, again.fc = torch.randn(2, 3, 64, 64), nn.Identity(), nn.Identity()
    again.load_state_dict(load_file(exported) if suffix == ".safetensors" else torch.load(exported))
    for network in (ours, again, theirs):
        torch.testing.assert_close(network.eval()(images), theirs.eval()(images))
    assert ours.stride == 32 and ours.maps(images).shape == (2, 512, 2, 2)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet101"])
def test_a_resnet_is_known_by_its_keys(name: str) -> None:
    with torch.device("meta"):
        weights = getattr(models, name)().state_dict()
        assert checkpoints.resnet_of(weights) == f"{name}-7x7"
        assert checkpoints.resnet_of(Backbone(name).net.state_dict()) == name
    del weights["layer1.0.conv1.weight"]
    assert checkpoints.resnet_of(weights) is None


def test_what_is_no_file_of_safetensors_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"junk")
    with pytest.raises(engine.UserError, match="cannot be read"):
        checkpoints.load_network(tmp_path / "x.safetensors")
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    with pytest.raises(engine.UserError, match="safetensors is not installed"):
        checkpoints.load_network(tmp_path / "x.safetensors")


def test_a_checkpoint_without_backbone_is_refused(tmp_path: Path) -> None:
    checkpoints.save_checkpoint(tmp_path / "linear.pth", {"args": {"arch": "resnet18"}, "epoch": 1, "model": {}})
    with pytest.raises(engine.UserError, match="holds no backbone"):
        checkpoints.load_backbone(tmp_path / "linear.pth")


def test_the_encoder_to_hand_in_says_what_it_is(tmp_path: Path) -> None:
    weights = {f"encoder.backbone.{key}": value for key, value in Backbone("small").state_dict().items()}
    checkpoints.save_checkpoint(tmp_path / "last.pth", {"args": {"arch": "small"}, "epoch": 1, "model": weights})
    output = tmp_path / "encoder.safetensors"
    assert checkpoints.main([str(tmp_path / "last.pth"), str(output), "--knn", "84.2"]) == 0
    with safe_open(output, "pt") as file:
        assert file.metadata() == {"arch": "small", "knn": "84.2"}
        assert {f"encoder.backbone.net.{key}" for key in file.keys()} == weights.keys()  # noqa: SIM118  # no mapping
    with pytest.raises(engine.UserError, match="could not be written"):
        checkpoints.main([str(tmp_path / "last.pth"), str(tmp_path / "none" / "encoder.safetensors")])
