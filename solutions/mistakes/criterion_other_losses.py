"""Known mistakes in question 1.2 that are another method's loss, or a close relative of the right one."""

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
    denominators,
    index,
    negatives,
    one_way,
    others,
    own,
    positives,
    products,
    scaled,
    terms,
    twin,
    unit,
)


@replaces("1.2", "SSLLoss.contrastive_loss")
def moco_queue_of_second_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """First views meet their positive and then all second views, among which the positive stands once more. Look at how
    many anchors there are, and at what counts as a negative."""
    s = across(self, z1, z2)
    return F.cross_entropy(torch.cat([s.diagonal()[:, None], s], dim=1), torch.zeros(len(s), dtype=torch.long))


@replaces("1.2", "SSLLoss.contrastive_loss")
def moco_queue_of_detached_second_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """First views meet their positive and then all second views without gradient, as if these were MoCo's queue. Look
    at the anchors and negatives of this loss, and at what carries a gradient."""
    s, fixed = across(self, z1, z2), across(self, z1, z2.detach())
    return F.cross_entropy(torch.cat([s.diagonal()[:, None], fixed], dim=1), torch.zeros(len(s), dtype=torch.long))


@replaces("1.2", "SSLLoss.contrastive_loss")
def moco_v3_loss(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is MoCo v3's loss: each view is compared with the other half only, and twice the temperature multiplies the
    sum of both directions. Look at which views stand in each denominator, and at the factor."""
    return 4 * self.temperature * both_ways(across(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss")
def moco_v3_loss_of_one_direction(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is one direction of MoCo v3's loss: first views are compared with second views only, and twice the
    temperature multiplies the mean. Look at the anchors, the denominators and the factor."""
    return 2 * self.temperature * one_way(across(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def base_temperature_divides_the_loss(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The loss is multiplied by the temperature over 0.07, as in the code of supervised contrastive learning. Look for
    a factor outside the logarithm that this formula does not have."""
    return terms(scaled(self, z1, z2)).mean() * self.temperature / 0.07


@replaces("1.2", "SSLLoss.contrastive_loss")
def own_view_counted_as_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each view counts as a positive of itself beside the other view of its image, and the two are averaged. Look at
    what the mask of the positives covers."""
    s = scaled(self, z1, z2)
    return (denominators(s) - (positives(s) + s.diagonal()) / 2).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def rows_and_columns_in_one_denominator(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator adds a row and a column of the similarities between first and second views; the positive is in
    both, and views of the same half are missing. Look at which views stand in the sum, and how often."""
    s = across(self, z1, z2)
    return (torch.logaddexp(s.logsumexp(1), s.logsumexp(0)) - s.diagonal()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def rows_and_columns_minus_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator adds a row and a column of the similarities between first and second views; views of the same
    half are missing. Look at which views each anchor is compared with."""
    s = across(self, z1, z2)
    rest = s.masked_fill(own(s), float("-inf"))
    return (torch.logaddexp(s.logsumexp(1), rest.logsumexp(0)) - s.diagonal()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def negatives_of_all_rows(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each denominator holds the negatives of all rows, not only those of its own. Look at the axis of the sum over the
    negatives."""
    s = scaled(self, z1, z2)
    return (torch.logaddexp(negatives(s).flatten().logsumexp(0), positives(s)) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def mean_of_negatives_without_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is the mean over the negatives; the positive is missing from it, and the formula has a sum. Look
    at what stands below the fraction line."""
    s = scaled(self, z1, z2)
    return (negatives(s).logsumexp(1) - math.log(len(s) - 2) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def negatives_added_without_exponentials(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities of the negatives are added up as they are, without exponentials and logarithm. Look at how the
    formula combines them."""
    s = scaled(self, z1, z2)
    return (s.masked_fill(own(s) | twin(s), 0.0).sum(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def maximum_for_sum(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The largest similarity of each row stands where the logarithm of the sum of exponentials should. Look at how the
    formula combines the other views."""
    s = scaled(self, z1, z2)
    return (others(s).amax(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def maximum_of_negatives_for_sum(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The most similar negative stands where the logarithm of the sum of exponentials should. Look at how the formula
    combines the other views."""
    s = scaled(self, z1, z2)
    return (negatives(s).amax(1) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def binary_cross_entropy_of_whole_matrix(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every entry of the matrix, the diagonal included, is judged by itself by a binary cross-entropy. In the formula
    the other views compete in one denominator: look at that."""
    s = scaled(self, z1, z2)
    return F.binary_cross_entropy_with_logits(s, twin(s).to(s.dtype))


@replaces("1.2", "SSLLoss.contrastive_loss")
def squared_distance_of_pairs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is BYOL's squared distance of the two views of each image: it has neither negatives nor a temperature. Look
    at which of the two losses this function is to return."""
    return (2 - 2 * F.cosine_similarity(z1, z2, dim=1)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def squared_error_of_pairs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is the mean squared error of the two views: it has neither negatives nor a temperature. Look at which of the
    two losses this function is to return."""
    return F.mse_loss(z1, z2)


@replaces("1.2", "SSLLoss.contrastive_loss")
def cosine_without_sign(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is the mean cosine of the two views of each image: without negatives, without a temperature, and largest
    where they agree. Look at which of the two losses this function is to return."""
    return F.cosine_similarity(z1, z2, dim=1).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_root_of_features(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities are divided by the root of the number of features, as in attention. Look at what scales them
    here."""
    return terms(products(unit(z1, z2)) / z1.shape[1] ** 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_root_of_features_too(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities are divided by the temperature and by the root of the number of features, as in attention. Look
    at what scales them here."""
    return terms(scaled(self, z1, z2) / z1.shape[1] ** 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def targets_smoothed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The targets are smoothed, so a tenth of the loss asks for the other views. Look at the arguments of the cross-
    entropy."""
    s = scaled(self, z1, z2)
    return F.cross_entropy(s.masked_fill(own(s), -1e9), index(s), label_smoothing=0.1)


@replaces("1.2", "SSLLoss.contrastive_loss")
def margin_to_hardest_negative(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is a triplet loss: the hardest negative, a margin of 0.5, and no exponentials. Look at how the formula
    combines the negatives."""
    s = products(unit(z1, z2))
    return F.relu(negatives(s).amax(1) - positives(s) + 0.5).mean()
