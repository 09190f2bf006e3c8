"""The numbers that the handout works out on paper are those of the reference."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import model_factory
import validation
from autograder.handout.build import texts_of
from criterion import SSLLoss
from main import update_momentum_encoder
from main_linclis import freeze_backbone
from model_factory import Model
from ssl_kit.linear import LinearClassifier
from tests.course import needs, now

ROOT = Path(__file__).parents[2]
EYE = torch.eye(2)


@cache
def section(question: str) -> str:
    """A question's section as students read it, with its slots filled."""
    text = texts_of(ROOT)["assignment"].partition(f"{{#question-{now(question).lower()}}}")[2].partition("\n## ")[0]
    return text.replace("−", "-")


def shown(question: str, *numbers: float, digits: int = 4) -> None:
    """Each number stands in the question's section, rounded."""
    for number in numbers:
        assert f"{float(number):.{digits}f}" in section(question), number


@pytest.mark.parametrize(
    ("row", "momentum", "predictor"), [("SimCLR", 0, 0), ("MoCo", 1, 0), ("BYOL", 1, 1), ("SimSiam", 0, 1)]
)
def test_forward(row: str, momentum: bool, predictor: bool) -> None:
    model = SimpleNamespace(use_momentum_encoder=bool(momentum), use_predictor=bool(predictor))
    model.encoder, model.momentum_encoder, model.predictor = (lambda x: 2 * x), (lambda x: 3 * x), (lambda x: -x)
    values = Model.forward(model, 1, 2)  # type: ignore[arg-type]
    cells = " | ".join(str(values[name]) for name in ("z1", "z2", "p1", "p2"))
    text = section("1.1")
    assert f"| {row} | {cells} |" in text


@pytest.mark.published
def test_contrastive_loss() -> None:
    text = (ROOT / "handouts" / "source" / "questions" / "1.2.md").read_text("utf-8")
    first, second, both = (
        torch.tensor(batch) for batch in ([[3.0, 4], [8, -6]], [[6.0, 8], [4, -3]], [[0.6, 0.8], [0.8, -0.6]])
    )
    for z in (first, second, both):
        assert r" \\ ".join(" & ".join(f"{float(x):g}" for x in row) for row in z) in text
    assert all(torch.allclose(z / z.norm(dim=1, keepdim=True), both) for z in (first, second))
    assert first.norm(dim=1).tolist() == [5, 10] and second.norm(dim=1).tolist() == [10, 5]
    shown("1.2", *(SSLLoss(temperature=t).contrastive_loss(first, second) for t in (1.0, SSLLoss().temperature)))
    assert "50 and 0, would give 0.0000" in " ".join(text.split()) and (first @ second.T).tolist() == [[50, 0], [0, 50]]
    assert math.log1p(2 * math.exp(-50)) < 5e-5
    equal = torch.ones(512, 4)
    shown(
        "1.2",
        SSLLoss().contrastive_loss(equal, equal),
        math.log(2),
        math.log(1 + 1022 * math.exp(-1 / SSLLoss().temperature)),
        digits=3,
    )
    assert f"{1024 * 1024 * 2048 * 4 / 1e9:.1f} GB" in section("1.2")


@pytest.mark.published
def test_steps_of_the_contrastive_loss() -> None:
    rows = torch.nn.functional.normalize(torch.tensor([[3.0, 4], [8, -6], [6, 8], [4, -3]]), dim=1)
    assert (rows @ rows.T).round().abs().tolist() == [[1, 0, 1, 0], [0, 1, 0, 1]] * 2
    assert "its rows are $(1, 0, 1, 0)$ and $(0, 1, 0, 1)$, each twice" in section("1.2")


@pytest.mark.published
def test_what_the_temperature_does() -> None:
    cosines = torch.tensor([0.6, 0.4, 0.2, 0, -0.2], dtype=torch.float64)
    for temperature in (0.02, 0.1, 0.5, 5):
        assert f"{100 * float((cosines / temperature).softmax(0)[0]):.1f} %" in section("1.2")
    row, t = torch.tensor([0.7, 0.5, 0.1, -0.3], dtype=torch.float64, requires_grad=True), 0.2
    (gradient,) = torch.autograd.grad((row / t).logsumexp(0) - row[0] / t, row)
    weights = (row / t).softmax(0)
    assert torch.allclose(gradient, (weights - torch.tensor([1.0, 0, 0, 0], dtype=torch.float64)) / t)


def test_align_loss() -> None:
    loss = SSLLoss("align").align_loss(torch.tensor([[1.0, 0], [0, 2]]), torch.tensor([[3.0, 0], [1, 1]]))
    shown("1.3", loss, 1 / math.sqrt(2))


def test_a_small_loss_is_a_small_distance() -> None:
    a, b = torch.nn.functional.normalize(torch.tensor([[1.0, 2, 3], [2, -1, 1]]), dim=1)
    assert float((a - b).square().sum()) == pytest.approx(float(2 + 2 * SSLLoss("align").align_loss(a[None], b[None])))


def test_without_predictor_the_stop_gradient_halves_the_gradient() -> None:
    z1, z2 = (torch.randn(5, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    loss = SSLLoss("align").align_loss
    halves = torch.autograd.grad(0.5 * loss(z1, z2.detach()) + 0.5 * loss(z2, z1.detach()), (z1, z2))
    for half, whole in zip(halves, torch.autograd.grad(loss(z1, z2), (z1, z2)), strict=True):
        assert torch.allclose(2 * half, whole)


def descent(w: float, p: float, variance: float, predictor: bool, stop: bool) -> list[float]:
    """Minus the derivatives in w and p of question 1.3's model, from all images +-1 and views with noise +-sigma."""
    scale, gain = (torch.tensor(one, dtype=torch.float64, requires_grad=True) for one in (w, p))
    noise = math.sqrt(variance)
    views = [(x + a, x + b) for x in (-1, 1) for a in (-noise, noise) for b in (-noise, noise)]
    pairs = torch.tensor(views, dtype=torch.float64)
    z1, z2 = (scale * pairs).T
    target = z2.detach() if stop else z2
    loss = 0.5 * ((gain * z1 if predictor else z1) - target).square().mean()
    found = torch.autograd.grad(loss, (scale, gain), allow_unused=True)
    return [0.0 if one is None else -float(one) for one in found]


@pytest.mark.parametrize(("w", "p", "variance"), [(0.7, 0.3, 0.5), (-1.2, 0.6, 0.1), (0.4, 0.9, 0.5)])
def test_the_model_of_collapse(w: float, p: float, variance: float) -> None:
    """The formulas of question 1.3, and those that the TA guide gives as its answer."""
    push = 1 - (1 + variance) * p
    assert descent(w, p, variance, predictor=True, stop=True) == pytest.approx([p * w * push, w * w * push])
    assert descent(w, p, variance, predictor=False, stop=True)[0] == pytest.approx(-variance * w)
    without_stop = -w * ((p - 1) ** 2 + variance * (1 + p * p))
    assert descent(w, p, variance, predictor=True, stop=False)[0] == pytest.approx(without_stop)
    guide = (ROOT / "handouts" / "source" / "ta_guide.md").read_text("utf-8")
    assert r"$-\sigma^2 w$; without stop-gradient $-w\,\bigl((p - 1)^2 + \sigma^2 (1 + p^2)\bigr)$" in guide
    assert r"p\, w\, \bigl(1 - (1 + \sigma^2)\, p\bigr)" in section("1.3")


def test_momentum_update() -> None:
    model = SimpleNamespace(encoder=torch.nn.Linear(1, 1), momentum_encoder=torch.nn.Linear(1, 1))
    torch.nn.init.constant_(model.encoder.weight, 1)
    torch.nn.init.constant_(model.momentum_encoder.weight, 2)
    for digits in (1, 2):
        update_momentum_encoder(model, 0.9)  # type: ignore[arg-type]
        shown("1.4", model.momentum_encoder.weight.item(), digits=digits)


@pytest.mark.published
@pytest.mark.parametrize(("k", "right"), [(1, 1), (2, 0), (3, 1), (4, 0)])
def test_knn(k: int, right: int) -> None:
    columns, labels = torch.tensor([[0.9, 0.8, 0.7, 0.1]]), torch.tensor([7, 2, 7, 2])
    assert int(validation.KNN(torch.ones(1, 1), columns, torch.tensor([7]), labels, K=k)) == right
    rows = [line for line in section("2").splitlines() if line.startswith(f"| {k} |")]
    assert rows[0].endswith(f"| {7 if right else 2} | {right} |")


def test_freezing() -> None:
    model = LinearClassifier("resnet18", 10)
    assert model.fc.in_features == 512
    count = sum(parameter.numel() for parameter in freeze_backbone(model))
    assert str(count) in section("3")
    shown("3", math.log(10), digits=3)


@needs("B1")
def test_queue() -> None:
    loss = SSLLoss(temperature=1.0)
    queue = torch.tensor([[0.0, -1], [1, 0]])
    shown("B1", loss.queue_contrastive_loss(torch.tensor([[1.0, 0]]), torch.tensor([[0.6, 0.8]]), queue))
    shown("B1", math.log(4097), digits=3)
    ring = model_factory.KeyQueue(2, 3)
    before, ring.ptr = ring.queue.clone(), torch.tensor(2) if isinstance(ring.ptr, torch.Tensor) else 2
    ring.enqueue(EYE)
    assert torch.equal(ring.queue[:, [2, 0]], EYE) and torch.equal(ring.queue[:, 1], before[:, 1])
    assert int(ring.ptr) == 1


@needs("B2")
@pytest.mark.published
def test_barlow_twins() -> None:
    z1, z2 = torch.tensor([[1.0, 1], [-1, -1]]), torch.tensor([[1.0, -1], [-1, 1]])
    shown("B2", SSLLoss().barlow_twins_loss(z1, z2))


@needs("B3")
def test_direct_predictor() -> None:
    correlation = torch.tensor([[2.0, 1], [1, 2]])
    for method in ("directpred", "directcopy"):
        shown("B3", *model_factory.direct_predictor(correlation, method, 0.1)[0])


@needs("B4")
def test_pixel_consistency() -> None:
    centres = torch.tensor([0.5, 1.5])
    grid = torch.stack([centres.expand(2, 2), centres[:, None].expand(2, 2)])[None]
    plain = torch.tensor([1.0, 0])[None, :, None, None].expand(1, 2, 2, 2)
    other = plain.clone()
    other[0, :, 0, 0] = torch.tensor([0.0, 1])
    loss = SSLLoss().pixel_consistency_loss(plain, plain, plain, other, grid, grid, threshold=0.7)
    shown("B4", loss, 0.7 * math.sqrt(2), digits=2)


@needs("B5")
def test_alignment() -> None:
    found = validation.eigenspace_alignment(torch.tensor([[3.0, 0], [0, 1]]), torch.tensor([[1.0, 1], [0, 1]]))
    assert found[0] == 1
    shown("B5", found[1])
