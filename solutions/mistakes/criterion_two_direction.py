"""Question 1.2, two mistakes at once: one direction or the other view only, and something else."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import across, both_ways, one_way


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "temperature_without_effect")
)
def one_direction_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the temperature has no effect. Look at
    how many anchors there are, and how many views each is compared with, and at where the temperature belongs."""
    return one_way(across(self, z1, z2) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "temperature_fixed_at_0_5"))
def one_direction_and_fixed_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the temperature is always 0.5. Look at
    how many anchors there are, and how many views each is compared with, and at the number that should be an
    attribute."""
    return one_way(across(self, z1, z2) * self.temperature / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "multiplied_by_temperature"))
def one_direction_and_times_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and similarities are multiplied by the
    temperature. Look at how many anchors there are, and how many views each is compared with, and at what a lower
    temperature should do."""
    return one_way(across(self, z1, z2) * self.temperature**2).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "sum_for_mean"))
def one_direction_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the terms are added up without being
    averaged. Look at how many anchors there are, and how many views each is compared with, and at the reduction at the
    end."""
    return one_way(across(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "halved"))
def one_direction_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the result is half as large as it should
    be. Look at how many anchors there are, and how many views each is compared with, and at the factors before the
    mean."""
    return one_way(across(self, z1, z2)).mean() / 2


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "divided_by_number_of_images")
)
def one_direction_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the result is twice as large as it
    should be. Look at how many anchors there are, and how many views each is compared with, and at what the sum over
    all views is divided by."""
    return 2 * one_way(across(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "second_view_detached"))
def one_direction_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and no gradient reaches `z2`. Look at how
    many anchors there are, and how many views each is compared with, and at where this function uses `detach` or
    `no_grad`."""
    return one_way(across(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "graph_cut"))
def one_direction_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and no gradient reaches either view. Look at
    how many anchors there are, and how many views each is compared with, and at where `detach`, `no_grad` or a tensor
    made anew cuts the graph."""
    return one_way(across(self, z1, z2)).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "not_reduced"))
def one_direction_and_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and one number per view comes back. Look at
    how many anchors there are, and how many views each is compared with, and at the last step."""
    return one_way(across(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "sign_missing"))
def one_direction_and_sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the sign is the wrong way round. Look at
    how many anchors there are, and how many views each is compared with, and at the minus that got lost or stands
    twice."""
    return -one_way(across(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "normalised_over_batch"))
def one_direction_and_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and columns are normalised in place of rows.
    Look at how many anchors there are, and how many views each is compared with, and at the `dim` of the
    normalisation."""
    return one_way(F.normalize(z1, dim=0) @ F.normalize(z2, dim=0).T / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "temperature_without_effect"))
def other_view_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the temperature has no
    effect. Look at how many views stand in each denominator, and at where the temperature belongs."""
    return both_ways(across(self, z1, z2) * self.temperature)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "temperature_fixed_at_0_5"))
def other_view_and_fixed_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the temperature is always
    0.5. Look at how many views stand in each denominator, and at the number that should be an attribute."""
    return both_ways(across(self, z1, z2) * self.temperature / 0.5)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "sum_for_mean"))
def other_view_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the terms are added up
    without being averaged. Look at how many views stand in each denominator, and at the reduction at the end."""
    return 2 * len(z1) * both_ways(across(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "halved"))
def other_view_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the result is half as large
    as it should be. Look at how many views stand in each denominator, and at the factors before the mean."""
    return both_ways(across(self, z1, z2)) / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "second_view_detached"))
def other_view_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and no gradient reaches `z2`.
    Look at how many views stand in each denominator, and at where this function uses `detach` or `no_grad`."""
    return both_ways(across(self, z1, z2.detach()))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "graph_cut"))
def other_view_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and no gradient reaches either
    view. Look at how many views stand in each denominator, and at where `detach`, `no_grad` or a tensor made anew cuts
    the graph."""
    return both_ways(across(self, z1, z2)).detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "multiplied_by_temperature"))
def other_view_and_times_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and similarities are multiplied
    by the temperature. Look at how many views stand in each denominator, and at what a lower temperature should do."""
    return both_ways(across(self, z1, z2) * self.temperature**2)
