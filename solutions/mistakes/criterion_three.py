"""Question 1.2, three mistakes at once."""

from __future__ import annotations

import torch
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    across,
    both_ways,
    negatives_only,
    one_way,
    own_kept,
    own_zeroed,
    products,
    scaled,
    terms,
    unit,
)


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("own_similarity_kept", "no_normalisation", "temperature_without_effect"),
)
def own_kept_and_not_normalised_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is still in its own denominator, the embeddings are not normalised, and the
    temperature has no effect. Look at which entries of the similarity matrix the sum runs over, at what turns an inner
    product into a cosine similarity, and at where the temperature belongs."""
    return own_kept(products(torch.cat([z1, z2]))).mean()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "temperature_without_effect", "sum_for_mean")
)
def own_kept_and_no_temperature_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is still in its own denominator, the temperature has no effect, and the terms are
    added up without being averaged. Look at which entries of the similarity matrix the sum runs over, at where the
    temperature belongs, and at the reduction at the end."""
    return own_kept(products(unit(z1, z2))).sum()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("own_similarity_set_to_zero", "no_normalisation", "temperature_without_effect"),
)
def own_zeroed_and_not_normalised_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view's similarity with itself is set to 0 and still counts as exp(0) = 1, the
    embeddings are not normalised, and the temperature has no effect. Look at the side of the exponential on which you
    mask, at what turns an inner product into a cosine similarity, and at where the temperature belongs."""
    return own_zeroed(products(torch.cat([z1, z2]))).mean()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("negatives_from_second_views_only", "no_normalisation", "temperature_without_effect"),
)
def one_direction_and_not_normalised_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: first views are compared with second views only, the embeddings are not normalised, and the
    temperature has no effect. Look at how many anchors there are, and how many views each is compared with, at what
    turns an inner product into a cosine similarity, and at where the temperature belongs."""
    return one_way(z1 @ z2.T).mean()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("negatives_from_second_views_only", "temperature_without_effect", "sum_for_mean"),
)
def one_direction_and_no_temperature_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: first views are compared with second views only, the temperature has no effect, and the
    terms are added up without being averaged. Look at how many anchors there are, and how many views each is compared
    with, at where the temperature belongs, and at the reduction at the end."""
    return one_way(across(self, z1, z2) * self.temperature).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "no_normalisation", "sum_for_mean"))
def own_kept_and_not_normalised_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is still in its own denominator, the embeddings are not normalised, and the terms
    are added up without being averaged. Look at which entries of the similarity matrix the sum runs over, at what turns
    an inner product into a cosine similarity, and at the reduction at the end."""
    return own_kept(products(torch.cat([z1, z2])) / self.temperature).sum()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("no_normalisation", "temperature_without_effect", "sum_for_mean")
)
def not_normalised_and_no_temperature_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: the embeddings are not normalised, the temperature has no effect, and the terms are added
    up without being averaged. Look at what turns an inner product into a cosine similarity, at where the temperature
    belongs, and at the reduction at the end."""
    return terms(products(torch.cat([z1, z2]))).sum()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("positive_left_out_of_denominator", "temperature_without_effect", "sum_for_mean"),
)
def no_positive_and_no_temperature_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: the positive is missing from the denominator, the temperature has no effect, and the terms
    are added up without being averaged. Look at which views the formula leaves out of the sum, at where the temperature
    belongs, and at the reduction at the end."""
    return negatives_only(products(unit(z1, z2))).sum()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("positive_left_out_of_denominator", "no_normalisation", "temperature_without_effect"),
)
def no_positive_and_not_normalised_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: the positive is missing from the denominator, the embeddings are not normalised, and the
    temperature has no effect. Look at which views the formula leaves out of the sum, at what turns an inner product
    into a cosine similarity, and at where the temperature belongs."""
    return negatives_only(products(torch.cat([z1, z2]))).mean()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("own_similarity_kept", "temperature_without_effect", "divided_by_number_of_images"),
)
def own_kept_and_no_temperature_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is still in its own denominator, the temperature has no effect, and the result is
    twice as large as it should be. Look at which entries of the similarity matrix the sum runs over, at where the
    temperature belongs, and at what the sum over all views is divided by."""
    return 2 * own_kept(products(unit(z1, z2))).mean()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("negatives_from_second_views_only", "second_view_detached", "temperature_without_effect"),
)
def one_direction_and_z2_detached_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: first views are compared with second views only, no gradient reaches `z2`, and the
    temperature has no effect. Look at how many anchors there are, and how many views each is compared with, at where
    this function uses `detach` or `no_grad`, and at where the temperature belongs."""
    return one_way(across(self, z1, z2.detach()) * self.temperature).mean()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("negatives_from_second_views_only", "no_normalisation", "sum_for_mean")
)
def one_direction_and_not_normalised_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: first views are compared with second views only, the embeddings are not normalised, and the
    terms are added up without being averaged. Look at how many anchors there are, and how many views each is compared
    with, at what turns an inner product into a cosine similarity, and at the reduction at the end."""
    return one_way(z1 @ z2.T / self.temperature).sum()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("negatives_from_other_view_only", "no_normalisation", "temperature_without_effect"),
)
def other_view_and_not_normalised_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is compared with the views of the other half only, the embeddings are not
    normalised, and the temperature has no effect. Look at how many views stand in each denominator, at what turns an
    inner product into a cosine similarity, and at where the temperature belongs."""
    return both_ways(z1 @ z2.T)


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("own_similarity_kept", "first_views_as_anchors_only", "sum_for_mean")
)
def own_kept_and_first_views_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is still in its own denominator, only the first views have a term, and the terms
    are added up without being averaged. Look at which entries of the similarity matrix the sum runs over, at how many
    rows the mean runs over, and at the reduction at the end."""
    return own_kept(scaled(self, z1, z2))[: len(z1)].sum()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("own_similarity_kept", "first_views_as_anchors_only", "temperature_without_effect"),
)
def own_kept_and_first_views_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is still in its own denominator, only the first views have a term, and the
    temperature has no effect. Look at which entries of the similarity matrix the sum runs over, at how many rows the
    mean runs over, and at where the temperature belongs."""
    return own_kept(products(unit(z1, z2)))[: len(z1)].mean()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("positive_left_out_of_denominator", "first_views_as_anchors_only", "temperature_without_effect"),
)
def no_positive_and_first_views_and_no_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: the positive is missing from the denominator, only the first views have a term, and the
    temperature has no effect. Look at which views the formula leaves out of the sum, at how many rows the mean runs
    over, and at where the temperature belongs."""
    return negatives_only(products(unit(z1, z2)))[: len(z1)].mean()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("positive_left_out_of_denominator", "first_views_as_anchors_only", "sum_for_mean"),
)
def no_positive_and_first_views_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: the positive is missing from the denominator, only the first views have a term, and the
    terms are added up without being averaged. Look at which views the formula leaves out of the sum, at how many rows
    the mean runs over, and at the reduction at the end."""
    return negatives_only(scaled(self, z1, z2))[: len(z1)].sum()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("own_similarity_kept", "no_normalisation", "first_views_as_anchors_only"),
)
def own_kept_and_not_normalised_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: each view is still in its own denominator, the embeddings are not normalised, and only the
    first views have a term. Look at which entries of the similarity matrix the sum runs over, at what turns an inner
    product into a cosine similarity, and at how many rows the mean runs over."""
    return own_kept(products(torch.cat([z1, z2])) / self.temperature)[: len(z1)].mean()


@replaces(
    "1.2", "SSLLoss.contrastive_loss", combines=("positive_left_out_of_denominator", "no_normalisation", "sum_for_mean")
)
def no_positive_and_not_normalised_and_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: the positive is missing from the denominator, the embeddings are not normalised, and the
    terms are added up without being averaged. Look at which views the formula leaves out of the sum, at what turns an
    inner product into a cosine similarity, and at the reduction at the end."""
    return negatives_only(products(torch.cat([z1, z2])) / self.temperature).sum()


@replaces(
    "1.2",
    "SSLLoss.contrastive_loss",
    combines=("positive_left_out_of_denominator", "no_normalisation", "first_views_as_anchors_only"),
)
def no_positive_and_not_normalised_and_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three things at once: the positive is missing from the denominator, the embeddings are not normalised, and only
    the first views have a term. Look at which views the formula leaves out of the sum, at what turns an inner product
    into a cosine similarity, and at how many rows the mean runs over."""
    return negatives_only(products(torch.cat([z1, z2])) / self.temperature)[: len(z1)].mean()
