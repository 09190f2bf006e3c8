"""Weighted k-NN, the sweep over K, measures of collapse and of alignment."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import validation
from ssl_kit import measures
from tests.course import needs


def unit_rows(count: int, width: int = 8, seed: int = 0) -> Tensor:
    return F.normalize(torch.randn(count, width, generator=torch.Generator().manual_seed(seed)), dim=1)


@pytest.mark.parametrize(("count", "k"), [(50, 50), (1000, 3), (1003, 20), (5000, 200)])
def test_two_stages_find_the_same_images_as_one(count: int, k: int) -> None:
    features, known = unit_rows(450), unit_rows(count, seed=1)
    values, indices = measures.nearest_images(features, known, k)
    expected = (features @ known.T).topk(k, dim=1)
    torch.testing.assert_close(values, expected.values)
    torch.testing.assert_close((features[:, None] * known[indices]).sum(dim=2), values)
    assert all(row.unique().numel() == k for row in indices)


def weighted_by_loops(features: Tensor, known: Tensor, labels: Tensor, known_labels: Tensor, k: int, t: float) -> int:
    correct = 0
    for row, label in zip(features, labels.tolist(), strict=True):
        best = sorted(range(len(known)), key=lambda index: -float(row @ known[index]))[:k]
        scores = [0.0] * 5
        for index in best:
            scores[int(known_labels[index])] += math.exp(float(row @ known[index]) / t)
        correct += scores.index(max(scores)) == label
    return correct


@pytest.mark.parametrize(("k", "temperature"), [(1, 0.1), (7, 0.07), (60, 1.0)])
def test_weighted_votes_equal_the_loops(k: int, temperature: float) -> None:
    features, known = unit_rows(40), unit_rows(60, seed=1)
    labels, known_labels = torch.arange(40) % 5, torch.arange(60) % 5
    expected = weighted_by_loops(features, known, labels, known_labels, k, temperature)
    assert measures.weighted_knn(features, known.T, labels, known_labels, k, temperature) == expected


@pytest.mark.parametrize("temperature", [0.0, -1.0, 1.5, math.inf])
def test_no_temperature_makes_the_weighted_vote_a_plain_one(temperature: float) -> None:
    """Else it would be the answer to question 2, and so it would with features as short as one likes."""
    features, labels = unit_rows(4), torch.arange(4)
    with pytest.raises(ValueError, match="temperature must be above 0 and at most 1"):
        measures.weighted_knn(features, features.T, labels, labels, 3, temperature)


def test_the_length_of_features_does_not_change_the_weights() -> None:
    features = torch.tensor([[1.0, 0.0]])
    known = F.normalize(torch.tensor([[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]]), dim=1)
    labels, known_labels = torch.tensor([1]), torch.tensor([1, 0, 0])
    for scale in (1.0, 1e-9):
        assert measures.weighted_knn(scale * features, known.T, labels, known_labels, 3) == 1
    assert validation.KNN(features, known.T, labels, known_labels, 3) == 0


def test_the_sweep_is_the_single_runs() -> None:
    features, known = unit_rows(40), unit_rows(60, seed=1)
    labels, known_labels = torch.arange(40) % 5, torch.arange(60) % 5
    sweep = measures.knn_sweep(features, labels, known, known_labels, [1, 5, 60, 61])
    assert list(sweep) == [1, 5, 60]
    for k, (vote, weighted) in sweep.items():
        assert vote == pytest.approx(validation.KNN(features, known.T, labels, known_labels, k) / 0.4)
        assert weighted == pytest.approx(measures.weighted_knn(features, known.T, labels, known_labels, k) / 0.4)


def test_collapse_is_measured() -> None:
    healthy, collapsed = torch.randn(2000, 64), torch.ones(2000, 64) + 1e-4 * torch.randn(2000, 64)
    assert measures.std_sqrt_d(healthy) == pytest.approx(1, rel=0.02)
    assert measures.std_sqrt_d(collapsed) < 1e-2
    line = torch.linspace(-1, 1, 50)[:, None] * torch.ones(64)
    assert measures.effective_rank(healthy) > 60 and measures.effective_rank(line) == pytest.approx(1, abs=0.01)


@needs("B5")
def test_alignment_is_one_for_shared_eigenvectors_and_ordered_by_eigenvalue() -> None:
    basis, _ = torch.linalg.qr(torch.randn(4, 4, dtype=torch.float64))
    correlation = basis @ torch.diag(torch.tensor([1.0, 5.0, 3.0, 2.0], dtype=torch.float64)) @ basis.T
    scales = torch.tensor([2.0, 0.0, -1.0, 1e-6], dtype=torch.float64)  # the largest eigenvalue's direction is lost
    alignment = validation.eigenspace_alignment(correlation, basis @ torch.diag(scales) @ basis.T)
    torch.testing.assert_close(alignment[1:], torch.ones(3, dtype=torch.float64))
    quarter = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    torch.testing.assert_close(
        validation.eigenspace_alignment(torch.diag(torch.tensor([2.0, 1.0])), quarter), torch.zeros(2)
    )
    skew = torch.tensor([[1.0, 3.0], [0.0, 1.0]])
    torch.testing.assert_close(
        validation.eigenspace_alignment(torch.diag(torch.tensor([1.0, 2.0])), skew),
        torch.tensor([1 / math.sqrt(10), 1.0]),
    )
    assert validation.eigenspace_alignment(torch.diag(torch.tensor([2.0, 1.0])), torch.zeros(2, 2)).tolist() == [0, 0]


def test_asymmetry_is_relative() -> None:
    assert measures.asymmetry(torch.tensor([[1.0, 2.0], [2.0, 5.0]])) == 0
    assert measures.asymmetry(torch.tensor([[0.0, 1.0], [-1.0, 0.0]])) == pytest.approx(2.0)
