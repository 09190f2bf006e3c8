"""The losses of MoCo's dictionary, Barlow Twins, PixPro and PixContrast against plain loops and lightly."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from lightly.loss import BarlowTwinsLoss
from torch import Tensor

from criterion import SSLLoss
from ssl_kit import pixels
from tests.course import needs


def rows(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()


@needs("B1")
@pytest.mark.parametrize("temperature", [0.07, 0.5])
def test_queue_loss_equals_the_loops(temperature: float) -> None:
    q, k, queue = rows(5, 8), rows(5, 8, seed=1), rows(8, 11, seed=2)
    loss = SSLLoss(temperature=temperature).queue_contrastive_loss(q, k, queue)
    total = 0.0
    for query, key in zip(F.normalize(q.detach(), dim=1), F.normalize(k.detach(), dim=1), strict=True):
        positive = math.exp(query @ key / temperature)
        negatives = sum(math.exp(query @ column / temperature) for column in queue.detach().T)
        total -= math.log(positive / (positive + negatives)) / 5
    assert loss.item() == pytest.approx(total, rel=1e-10) and loss.shape == ()
    loss.backward()
    assert q.grad is not None and q.grad.any() and k.grad is None and queue.grad is None


@needs("B1")
def test_a_collapsed_queue_gives_the_logarithm_of_its_size() -> None:
    same = torch.ones(4, 8)
    loss = SSLLoss().queue_contrastive_loss(same, same, F.normalize(torch.ones(8, 4096), dim=0))
    assert loss.item() == pytest.approx(math.log(4097))


@needs("B2")
@pytest.mark.parametrize(("count", "width"), [(2, 3), (16, 8), (64, 128)])
def test_barlow_twins_equals_lightly(count: int, width: int) -> None:
    z1, z2 = rows(count, width), rows(count, width, seed=1)
    criterion = SSLLoss()
    loss = criterion.barlow_twins_loss(z1, z2)
    theirs = BarlowTwinsLoss(lambda_param=0.0051)(z1, z2)
    torch.testing.assert_close(loss, theirs, rtol=1e-9, atol=1e-9)
    for own, reference in zip(torch.autograd.grad(loss, (z1, z2)), torch.autograd.grad(theirs, (z1, z2)), strict=True):
        torch.testing.assert_close(own, reference, rtol=1e-7, atol=1e-9)
    criterion.lambd = 0.0
    assert criterion.barlow_twins_loss(z1, z2) < loss


@needs("B2")
def test_barlow_twins_of_constant_features_is_their_number() -> None:
    assert SSLLoss().barlow_twins_loss(torch.ones(8, 5), torch.ones(8, 5)).item() == pytest.approx(5.0)


def grids(count: int, size: int = 3) -> tuple[Tensor, Tensor]:
    """Centres of the cells of random crops, some of them mirrored."""
    made = []
    for seed in (5, 6):
        box = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        side = 0.3 + 0.4 * box[:, 2:]
        left = box[:, :2] * (1 - side)
        steps = (torch.arange(size, dtype=torch.float64) + 0.5) / size
        x = left[:, :1] + side[:, :1] * (steps.flip(0) if seed == 6 else steps)
        y = left[:, 1:] + side[:, 1:] * steps
        made.append(torch.stack([x[:, None].expand(-1, size, -1), y[:, :, None].expand(-1, -1, size)], dim=1))
    return made[0], made[1]


def positive_by_loops(grid1: Tensor, grid2: Tensor, threshold: float) -> Tensor:
    diagonals = [math.dist(grid[:, 0, 0].tolist(), grid[:, 1, 1].tolist()) for grid in (grid1, grid2)]
    centres = [grid.flatten(1).T.tolist() for grid in (grid1, grid2)]
    near = [[math.dist(a, b) < threshold * max(diagonals) for b in centres[1]] for a in centres[0]]
    return torch.tensor(near)


@needs("B4")
def test_positive_pixels_equal_the_loops() -> None:
    grid1, grid2 = grids(20)
    grid2[0] += 10  # crops that do not overlap
    positive = pixels.positive_pixels(grid1, grid2, 0.7)
    expected = torch.stack([positive_by_loops(a, b, 0.7) for a, b in zip(grid1, grid2, strict=True)])
    assert torch.equal(positive, expected)
    share = positive.double().mean()
    assert 0 < share < 0.3 and not positive.any(dim=(1, 2)).all()


@needs("B4")
def test_pixel_consistency_equals_the_loops() -> None:
    y1, y2, x1, x2 = (rows(20, 4, 3, 3, seed=seed) for seed in range(4))
    grid1, grid2 = grids(20)
    grid2[0] += 10
    loss = SSLLoss().pixel_consistency_loss(y1, y2, x1, x2, grid1, grid2)
    total = 0.0
    for b in range(20):
        pairs = positive_by_loops(grid1[b], grid2[b], 0.7)
        for y, x, near in ((y1, x2, pairs), (y2, x1, pairs.T)):
            cosines = [
                F.cosine_similarity(y[b].flatten(1)[:, i], x[b].flatten(1)[:, j], dim=0).item()
                for i, j in near.nonzero().tolist()
            ]
            total -= sum(cosines) / len(cosines) / 20 if cosines else 0.0
    assert loss.item() == pytest.approx(total, rel=1e-9)
    loss.backward()
    assert y1.grad.any() and y2.grad.any() and x1.grad is None and x2.grad is None


@needs("B4")
def test_crops_far_apart_have_no_positive_pair_and_a_gradient_of_zero() -> None:
    y, x = rows(2, 4, 3, 3), rows(2, 4, 3, 3, seed=1)
    grid1, _ = grids(2)
    criterion = SSLLoss()
    loss = criterion.pixel_consistency_loss(y, y, x, x, grid1, grid1 + 10)
    assert loss.item() == 0 and not torch.autograd.grad(loss, y)[0].any()
    contrast = pixels.pixel_contrastive_loss(y, x, grid1, grid1 + 10, 0.7, 0.3)
    assert contrast.item() == 0 and not torch.autograd.grad(contrast, y)[0].isnan().any()


@needs("B4")
def test_pixel_contrast_equals_the_loops() -> None:
    y, x = rows(6, 4, 3, 3), rows(6, 4, 3, 3, seed=1)
    positive = pixels.positive_pixels(*grids(6), 0.7)
    terms = []
    for b, i in positive.any(dim=2).nonzero().tolist():
        cosine = F.cosine_similarity(y[b].flatten(1)[:, i, None], x[b].flatten(1), dim=0).detach()
        weights = (cosine / 0.3).exp()
        terms.append(-math.log(weights[positive[b, i]].sum() / weights.sum()))
    assert pixels.pixel_contrastive_loss(y, x, *grids(6), 0.7, 0.3).item() == pytest.approx(
        sum(terms) / len(terms), rel=1e-9
    )
