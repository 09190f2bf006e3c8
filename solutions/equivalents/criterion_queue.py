"""Right in other words: the loss against a queue, question B1."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def logsumexp_minus_positive(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The formula, term by term."""
    with torch.no_grad():
        k = k / k.norm(dim=1, keepdim=True)
        queue = queue.clone()
    q = q / q.norm(dim=1, keepdim=True)
    positive = torch.einsum("nc,nc->n", q, k) / self.temperature
    negative = torch.einsum("nc,ck->nk", q, queue) / self.temperature
    return (torch.logaddexp(positive, negative.logsumexp(1)) - positive).mean()


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def loop_over_queries(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """A loop with cosine similarities; those with the queue's columns are cosines as well."""
    total = q.new_zeros(())
    for query, key in zip(q, k.detach(), strict=True):
        candidates = torch.cat([F.normalize(key, dim=0)[None], queue.detach().T])
        logits = F.cosine_similarity(query[None], candidates) / self.temperature
        total = total - F.log_softmax(logits, dim=0)[0]
    return total / len(q)


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def positive_last(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The positive in the last column, and labels that say so; the mean written out."""
    q, k = F.normalize(q), F.normalize(k).detach()
    logits = torch.cat([q.mm(queue.detach()), (q * k).sum(1).unsqueeze(1)], 1).div(self.temperature)
    labels = torch.full((q.size(0),), queue.size(1), dtype=torch.long)
    return F.cross_entropy(logits, labels, reduction="sum") / q.size(0)
