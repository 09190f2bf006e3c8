"""Right in other words: the losses of `criterion.py`, 1.2 and 1.3."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


@replaces("1.2", "SSLLoss.contrastive_loss")
def logsumexp_over_masked(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Log-sum-exp minus the positive, written out."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    similarity = (z @ z.T / self.temperature).fill_diagonal_(float("-inf"))
    positive = (z * z.roll(len(z1), 0)).sum(1) / self.temperature
    return (similarity.logsumexp(1) - positive).mean()
