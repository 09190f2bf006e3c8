"""Right in other words: Barlow Twins, question B2."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from criterion import SSLLoss
from mistakes import replaces


@replaces("B2", "SSLLoss.barlow_twins_loss")
def batch_norm_without_affine(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """As in the authors' code: batch norm, the diagonal, and a view of the matrix without it."""
    bn = nn.BatchNorm1d(z1.shape[1], affine=False).to(z1.dtype)
    c = bn(z1).T @ bn(z2)
    c.div_(z1.shape[0])
    on_diag = torch.diagonal(c).add(-1).pow(2).sum()
    off_diag = c.flatten()[:-1].view(len(c) - 1, len(c) + 1)[:, 1:].flatten().pow(2).sum()
    return on_diag + self.lambd * off_diag


@replaces("B2", "SSLLoss.barlow_twins_loss")
def difference_from_identity(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """(C - I)², with the entries off the diagonal scaled."""
    a, b = (F.batch_norm(z, None, None, training=True, eps=1e-5) for z in (z1, z2))
    c = torch.einsum("bi,bj->ij", a, b) / a.size(0)
    identity = torch.eye(len(c), dtype=c.dtype)
    squares = (c - identity) ** 2
    return torch.where(identity.bool(), squares, self.lambd * squares).sum()


@replaces("B2", "SSLLoss.barlow_twins_loss")
def two_loops(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every pair of features by itself."""
    loss = z1.new_zeros(())
    for i, a in enumerate(z1.unbind(1)):
        for j, b in enumerate(z2.unbind(1)):
            a_hat = (a - a.mean()) / torch.sqrt(torch.var(a, correction=0) + 1e-5)
            b_hat = (b - b.mean()) / torch.sqrt(torch.var(b, correction=0) + 1e-5)
            c = (a_hat * b_hat).mean()
            loss = loss + ((1 - c) ** 2 if i == j else self.lambd * c**2)
    return loss
