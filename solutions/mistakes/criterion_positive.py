"""Known mistakes in question 1.2's positives and anchors: which view belongs to which, and who gets a term."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import denominators, others, own, products, scaled, terms, twin


def _with_index(s: Tensor, index: Tensor) -> Tensor:
    """Mean loss where the view at `index`, `[2B]`, is taken for the positive of each row."""
    return F.cross_entropy(s, index.to(s.device))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss does not fall below ln(2B - 1)")
def positive_is_adjacent_row(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Rows 0 and 1, 2 and 3, … are taken for pairs. Look at how the two views are put together: how far apart do the
    two views of one image end up?"""
    s = others(scaled(self, z1, z2))
    return _with_index(s, torch.arange(len(s)) ^ 1)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss does not fall below ln(2B - 1)")
def positive_is_neighbouring_row(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The next row, or the one before, is taken for the positive. Look at how far apart the two views of one image end
    up, for instance in the offset of a diagonal or a roll."""
    s = others(scaled(self, z1, z2))
    return _with_index(s, torch.arange(len(s)).roll(-1))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss hardly depends on the pairs")
def positive_is_the_view_itself(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each view is taken for its own positive. Look at the column that the label of each row points to, or at the
    offset of the diagonal."""
    s = scaled(self, z1, z2)
    return _with_index(s, torch.arange(len(s)))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss is infinite")
def positive_is_the_masked_view_itself(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each view is taken for its own positive, and that entry has been masked, so the loss is infinite. Look at the
    column that the label of each row points to."""
    s = others(scaled(self, z1, z2))
    return _with_index(s, torch.arange(len(s)))


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_is_the_view_itself_without_it(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The numerator holds each view's similarity with itself, not with its positive. Look at which entry of each row of
    the matrix you pick."""
    s = scaled(self, z1, z2)
    return (denominators(s) - s.diagonal()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def labels_of_one_half_repeated(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The labels of one half stand there for both halves, so half of the views are their own positives. Look at where
    the positive of a first view lies, and where that of a second view."""
    return _with_index(scaled(self, z1, z2), torch.arange(len(z1)).repeat(2))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss is infinite")
def labels_of_one_half_repeated_and_masked(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The labels of one half stand there for both halves, so for half of the views the label points to the view itself,
    which is masked: the loss is infinite. Look at where the positive of each half lies."""
    return _with_index(others(scaled(self, z1, z2)), torch.arange(len(z1)).repeat(2))


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_one_row_off(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive of each view is off by one row. Look at the offset between the two views of one image, and at what
    removing the diagonal does to the columns."""
    s = others(scaled(self, z1, z2))
    return _with_index(s, torch.arange(len(s)).roll(1 - len(z1)))


@replaces("1.2", "SSLLoss.contrastive_loss")
def positives_in_reverse_order(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The first view of the first image is paired with the second view of the last one, and so on. Look at what `flip`
    does to the order of the rows."""
    s = others(scaled(self, z1, z2))
    return _with_index(s, torch.arange(len(s)).flip(0))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss is infinite")
def first_column_taken_for_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every label is 0, although the first column does not hold the positives; for the first row it is even masked.
    Look at what stands in column 0 of the matrix that goes into the cross-entropy."""
    s = scaled(self, z1, z2)
    return _with_index(others(s), torch.zeros(len(s), dtype=torch.long))


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_column_taken_for_positive_own_kept(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every label is 0, although the first column does not hold the positives, and the diagonal is still there. Look at
    what stands in column 0 of the matrix that goes into the cross-entropy."""
    s = scaled(self, z1, z2)
    return _with_index(s, torch.zeros(len(s), dtype=torch.long))


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_remaining_column_taken_for_positive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The diagonal is removed and every label is 0, although the first column does not hold the positives. Look at what
    stands in column 0 of the matrix that goes into the cross-entropy."""
    s = scaled(self, z1, z2)
    rest = s[~own(s)].view(len(s), -1)
    return _with_index(rest, torch.zeros(len(s), dtype=torch.long))


@replaces("1.2", "SSLLoss.contrastive_loss")
def labels_of_second_views_without_diagonal(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The diagonal is removed, and the labels 0 … B-1 stand there for both halves, which is right for the second views
    only. Look at the columns that are left in the row of a first view."""
    s = scaled(self, z1, z2)
    return _with_index(s[~own(s)].view(len(s), -1), torch.arange(len(z1)).repeat(2))


@replaces("1.2", "SSLLoss.contrastive_loss")
def labels_of_first_views_without_diagonal(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The diagonal is removed, and the same labels stand there for both halves, which is right for the first views
    only. Look at the columns that are left in the row of a second view."""
    s = scaled(self, z1, z2)
    return _with_index(s[~own(s)].view(len(s), -1), torch.arange(len(z1)).repeat(2) + len(z1) - 1)


@replaces("1.2", "SSLLoss.contrastive_loss")
def positives_put_last_and_labels_zero(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positives were put behind the negatives, and the labels point to the front. Look at the order in which the
    two are joined, and at the labels."""
    s = scaled(self, z1, z2)
    rest = s[~(own(s) | twin(s))].view(len(s), -1)
    return _with_index(torch.cat([rest, s[twin(s)][:, None]], dim=1), torch.zeros(len(s), dtype=torch.long))


@replaces("1.2", "SSLLoss.contrastive_loss")
def views_interleaved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The two views of an image lie next to each other in your matrix, while the positives are looked for B rows apart.
    Look at how the views are put together (`stack`, `view`, `repeat_interleave`)."""
    z = F.normalize(torch.stack([z1, z2], dim=1).flatten(0, 1), dim=1)
    return terms(products(z) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def all_second_views_taken_for_positives(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The numerator is an average over the similarities with all views of the other half, not the one of the same
    image. Look at which entries of the block are positives."""
    s = scaled(self, z1, z2)
    return denominators(s).mean() - s[: len(z1), len(z1) :].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="close to the right value; the second views' terms are missing")
def first_views_as_anchors_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the first views have a term in the mean. Look at how many rows the mean runs over: every one of the 2B views
    is an anchor once."""
    return terms(scaled(self, z1, z2))[: len(z1)].mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="close to the right value; the first views' terms are missing")
def second_views_as_anchors_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the second views have a term in the mean. Look at how many rows the mean runs over: every one of the 2B
    views is an anchor once."""
    return terms(scaled(self, z1, z2))[len(z1) :].mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_views_summed_over_all(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the first views have a term, and their sum is divided by the number of all views. Look at how many rows have
    a term, and at what the sum is divided by."""
    return terms(scaled(self, z1, z2))[: len(z1)].sum() / (2 * len(z1))


@replaces("1.2", "SSLLoss.contrastive_loss")
def last_pair_left_out(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The last image has no term in the mean. Look at where the loop or the slice over the batch ends."""
    loss = terms(scaled(self, z1, z2))
    return torch.cat([loss[: len(z1) - 1], loss[len(z1) : -1]]).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_image_over_all(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the first view of the first image has a term, and it is divided by the number of all views. Look at the
    indentation of `return`."""
    return terms(scaled(self, z1, z2))[0] / (2 * len(z1))


@replaces("1.2", "SSLLoss.contrastive_loss")
def first_image_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the first view of the first image has a term. Look at the indentation of `return`, or at the index after the
    loss of each row."""
    return terms(scaled(self, z1, z2))[0]
