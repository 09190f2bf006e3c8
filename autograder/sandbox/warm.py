"""Operations that nearly every answer needs, run once before the forks: the first call of each sets something up."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from autograder.sandbox.effort import Effort


def warm_up() -> None:
    """Run losses forward and backward in every precision, a small network, a vote, and a counted call."""
    for dtype in (torch.float32, torch.float64, torch.float16):
        x = torch.randn(4, 8, dtype=dtype, requires_grad=True)
        z = F.normalize(x.clone(), dim=1)
        logits = (z @ z.T / 0.5).masked_fill(torch.eye(4, dtype=torch.bool), float("-inf"))
        loss = F.cross_entropy(logits, torch.arange(4).roll(2)) - F.cosine_similarity(z, z.flip(0)).mean()
        torch.autograd.grad(loss + logits.exp().sum(1).log().mean() + torch.logsumexp(logits, 1).sum(), x)
    network = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.ReLU())
    torch.autograd.grad(torch.tanh(network(torch.randn(4, 8))).square().sum(), list(network.parameters()))
    votes = torch.arange(8).view(2, 4)[torch.randn(2, 4).topk(3, dim=1).indices.argsort(dim=1) % 2]
    F.one_hot(votes).sum(1).argmax(1)
    with Effort(), torch.no_grad():
        parameter = nn.Parameter(torch.randn(2))
        parameter.mul_(0.5).add_(parameter.clone(), alpha=0.5)
