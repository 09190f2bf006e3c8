"""Known mistakes in `SSLLoss.pixel_consistency_loss` of `criterion.py`, question B4."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import _cell_sides, positive_pixels
from mistakes import replaces


def pixels(features: Tensor) -> Tensor:
    """Maps `[B, C, H, W]` as unit vectors, `[B, C, HW]`."""
    return F.normalize(features.flatten(2), dim=1)


def cosines_of(y: Tensor, x: Tensor) -> Tensor:
    """The cosine of each pixel of one with each of the other, `[B, HW, HW]`; x counts as a constant."""
    return pixels(y).transpose(1, 2) @ pixels(x.detach())


def per_image(cosine: Tensor, pairs: Tensor) -> Tensor:
    """The mean cosine over each image's pairs, 0 for an image without any, `[B]`."""
    return cosine.masked_fill(~pairs, 0).sum((1, 2)) / pairs.sum((1, 2)).clamp(min=1)


def near(grid1: Tensor, grid2: Tensor, reach: Tensor) -> Tensor:
    """Which pixels are nearer than `reach`, `[B]`: `[B, HW, HW]`."""
    return torch.cdist(grid1.flatten(2).mT, grid2.flatten(2).mT) < reach[:, None, None]


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def gradient_into_x(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The value is right, but the gradient also flows into x. The momentum encoder's features are targets; look at what
    makes them constants."""
    pairs = positive_pixels(grid1, grid2, threshold)
    forth = per_image(pixels(y1).transpose(1, 2) @ pixels(x2), pairs)
    back = per_image(pixels(y2).transpose(1, 2) @ pixels(x1), pairs.transpose(1, 2))
    return -(forth + back).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss", symptom="the second view's encoder pass is wasted")
def one_direction(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """Only y1 is compared with x2. Look at the formula: there is a second term."""
    return -per_image(cosines_of(y1, x2), positive_pixels(grid1, grid2, threshold)).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def mask_not_transposed(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """Both directions use one mask as it is. Its rows are pixels of view 1; look at what they are for y2 and x1."""
    pairs = positive_pixels(grid1, grid2, threshold)
    return -(per_image(cosines_of(y1, x2), pairs) + per_image(cosines_of(y2, x1), pairs)).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def directions_averaged(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The two directions are averaged. They are added in the formula; look at a factor of 1/2."""
    pairs = positive_pixels(grid1, grid2, threshold)
    back = per_image(cosines_of(y2, x1), pairs.transpose(1, 2))
    return -(per_image(cosines_of(y1, x2), pairs) + back).mean() / 2


@replaces("B4", "SSLLoss.pixel_consistency_loss", symptom="the loss rises while features agree")
def sign_of_consistency_lost(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The sign is the other way round: training would push positive pairs apart. Look at the minus in the formula."""
    pairs = positive_pixels(grid1, grid2, threshold)
    back = per_image(cosines_of(y2, x1), pairs.transpose(1, 2))
    return (per_image(cosines_of(y1, x2), pairs) + back).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def views_not_crossed(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """y1 is compared with x1, and y2 with x2. Look at which views the pairs belong to."""
    pairs = positive_pixels(grid1, grid2, threshold)
    back = per_image(cosines_of(y2, x2), pairs.transpose(1, 2))
    return -(per_image(cosines_of(y1, x1), pairs) + back).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def pixels_not_normalised(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """These are inner products, not cosines. Look at what is done to the features before they are multiplied."""
    pairs = positive_pixels(grid1, grid2, threshold)
    forth = per_image(y1.flatten(2).mT @ x2.detach().flatten(2), pairs)
    return -(forth + per_image(y2.flatten(2).mT @ x1.detach().flatten(2), pairs.transpose(1, 2))).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def channels_normalised(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """Each channel is normalised over the pixels. Each pixel's vector is to have length 1; look at the axis."""
    pairs = positive_pixels(grid1, grid2, threshold)
    y1, y2, x1, x2 = (F.normalize(maps.flatten(2), dim=2) for maps in (y1, y2, x1.detach(), x2.detach()))
    return -(per_image(y1.mT @ x2, pairs) + per_image(y2.mT @ x1, pairs.transpose(1, 2))).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def one_mean_over_all_pairs(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """One mean runs over the pairs of all images, so an image with many pairs counts more. Look at the order: each
    image first, then the batch."""
    pairs = positive_pixels(grid1, grid2, threshold)
    total = (cosines_of(y1, x2) * pairs).sum() + (cosines_of(y2, x1) * pairs.transpose(1, 2)).sum()
    return -total / pairs.sum().clamp(min=1)


@replaces("B4", "SSLLoss.pixel_consistency_loss", symptom="the loss is tiny and hardly moves")
def mean_over_negatives_too(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The sum over positive pairs is divided by the number of all pairs. Look at what is counted."""
    pairs = positive_pixels(grid1, grid2, threshold)
    forth = (cosines_of(y1, x2) * pairs).mean((1, 2))
    return -(forth + (cosines_of(y2, x1) * pairs.transpose(1, 2)).mean((1, 2))).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def pairs_summed(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The cosines of an image are summed and not divided by the number of its positive pairs. A loss below -2 can not
    be; look at what makes it a mean."""
    pairs = positive_pixels(grid1, grid2, threshold)
    forth = (cosines_of(y1, x2) * pairs).sum((1, 2))
    return -(forth + (cosines_of(y2, x1) * pairs.transpose(1, 2)).sum((1, 2))).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss", symptom="NaN in the first epoch")
def nothing_over_nothing(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """An image whose two views do not overlap has no positive pair, and its mean is 0/0. The docstring says what it
    counts."""
    pairs = positive_pixels(grid1, grid2, threshold)
    count = pairs.sum((1, 2))
    forth = (cosines_of(y1, x2) * pairs).sum((1, 2)) / count
    return -(forth + (cosines_of(y2, x1) * pairs.transpose(1, 2)).sum((1, 2)) / count).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def images_without_pairs_left_out(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """An image without positive pairs is left out of the mean over the batch. It counts as 0 there; look at what the
    sum is divided by."""
    pairs = positive_pixels(grid1, grid2, threshold)
    both = per_image(cosines_of(y1, x2), pairs) + per_image(cosines_of(y2, x1), pairs.transpose(1, 2))
    return -both.sum() / pairs.any(2).any(1).sum().clamp(min=1)


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def smaller_cell_taken(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The reach is measured in the smaller view's cells. Look at which of the two diagonals is meant."""
    diagonals = [torch.hypot(*_cell_sides(grid)) for grid in (grid1, grid2)]
    pairs = near(grid1, grid2, threshold * torch.minimum(*diagonals))
    return -(per_image(cosines_of(y1, x2), pairs) + per_image(cosines_of(y2, x1), pairs.transpose(1, 2))).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def threshold_not_in_cells(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The threshold is compared with the distance itself. It counts cell diagonals; look at what it is multiplied
    with."""
    pairs = near(grid1, grid2, threshold * torch.ones(len(grid1), dtype=grid1.dtype))
    return -(per_image(cosines_of(y1, x2), pairs) + per_image(cosines_of(y2, x1), pairs.transpose(1, 2))).mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def threshold_ignored(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The threshold is 0.7 whatever is asked for. Look for the number in your code."""
    pairs = positive_pixels(grid1, grid2, 0.7)
    return -(per_image(cosines_of(y1, x2), pairs) + per_image(cosines_of(y2, x1), pairs.transpose(1, 2))).mean()
