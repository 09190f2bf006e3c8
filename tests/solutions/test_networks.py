"""The stem for small images and the heads of the papers."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch
from torch import nn

from ssl_kit import engine, measures
from ssl_kit.flags import parse_args
from ssl_kit.methods import build_model, make_symmetric
from ssl_kit.monitor import predictor_matrix
from ssl_kit.networks import (
    ARCHITECTURES,
    Backbone,
    Propagation,
    build_encoder,
    build_head,
    build_linear_predictor,
    build_predictor,
    build_projector,
)
from tests.course import needs


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


@pytest.mark.parametrize(("theirs", "norm"), [("BYOLProjectionHead", "hidden"), ("SimCLRProjectionHead", "none")])
def test_heads_of_other_widths_are_those_of_lightly(theirs: str, norm: str) -> None:
    heads_of_lightly = pytest.importorskip("lightly.models.modules.heads")
    more = {"batch_norm": False} if norm == "none" else {}
    other = getattr(heads_of_lightly, theirs)(5, 7, 3, **more)
    head = build_head([5, 7, 3], norm)
    head.load_state_dict({key.removeprefix("layers."): value for key, value in other.state_dict().items()})
    images = torch.randn(4, 5)
    assert torch.equal(head(images), other(images))


@pytest.mark.parametrize(
    ("flags", "widths", "norms"),
    [
        ([], [(64, 16), (16, 16)], 2),
        (["--proj_hidden=24"], [(64, 24), (24, 16)], 2),
        (["--proj_hidden=24", "--num_proj_layers=3", "--proj_norm=hidden"], [(64, 24), (24, 24), (24, 16)], 2),
        (["--projector=mlp"], [(64, 64), (64, 16)], 0),
        (["--projector=mlp", "--proj_hidden=24", "--proj_norm=hidden"], [(64, 24), (24, 16)], 1),
        (["--projector=linear"], [(64, 16)], 0),
        (["--projector=none", "--proj_dim=64"], [], 0),
    ],
)
def test_flags_give_projectors_and_predictors(flags: list[str], widths: list[tuple[int, int]], norms: int) -> None:
    common = ["--method=byol", "--arch=small", "--feat_dim=16", "--pred_hidden=6"]
    model = build_model(parse_args([*common, *flags]))
    layers = [layer for layer in model.encoder.projector.modules() if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in layers] == widths
    assert sum(isinstance(layer, nn.BatchNorm1d) for layer in model.encoder.projector.modules()) == norms
    assert {*model.momentum_encoder.state_dict()} == {*model.encoder.state_dict()}
    assert model.predictor[0].out_features == 6
    embeddings = model(torch.randn(4, 3, 8, 8), torch.randn(4, 3, 8, 8))
    assert embeddings["p1"].shape == (4, 64 if "--projector=none" in flags else 16)


@pytest.mark.parametrize(("norm", "after"), [("none", []), ("hidden", [0]), ("both", [0, 1])])
def test_batch_norm_stands_in_the_predictor_as_asked(norm: str, after: list[int]) -> None:
    """After which of the two linear layers; a linear layer before one has no bias."""
    args = parse_args(["--method=simsiam", "--arch=small", "--feat_dim=16", f"--pred_norm={norm}"])
    predictor = build_model(args).predictor
    layers = list(predictor)
    linear = [index for index, layer in enumerate(layers) if isinstance(layer, nn.Linear)]
    normed = [index + 1 < len(layers) and isinstance(layers[index + 1], nn.BatchNorm1d) for index in linear]
    assert [place for place in (0, 1) if normed[place]] == after
    assert [layers[index].bias is None for index in linear] == normed
    make_symmetric(predictor)
    matrix = predictor_matrix(predictor)
    assert matrix is not None and measures.asymmetry(matrix.detach()) < 1e-6


@pytest.mark.parametrize(
    "flags",
    [
        ["--projector=none"],
        ["--projector=linear", "--proj_hidden=8"],
        ["--projector=mlp", "--method=rotation"],
        ["--proj_norm=none", "--method=supervised"],
        ["--pred_hidden=8", "--method=simclr"],
        ["--pred_hidden=8", "--method=byol", "--predictor_type=linear"],
        ["--pred_norm=none", "--method=simclr"],
        ["--predictor_start=random", "--method=byol"],
    ],
)
def test_heads_that_there_are_not_are_refused(flags: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse_args(flags)


def test_a_linear_predictor_starts_where_it_is_asked_to() -> None:
    torch.manual_seed(0)
    assert torch.equal(build_linear_predictor(64, "identity").weight, torch.eye(64))
    # Of independent uniform numbers, E|a - b| / E|a| = (2/3) / (1/2).
    assert measures.asymmetry(build_linear_predictor(64, "random").weight.detach()) == pytest.approx(4 / 3, abs=0.05)


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_propagation_is_a_mean_weighted_by_likeness(layers: int) -> None:
    """Against plain loops over the pixels (PixPro, equations 3 and 4), with g written out."""
    propagation, x = Propagation(3, 2.0, layers).eval(), torch.randn(2, 3, 2, 2)
    weights = [layer for layer in propagation.modules() if isinstance(layer, nn.Conv2d)]
    assert len(weights) == layers
    y = propagation(x)
    for image in range(2):
        pixels = x[image].flatten(1).T  # [HW, C]
        g = pixels
        for number, layer in enumerate(weights):
            g = g @ layer.weight[:, :, 0, 0].T + (0 if layer.bias is None else layer.bias)
            if number < layers - 1:  # batch norm in eval mode: mean 0, variance 1
                g = (g / (1 + 1e-5) ** 0.5).clamp(min=0)
        for i, own in enumerate(y[image].flatten(1).T):
            likeness = torch.stack([torch.cosine_similarity(pixels[i], other, dim=0) for other in pixels])
            torch.testing.assert_close(own, (likeness.clamp(min=0) ** 2) @ g)


@needs("B4")
def test_pixel_methods_have_the_published_widths_unless_flags_say_otherwise() -> None:
    for flags, hidden, layers in (([], 4096, 1), (["--proj_hidden=24", "--propagation_layers=2"], 24, 2)):
        args = parse_args(["--method=pixpro", "--arch=small", "--feat_dim=16", "--dataset=fake", *flags])
        model = build_model(args)
        assert [layer.out_channels for layer in model.encoder.projector if isinstance(layer, nn.Conv2d)] == [hidden, 16]
        assert sum(isinstance(layer, nn.Conv2d) for layer in model.predictor.modules()) == layers
    for flags in (["--method=pixpro", "--proj_norm=none"], ["--method=byol", "--propagation_layers=2"]):
        with pytest.raises(SystemExit):
            parse_args(flags)
