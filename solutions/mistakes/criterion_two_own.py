"""Question 1.2, two mistakes at once: the view's own similarity, and something else."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import index, own_kept, own_zeroed, positives, products, scaled, unit


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "temperature_without_effect"))
def own_kept_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the temperature has no effect. Look at which
    entries of the similarity matrix the sum runs over, and at where the temperature belongs."""
    return own_kept(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "temperature_fixed_at_0_5"))
def own_kept_and_fixed_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the temperature is always 0.5. Look at which
    entries of the similarity matrix the sum runs over, and at the number that should be an attribute."""
    return own_kept(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "multiplied_by_temperature"))
def own_kept_and_times_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and similarities are multiplied by the
    temperature. Look at which entries of the similarity matrix the sum runs over, and at what a lower temperature
    should do."""
    return own_kept(products(unit(z1, z2)) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "sum_for_mean"))
def own_kept_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the terms are added up without being averaged.
    Look at which entries of the similarity matrix the sum runs over, and at the reduction at the end."""
    return own_kept(scaled(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "divided_by_number_of_images"))
def own_kept_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the result is twice as large as it should be.
    Look at which entries of the similarity matrix the sum runs over, and at what the sum over all views is divided
    by."""
    return 2 * own_kept(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "halved"))
def own_kept_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the result is half as large as it should be.
    Look at which entries of the similarity matrix the sum runs over, and at the factors before the mean."""
    return own_kept(scaled(self, z1, z2)).mean() / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "first_views_as_anchors_only"))
def own_kept_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and only the first views have a term. Look at
    which entries of the similarity matrix the sum runs over, and at how many rows the mean runs over."""
    return own_kept(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "second_view_detached"))
def own_kept_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and no gradient reaches `z2`. Look at which
    entries of the similarity matrix the sum runs over, and at where this function uses `detach` or `no_grad`."""
    return own_kept(scaled(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "graph_cut"))
def own_kept_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and no gradient reaches either view. Look at which
    entries of the similarity matrix the sum runs over, and at where `detach`, `no_grad` or a tensor made anew cuts the
    graph."""
    return own_kept(scaled(self, z1, z2)).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "number_returned"))
def own_kept_and_number_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """Two things at once: each view is still in its own denominator, and a plain number comes back, without a graph.
    Look at which entries of the similarity matrix the sum runs over, and at what is done to the result near the end."""
    return own_kept(scaled(self, z1, z2)).mean().item()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "not_reduced"))
def own_kept_and_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and one number per view comes back. Look at which
    entries of the similarity matrix the sum runs over, and at the last step."""
    return own_kept(scaled(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "normalised_over_batch"))
def own_kept_and_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and columns are normalised in place of rows. Look
    at which entries of the similarity matrix the sum runs over, and at the `dim` of the normalisation."""
    return own_kept(products(F.normalize(torch.cat([z1, z2]), dim=0)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "sign_missing"))
def own_kept_and_sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the sign is the wrong way round. Look at which
    entries of the similarity matrix the sum runs over, and at the minus that got lost or stands twice."""
    return -own_kept(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "mean_over_row_in_denominator"))
def own_kept_and_row_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the denominator is a mean over the row. Look
    at which entries of the similarity matrix the sum runs over, and at how the formula combines the exponentials."""
    return own_kept(scaled(self, z1, z2)).mean() - math.log(2 * len(z1))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "logarithm_missing"))
def own_kept_and_no_logarithm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the logarithm is missing. Look at which
    entries of the similarity matrix the sum runs over, and at what stands between the fraction and the mean."""
    return -(-own_kept(scaled(self, z1, z2))).exp().mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "logarithm_of_mean"))
def own_kept_and_logarithm_of_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the mean is taken before the logarithm. Look
    at which entries of the similarity matrix the sum runs over, and at the order of mean and logarithm."""
    return -(-own_kept(scaled(self, z1, z2))).exp().mean().log()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "temperature_on_the_loss"))
def own_kept_and_loss_over_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the temperature divides the finished loss in
    place of the similarities. Look at which entries of the similarity matrix the sum runs over, and at where the
    temperature stands in the formula."""
    return own_kept(products(unit(z1, z2))).mean() / self.temperature


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "positive_is_adjacent_row"))
def own_kept_and_adjacent_row(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and rows 0 and 1, 2 and 3, … are taken for pairs.
    Look at which entries of the similarity matrix the sum runs over, and at how far apart the two views of one image
    end up."""
    return F.cross_entropy(scaled(self, z1, z2), torch.arange(2 * len(z1)) ^ 1)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "positive_is_neighbouring_row"))
def own_kept_and_neighbouring_row(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the neighbouring row is taken for the
    positive. Look at which entries of the similarity matrix the sum runs over, and at how far apart the two views of
    one image end up."""
    return F.cross_entropy(scaled(self, z1, z2), torch.arange(2 * len(z1)).roll(1))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "views_interleaved"))
def own_kept_and_views_interleaved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and the two views of an image lie side by side
    while positives are looked for B rows apart. Look at which entries of the similarity matrix the sum runs over, and
    at how the views are put together."""
    return own_kept(products(F.normalize(torch.stack([z1, z2], dim=1).flatten(0, 1), dim=1)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "softmax_before_cross_entropy"))
def own_kept_and_softmax(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and `F.cross_entropy` gets probabilities. Look at
    which entries of the similarity matrix the sum runs over, and at what the cross-entropy does to its input itself."""
    return F.cross_entropy(scaled(self, z1, z2).softmax(1), index(scaled(self, z1, z2)))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "exponentials_into_cross_entropy"))
def own_kept_and_exponentials(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and `F.cross_entropy` gets exponentials. Look at
    which entries of the similarity matrix the sum runs over, and at what the cross-entropy does to its input itself."""
    return F.cross_entropy(scaled(self, z1, z2).exp(), index(scaled(self, z1, z2)))


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "temperature_without_effect"))
def own_zeroed_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and the
    temperature has no effect. Look at the side of the exponential on which you mask, and at where the temperature
    belongs."""
    return own_zeroed(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "temperature_fixed_at_0_5"))
def own_zeroed_and_fixed_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and the
    temperature is always 0.5. Look at the side of the exponential on which you mask, and at the number that should be
    an attribute."""
    return own_zeroed(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "multiplied_by_temperature"))
def own_zeroed_and_times_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and
    similarities are multiplied by the temperature. Look at the side of the exponential on which you mask, and at what a
    lower temperature should do."""
    return own_zeroed(products(unit(z1, z2)) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "sum_for_mean"))
def own_zeroed_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and the terms
    are added up without being averaged. Look at the side of the exponential on which you mask, and at the reduction at
    the end."""
    return own_zeroed(scaled(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "divided_by_number_of_images"))
def own_zeroed_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and the result
    is twice as large as it should be. Look at the side of the exponential on which you mask, and at what the sum over
    all views is divided by."""
    return 2 * own_zeroed(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "first_views_as_anchors_only"))
def own_zeroed_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and only the
    first views have a term. Look at the side of the exponential on which you mask, and at how many rows the mean runs
    over."""
    return own_zeroed(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "second_view_detached"))
def own_zeroed_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and no
    gradient reaches `z2`. Look at the side of the exponential on which you mask, and at where this function uses
    `detach` or `no_grad`."""
    return own_zeroed(scaled(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_set_to_zero", "graph_cut"))
def own_zeroed_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, and no
    gradient reaches either view. Look at the side of the exponential on which you mask, and at where `detach`,
    `no_grad` or a tensor made anew cuts the graph."""
    return own_zeroed(scaled(self, z1, z2)).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "temperature_on_positives_only"))
def own_kept_and_positives_scaled_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and only the positive's similarity is divided by
    the temperature. Look at which entries of the similarity matrix the sum runs over, and at both places where
    similarities are used."""
    return (products(unit(z1, z2)).logsumexp(1) - positives(scaled(self, z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "temperature_on_denominator_only"))
def own_kept_and_denominator_scaled_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: each view is still in its own denominator, and only the denominator's similarities are
    divided by the temperature. Look at which entries of the similarity matrix the sum runs over, and at both places
    where similarities are used."""
    return (scaled(self, z1, z2).logsumexp(1) - positives(products(unit(z1, z2)))).mean()
