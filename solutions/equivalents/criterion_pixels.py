"""Right in other words: the pixel consistency loss, question B4."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from criterion import positive_pixels
from mistakes import replaces


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def loop_over_images_and_pixels(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """One image after the other, one pair after the other, with distances of its own."""
    total = y1.new_zeros(())
    for i in range(len(y1)):
        sides = [(g[i][:, 1, 1] - g[i][:, 0, 0]).norm() for g in (grid1, grid2)]
        reach = threshold * max(sides)
        for y, x, g, h in ((y1, x2, grid1, grid2), (y2, x1, grid2, grid1)):
            centres, others = g[i].flatten(1).T, h[i].flatten(1).T
            cosines = [
                F.cosine_similarity(y[i].flatten(1)[:, a], x[i].detach().flatten(1)[:, b], dim=0)
                for a in range(len(centres))
                for b in range(len(others))
                if (centres[a] - others[b]).norm() < reach
            ]
            if cosines:
                total = total - torch.stack(cosines).mean()
    return total / len(y1)


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def einsum_and_where(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """Sums by einsum, the mask as numbers, and images without pairs by `torch.where`."""
    mask = positive_pixels(grid1, grid2, threshold).to(y1.dtype)
    y1, y2, x1, x2 = (t.flatten(2) / t.flatten(2).norm(dim=1, keepdim=True) for t in (y1, y2, x1, x2))
    count = mask.sum(dim=(1, 2))
    both = torch.einsum("bci,bcj,bij->b", y1, x2.detach(), mask) + torch.einsum("bcj,bci,bij->b", y2, x1.detach(), mask)
    mean = torch.where(count > 0, both / torch.where(count > 0, count, torch.ones_like(count)), torch.zeros_like(both))
    return -mean.mean()


@replaces("B4", "SSLLoss.pixel_consistency_loss")
def second_mask_of_its_own(self, y1, y2, x1, x2, grid1, grid2, threshold=0.7):
    """The mask of the other direction is computed again, and every pair's cosine by broadcasting."""
    losses = []
    for y, x, pairs in (
        (y1, x2, positive_pixels(grid1, grid2, threshold)),
        (y2, x1, positive_pixels(grid2, grid1, threshold)),
    ):
        with torch.no_grad():
            target = x.flatten(2)[:, :, None, :]
        cosine = F.cosine_similarity(y.flatten(2)[:, :, :, None], target, dim=1)
        weights = pairs.float() if y.dtype == torch.float32 else pairs.double()
        losses.append(-(cosine * weights).sum((1, 2)) / (weights.sum((1, 2)) + 1e-12))
    return (losses[0] + losses[1]).mean()
