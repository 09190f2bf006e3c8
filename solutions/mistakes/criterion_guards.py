"""Known mistakes in several losses by numbers that are small, guarded, or rounded to 16 bits."""

from __future__ import annotations

from torch import Tensor, nn

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_barlow import EPS, correlated, weighed

FLOOR = 0.1


def _above_floor(z: Tensor) -> Tensor:
    return z / z.norm(dim=1, keepdim=True).clamp(min=FLOOR)


def _enlarged(z: Tensor) -> Tensor:
    return z / (z.norm(dim=1, keepdim=True) + FLOOR)


@replaces("1.3", "SSLLoss.align_loss", symptom="wrong where embeddings are short")
def align_norm_with_a_floor(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Short embeddings are not brought to length 1: the norm is kept above a number. Look for `clamp`, `maximum` or a
    large `eps` at the normalisation."""
    return -(_above_floor(z1) * _above_floor(z2)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="wrong where embeddings are short")
def align_norm_enlarged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A number is added to the norm that is not small beside it, so no embedding gets length 1. Look at what the rows
    are divided by."""
    return -(_enlarged(z1) * _enlarged(z2)).sum(1).mean()


@replaces("B2", "SSLLoss.barlow_twins_loss", combines=("unbiased_deviation", "eps_left_out"))
def unbiased_deviation_without_eps(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the deviation divides by B - 1, as `std` does by default, and nothing is added to the
    variance."""
    z1, z2 = ((z - z.mean(0)) / z.std(0) for z in (z1, z2))
    return weighed(self, correlated(z1, z2))


@replaces("B2", "SSLLoss.barlow_twins_loss", symptom="mixed dtype: expect parameter to have scalar type of Float")
def statistics_of_a_float32_module(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A module is made inside the loss, and its statistics are float32 whatever the input is. Look for
    `nn.BatchNorm1d`: `F.batch_norm`, or a module that is given the input's dtype, takes any."""
    norm = nn.BatchNorm1d(z1.shape[1], affine=False, eps=EPS)
    return weighed(self, correlated(norm(z1), norm(z2)))
