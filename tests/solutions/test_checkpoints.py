"""Checkpoints that are whole, run no code, and can be exported."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import nn

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
    from torchvision.models import resnet18

    weights = {f"encoder.backbone.{key}": value for key, value in Backbone("resnet18").state_dict().items()}
    checkpoints.save_checkpoint(tmp_path / "last.pth", {"args": {"arch": "resnet18"}, "epoch": 1, "model": weights})
    assert checkpoints.main([str(tmp_path / "last.pth"), str(tmp_path / "backbone.pth")]) == 0
    exported = torch.load(tmp_path / "backbone.pth", weights_only=True)
    theirs = {key: value for key, value in resnet18().state_dict().items() if not key.startswith("fc.")}
    assert exported.keys() == theirs.keys()
    assert {key for key in theirs if exported[key].shape != theirs[key].shape} == {"conv1.weight"}  # the stem is 3x3
    torch.testing.assert_close(exported["layer4.1.conv2.weight"], weights["encoder.backbone.net.layer4.1.conv2.weight"])


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
