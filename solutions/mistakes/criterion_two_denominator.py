"""Question 1.2, two mistakes at once: the denominator, and something else."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    across,
    both_ways,
    negatives_only,
    one_way,
    others,
    positives,
    positives_twice,
    products,
    scaled,
    terms,
    unit,
)


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "temperature_without_effect")
)
def positive_left_out_of_denominator_and_temperature_without_effect(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the temperature has no effect. Look at
    which views the formula leaves out of the sum, and at where the temperature belongs."""
    return negatives_only(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "temperature_fixed_at_0_5"))
def positive_left_out_of_denominator_and_temperature_fixed_at_0_5(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the temperature is always 0.5. Look at
    which views the formula leaves out of the sum, and at the number that should be an attribute."""
    return negatives_only(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "multiplied_by_temperature"))
def positive_left_out_of_denominator_and_multiplied_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and similarities are multiplied by the
    temperature. Look at which views the formula leaves out of the sum, and at what a lower temperature should do."""
    return negatives_only(products(unit(z1, z2)) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "sum_for_mean"))
def positive_left_out_of_denominator_and_sum_for_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the terms are added up without being
    averaged. Look at which views the formula leaves out of the sum, and at the reduction at the end."""
    return negatives_only(scaled(self, z1, z2)).sum()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "divided_by_number_of_images")
)
def positive_left_out_of_denominator_and_divided_by_number_of_images(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the result is twice as large as it should
    be. Look at which views the formula leaves out of the sum, and at what the sum over all views is divided by."""
    return 2 * negatives_only(scaled(self, z1, z2)).mean()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "first_views_as_anchors_only")
)
def positive_left_out_of_denominator_and_first_views_as_anchors_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and only the first views have a term. Look at
    which views the formula leaves out of the sum, and at how many rows the mean runs over."""
    return negatives_only(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "second_view_detached"))
def positive_left_out_of_denominator_and_second_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and no gradient reaches `z2`. Look at which
    views the formula leaves out of the sum, and at where this function uses `detach` or `no_grad`."""
    return negatives_only(scaled(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "graph_cut"))
def positive_left_out_of_denominator_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and no gradient reaches either view. Look at
    which views the formula leaves out of the sum, and at where `detach`, `no_grad` or a tensor made anew cuts the
    graph."""
    return negatives_only(scaled(self, z1, z2)).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "halved"))
def positive_left_out_of_denominator_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the result is half as large as it should
    be. Look at which views the formula leaves out of the sum, and at the factors before the mean."""
    return negatives_only(scaled(self, z1, z2)).mean() / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "temperature_without_effect"))
def positive_counted_twice_and_temperature_without_effect(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the temperature has no effect. Look at what the
    mask of the negatives leaves, and at where the temperature belongs."""
    return positives_twice(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "temperature_fixed_at_0_5"))
def positive_counted_twice_and_temperature_fixed_at_0_5(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the temperature is always 0.5. Look at what the
    mask of the negatives leaves, and at the number that should be an attribute."""
    return positives_twice(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "sum_for_mean"))
def positive_counted_twice_and_sum_for_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the terms are added up without being averaged.
    Look at what the mask of the negatives leaves, and at the reduction at the end."""
    return positives_twice(scaled(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "divided_by_number_of_images"))
def positive_counted_twice_and_divided_by_number_of_images(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the result is twice as large as it should be.
    Look at what the mask of the negatives leaves, and at what the sum over all views is divided by."""
    return 2 * positives_twice(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "first_views_as_anchors_only"))
def positive_counted_twice_and_first_views_as_anchors_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and only the first views have a term. Look at what
    the mask of the negatives leaves, and at how many rows the mean runs over."""
    return positives_twice(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "second_view_detached"))
def positive_counted_twice_and_second_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and no gradient reaches `z2`. Look at what the mask
    of the negatives leaves, and at where this function uses `detach` or `no_grad`."""
    return positives_twice(scaled(self, z1, z2.detach())).mean()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "temperature_without_effect")
)
def negatives_from_second_views_only_and_temperature_without_effect(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the temperature has no effect. Look at
    how many anchors there are, and how many views each is compared with, and at where the temperature belongs."""
    return one_way(across(self, z1, z2) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "temperature_fixed_at_0_5"))
def negatives_from_second_views_only_and_temperature_fixed_at_0_5(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the temperature is always 0.5. Look at
    how many anchors there are, and how many views each is compared with, and at the number that should be an
    attribute."""
    return one_way(across(self, z1, z2) * self.temperature / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "multiplied_by_temperature"))
def negatives_from_second_views_only_and_multiplied_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and similarities are multiplied by the
    temperature. Look at how many anchors there are, and how many views each is compared with, and at what a lower
    temperature should do."""
    return one_way(across(self, z1, z2) * self.temperature**2).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "sum_for_mean"))
def negatives_from_second_views_only_and_sum_for_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the terms are added up without being
    averaged. Look at how many anchors there are, and how many views each is compared with, and at the reduction at the
    end."""
    return one_way(across(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "halved"))
def negatives_from_second_views_only_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the result is half as large as it should
    be. Look at how many anchors there are, and how many views each is compared with, and at the factors before the
    mean."""
    return one_way(across(self, z1, z2)).mean() / 2


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "divided_by_number_of_images")
)
def negatives_from_second_views_only_and_divided_by_number_of_images(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the result is twice as large as it
    should be. Look at how many anchors there are, and how many views each is compared with, and at what the sum over
    all views is divided by."""
    return 2 * one_way(across(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "second_view_detached"))
def negatives_from_second_views_only_and_second_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and no gradient reaches `z2`. Look at how
    many anchors there are, and how many views each is compared with, and at where this function uses `detach` or
    `no_grad`."""
    return one_way(across(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "graph_cut"))
def negatives_from_second_views_only_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and no gradient reaches either view. Look at
    how many anchors there are, and how many views each is compared with, and at where `detach`, `no_grad` or a tensor
    made anew cuts the graph."""
    return one_way(across(self, z1, z2)).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "not_reduced"))
def negatives_from_second_views_only_and_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and one number per view comes back. Look at
    how many anchors there are, and how many views each is compared with, and at the last step."""
    return one_way(across(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "sign_missing"))
def negatives_from_second_views_only_and_sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and the sign is the wrong way round. Look at
    how many anchors there are, and how many views each is compared with, and at the minus that got lost or stands
    twice."""
    return -one_way(across(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "normalised_over_batch"))
def negatives_from_second_views_only_and_normalised_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: first views are compared with second views only, and columns are normalised in place of rows.
    Look at how many anchors there are, and how many views each is compared with, and at the `dim` of the
    normalisation."""
    return one_way(F.normalize(z1, dim=0) @ F.normalize(z2, dim=0).T / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "temperature_without_effect"))
def negatives_from_other_view_only_and_temperature_without_effect(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the temperature has no
    effect. Look at how many views stand in each denominator, and at where the temperature belongs."""
    return both_ways(across(self, z1, z2) * self.temperature)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "temperature_fixed_at_0_5"))
def negatives_from_other_view_only_and_temperature_fixed_at_0_5(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the temperature is always
    0.5. Look at how many views stand in each denominator, and at the number that should be an attribute."""
    return both_ways(across(self, z1, z2) * self.temperature / 0.5)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "sum_for_mean"))
def negatives_from_other_view_only_and_sum_for_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the terms are added up
    without being averaged. Look at how many views stand in each denominator, and at the reduction at the end."""
    return 2 * len(z1) * both_ways(across(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "halved"))
def negatives_from_other_view_only_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and the result is half as large
    as it should be. Look at how many views stand in each denominator, and at the factors before the mean."""
    return both_ways(across(self, z1, z2)) / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "second_view_detached"))
def negatives_from_other_view_only_and_second_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and no gradient reaches `z2`.
    Look at how many views stand in each denominator, and at where this function uses `detach` or `no_grad`."""
    return both_ways(across(self, z1, z2.detach()))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "graph_cut"))
def negatives_from_other_view_only_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and no gradient reaches either
    view. Look at how many views stand in each denominator, and at where `detach`, `no_grad` or a tensor made anew cuts
    the graph."""
    return both_ways(across(self, z1, z2)).detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_other_view_only", "multiplied_by_temperature"))
def negatives_from_other_view_only_and_multiplied_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is compared with the views of the other half only, and similarities are multiplied
    by the temperature. Look at how many views stand in each denominator, and at what a lower temperature should do."""
    return both_ways(across(self, z1, z2) * self.temperature**2)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("one_denominator_for_all", "sum_for_mean"))
def one_denominator_for_all_and_sum_for_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: all views share one denominator, and the terms are added up without being averaged. Look at
    the axis of the sum, and at the reduction at the end."""
    return (others(scaled(self, z1, z2)).flatten().logsumexp(0) - positives(scaled(self, z1, z2))).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("mean_in_denominator", "sum_for_mean"))
def mean_in_denominator_and_sum_for_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the denominator is a mean, and the terms are added up without being averaged. Look at how the
    formula combines the exponentials, and at the reduction at the end."""
    return (terms(scaled(self, z1, z2)) - math.log(2 * len(z1) - 1)).sum()
