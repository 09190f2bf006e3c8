"""Question 1.2, two mistakes at once: similarities or temperature, and something else."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    both_ways,
    negatives_only,
    one_way,
    own_kept,
    own_zeroed,
    positives_twice,
    products,
    terms,
    unit,
)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "own_similarity_kept"))
def not_normalised_and_own_kept(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and each view is still in its own denominator. Look at
    what turns an inner product into a cosine similarity, and at which entries of the similarity matrix the sum runs
    over."""
    return own_kept(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "own_similarity_set_to_zero"))
def not_normalised_and_own_zeroed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and each view's similarity with itself is set to 0 and
    still counts as exp(0) = 1. Look at what turns an inner product into a cosine similarity, and at the side of the
    exponential on which you mask."""
    return own_zeroed(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "temperature_without_effect"))
def not_normalised_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the temperature has no effect. Look at what turns an
    inner product into a cosine similarity, and at where the temperature belongs."""
    return terms(products(torch.cat([z1, z2]))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "temperature_fixed_at_0_5"))
def not_normalised_and_fixed_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the temperature is always 0.5. Look at what turns an
    inner product into a cosine similarity, and at the number that should be an attribute."""
    return terms(products(torch.cat([z1, z2])) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "sum_for_mean"))
def not_normalised_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the terms are added up without being averaged. Look at
    what turns an inner product into a cosine similarity, and at the reduction at the end."""
    return terms(products(torch.cat([z1, z2])) / self.temperature).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "divided_by_number_of_images"))
def not_normalised_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the result is twice as large as it should be. Look at
    what turns an inner product into a cosine similarity, and at what the sum over all views is divided by."""
    return 2 * terms(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "positive_left_out_of_denominator"))
def not_normalised_and_no_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the positive is missing from the denominator. Look at
    what turns an inner product into a cosine similarity, and at which views the formula leaves out of the sum."""
    return negatives_only(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "negatives_from_second_views_only"))
def not_normalised_and_one_direction(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and first views are compared with second views only. Look
    at what turns an inner product into a cosine similarity, and at how many anchors there are, and how many views each
    is compared with."""
    return one_way(z1 @ z2.T / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "negatives_from_other_view_only"))
def not_normalised_and_other_view(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and each view is compared with the views of the other half
    only. Look at what turns an inner product into a cosine similarity, and at how many views stand in each
    denominator."""
    return both_ways(z1 @ z2.T / self.temperature)


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "first_views_as_anchors_only"))
def not_normalised_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and only the first views have a term. Look at what turns
    an inner product into a cosine similarity, and at how many rows the mean runs over."""
    return terms(products(torch.cat([z1, z2])) / self.temperature)[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "multiplied_by_temperature"))
def not_normalised_and_times_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and similarities are multiplied by the temperature. Look
    at what turns an inner product into a cosine similarity, and at what a lower temperature should do."""
    return terms(products(torch.cat([z1, z2])) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "positive_counted_twice"))
def not_normalised_and_positive_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the positive is in the denominator twice. Look at what
    turns an inner product into a cosine similarity, and at what the mask of the negatives leaves."""
    return positives_twice(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "sign_missing"))
def not_normalised_and_sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the sign is the wrong way round. Look at what turns an
    inner product into a cosine similarity, and at the minus that got lost or stands twice."""
    return -terms(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "second_view_detached"))
def not_normalised_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and no gradient reaches `z2`. Look at what turns an inner
    product into a cosine similarity, and at where this function uses `detach` or `no_grad`."""
    return terms(products(torch.cat([z1, z2.detach()])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "sum_for_mean"))
def no_temperature_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and the terms are added up without being averaged. Look at
    where the temperature belongs, and at the reduction at the end."""
    return terms(products(unit(z1, z2))).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "divided_by_number_of_images"))
def no_temperature_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and the result is twice as large as it should be. Look at
    where the temperature belongs, and at what the sum over all views is divided by."""
    return 2 * terms(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "halved"))
def no_temperature_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and the result is half as large as it should be. Look at where
    the temperature belongs, and at the factors before the mean."""
    return terms(products(unit(z1, z2))).mean() / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "first_views_as_anchors_only"))
def no_temperature_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and only the first views have a term. Look at where the
    temperature belongs, and at how many rows the mean runs over."""
    return terms(products(unit(z1, z2)))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "second_view_detached"))
def no_temperature_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and no gradient reaches `z2`. Look at where the temperature
    belongs, and at where this function uses `detach` or `no_grad`."""
    return terms(products(unit(z1, z2.detach()))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "sign_missing"))
def no_temperature_and_sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and the sign is the wrong way round. Look at where the
    temperature belongs, and at the minus that got lost or stands twice."""
    return -terms(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "normalised_over_batch"))
def no_temperature_and_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and columns are normalised in place of rows. Look at where the
    temperature belongs, and at the `dim` of the normalisation."""
    return terms(products(F.normalize(torch.cat([z1, z2]), dim=0))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "graph_cut"))
def no_temperature_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and no gradient reaches either view. Look at where the
    temperature belongs, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return terms(products(unit(z1, z2))).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_without_effect", "logarithm_missing"))
def no_temperature_and_no_logarithm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature has no effect, and the logarithm is missing. Look at where the temperature
    belongs, and at what stands between the fraction and the mean."""
    return -(-terms(products(unit(z1, z2)))).exp().mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_fixed_at_0_5", "sum_for_mean"))
def fixed_temperature_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature is always 0.5, and the terms are added up without being averaged. Look at the
    number that should be an attribute, and at the reduction at the end."""
    return terms(products(unit(z1, z2)) / 0.5).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_fixed_at_0_5", "divided_by_number_of_images"))
def fixed_temperature_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature is always 0.5, and the result is twice as large as it should be. Look at the
    number that should be an attribute, and at what the sum over all views is divided by."""
    return 2 * terms(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_fixed_at_0_5", "halved"))
def fixed_temperature_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature is always 0.5, and the result is half as large as it should be. Look at the
    number that should be an attribute, and at the factors before the mean."""
    return terms(products(unit(z1, z2)) / 0.5).mean() / 2


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_fixed_at_0_5", "first_views_as_anchors_only"))
def fixed_temperature_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature is always 0.5, and only the first views have a term. Look at the number that
    should be an attribute, and at how many rows the mean runs over."""
    return terms(products(unit(z1, z2)) / 0.5)[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_fixed_at_0_5", "second_view_detached"))
def fixed_temperature_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature is always 0.5, and no gradient reaches `z2`. Look at the number that should
    be an attribute, and at where this function uses `detach` or `no_grad`."""
    return terms(products(unit(z1, z2.detach())) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_fixed_at_0_5", "graph_cut"))
def fixed_temperature_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature is always 0.5, and no gradient reaches either view. Look at the number that
    should be an attribute, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return terms(products(unit(z1, z2)) / 0.5).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("temperature_fixed_at_0_5", "normalised_over_batch"))
def fixed_temperature_and_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the temperature is always 0.5, and columns are normalised in place of rows. Look at the
    number that should be an attribute, and at the `dim` of the normalisation."""
    return terms(products(F.normalize(torch.cat([z1, z2]), dim=0)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("multiplied_by_temperature", "sum_for_mean"))
def times_temperature_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: similarities are multiplied by the temperature, and the terms are added up without being
    averaged. Look at what a lower temperature should do, and at the reduction at the end."""
    return terms(products(unit(z1, z2)) * self.temperature).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("multiplied_by_temperature", "divided_by_number_of_images"))
def times_temperature_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: similarities are multiplied by the temperature, and the result is twice as large as it should
    be. Look at what a lower temperature should do, and at what the sum over all views is divided by."""
    return 2 * terms(products(unit(z1, z2)) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("normalised_over_batch", "sum_for_mean"))
def over_batch_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: columns are normalised in place of rows, and the terms are added up without being averaged.
    Look at the `dim` of the normalisation, and at the reduction at the end."""
    return terms(products(F.normalize(torch.cat([z1, z2]), dim=0)) / self.temperature).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("normalised_over_batch", "first_views_as_anchors_only"))
def over_batch_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: columns are normalised in place of rows, and only the first views have a term. Look at the
    `dim` of the normalisation, and at how many rows the mean runs over."""
    return terms(products(F.normalize(torch.cat([z1, z2]), dim=0)) / self.temperature)[: len(z1)].mean()
