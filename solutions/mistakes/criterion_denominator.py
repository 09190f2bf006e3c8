"""Known mistakes in question 1.2's denominator: which views it sums over."""

from __future__ import annotations

import math

import torch
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
    own,
    own_kept,
    own_zeroed,
    positives,
    positives_twice,
    scaled,
    terms,
    twin,
)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss never falls below ln 2 = 0.693, at any temperature")
def own_similarity_kept(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view itself is still in its own denominator. Look at which entries of the similarity matrix the sum runs
    over."""
    return own_kept(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="a little too large: exp(0) = 1 stays in each denominator")
def own_similarity_set_to_zero(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view's similarity with itself is set to 0 and still counts: look at what the exponential makes of a 0, and at
    which side of it the mask belongs for the value you use."""
    return own_zeroed(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_similarity_set_to_minus_one(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view's similarity with itself is set to -1 and still counts: look at what the exponential makes of it. Which
    value would make it vanish?"""
    s = scaled(self, z1, z2)
    return (s.masked_fill(own(s), -1.0).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_cosine_set_to_minus_one(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view's cosine with itself is set to -1, divided by the temperature, and still counts. Look at what the
    exponential makes of it. Which value would make it vanish?"""
    s = scaled(self, z1, z2)
    return (s.masked_fill(own(s), -1 / self.temperature).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="right at temperature 1 only")
def own_term_subtracted_without_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """To take the view itself out, exp(1) is subtracted from the sum. Look at what a view's own term really is in that
    sum: its similarity has gone through the same steps as all others."""
    s = scaled(self, z1, z2)
    return ((s.exp().sum(1) - math.e).log() - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def one_subtracted_from_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """To take the view itself out, 1 is subtracted from the sum of exponentials. Look at what a view's own term really
    is in that sum."""
    s = scaled(self, z1, z2)
    return ((s.exp().sum(1) - 1).log() - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_similarity_kept_for_second_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The mask takes out the view itself for the first B rows only. Look at how large the mask is, or how far the loop
    over it runs."""
    s = scaled(self, z1, z2)
    return torch.cat([terms(s)[: len(z1)], own_kept(s)[len(z1) :]]).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss can be negative")
def positive_left_out_of_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator holds the negatives only; the positive is missing from it. Look at which views the formula leaves
    out of the sum."""
    return negatives_only(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_left_out_and_own_kept(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator leaves out the positive and keeps the view itself: it should be the other way round. Look at the
    places of the matrix that the mask covers."""
    s = scaled(self, z1, z2)
    return (s.masked_fill(twin(s), float("-inf")).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_left_out_and_own_zeroed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities of the view itself and of its positive are set to 0 and still count as exp(0) = 1 each. Look at
    which views belong in the sum, and what the exponential makes of a 0."""
    s = scaled(self, z1, z2)
    return (s.masked_fill(own(s) | twin(s), 0.0).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_replaced_by_zero_in_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view itself is left out, but the positive's similarity was replaced by 0 in the denominator. Look at what the
    mask of the positives does to the sum."""
    s = scaled(self, z1, z2)
    return (others(s).masked_fill(twin(s), 0.0).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss never falls below ln 2 = 0.693")
def positive_counted_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive is in the denominator twice: once by itself and once more among what you call negatives. Look at
    what the mask of the negatives leaves."""
    return positives_twice(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_counted_twice_and_own_kept(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is the positive plus the whole row of similarities, which holds the view itself and the positive
    once more. Look at which entries of the row are negatives."""
    s = scaled(self, z1, z2)
    return (torch.cat([positives(s)[:, None], s], dim=1).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_counted_twice_and_own_zeroed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is the positive plus a row that holds the positive once more, and a 0 for the view itself, which
    the exponential turns into 1. Look at which entries of the row are negatives."""
    s = scaled(self, z1, z2)
    zeroed = s.masked_fill(own(s), 0.0)
    return (torch.cat([positives(s)[:, None], zeroed], dim=1).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="about ln B at the start, where ln(2B - 1) is expected")
def negatives_from_second_views_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """First views are compared with second views only, and the second views have no term of their own. Look at how many
    anchors there are, and how many views each is compared with."""
    return one_way(across(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="about ln B at the start, where ln(2B - 1) is expected")
def negatives_from_first_views_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Second views are compared with first views only, and the first views have no term of their own. Look at how many
    anchors there are, and at the axis of the sum."""
    return one_way(across(self, z2, z1)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="about ln B at the start, where ln(2B - 1) is expected")
def negatives_from_other_view_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Both directions are there, but each view is compared with the views of the other half only. Look at how many
    views stand in each denominator."""
    return both_ways(across(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="twice what the two directions give on average")
def two_directions_added(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each view is compared with the views of the other half only, and the two directions are added up. Look at how
    many views stand in each denominator, and at the factor before the sum."""
    return 2 * both_ways(across(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss")
def negatives_from_other_view_without_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each view is compared with the views of the other half only, and its positive is missing from the denominator.
    Look at which views stand in the sum."""
    s = across(self, z1, z2)
    rest = s.masked_fill(own(s), float("-inf"))
    return (rest.logsumexp(1) + rest.logsumexp(0)).mean() / 2 - s.diagonal().mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def negatives_from_second_views_without_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """First views are compared with second views only, and the positive is missing from the denominator. Look at how
    many anchors there are, and which views stand in the sum."""
    s = across(self, z1, z2)
    return (s.masked_fill(own(s), float("-inf")).logsumexp(1) - s.diagonal()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def negatives_from_own_view_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Beside the positive, each denominator holds only views of the anchor's own half. Look at whether views of the
    other images from the other half are negatives too."""
    s = scaled(self, z1, z2)
    half = torch.arange(len(s), device=s.device) < len(z1)
    elsewhere = (half[:, None] != half) & ~twin(s)
    return (others(s).masked_fill(elsewhere, float("-inf")).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def denominator_from_own_view_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Views of the anchor's own half are in the denominator, and views of the other half are not, not even the
    positive. Look at which block of the matrix you sum over."""
    s = scaled(self, z1, z2)
    half = torch.arange(len(s), device=s.device) < len(z1)
    return (others(s).masked_fill(half[:, None] != half, float("-inf")).logsumexp(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def one_denominator_for_all(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """All views share one denominator, the sum over the whole matrix. Look at the axis of the sum: each anchor has a
    denominator of its own."""
    s = scaled(self, z1, z2)
    return (others(s).flatten().logsumexp(0) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def one_denominator_for_all_with_own(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """All views share one denominator, the sum over the whole matrix, diagonal included. Look at the axis of the sum,
    and at which entries belong in it."""
    s = scaled(self, z1, z2)
    return (s.flatten().logsumexp(0) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="too small by ln(2B - 1); the gradient is right")
def mean_in_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is the mean of the exponentials over the other views. Look at how the formula combines them."""
    return terms(scaled(self, z1, z2)).mean() - math.log(2 * len(z1) - 1)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="too small by ln 2B; the gradient is right")
def mean_over_row_in_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is a mean over the whole row, with a 0 for the view itself. Look at how the formula combines the
    exponentials."""
    return terms(scaled(self, z1, z2)).mean() - math.log(2 * len(z1))


@replaces("1.2", "SSLLoss.contrastive_loss")
def mean_of_negatives_in_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is the positive plus the mean over the negatives. Look at how the formula combines them."""
    s = scaled(self, z1, z2)
    rest = s.masked_fill(own(s) | twin(s), float("-inf")).logsumexp(1) - math.log(len(s) - 2)
    return (torch.logaddexp(rest, positives(s)) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def logarithms_summed_in_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The logarithm is taken of each exponential, before the sum over the other views, and undoes it. Look at the order
    of logarithm and sum in the denominator."""
    s = scaled(self, z1, z2)
    return (s.masked_fill(own(s), 0.0).sum(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def all_views_as_targets(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The logarithms of the shares of all other views are averaged, not those of the positives alone. Look at which
    entry of each row the loss is made of."""
    s = scaled(self, z1, z2)
    shares = F.log_softmax(others(s), dim=1)
    return -shares[~own(s)].mean()
