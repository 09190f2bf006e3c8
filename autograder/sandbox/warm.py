"""Operations that nearly every answer needs, run once before the forks: the first call of each sets something up."""

from __future__ import annotations

import random

import numpy as np
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
    _count_common_operations()
    np.random.seed(0)  # NumPy loads its generators when they are first used
    random.seed(0)


def _count_common_operations() -> None:
    """Look up, under the counter, the operations that losses and votes use: 0.1 ms each the first time."""
    z = torch.randn(4, 4, requires_grad=True)
    with Effort():
        z = F.normalize(z, dim=1)
        z = torch.cat([z, z])
        s = (z @ z.t()).div(0.5) - torch.eye(8) * 2 + torch.ones(8, 8)
        target = (torch.arange(8) + 4) % 8
        F.cross_entropy(s, target) - F.cosine_similarity(z, z).mean()
        (-torch.log(s.exp().sum(dim=1)) + s.diagonal() - torch.logsumexp(s, dim=1)).mean().neg()
        torch.einsum("id,jd->ij", z, z).masked_fill(torch.eye(8).bool(), 0.0)[target, target].sum()
        z.detach().pow(2).sum(1, keepdim=True).sqrt().clamp(min=1e-8)
        values, indices = s.detach().topk(3, dim=1)
        votes = F.one_hot(target[indices], 8).sum(dim=1).argmax(dim=1)
        torch.zeros(8, 8).scatter_add_(1, indices, values).max(dim=1)
        torch.zeros(8, 8).unsqueeze(0).scatter_(2, indices.unsqueeze(0), 1.0)
        torch.mode(target[indices], dim=1), torch.bincount(target), (votes == target).sum().item(), s.argsort(dim=1)
        torch.equal(target, votes), torch.stack([target, votes]).sort(), target.max().item()
