"""Each method on a batch: the networks that get gradients, the state that it keeps, and its words in the log."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import model_factory
from main import update_momentum_encoder
from ssl_kit import data, engine, flags, logs, methods, monitor, training
from ssl_kit.views import RandomView
from tests.course import needs

SMALL = ["--dataset=fake", "--img_dim=16", "--feat_dim=16", "--arch=small", "--batch_size=16"]


def arguments(*argv: str) -> Namespace:
    return flags.parse_args([*SMALL, *argv])


def method_and_batch(*argv: str) -> tuple[methods.Method, data.Batch]:
    args = arguments(*argv)
    torch.manual_seed(0)
    method = methods.make_method(args, 10)
    images = data.load_images("fake", args.data_root, True, 16)
    return method, next(data.Batches(images, [RandomView(16)] * method.num_views, 16, grid_size=2).epoch(0, 1))


def loss_of(method: methods.Method, batch: data.Batch) -> torch.Tensor:
    return method(batch.views, batch.labels, batch.grids)


@pytest.mark.parametrize("name", flags.PRESETS)
def test_every_method_trains_its_encoder_and_leaves_the_momentum_encoder(name: str) -> None:
    method, batch = method_and_batch(f"--method={name}")
    loss = loss_of(method, batch)
    loss.backward()
    assert loss.shape == () and loss.isfinite() and loss.dtype == torch.float32
    for key, parameter in method.named_parameters():
        reached = parameter.grad is not None and bool(parameter.grad.any())
        frozen = ("model.momentum_encoder", "model.predictor.", "correlation.")
        if key.startswith(frozen) and not parameter.requires_grad:
            assert not reached, key
        elif not key.endswith(("projector.3.bias", "projector.0.bias")):
            assert reached, key


@pytest.mark.parametrize("name", flags.PRESETS)
def test_a_flag_wins_over_the_preset(name: str) -> None:
    assert arguments(f"--method={name}", "--feat_dim=24", "--m=0.5").feat_dim == 24
    given = ("feat_dim", "batch_size")
    preset = {key: value for key, value in flags.PRESETS[name].items() if key not in given}
    assert preset.items() <= vars(arguments(f"--method={name}")).items()


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--method=simclr"], "through view 1 and view 2. The loss's targets get a gradient as well."),
        (["--method=simclr", "--stop_gradient=true"], "through view 1. The loss's targets are constants."),
        (["--method=simsiam"], "through view 1 and view 2, and the predictor. The loss's targets are constants."),
        (
            ["--method=simsiam", "--stop_gradient=false"],
            "view 2, and the predictor. The loss's targets get a gradient as well.",
        ),
        (["--method=moco"], "through view 1. The momentum encoder is moved by its average alone."),
        (["--method=moco", "--stop_gradient=false"], "alone, so that --stop_gradient changes nothing."),
        (["--method=byol"], "through view 1, and the predictor. The momentum encoder is moved by its average alone."),
        (["--method=byol", "--stop_gradient=false"], "The momentum encoder is moved by its average alone."),
        (["--method=byol", "--symmetric=true"], "through view 1 and view 2, and the predictor. The momentum"),
        (["--method=byol", "--use_predictor=false"], "through view 1. The momentum"),
        (["--method=directpred"], "view 1 and view 2; the predictor is set, not learned."),
        (["--method=rotation"], "through view 1."),
    ],
)
def test_the_log_says_what_the_gradient_reaches(argv: list[str], expected: str) -> None:
    method, batch = method_and_batch(*argv)
    before = {key: value.clone() for key, value in method.state_dict().items()}
    assert expected in monitor.gradient_reach(method, batch)
    assert all(torch.equal(before[key], value) for key, value in method.state_dict().items())


def test_byol_of_the_paper_predicts_both_views_from_the_online_network() -> None:
    method, batch = method_and_batch("--method=byol", "--symmetric=true")
    model = method.model
    with torch.no_grad():
        p = [model.predictor(model.encoder(view)) for view in batch.views]
        targets = [model.momentum_encoder(view) for view in batch.views]
        expected = -sum(F.cosine_similarity(p[i], targets[1 - i]).mean() for i in (0, 1)) / 2
    torch.testing.assert_close(loss_of(method, batch).detach(), expected)


def test_without_momentum_encoder_symmetric_changes_nothing() -> None:
    losses = [
        loss_of(*method_and_batch("--method=simsiam", f"--symmetric={answer}")).item() for answer in ("true", "false")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


@needs("B1")
def test_the_dictionary_takes_the_keys_after_the_step() -> None:
    method, batch = method_and_batch("--method=moco-queue", "--queue_batches=3")
    before = method.dictionary.queue.clone()
    assert before.shape == (16, 48)
    with torch.no_grad():
        keys = F.normalize(method.model.momentum_encoder(batch.views[1]), dim=1)
        expected = method.criterion.queue_contrastive_loss(method.model.encoder(batch.views[0]), keys, before)
    torch.testing.assert_close(loss_of(method, batch).detach(), expected)
    assert torch.equal(method.dictionary.queue, before)
    method.after_step(update_momentum_encoder)
    torch.testing.assert_close(method.dictionary.queue[:, :16], keys.T)
    assert torch.equal(method.dictionary.queue[:, 16:], before[:, 16:])


@needs("B3")
def test_directpred_follows_the_correlation_and_sets_the_predictor_when_it_is_due() -> None:
    method, batch = method_and_batch("--method=directpred", "--predictor_freq=2", "--rho=0.25")
    with torch.no_grad():
        z = torch.cat([method.model.encoder(view) for view in batch.views])
    first = z.T @ z / 32
    loss_of(method, batch)
    method.after_step(update_momentum_encoder)
    torch.testing.assert_close(method.correlation.value, first)
    assert torch.equal(method.model.predictor.weight, torch.eye(16))
    loss_of(method, batch)
    method.after_step(update_momentum_encoder)
    torch.testing.assert_close(method.correlation.value, 0.25 * first + 0.75 * first)
    torch.testing.assert_close(
        method.model.predictor.weight.data, model_factory.direct_predictor(first, "directpred", 0.1)
    )


@needs("B4")
@pytest.mark.parametrize("level", ["instance", "both"])
def test_pixpro_compares_images_as_well(level: str) -> None:
    """The instance loss is BYOL's, of heads of its own, pooled after the predictor; the pixel loss is as without it."""
    method, batch = method_and_batch("--method=pixpro", f"--level={level}")
    both, model = level == "both", method.model
    projectors = model.encoder.projector.heads if both else [model.encoder.projector]
    targets = model.momentum_encoder.projector.heads if both else [model.momentum_encoder.projector]
    predictors = model.predictor.heads if both else [model.predictor]
    with torch.no_grad():
        online = [
            [h(p(model.encoder.backbone.maps(view))) for view in batch.views]
            for p, h in zip(projectors, predictors, strict=True)
        ]
        target = [[p(model.momentum_encoder.backbone.maps(view)) for view in batch.views] for p in targets]
        images = [[maps.mean(dim=(2, 3)) for maps in both_views] for both_views in (online[-1], target[-1])]
        expected = -sum(F.cosine_similarity(images[0][i], images[1][1 - i]).mean() for i in (0, 1))
        if both:
            pixels = (*online[0], *target[0])
            expected = expected + method.criterion.pixel_consistency_loss(*pixels, *batch.grids, method.args.threshold)
    torch.testing.assert_close(loss_of(method, batch).detach(), expected)


def test_symmetric_predictors_are() -> None:
    linear, mlp = nn.Linear(4, 4, bias=False), nn.Sequential(nn.Linear(4, 2, bias=False), nn.ReLU(), nn.Linear(2, 4))
    expected = (linear.weight + linear.weight.T) / 2
    methods.make_symmetric(linear)
    methods.make_symmetric(mlp)
    torch.testing.assert_close(linear.weight, expected)
    product = mlp[-1].weight @ mlp[0].weight
    torch.testing.assert_close(product, product.T)
    assert torch.linalg.eigvalsh(product).min() > -1e-6


def test_rotations_are_labelled_by_their_quarter_turns() -> None:
    method, batch = method_and_batch("--method=rotation")
    seen: list[torch.Tensor] = []
    method.model.encoder.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0]))
    loss_of(method, batch)
    assert len(seen[0]) == 64
    assert torch.equal(seen[0][16:32], batch.views[0].rot90(1, dims=(2, 3)))


@pytest.mark.parametrize("name", ["directcopy", "simsiam", "simclr"])
def test_bf16_gives_about_the_same_loss(name: str) -> None:
    losses = [loss_of(*method_and_batch(f"--method={name}", f"--precision={p}")).item() for p in ("fp32", "bf16")]
    assert losses[0] == pytest.approx(losses[1], abs=0.02) and losses[0] != losses[1]


@pytest.mark.parametrize(
    "argv",
    [
        ["--loss_type=queue"],
        ["--loss_type=pixpro"],
        ["--method=rotation", "--use_predictor=true"],
        ["--method=supervised", "--use_momentum_encoder=true"],
        ["--predictor_type=directpred"],
        ["--method=simclr", "--level=both"],
        ["--method=simclr", "--shuffle_bn=true"],
        ["--method=jigsaw", "--online_probe=true"],
        ["--symmetric_predictor=true"],
    ],
)
def test_flags_without_effect_are_refused(argv: list[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(*argv)


def test_the_predictor_may_have_a_rate_and_a_decay_of_its_own() -> None:
    args = arguments("--method=simsiam", "--predictor_learning_rate=2", "--predictor_weight_decay=0")
    groups = training.parameter_groups(methods.make_method(args, 10), args)
    optimizer = torch.optim.SGD(groups, lr=0.1)
    engine.set_learning_rate(optimizer, 0.2)
    assert [(group["lr"], group["weight_decay"]) for group in optimizer.param_groups] == [(0.2, 5e-4), (2.0, 0.0)]


@needs("B5")
def test_the_spectrum_of_a_predictor(tmp_path: Path) -> None:
    """W = (2 1; 0 2), whose symmetric part has the eigenvalues 2.5 and 1.5, on embeddings along the axes."""
    predictor = nn.Linear(2, 2, bias=False)
    predictor.weight.data = torch.tensor([[2.0, 1.0], [0.0, 2.0]])
    method: Any = Namespace(model=Namespace(predictor=predictor))
    with torch.no_grad():
        found = monitor.log_spectrum(method, torch.diag(torch.tensor([2.0, 1.0])), Namespace(exp_dir=tmp_path), 0)
    rows = logs.read_log(tmp_path / "spectrum.csv")
    assert [float(row["eigenvalue"]) for row in rows] == [2, 0.5]
    assert [float(row["predictor"]) for row in rows] == [2.5, 1.5]
    # W (1, 0) = (2, 0), and W (0, 1) = (1, 2) is at an angle whose cosine is 2 / sqrt(5).
    assert [float(row["alignment"]) for row in rows] == [1, 0.8944]
    assert found == {"asymmetry": pytest.approx(2 / 5), "alignment": pytest.approx((1 + 2 / 5**0.5) / 2)}
