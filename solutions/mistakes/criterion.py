"""Known mistakes in the losses of `criterion.py`: 1.2 and 1.3."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss never falls below ln 2 = 0.693, at any temperature")
def own_similarity_kept(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view itself is still in its own denominator. Look at which entries of the similarity matrix the sum runs over."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    similarity = z @ z.T / self.temperature
    positive = torch.arange(len(z), device=z.device).roll(len(z1))
    return F.cross_entropy(similarity, positive)
