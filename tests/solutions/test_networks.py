"""The stem for small images and the heads of the papers."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch
from torch import nn

from ssl_kit import engine
from ssl_kit.networks import ARCHITECTURES, Backbone, build_encoder, build_predictor, build_projector


def test_the_stem_keeps_the_resolution() -> None:
    net = Backbone("resnet18").net
    stem = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)
    assert stem(torch.zeros(1, 3, 32, 32)).shape == (1, 64, 32, 32)


def test_backbone_has_torchvision_keys_and_the_width_it_says() -> None:
    from torchvision.models import resnet18

    backbone = Backbone("resnet18")
    theirs = {key for key in resnet18().state_dict() if not key.startswith("fc.")}
    assert set(backbone.net.state_dict()) == theirs
    assert backbone(torch.zeros(2, 3, 8, 8)).shape == (2, backbone.width)


def test_unknown_names_and_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=ARCHITECTURES[0]):
        Backbone("resnet19")
    with pytest.raises(ValueError, match="2 or 3"):
        build_projector(8, 8, 4)


class Maps(nn.Conv2d):
    """A network as timm makes them: 16 pixels of the image for one of the map."""

    num_features = 6

    def __init__(self) -> None:
        super().__init__(3, 6, 16, 16)


def test_a_network_of_timm_is_a_backbone_where_timm_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(engine.UserError, match="timm is not installed"):
        Backbone("timm:one")
    made = {"one": Maps, "flat": lambda: nn.Sequential(Maps(), nn.Flatten(2))}
    fake = ModuleType("timm")
    fake.create_model = lambda name, **flags: made[name]()
    monkeypatch.setitem(sys.modules, "timm", fake)
    backbone = Backbone("timm:one")
    assert (backbone.width, backbone.stride, backbone.training) == (6, 16, True)
    assert backbone(torch.zeros(2, 3, 32, 32)).shape == (2, 6) and backbone.last is backbone.net
    with pytest.raises(engine.UserError, match="no feature maps"):
        Backbone("timm:flat")


@pytest.mark.parametrize(("layers", "linears"), [(2, 2), (3, 3)])
def test_projector_ends_in_batch_norm_without_affine(layers: int, linears: int) -> None:
    projector = build_projector(6, 4, layers)
    assert sum(isinstance(layer, nn.Linear) for layer in projector) == linears
    assert isinstance(projector[-1], nn.BatchNorm1d) and not projector[-1].affine
    assert projector(torch.randn(5, 6)).shape == (5, 4)


def test_predictor_is_a_bottleneck_without_batch_norm_on_the_output() -> None:
    predictor = build_predictor(16)
    assert predictor[0].out_features == 4 and isinstance(predictor[-1], nn.Linear)
    assert build_predictor(2)(torch.randn(3, 2)).shape == (3, 2)


def test_encoder_names_its_parts() -> None:
    assert [name for name, _ in build_encoder("resnet18", 4, 2).named_children()] == ["backbone", "projector"]
