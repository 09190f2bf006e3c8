"""The steps of `KNN` one by one, so that a wrong variant needs to say only what it does differently."""

from __future__ import annotations

import torch
from torch import Tensor


def ordered(similarity: Tensor) -> Tensor:
    """All training images of each query, the most similar one first: `[B, N]`."""
    return similarity.argsort(dim=1, descending=True, stable=True)


def counts(votes: Tensor) -> Tensor:
    """How often each label occurs in each row of votes: `[B, K]` to `[B, largest label + 1]`."""
    result = torch.zeros(len(votes), int(votes.max()) + 1 if votes.numel() else 1, dtype=torch.long)
    return result.scatter_add_(1, votes, torch.ones_like(votes))


def weighted(votes: Tensor, weights: Tensor) -> Tensor:
    """The label with the largest sum of weights in each row: `[B, K]` twice to `[B]`."""
    result = torch.zeros(len(votes), int(votes.max()) + 1, dtype=weights.dtype)
    return result.scatter_add_(1, votes, weights).argmax(dim=1)


def winners(votes: Tensor) -> Tensor:
    """The most frequent label of each row, the smallest of equally frequent ones: `[B, K]` to `[B]`."""
    return counts(votes).argmax(dim=1)


def votes_of(features: Tensor, train_features: Tensor, train_labels: Tensor, K: int) -> Tensor:  # noqa: N803
    """The labels of the K most similar training images, the most similar one first: `[B, K]`."""
    return train_labels[ordered(features @ train_features)[:, :K]]


def predictions(features: Tensor, train_features: Tensor, train_labels: Tensor, K: int) -> Tensor:  # noqa: N803
    """The right predictions: `[B]`."""
    return winners(votes_of(features, train_features, train_labels, K))


def voted(similarity: Tensor, labels: Tensor, train_labels: Tensor, K: int) -> int:  # noqa: N803
    """How many predictions are right with these similarities, `[B, N]`."""
    return right(winners(train_labels[ordered(similarity)[:, :K]]), labels)


def right(predicted: Tensor, labels: Tensor) -> int:
    """How many predictions are right."""
    return int((predicted == labels).sum())
