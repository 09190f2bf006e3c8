"""Finds pixels of two views that show the same place, and contrasts them with all others. Given."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def unit_pixels(features: Tensor) -> Tensor:
    """The pixels of maps `[B, C, H, W]` as columns of length 1, `[B, C, HW]`, row after row."""
    return F.normalize(features.flatten(2), dim=1)


def positive_pixels(grid1: Tensor, grid2: Tensor, threshold: float) -> Tensor:
    """Find pixels of two views that show nearly the same place: grids `[B, 2, H, W]` to booleans `[B, HW, HW]`.

    A view's cell is what one pixel of it covers in the original image; a mirrored view has the same cell.
    """
    cells = [torch.hypot(*cell_sides(grid)) for grid in (grid1, grid2)]  # [B] each: the diagonals
    distance = torch.cdist(grid1.flatten(2).transpose(1, 2), grid2.flatten(2).transpose(1, 2))  # [B, HW, HW]
    return distance < threshold * torch.maximum(*cells)[:, None, None]


def cell_sides(grid: Tensor) -> tuple[Tensor, Tensor]:
    """Width and height of a view's cells, `[B]` each: the steps between neighbouring centres."""
    return (grid[:, 0, 0, 1] - grid[:, 0, 0, 0]).abs(), (grid[:, 1, 1, 0] - grid[:, 1, 0, 0]).abs()


def pixel_contrastive_loss(
    y: Tensor, x: Tensor, grid_y: Tensor, grid_x: Tensor, threshold: float, temperature: float
) -> Tensor:
    """PixContrast in one direction (PixPro, https://arxiv.org/abs/2011.10043, equation 2).

    Minus the log of the share of a pixel's positive pairs in the sum over all pairs, averaged over the pixels that
    have a positive pair: features `[B, C, H, W]` (`x` is a constant) and their grids to a 0-d tensor. Of two vectors of
    length 1, |a - b|^2 / 2 is 1 - cos(a, b), and what all pairs have in common leaves the share as it is.
    """
    pixels = [unit_pixels(features).transpose(1, 2) for features in (y, x.detach())]  # [B, HW, C] each
    logits = torch.cdist(*pixels).square() / (-2 * temperature)  # [B, HW, HW]
    positive = positive_pixels(grid_y, grid_x, threshold)
    share = logits.where(positive, float("-inf")).logsumexp(dim=2) - logits.logsumexp(dim=2)  # [B, HW]
    has_any = positive.any(dim=2)
    return -share.where(has_any, 0).sum() / has_any.sum().clamp(min=1)


