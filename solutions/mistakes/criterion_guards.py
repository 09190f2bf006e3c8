"""Known mistakes in several losses by numbers that are small, guarded, or rounded to 16 bits."""

from __future__ import annotations

from torch import Tensor, nn

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_barlow import EPS, correlated, weighed


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
