"""The reference judged by what no one here wrote: public implementations, closed forms, finite differences."""

from __future__ import annotations

import copy
import math
from argparse import Namespace
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lightly.loss import NegativeCosineSimilarity, NTXentLoss
from lightly.models.utils import update_momentum
from lightly.utils.benchmarking.knn import knn_predict
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from criterion import SSLLoss
from main import update_momentum_encoder
from validation import KNN

Loss = Callable[[Tensor, Tensor], Tensor]
EXACT = {"rtol": 1e-10, "atol": 1e-12}
TEMPERATURES = [0.07, 0.1, 0.5, 1.0]
BATCHES = [(2, 3), (5, 4), (17, 6), (64, 32)]


def draw(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed + math.prod(shape)), dtype=dtype)


def views(batch: int, dim: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Two views, related, with rows of very different lengths."""
    z1 = draw(batch, dim, dtype=dtype) * torch.logspace(-1, 1, batch, dtype=dtype)[:, None]
    return z1, (z1 + draw(batch, dim, seed=1, dtype=dtype)).flip(1)


def agree(ours: Loss, theirs: Loss, z1: Tensor, z2: Tensor, **tolerance: float) -> None:
    """Value and both gradients are the same."""
    results = []
    for loss in (ours, theirs):
        leaves = z1.clone().requires_grad_(), z2.clone().requires_grad_()
        value = loss(*leaves)
        results.append((value.detach(), *torch.autograd.grad(value, leaves)))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, **tolerance)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("batch", "dim"), BATCHES)
def test_contrastive_loss_is_that_of_lightly(batch: int, dim: int, temperature: float) -> None:
    ours, theirs = SSLLoss(temperature=temperature).contrastive_loss, NTXentLoss(temperature)
    agree(ours, theirs, *views(batch, dim), **EXACT)
    agree(ours, theirs, *views(batch, dim, torch.float32), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("batch", "dim"), BATCHES)
def test_align_loss_is_that_of_lightly_and_of_scikit_learn(batch: int, dim: int) -> None:
    ours = SSLLoss("align").align_loss
    agree(ours, NegativeCosineSimilarity(), *views(batch, dim), **EXACT)
    agree(ours, NegativeCosineSimilarity(), *views(batch, dim, torch.float32), rtol=1e-4, atol=1e-6)
    z1, z2 = views(batch, dim)
    assert ours(z1, z2).item() == pytest.approx(-np.diag(cosine_similarity(z1.numpy(), z2.numpy())).mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("loss_type", "theirs"), [("contrastive", NTXentLoss(0.5)), ("align", NegativeCosineSimilarity())]
)
def test_stop_gradient_and_predictor_are_as_lightly_writes_them(loss_type: str, theirs: Loss) -> None:
    """MoCo's loss of an online and a constant view; SimSiam's symmetric one of predictions and constants."""
    leaves = [z.requires_grad_() for seed in range(2) for z in views(6 + seed, 5)]
    z1, z2, p1, p2 = leaves[0], leaves[1], leaves[2][:6], leaves[3][:6]
    plain = SSLLoss(loss_type)(z1, z2), theirs(z1, z2.detach())
    symmetric = (
        SSLLoss(loss_type, use_predictor=True)(z1, z2, p1, p2),
        0.5 * (theirs(p1, z2.detach()) + theirs(p2, z1.detach())),
    )
    for one, other in (plain, symmetric):
        torch.testing.assert_close(one, other, **EXACT)
        both = [torch.autograd.grad(loss, leaves, allow_unused=True) for loss in (one, other)]
        for ours, lightlys in zip(*both, strict=True):
            assert (ours is None) == (lightlys is None)
            if ours is not None:
                torch.testing.assert_close(ours, lightlys, **EXACT)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("batch", [1, 2, 64, 256])
def test_a_collapse_costs_the_logarithm_of_the_other_views(batch: int, temperature: float) -> None:
    z = torch.full((batch, 8), 0.3, dtype=torch.float64)
    loss = SSLLoss(temperature=temperature).contrastive_loss(z, 2 * z)
    assert loss.item() == pytest.approx(math.log(2 * batch - 1), abs=1e-10)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("batch", [2, 3, 64])
def test_perfect_positives_among_orthogonal_negatives_have_a_closed_form(batch: int, temperature: float) -> None:
    z = torch.eye(batch, dtype=torch.float64)
    loss = SSLLoss(temperature=temperature).contrastive_loss(5 * z, z)
    expected = math.log(1 + (2 * batch - 2) * math.exp(-1 / temperature))
    assert loss.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("batch", "collapsed", "perfect"),
    [(64, 4.844, 2.893), (128, 5.541, 3.566), (256, 6.236, 4.249), (512, 6.931, 4.937)],
)
def test_the_usual_batches_give_the_usual_numbers(batch: int, collapsed: float, perfect: float) -> None:
    loss = SSLLoss().contrastive_loss
    assert loss(torch.ones(batch, 4), torch.ones(batch, 4)).item() == pytest.approx(collapsed, abs=6e-4)
    assert loss(torch.eye(batch), torch.eye(batch)).item() == pytest.approx(perfect, abs=6e-4)


def test_opposite_positives_cost_what_the_formula_says() -> None:
    """Two images on one axis, their views turned round: the similarities are -1, 0 and 0 in every row."""
    z = torch.eye(2, dtype=torch.float64)
    expected = math.log(math.exp(-2) + 2) + 2
    assert SSLLoss().contrastive_loss(z, -z).item() == pytest.approx(expected, abs=1e-12)


def test_one_image_has_no_negatives_and_so_neither_loss_nor_gradient() -> None:
    z1, z2 = (z.requires_grad_() for z in views(1, 4))
    loss = SSLLoss().contrastive_loss(z1, z2)
    assert loss.item() == 0
    assert all(not gradient.any() for gradient in torch.autograd.grad(loss, (z1, z2)))


def test_align_loss_of_equal_orthogonal_and_opposite_rows() -> None:
    z, loss = draw(7, 4), SSLLoss("align").align_loss
    lengths = torch.logspace(-2, 2, 7, dtype=torch.float64)[:, None]
    turned = torch.stack([-z[:, 1], z[:, 0], -z[:, 3], z[:, 2]], dim=1)
    values = [loss(z, other * lengths).item() for other in (z, turned, -z)]
    assert values == pytest.approx([-1, 0, 1], abs=1e-12)


@pytest.mark.parametrize("loss_type", ["contrastive", "align"])
def test_losses_do_not_change_with_lengths_order_rotation_or_exchange(loss_type: str) -> None:
    criterion = SSLLoss(loss_type, temperature=0.2)
    loss = getattr(criterion, f"{loss_type}_loss")
    z1, z2 = views(9, 5)
    lengths = torch.logspace(-3, 3, 9, dtype=torch.float64)[:, None]
    order = torch.randperm(9, generator=torch.Generator().manual_seed(0))
    rotation, _ = torch.linalg.qr(draw(5, 5))
    expected = loss(z1, z2)
    for one, other in (
        (z1 * lengths, z2 / lengths),
        (z1[order], z2[order]),
        (z1 @ rotation, z2 @ rotation),
        (-z1, -z2),
        (z2, z1),
    ):
        torch.testing.assert_close(loss(one, other), expected, **EXACT)
    assert not torch.isclose(loss(z1, z2[order]), expected)  # the pairing does matter


@pytest.mark.parametrize("loss_type", ["contrastive", "align"])
@pytest.mark.parametrize("temperature", [0.07, 0.5])
def test_gradients_are_the_finite_differences(loss_type: str, temperature: float) -> None:
    loss = getattr(SSLLoss(loss_type, temperature=temperature), f"{loss_type}_loss")
    z1, z2 = (F.normalize(z) * 2 for z in views(4, 3))
    assert torch.autograd.gradcheck(loss, (z1.requires_grad_(), z2.requires_grad_()))


def unit(rows: int, dim: int, seed: int) -> Tensor:
    return F.normalize(draw(rows, dim, seed=seed), dim=1)


def counts_of(features: Tensor, train: Tensor, train_labels: Tensor, k: int) -> list[int]:
    """The label that `KNN` predicts for each row: the one for which it counts 1."""
    found = []
    for row in features:
        wins = [KNN(row[None], train.T, torch.tensor([label]), train_labels, k) for label in range(10)]
        assert sum(wins) == 1
        found.append(wins.index(1))
    return found


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 8, 20, 59, 60])
@pytest.mark.parametrize("num_labels", [2, 10])
def test_knn_is_that_of_scikit_learn_with_all_its_ties(k: int, num_labels: int) -> None:
    """On unit vectors the nearest by Euclidean distance are the most similar; both give ties to the smallest label."""
    features, train = unit(40, 6, seed=1), unit(60, 6, seed=2)
    train_labels = torch.randint(num_labels, (60,), generator=torch.Generator().manual_seed(k))
    theirs = KNeighborsClassifier(k, algorithm="brute").fit(train.numpy(), train_labels.numpy())
    predicted = theirs.predict(features.numpy())
    assert counts_of(features, train, train_labels, k) == predicted.tolist()
    labels = torch.randint(num_labels, (40,), generator=torch.Generator().manual_seed(0))
    assert KNN(features, train.T, labels, train_labels, k) == int((labels.numpy() == predicted).sum())


@pytest.mark.parametrize("k", [1, 3, 7, 20])
def test_knn_is_that_of_lightly_where_all_votes_weigh_the_same_and_one_label_has_most(k: int) -> None:
    features, train = unit(50, 6, seed=3).float(), unit(60, 6, seed=4).float()
    train_labels = torch.randint(5, (60,), generator=torch.Generator().manual_seed(k))
    nearest = (features @ train.T).topk(k).indices
    most, second = F.one_hot(train_labels[nearest], 5).sum(dim=1).topk(2).values.unbind(1)
    features = features[most > second]
    assert len(features) > 20
    predicted = knn_predict(features, train.T, train_labels, num_classes=5, knn_k=k, knn_t=1e9)[:, 0]
    assert counts_of(features, train, train_labels, k) == predicted.tolist()


def networks() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    return tuple(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)).double() for _ in range(2))


def parameters_of(network: nn.Module) -> list[Tensor]:
    return [parameter.detach() for parameter in network.parameters()]


@pytest.mark.parametrize("m", [0.0, 0.5, 0.9, 0.99, 0.996, 1.0])
def test_momentum_update_is_that_of_lightly_and_the_moving_average_of_torch(m: float) -> None:
    encoder, momentum_encoder = networks()
    lightlys = copy.deepcopy(momentum_encoder)
    averaged = AveragedModel(momentum_encoder, multi_avg_fn=get_ema_multi_avg_fn(m))
    averaged.update_parameters(momentum_encoder)  # its first update only copies
    for step in range(3):
        with torch.no_grad():
            for parameter in encoder.parameters():
                parameter.add_(draw(*parameter.shape, seed=step))
        update_momentum_encoder(Namespace(encoder=encoder, momentum_encoder=momentum_encoder), m)
        update_momentum(encoder, lightlys, m)
        averaged.update_parameters(encoder)
        for theirs in (lightlys, averaged.module):
            torch.testing.assert_close(parameters_of(momentum_encoder), parameters_of(theirs), **EXACT)


def test_many_momentum_updates_forget_the_start_geometrically() -> None:
    """Towards an encoder that stands still, what is left of the difference after n steps is m to the n."""
    encoder, momentum_encoder = networks()
    before = [
        start.clone() - goal for start, goal in zip(*map(parameters_of, (momentum_encoder, encoder)), strict=True)
    ]
    for _ in range(20):
        update_momentum_encoder(Namespace(encoder=encoder, momentum_encoder=momentum_encoder), 0.9)
    for left, end, goal in zip(before, *map(parameters_of, (momentum_encoder, encoder)), strict=True):
        torch.testing.assert_close(end - goal, left * 0.9**20, rtol=1e-9, atol=1e-12)
