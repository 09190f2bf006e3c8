"""Known mistakes in the pixel consistency loss, question B4: pairs, cosines, means, and what is done there instead."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes.compose import common
from ssl_kit.pixels import cell_sides, positive_pixels

QUESTION, TARGET = "B4", "SSLLoss.pixel_consistency_loss"


class Given:
    """Feature maps `[B, C, H, W]` of two views, their grids, and the threshold."""

    def __init__(self, loss: SSLLoss, y1, y2, x1, x2, grid1, grid2, threshold: float = 0.7):
        self.y1, self.y2, self.x1, self.x2 = y1, y2, x1, x2
        self.grids, self.threshold = (grid1, grid2), threshold

    def near(self, reach: Tensor):
        """Which pixels are nearer than `reach`, `[B]`: `[B, HW, HW]`."""
        one, other = (grid.flatten(2).mT for grid in self.grids)
        return torch.cdist(one, other) < reach[:, None, None]

    def diagonals(self):
        return [torch.hypot(*cell_sides(grid)) for grid in self.grids]


class Maps(Given):
    """The features, of which those of x are constants: y1, y2, x1, x2."""

    def right(self):
        return self.y1, self.y2, self.x1.detach(), self.x2.detach()

    gradient_into_x = common(lambda self: (self.y1, self.y2, self.x1, self.x2))
    """The value is right, but the gradient also flows into x. The momentum encoder's features are targets; look at what
    makes them constants."""
    no_gradient_into_y = lambda self: [maps.detach() for maps in (self.y1, self.y2, self.x1, self.x2)]
    """The value is right, but no gradient reaches y1 and y2. Look for `detach` or `no_grad` in this function."""


class Pixels(Given):
    """The maps as unit vectors, `[B, C, HW]`."""

    def right(self):
        return [F.normalize(maps.flatten(2), dim=1) for maps in self.maps]

    pixels_not_normalised = common(lambda self: [maps.flatten(2) for maps in self.maps])
    """These are inner products, not cosines. Look at what is done to the features before they are multiplied."""
    channels_normalised = common(lambda self: [F.normalize(maps.flatten(2), dim=2) for maps in self.maps])
    """Each channel is normalised over the pixels. Each pixel's vector is to have length 1; look at the axis."""


class Pairs(Given):
    """Which pixels belong together, `[B, HW, HW]`."""

    def right(self):
        return positive_pixels(*self.grids, self.threshold)

    smaller_cell_taken = common(lambda self: self.near(self.threshold * torch.minimum(*self.diagonals())))
    """The reach is measured in the smaller view's cells. Look at which of the two diagonals is meant."""
    cell_sides_taken = lambda self: self.near(
        self.threshold * torch.maximum(*[cell_sides(grid)[0] for grid in self.grids])
    )
    """The reach is measured in sides of cells. Look at what the threshold counts: diagonals."""
    threshold_not_in_cells = common(
        lambda self: self.near(self.threshold * torch.ones(len(self.y1), dtype=self.grids[0].dtype))
    )
    """The threshold is compared with the distance itself. It counts cell diagonals; look at what it is multiplied
    with."""
    threshold_ignored = lambda self: positive_pixels(*self.grids, 0.7)
    """The threshold is 0.7 whatever is asked for. Look for the number in your code."""
    all_pixels_paired = lambda self: torch.ones_like(positive_pixels(*self.grids, self.threshold))
    """Every pixel is paired with every other, however far apart they are. Look at what the distance is compared
    with."""


class Masks(Given):
    """The pairs in both directions."""

    def right(self):
        return self.pairs, self.pairs.mT

    mask_not_transposed = common(lambda self: (self.pairs, self.pairs))
    """Both directions use one mask as it is. Its rows are pixels of view 1; look at what they are for y2 and x1."""


class Cosines(Given):
    """How alike the pixels of one view are to those of the other, in both directions."""

    def right(self):
        return self.pixels[0].mT @ self.pixels[3], self.pixels[1].mT @ self.pixels[2]

    views_not_crossed = common(lambda self: (self.pixels[0].mT @ self.pixels[2], self.pixels[1].mT @ self.pixels[3]))
    """y1 is compared with x1, and y2 with x2. Look at which views the pairs belong to."""
    one_direction = common(lambda self: (self.pixels[0].mT @ self.pixels[3],))
    """Only y1 is compared with x2. Look at the formula: there is a second term."""
    other_direction = lambda self: (0 * self.pixels[0].mT @ self.pixels[3], self.pixels[1].mT @ self.pixels[2])
    """Only y2 is compared with x1. Look at the formula: there is a first term."""


class Summed(Given):
    """The sum over each image's pairs, `[B]`, in both directions."""

    def right(self):
        return [(cosine * pairs).sum((1, 2)) for cosine, pairs in zip(self.cosines, self.masks, strict=False)]


class Means(Given):
    """The mean over each image's pairs, 0 where there are none, of both directions."""

    def right(self):
        return sum(self.summed) / self.pairs.sum((1, 2)).clamp(min=1)

    one_mean_over_all_pairs = common(lambda self: sum(self.summed).sum() / self.pairs.sum().clamp(min=1))
    """One mean runs over the pairs of all images, so an image with many pairs counts more. Look at the order: each
    image first, then the batch."""
    mean_over_negatives_too = lambda self: sum(self.summed) / self.pairs[0].numel()
    """The sum over positive pairs is divided by the number of all pairs. Look at what is counted."""
    pairs_summed = common(lambda self: sum(self.summed))
    """The cosines of an image are summed and not divided by the number of its positive pairs. A loss below -2 cannot
    be; look at what makes it a mean."""
    nothing_over_nothing = lambda self: sum(self.summed) / self.pairs.sum((1, 2))
    """An image whose two views do not overlap has no positive pair, and its mean is 0/0. The docstring says what it
    counts."""


class Batch(Given):
    """The mean over the batch."""

    def right(self):
        return self.means.mean()

    images_without_pairs_left_out = lambda self: self.means.sum() / self.pairs.any(2).any(1).sum().clamp(min=1)
    """An image without positive pairs is left out of the mean over the batch. It counts as 0 there; look at what the
    sum is divided by."""
    images_summed = lambda self: self.means.sum()
    """The images are added up without being averaged. Look at the reduction over the batch."""


class Loss(Given):
    """What is small where pairs agree."""

    def right(self):
        return -self.batch

    sign_of_consistency_lost = common(lambda self: self.batch)
    """The sign is the other way round: training would push positive pairs apart. Look at the minus in the formula."""
    directions_averaged = common(lambda self: -self.batch / 2)
    """The two directions are averaged. They are added in the formula; look at a factor of 1/2."""
    one_minus_consistency = lambda self: 1 - self.batch
    """The result is 1 minus the consistency. Compare the constant with the formula."""


STAGES = (Maps, Pixels, Pairs, Masks, Cosines, Summed, Means, Batch, Loss)
