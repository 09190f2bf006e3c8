"""Known mistakes in question 1.2's fraction: numerator and denominator that do not belong together."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    denominators,
    negatives,
    own,
    own_kept,
    positives,
    products,
    scaled,
    terms,
    unit,
)


def _blocks(within: Tensor, across: Tensor) -> Tensor:
    """`within`, where both views come from the same half of the batch, and `across` elsewhere."""
    half = torch.arange(len(within), device=within.device) < len(within) // 2
    return torch.where(half[:, None] == half, within, across)


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_multiplied_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's similarity is multiplied by the temperature, while those of the denominator are divided by it.
    Look at both places where the temperature stands."""
    s = products(unit(z1, z2))
    return (denominators(s / self.temperature) - positives(s) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def denominator_multiplied_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator's similarities are multiplied by the temperature, while the positive's is divided by it. Look at
    both places where the temperature stands."""
    s = products(unit(z1, z2))
    return (denominators(s * self.temperature) - positives(s) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="training drives pairs apart")
def positive_added(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's similarity is added where it should be subtracted, so pairs are driven apart. Look at the sign
    that each part of a logarithm of a fraction gets."""
    s = scaled(self, z1, z2)
    return (denominators(s) + positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="training drives all views apart, pairs too")
def numerator_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the denominator is there; the positive's own part of the loss is missing. Look at what stands above the
    fraction line."""
    return denominators(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def numerator_missing_and_sign(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is minus the logarithm of the denominator alone: the positive's part is missing. Look at what stands
    above the fraction line, and at the sign of each part."""
    return -denominators(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positives_alone_without_sign(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean similarity of the positive pairs: the sign of a loss is missing, and nothing is divided by
    the sum over the other views. Look at what the formula subtracts from what."""
    return positives(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_averaged_over_features(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's similarity is a mean over the features, while those of the denominator are sums. Look at how the
    product of two rows is reduced."""
    s = scaled(self, z1, z2)
    return (denominators(s) - positives(s) / z1.shape[1]).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def similarities_averaged_over_features(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities are means over the features where a cosine is a sum, so they are D times too small. Look at how
    the product of two rows is reduced."""
    return terms(scaled(self, z1, z2) / z1.shape[1]).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def denominator_from_second_view(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive is right, but the denominator compares second views with second views only, each twice. Look at the
    names where the views are put together."""
    return (denominators(scaled(self, z2, z2)) - positives(scaled(self, z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def denominator_from_first_view(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive is right, but the denominator compares first views with first views only, each twice. Look at the
    names where the views are put together."""
    return (denominators(scaled(self, z1, z1)) - positives(scaled(self, z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_similarity_counted_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view itself is in its own denominator twice: it was added where it should be taken out. Look at the sign with
    which it enters the sum."""
    s = scaled(self, z1, z2)
    return (torch.cat([s, s.diagonal()[:, None]], dim=1).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_similarity_reduced_by_one(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only 1 is subtracted from each view's similarity with itself, so it still counts. Look at how much has to be
    subtracted before the exponential makes it vanish."""
    s = scaled(self, z1, z2)
    return ((s - own(s).to(s.dtype)).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_similarity_added_to_numerator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view itself is counted among its positives, above and below the fraction line. Look at what the mask of the
    positives covers."""
    s = scaled(self, z1, z2)
    return (s.logsumexp(1) - torch.logaddexp(positives(s), s.diagonal())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_similarity_kept_for_first_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The mask takes out the view itself for the last B rows only. Look at how large the mask is, or where the loop
    over it starts."""
    s = scaled(self, z1, z2)
    return torch.cat([own_kept(s)[: len(z1)], terms(s)[len(z1) :]]).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_view_normalised_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns of `z1` are brought to length 1, while the rows of `z2` are. Look at the `dim` of the two
    normalisations."""
    return terms(products(torch.cat([F.normalize(z1, dim=0), F.normalize(z2, dim=1)])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def second_view_normalised_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns of `z2` are brought to length 1, while the rows of `z1` are. Look at the `dim` of the two
    normalisations."""
    return terms(products(torch.cat([F.normalize(z1, dim=1), F.normalize(z2, dim=0)])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def multiplied_by_norm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows are multiplied by their length, where normalising divides by it."""
    z = torch.cat([z1, z2])
    return terms(products(z * z.norm(dim=1, keepdim=True)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def temperature_missing_between_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities of first views with second views are not divided by the temperature; those within one half of the
    batch are. Look at each place where similarities are computed."""
    s = products(unit(z1, z2))
    return terms(_blocks(s / self.temperature, s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def temperature_missing_within_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities within one half of the batch are not divided by the temperature; those of first views with second
    views are. Look at each place where similarities are computed."""
    s = products(unit(z1, z2))
    return terms(_blocks(s, s / self.temperature)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def others_averaged_without_exponentials(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's similarity is subtracted from the mean similarity of all other views, without exponentials and
    logarithm. Look at how the formula combines the other views."""
    s = scaled(self, z1, z2)
    return (s.masked_fill(own(s), 0.0).sum(1) / (len(s) - 1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def logarithm_of_denominator_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's similarity is subtracted from the denominator itself, not from its logarithm. Look at both halves
    of the logarithm of a fraction."""
    s = scaled(self, z1, z2)
    return (denominators(s).exp() - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def mean_of_negatives_over_whole_row(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is the positive plus a mean of the negatives' exponentials over the whole row, zeros included.
    Look at how the formula combines them."""
    s = scaled(self, z1, z2)
    rest = negatives(s).logsumexp(1) - math.log(len(s))
    return (torch.logaddexp(rest, positives(s)) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def exponential_for_logarithm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The exponential was taken in place of the logarithm at the end. Look at what stands between the fraction and the
    mean."""
    return -(-terms(scaled(self, z1, z2))).exp().exp().mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def product_for_fraction(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's exponential is multiplied by the denominator where it should be divided. Look at what the formula
    takes the logarithm of."""
    s = scaled(self, z1, z2)
    return -(denominators(s) + positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_with_first_view_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """In the positive's similarity the rows of `z1` still have the length they came with; in the denominator all is
    normalised. Look at which tensors the positive is computed from."""
    cosine = (z1 * F.normalize(z2, dim=1)).sum(1).mean() / self.temperature
    return denominators(scaled(self, z1, z2)).mean() - cosine


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_with_second_view_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """In the positive's similarity the rows of `z2` still have the length they came with; in the denominator all is
    normalised. Look at which tensors the positive is computed from."""
    cosine = (F.normalize(z1, dim=1) * z2).sum(1).mean() / self.temperature
    return denominators(scaled(self, z1, z2)).mean() - cosine


@replaces("1.2", "SSLLoss.contrastive_loss")
def second_views_summed_over_all(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the second views have a term, and their sum is divided by the number of all views. Look at how many rows
    have a term, and at what the sum is divided by."""
    return terms(scaled(self, z1, z2))[len(z1) :].sum() / (2 * len(z1))


@replaces(
    "1.2", "SSLLoss.contrastive_loss", symptom="backward() raises: grad can be implicitly created only for scalars"
)
def column_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """One number per view comes back, in a column. Look at whether the result of the last step is a single number."""
    return terms(scaled(self, z1, z2))[:, None]
