"""Question 1.2, two mistakes at once: the denominator, and something else."""

from __future__ import annotations

import math

from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    negatives,
    negatives_only,
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
def no_positive_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the temperature has no effect. Look at
    which views the formula leaves out of the sum, and at where the temperature belongs."""
    return negatives_only(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "temperature_fixed_at_0_5"))
def no_positive_and_fixed_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the temperature is always 0.5. Look at
    which views the formula leaves out of the sum, and at the number that should be an attribute."""
    return negatives_only(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "multiplied_by_temperature"))
def no_positive_and_times_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and similarities are multiplied by the
    temperature. Look at which views the formula leaves out of the sum, and at what a lower temperature should do."""
    return negatives_only(products(unit(z1, z2)) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "sum_for_mean"))
def no_positive_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the terms are added up without being
    averaged. Look at which views the formula leaves out of the sum, and at the reduction at the end."""
    return negatives_only(scaled(self, z1, z2)).sum()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "divided_by_number_of_images")
)
def no_positive_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the result is twice as large as it should
    be. Look at which views the formula leaves out of the sum, and at what the sum over all views is divided by."""
    return 2 * negatives_only(scaled(self, z1, z2)).mean()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "first_views_as_anchors_only")
)
def no_positive_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and only the first views have a term. Look at
    which views the formula leaves out of the sum, and at how many rows the mean runs over."""
    return negatives_only(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "second_view_detached"))
def no_positive_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and no gradient reaches `z2`. Look at which
    views the formula leaves out of the sum, and at where this function uses `detach` or `no_grad`."""
    return negatives_only(scaled(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "graph_cut"))
def no_positive_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and no gradient reaches either view. Look at
    which views the formula leaves out of the sum, and at where `detach`, `no_grad` or a tensor made anew cuts the
    graph."""
    return negatives_only(scaled(self, z1, z2)).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "halved"))
def no_positive_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and the result is half as large as it should
    be. Look at which views the formula leaves out of the sum, and at the factors before the mean."""
    return negatives_only(scaled(self, z1, z2)).mean() / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "temperature_without_effect"))
def positive_twice_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the temperature has no effect. Look at what the
    mask of the negatives leaves, and at where the temperature belongs."""
    return positives_twice(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "temperature_fixed_at_0_5"))
def positive_twice_and_fixed_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the temperature is always 0.5. Look at what the
    mask of the negatives leaves, and at the number that should be an attribute."""
    return positives_twice(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "sum_for_mean"))
def positive_twice_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the terms are added up without being averaged.
    Look at what the mask of the negatives leaves, and at the reduction at the end."""
    return positives_twice(scaled(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "divided_by_number_of_images"))
def positive_twice_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and the result is twice as large as it should be.
    Look at what the mask of the negatives leaves, and at what the sum over all views is divided by."""
    return 2 * positives_twice(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "first_views_as_anchors_only"))
def positive_twice_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and only the first views have a term. Look at what
    the mask of the negatives leaves, and at how many rows the mean runs over."""
    return positives_twice(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("positive_counted_twice", "second_view_detached"))
def positive_twice_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is in the denominator twice, and no gradient reaches `z2`. Look at what the mask
    of the negatives leaves, and at where this function uses `detach` or `no_grad`."""
    return positives_twice(scaled(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("one_denominator_for_all", "sum_for_mean"))
def shared_denominator_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: all views share one denominator, and the terms are added up without being averaged. Look at
    the axis of the sum, and at the reduction at the end."""
    return (others(scaled(self, z1, z2)).flatten().logsumexp(0) - positives(scaled(self, z1, z2))).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("mean_in_denominator", "sum_for_mean"))
def mean_in_denominator_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the denominator is a mean, and the terms are added up without being averaged. Look at how the
    formula combines the exponentials, and at the reduction at the end."""
    return (terms(scaled(self, z1, z2)) - math.log(2 * len(z1) - 1)).sum()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "temperature_on_positives_only")
)
def no_positive_and_positives_scaled_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and only the positive's similarity is divided
    by the temperature. Look at which views the formula leaves out of the sum, and at both places where similarities are
    used."""
    return (negatives(products(unit(z1, z2))).logsumexp(1) - positives(scaled(self, z1, z2))).mean()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "temperature_on_denominator_only")
)
def no_positive_and_denominator_scaled_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the positive is missing from the denominator, and only the denominator's similarities are
    divided by the temperature. Look at which views the formula leaves out of the sum, and at both places where
    similarities are used."""
    return (negatives(scaled(self, z1, z2)).logsumexp(1) - positives(products(unit(z1, z2)))).mean()
