"""Known mistakes in the similarities of question 1.2: how views are normalised, compared and scaled."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    denominators,
    one_way,
    positives,
    products,
    scaled,
    terms,
    unit,
)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss grows with the length of the embeddings")
def no_normalisation(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The embeddings enter with the length they come with, so long rows dominate. Look at what turns an inner product
    into a cosine similarity."""
    return terms(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss changes when one image of the batch is exchanged")
def normalised_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns are brought to length 1, not the rows. Look at the `dim` of the normalisation: which axis holds the
    features of one view?"""
    return terms(products(F.normalize(torch.cat([z1, z2]), dim=0)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def each_view_normalised_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns of `z1` and of `z2` are brought to length 1, not their rows. Look at the `dim` of the two
    normalisations."""
    return terms(products(torch.cat([F.normalize(z1, dim=0), F.normalize(z2, dim=0)])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_view_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows of `z1` still have the length they came with; only those of `z2` are normalised. Look at what happens to
    each of the two before they are compared."""
    return terms(products(torch.cat([z1, F.normalize(z2, dim=1)])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def second_view_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows of `z2` still have the length they came with; only those of `z1` are normalised. Look at what happens to
    each of the two before they are compared."""
    return terms(products(torch.cat([F.normalize(z1, dim=1), z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="close to ln(2B - 1) from the start")
def divided_by_norm_of_matrix(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """All views are divided by one number, the norm of the whole matrix. Each row has a length of its own: look at the
    arguments of the norm."""
    z = torch.cat([z1, z2])
    return terms(products(z / z.norm()) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def each_view_divided_by_norm_of_matrix(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are each divided by one number, the norm of the whole matrix. Each row has a length of its own:
    look at the arguments of the norm."""
    return terms(products(torch.cat([z1 / z1.norm(), z2 / z2.norm()])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def normalised_by_sum_of_absolutes(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Rows are divided by the sum of their absolute entries. Cosine similarity needs another norm: look at its `p`."""
    return terms(products(F.normalize(torch.cat([z1, z2]), p=1, dim=1)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_squared_norm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Rows are divided by their squared length, so they do not end up with length 1. Look at how the length of a row is
    computed, and how often it divides."""
    z = torch.cat([z1, z2])
    return terms(products(z / z.square().sum(1, keepdim=True)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_anchor_norm_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Inner products are divided by the length of only one of the two views, the anchor. Look at how many lengths a
    cosine similarity depends on."""
    z = torch.cat([z1, z2])
    return terms(products(z) / z.norm(dim=1)[:, None] / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_other_norm_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Inner products are divided by the length of only one of the two views, the one that the anchor is compared with.
    Look at how many lengths a cosine similarity depends on."""
    z = torch.cat([z1, z2])
    return terms(products(z) / z.norm(dim=1) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positives_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's similarity is a plain inner product, while the denominator uses cosine similarities. Look at which
    tensors each of the two is computed from."""
    plain = products(torch.cat([z1, z2])) / self.temperature
    return (denominators(scaled(self, z1, z2)) - positives(plain)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def denominator_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The denominator is made of plain inner products, while the positive is a cosine similarity. Look at which tensors
    each of the two is computed from."""
    plain = products(torch.cat([z1, z2])) / self.temperature
    return (denominators(plain) - positives(scaled(self, z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right, the gradient is not")
def norm_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but the lengths of the rows count as constants in the gradient. Look for `detach`, `data` or
    `no_grad` in the normalisation."""
    z = torch.cat([z1, z2])
    return terms(products(z / z.norm(dim=1, keepdim=True).detach()) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def features_standardised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Features are standardised over the batch, as batch norm does; that is not what makes a cosine similarity. Look at
    what 'normalised' means for one view alone."""
    z = torch.cat([z1, z2])
    return terms(products((z - z.mean(0)) / z.std(0)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def rows_standardised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each row has its mean subtracted and is divided by its standard deviation; it does not end up with length 1. Look
    at what 'normalised' means here."""
    z = torch.cat([z1, z2])
    return terms(products((z - z.mean(1, keepdim=True)) / z.std(1, keepdim=True)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def rows_centred(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each row's mean is subtracted before it is normalised, which gives correlations. Look at whether cosine
    similarity asks for that."""
    z = torch.cat([z1, z2])
    return terms(products(F.normalize(z - z.mean(1, keepdim=True), dim=1)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def softmax_for_normalisation(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows went through a softmax, so they have sum 1 and no negative entries. Look at what 'L2-normalised' asks
    for."""
    return terms(products(torch.cat([z1, z2]).softmax(1)) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def distance_for_similarity(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Views are compared by minus their Euclidean distance. Look at which similarity the formula names."""
    z = unit(z1, z2)
    return terms(-(z[:, None] - z).square().sum(2).clamp(min=1e-12).sqrt() / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def plain_distance_for_similarity(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Views are compared by minus the Euclidean distance of rows that are not normalised. Look at which similarity the
    formula names."""
    z = torch.cat([z1, z2])
    return terms(-(z[:, None] - z).square().sum(2).clamp(min=1e-12).sqrt() / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="as at half the temperature")
def squared_distance_for_similarity(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities vary twice as much as they should. Minus the squared distance of normalised rows does that, and so
    does a factor 2: look at how two views are compared."""
    return terms(2 * scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="views of one image are driven apart")
def similarity_sign_flipped(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similar views count as different and the reverse. Look at the sign of what goes into the exponentials: a distance
    such as '1 - cosine' is large where a similarity is small."""
    return terms(-scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def absolute_similarity(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Opposite views count as similar, because the sign of the similarities is lost in an absolute value."""
    return terms(scaled(self, z1, z2).abs()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def squared_similarity(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities are squared, so opposite views count as similar. Look at what is done to the cosines before they
    are divided by the temperature."""
    return terms(products(unit(z1, z2)).square() / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def negative_similarities_clamped(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities below 0 are replaced by 0 (a clamp or a ReLU), so views that point apart give no gradient. Look at
    what is done to the cosines."""
    return terms(scaled(self, z1, z2).relu()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def similarity_moved_to_0_1(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities vary half as much as they should, as if they had been mapped from [-1, 1] to [0, 1] or divided by 2.
    Look at what is done to the cosines."""
    return terms(scaled(self, z1, z2) / 2).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_view_used_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z2` has no influence on the result: both halves of the batch are `z1`. Look at the names where the views are put
    together."""
    return terms(scaled(self, z1, z1)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def second_view_used_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` has no influence on the result: both halves of the batch are `z2`. Look at the names where the views are put
    together."""
    return terms(scaled(self, z2, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def views_put_side_by_side(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The two views of an image were joined into one long row, so there are B rows in place of 2B and no row has a
    positive. Look at the axis along which the views are put together."""
    z = F.normalize(torch.cat([z1, z2], dim=1), dim=1)
    return one_way(products(z) / self.temperature).mean()
