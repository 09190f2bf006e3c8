"""Known mistakes in `SSLLoss.queue_contrastive_loss` of `criterion.py`, question B1."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


def logits_of(q: Tensor, k: Tensor, queue: Tensor) -> tuple[Tensor, Tensor]:
    """The similarities of the positives, `[B, 1]`, and of the negatives, `[B, Q]`."""
    return (q * k).sum(dim=1, keepdim=True), q @ queue


def first_is_right(logits: Tensor, reduction: str = "mean") -> Tensor:
    """The cross-entropy where the positive is the first column."""
    return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long), reduction=reduction)


def unit(rows: Tensor) -> Tensor:
    """Rows of length 1."""
    return F.normalize(rows, dim=1)


@replaces("B1", "SSLLoss.queue_contrastive_loss", symptom="features collapse or drift: the keys follow the queries")
def gradient_into_keys(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The value is right, but the gradient also flows into the keys. Keys are targets: look at what makes them
    constants."""
    return first_is_right(torch.cat(logits_of(unit(q), unit(k), queue.detach()), dim=1) / self.temperature)


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def gradient_into_queue(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The value is right, but a gradient flows into the queue. What was stored earlier is not trained any more; look at
    what makes it a constant."""
    return first_is_right(torch.cat(logits_of(unit(q), unit(k.detach()), queue), dim=1) / self.temperature)


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def no_gradient_to_queries(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The value is right, but no gradient reaches the queries, so nothing learns. Look at which of the three arguments
    are constants."""
    logits = torch.cat(logits_of(unit(q.detach()), unit(k.detach()), queue.detach()), dim=1)
    return first_is_right(logits / self.temperature)


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def queries_not_normalised(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The queries keep their lengths, so similarities are not cosines. Look at what is normalised, and along which
    axis."""
    return first_is_right(torch.cat(logits_of(q, unit(k.detach()), queue.detach()), dim=1) / self.temperature)


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def keys_not_normalised(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """This batch's keys keep their lengths. Only what comes out of the queue is normalised already; look at what is
    done to k."""
    return first_is_right(torch.cat(logits_of(unit(q), k.detach(), queue.detach()), dim=1) / self.temperature)


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def temperature_left_out(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """Similarities are not divided by the temperature. Look for `self.temperature`."""
    return first_is_right(torch.cat(logits_of(unit(q), unit(k.detach()), queue.detach()), dim=1))


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def temperature_for_positive_only(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """Only the positive's similarity is divided by the temperature. Look at where the division stands: it is for all
    logits."""
    positive, negative = logits_of(unit(q), unit(k.detach()), queue.detach())
    return first_is_right(torch.cat([positive / self.temperature, negative], dim=1))


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def temperature_for_negatives_only(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """Only the negatives' similarities are divided by the temperature. Look at where the division stands: it is for all
    logits."""
    positive, negative = logits_of(unit(q), unit(k.detach()), queue.detach())
    return first_is_right(torch.cat([positive, negative / self.temperature], dim=1))


@replaces("B1", "SSLLoss.queue_contrastive_loss", symptom="the loss falls below 0")
def positive_left_out_of_sum(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The sum under the logarithm runs over the queue alone. Compare with the formula: what else is in it?"""
    positive, negative = logits_of(unit(q), unit(k.detach()), queue.detach())
    return ((negative / self.temperature).logsumexp(1) - positive[:, 0] / self.temperature).mean()


@replaces("B1", "SSLLoss.queue_contrastive_loss", symptom="the loss grows with the batch size")
def sum_over_batch(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The losses of the batch are summed. Look at what the formula divides by."""
    logits = torch.cat(logits_of(unit(q), unit(k.detach()), queue.detach()), dim=1)
    return first_is_right(logits / self.temperature, "sum")


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def batch_as_negatives(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The keys of the other images in the batch count as negatives, as in SimCLR. Here the negatives come from the
    queue alone; look at the shape of the logits."""
    q, k = unit(q), unit(k.detach())
    logits = torch.cat([q @ k.T, q @ queue.detach()], dim=1) / self.temperature
    return F.cross_entropy(logits, torch.arange(len(q)))


@replaces("B1", "SSLLoss.queue_contrastive_loss")
def positive_behind_negatives(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The label points at a negative: the logits are put together in one order and the labels count in another. Look at
    which column is the positive."""
    positive, negative = logits_of(unit(q), unit(k.detach()), queue.detach())
    return first_is_right(torch.cat([negative, positive], dim=1) / self.temperature)


@replaces("B1", "SSLLoss.queue_contrastive_loss", symptom="shapes do not fit, unless Q equals D")
def queue_transposed(self: SSLLoss, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """The queue is transposed before the product. It has one key per column; look at the two shapes that are
    multiplied."""
    logits = torch.cat(logits_of(unit(q), unit(k.detach()), queue.detach().T), dim=1)
    return first_is_right(logits / self.temperature)
