"""Question 1.2, two mistakes at once: anchors, logarithm or graph, and something else."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import others, positives, scaled, terms


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("first_views_as_anchors_only", "sum_for_mean"))
def first_views_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: only the first views have a term, and the terms are added up without being averaged. Look at
    how many rows the mean runs over, and at the reduction at the end."""
    return terms(scaled(self, z1, z2))[: len(z1)].sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("first_views_as_anchors_only", "second_view_detached"))
def first_views_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: only the first views have a term, and no gradient reaches `z2`. Look at how many rows the
    mean runs over, and at where this function uses `detach` or `no_grad`."""
    return terms(scaled(self, z1, z2.detach()))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("first_views_as_anchors_only", "graph_cut"))
def first_views_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: only the first views have a term, and no gradient reaches either view. Look at how many rows
    the mean runs over, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return terms(scaled(self, z1, z2))[: len(z1)].mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("sign_missing", "sum_for_mean"))
def sign_missing_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is the wrong way round, and the terms are added up without being averaged. Look at
    the minus that got lost or stands twice, and at the reduction at the end."""
    return -terms(scaled(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("sign_missing", "divided_by_number_of_images"))
def sign_missing_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is the wrong way round, and the result is twice as large as it should be. Look at
    the minus that got lost or stands twice, and at what the sum over all views is divided by."""
    return -2 * terms(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("sign_missing", "first_views_as_anchors_only"))
def sign_missing_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is the wrong way round, and only the first views have a term. Look at the minus that
    got lost or stands twice, and at how many rows the mean runs over."""
    return -terms(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("logarithm_missing", "sum_for_mean"))
def no_logarithm_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the logarithm is missing, and the terms are added up without being averaged. Look at what
    stands between the fraction and the mean, and at the reduction at the end."""
    return -(-terms(scaled(self, z1, z2))).exp().sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_own_view_only", "first_views_as_anchors_only"))
def own_view_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: beside the positive, each denominator holds only views of the anchor's own half, and only the
    first views have a term. Look at which of the other images' views are negatives too, and at how many rows the mean
    runs over."""
    return F.cross_entropy(
        torch.cat(
            [positives(scaled(self, z1, z2))[: len(z1), None], others(scaled(self, z1, z2))[: len(z1), : len(z1)]],
            dim=1,
        ),
        torch.zeros(len(z1), dtype=torch.long),
    )


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("sum_for_mean", "halved"))
def summed_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the terms are added up without being averaged, and the result is half as large as it should
    be. Look at the reduction at the end, and at the factors before the mean."""
    return terms(scaled(self, z1, z2)).sum() / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("second_view_detached", "sum_for_mean"))
def z2_detached_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: no gradient reaches `z2`, and the terms are added up without being averaged. Look at where
    this function uses `detach` or `no_grad`, and at the reduction at the end."""
    return terms(scaled(self, z1, z2.detach())).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("second_view_detached", "divided_by_number_of_images"))
def z2_detached_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: no gradient reaches `z2`, and the result is twice as large as it should be. Look at where
    this function uses `detach` or `no_grad`, and at what the sum over all views is divided by."""
    return 2 * terms(scaled(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("second_view_detached", "halved"))
def z2_detached_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: no gradient reaches `z2`, and the result is half as large as it should be. Look at where this
    function uses `detach` or `no_grad`, and at the factors before the mean."""
    return terms(scaled(self, z1, z2.detach())).mean() / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("graph_cut", "sum_for_mean"))
def graph_cut_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: no gradient reaches either view, and the terms are added up without being averaged. Look at
    where `detach`, `no_grad` or a tensor made anew cuts the graph, and at the reduction at the end."""
    return terms(scaled(self, z1, z2)).sum().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("graph_cut", "divided_by_number_of_images"))
def graph_cut_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: no gradient reaches either view, and the result is twice as large as it should be. Look at
    where `detach`, `no_grad` or a tensor made anew cuts the graph, and at what the sum over all views is divided by."""
    return 2 * terms(scaled(self, z1, z2)).mean().detach()
