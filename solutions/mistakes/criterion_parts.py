"""The steps of NT-Xent one by one, so that a wrong variant needs to say only what it does differently.

`s` is always the matrix of scaled similarities, `[2B, 2B]`: row and column a belong to view a of `[z1; z2]`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss


def unit(z1: Tensor, z2: Tensor) -> Tensor:
    """All views, each of length 1: `[2B, D]`."""
    return F.normalize(torch.cat([z1, z2]), dim=1)


def products(z: Tensor) -> Tensor:
    """Inner products of all views with all views: `[2B, 2B]`."""
    return z @ z.T


def scaled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Cosine similarities over the temperature: `[2B, 2B]`."""
    return products(unit(z1, z2)) / self.temperature


def across(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Scaled similarities of first views (rows) with second views (columns) only: `[B, B]`."""
    return F.normalize(z1, dim=1) @ F.normalize(z2, dim=1).T / self.temperature


def own(s: Tensor) -> Tensor:
    """Where a view meets itself: a mask of the shape of `s`."""
    return torch.eye(len(s), dtype=torch.bool, device=s.device)


def twin(s: Tensor) -> Tensor:
    """Where a view meets the other view of its image: a mask of the shape of `s`."""
    return own(s).roll(len(s) // 2, 0)


def index(s: Tensor) -> Tensor:
    """The column of each row's positive: `[2B]`."""
    return torch.arange(len(s), device=s.device).roll(len(s) // 2)


def others(s: Tensor) -> Tensor:
    """Similarities, with minus infinity where a view meets itself."""
    return s.masked_fill(own(s), float("-inf"))


def negatives(s: Tensor) -> Tensor:
    """Similarities, with minus infinity where a view meets itself or its positive."""
    return others(s).masked_fill(twin(s), float("-inf"))


def positives(s: Tensor) -> Tensor:
    """The similarity of each view with its positive: `[2B]`."""
    return s[twin(s)]


def denominators(s: Tensor) -> Tensor:
    """Logarithm of each view's denominator: `[2B]`."""
    return others(s).logsumexp(1)


def terms(s: Tensor) -> Tensor:
    """The right loss of each view, given `s`: `[2B]`."""
    return denominators(s) - positives(s)


def own_kept(s: Tensor) -> Tensor:
    """Loss of each view where its own similarity stays in the sum."""
    return s.logsumexp(1) - positives(s)


def own_zeroed(s: Tensor) -> Tensor:
    """Loss of each view where its own similarity is replaced by 0 before the exponential."""
    return s.masked_fill(own(s), 0.0).logsumexp(1) - positives(s)


def negatives_only(s: Tensor) -> Tensor:
    """Loss of each view where the positive is missing from the sum."""
    return negatives(s).logsumexp(1) - positives(s)


def positives_twice(s: Tensor) -> Tensor:
    """Loss of each view where the positive counts twice in the sum."""
    return torch.cat([positives(s)[:, None], others(s)], dim=1).logsumexp(1) - positives(s)


def one_way(s: Tensor) -> Tensor:
    """Loss of each first view among the second views only, for `s` of `across`: `[B]`."""
    return s.logsumexp(1) - s.diagonal()


def both_ways(s: Tensor) -> Tensor:
    """The mean of `one_way` from both sides: 0-d."""
    return (one_way(s).mean() + one_way(s.T).mean()) / 2
