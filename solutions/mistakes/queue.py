"""Known mistakes in the key queue, question B1: the loss stage by stage, and `enqueue` as a whole."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.compose import common
from model_factory import KeyQueue

QUESTION, TARGET = "B1", "SSLLoss.queue_contrastive_loss"
INFINITY = float("inf")


class Given:
    """Queries and keys, `[B, D]`, and the queue, `[D, Q]`."""

    def __init__(self, loss: SSLLoss, q: Tensor, k: Tensor, queue: Tensor):
        self.q, self.k, self.queue, self.t, self.size = q, k, queue, loss.temperature, len(q)


def unit(rows: Tensor) -> Tensor:
    """Rows of length 1."""
    return F.normalize(rows, dim=1)


class Constants(Given):
    """The queries, the keys and the queue, of which two are constants."""

    def right(self):
        return self.q, self.k.detach(), self.queue.detach()

    gradient_into_keys = common(lambda self: (self.q, self.k, self.queue.detach()))
    """The value is right, but the gradient also flows into the keys. Keys are targets: look at what makes them
    constants."""
    gradient_into_queue = common(lambda self: (self.q, self.k.detach(), self.queue))
    """The value is right, but a gradient flows into the queue. What was stored earlier is not trained any more; look at
    what makes it a constant."""
    gradient_into_both = lambda self: (self.q, self.k, self.queue)
    """The value is right, but gradients flow into the keys and into the queue. Both are targets: look at what makes
    them constants."""
    no_gradient_to_queries = lambda self: (self.q.detach(), self.k.detach(), self.queue.detach())
    """The value is right, but no gradient reaches the queries, so nothing learns. Look at which of the three arguments
    are constants."""


class Unit(Given):
    """Queries and keys of length 1."""

    def right(self):
        return unit(self.constants[0]), unit(self.constants[1])

    queries_not_normalised = common(lambda self: (self.constants[0], unit(self.constants[1])))
    """The queries keep their lengths, so similarities are not cosines. Look at what is normalised, and along which
    axis."""
    keys_not_normalised = common(lambda self: (unit(self.constants[0]), self.constants[1]))
    """This batch's keys keep their lengths. Only what comes out of the queue is normalised already; look at what is
    done to k."""
    nothing_normalised = lambda self: self.constants[:2]
    """Neither the queries nor this batch's keys have length 1. Only what comes out of the queue is normalised already;
    look at what makes an inner product a cosine."""
    normalised_over_the_batch = lambda self: [F.normalize(rows, dim=0) for rows in self.constants[:2]]
    """Columns are brought to length 1, not rows. Look at the `dim` of the normalisation: which axis holds the
    features?"""


class Alike(Given):
    """The similarities of the positives, `[B, 1]`, and of the negatives, `[B, Q]`."""

    def right(self):
        return (self.unit[0] * self.unit[1]).sum(dim=1, keepdim=True), self.unit[0] @ self.constants[2]

    queue_transposed = lambda self: (
        (self.unit[0] * self.unit[1]).sum(dim=1, keepdim=True),
        self.unit[0] @ self.constants[2].T,
    )
    """The queue is transposed before the product. It has one key per column; look at the two shapes that are
    multiplied."""
    keys_in_place_of_queries = lambda self: (
        (self.unit[0] * self.unit[1]).sum(dim=1, keepdim=True),
        self.unit[1] @ self.constants[2],
    )
    """The keys are compared with the queue where the queries are meant. Look at the names in the product with the
    queue."""

    def batch_as_negatives(self):
        """The keys of the other images in the batch count as negatives, as in SimCLR. Here the negatives come from the
        queue alone; look at the shape of the logits."""
        q, k = self.unit
        others = (q @ k.T).masked_fill(torch.eye(self.size, dtype=torch.bool), -INFINITY)
        return (q * k).sum(dim=1, keepdim=True), torch.cat([others, q @ self.constants[2]], dim=1)


class Scaled(Given):
    """Similarities over the temperature."""

    def right(self):
        return [s / self.t for s in self.alike]

    temperature_left_out = common(lambda self: self.alike)
    """Similarities are not divided by the temperature. Look for `self.temperature`."""
    temperature_multiplied = lambda self: [s * self.t for s in self.alike]
    """Similarities are multiplied by the temperature. Look at what a lower temperature should do to them."""
    temperature_for_positive_only = common(lambda self: (self.alike[0] / self.t, self.alike[1]))
    """Only the positive's similarity is divided by the temperature. Look at where the division stands: it is for all
    logits."""
    temperature_for_negatives_only = common(lambda self: (self.alike[0], self.alike[1] / self.t))
    """Only the negatives' similarities are divided by the temperature. Look at where the division stands: it is for all
    logits."""


class Denominator(Given):
    """The logarithm of the sum that divides, `[B]`."""

    def right(self):
        return torch.cat(tuple(self.scaled), dim=1).logsumexp(1)

    @common("the positive is missing from the sum under the logarithm", "at what else is in it")
    def positive_left_out_of_sum(self):
        """The sum under the logarithm runs over the queue alone. Compare with the formula: what else is in it?"""
        return self.scaled[1].logsumexp(1)


class Terms(Given):
    """The loss of each query, `[B]`."""

    def right(self):
        return self.denominator - self.scaled[0][:, 0]

    positive_behind_negatives = lambda self: self.denominator - self.scaled[1][:, 0]
    """The label points at a negative: the logits are put together in one order and the labels count in another. Look at
    which column is the positive."""
    sign_lost = lambda self: self.scaled[0][:, 0] - self.denominator
    """The sign of the loss is the wrong way round. Look for a minus that got lost or stands twice."""


class Mean(Given):
    """One number of all queries."""

    def right(self):
        return self.terms.mean()

    sum_over_batch = common(lambda self: self.terms.sum())
    """The losses of the batch are summed. Look at what the formula divides by."""
    not_averaged = lambda self: self.terms
    """One number per query comes back. Look at whether the result of the last step is a single number."""


class Factor(Given):
    """What multiplies the loss."""

    def right(self):
        return self.mean

    twice_the_temperature = lambda self: self.mean * 2 * self.t
    """The finished loss is multiplied by twice the temperature, as MoCo v3 does. Look for a factor outside the
    logarithm that this formula does not have."""


STAGES = (Constants, Unit, Alike, Scaled, Denominator, Terms, Mean, Factor)


def demand_room(self: KeyQueue, keys: Tensor) -> int:
    """The size of the queue; more keys than that are refused."""
    size = self.queue.shape[1]
    if len(keys) > size:
        raise ValueError(f"{len(keys)} keys do not fit into a queue of {size}")
    return size


def write(self: KeyQueue, keys: Tensor, start: int) -> None:
    """Write keys from a column on, around the end."""
    self.queue[:, (start + torch.arange(len(keys))) % self.queue.shape[1]] = keys.T


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def cut_off_at_end(self: KeyQueue, keys: Tensor) -> None:
    """Keys that do not fit before the end of the queue are dropped. A ring goes on at column 0; look at what happens to
    the rest of the batch."""
    size, start = demand_room(self, keys), int(self.ptr)
    write(self, keys[: size - start], start)
    self.ptr.fill_((start + len(keys)) % size)


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def begins_again_early(self: KeyQueue, keys: Tensor) -> None:
    """A batch that does not fit before the end is written at column 0, and the last columns keep their old keys. Look
    at how a batch is divided between the end and the beginning."""
    size, start = demand_room(self, keys), int(self.ptr)
    start = 0 if start + len(keys) > size else start
    write(self, keys, start)
    self.ptr.fill_((start + len(keys)) % size)


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def pointer_stays(self: KeyQueue, keys: Tensor) -> None:
    """`ptr` is not moved, so every batch overwrites the one before. Look at what is to be done after the keys were
    written."""
    demand_room(self, keys)
    write(self, keys, int(self.ptr))


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def pointer_leaves_queue(self: KeyQueue, keys: Tensor) -> None:
    """`ptr` grows without end. It is a column of the queue; look at what it is after the last column."""
    demand_room(self, keys)
    write(self, keys, int(self.ptr))
    self.ptr.add_(len(keys))


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def pointer_moves_by_one(self: KeyQueue, keys: Tensor) -> None:
    """`ptr` moves by one however many keys came. Look at how far it has to move."""
    size = demand_room(self, keys)
    write(self, keys, int(self.ptr))
    self.ptr.fill_((int(self.ptr) + 1) % size)


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def keys_reshaped(self: KeyQueue, keys: Tensor) -> None:
    """The keys are cut again instead of transposed: each column holds numbers of several keys. `view` and `reshape` do
    not exchange rows and columns; look at how keys become columns."""
    size = demand_room(self, keys)
    self.queue[:, (int(self.ptr) + torch.arange(len(keys))) % size] = keys.reshape(len(self.queue), -1)
    self.ptr.fill_((int(self.ptr) + len(keys)) % size)


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def too_many_not_refused(self: KeyQueue, keys: Tensor) -> None:
    """More keys than the queue holds are taken without a word. Look at what the docstring says is raised."""
    for key in keys:
        self.queue[:, int(self.ptr)] = key
        self.ptr.fill_((int(self.ptr) + 1) % self.queue.shape[1])


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def full_batch_refused(self: KeyQueue, keys: Tensor) -> None:
    """A batch as large as the queue is refused, and it fits exactly. Look at the comparison."""
    size = self.queue.shape[1]
    if len(keys) >= size:
        raise ValueError("too many keys")
    write(self, keys, int(self.ptr))
    self.ptr.fill_((int(self.ptr) + len(keys)) % size)


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def last_key_first(self: KeyQueue, keys: Tensor) -> None:
    """The keys of a batch enter in reverse. Look at the order in which they are written."""
    size = demand_room(self, keys)
    write(self, keys.flip(0), int(self.ptr))
    self.ptr.fill_((int(self.ptr) + len(keys)) % size)


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def moved_along_instead(self: KeyQueue, keys: Tensor) -> None:
    """All columns move up and the keys are put at the end, as in a list; `ptr` is not where they went. Look at which
    columns `ptr` says are to be written: the others stay where they are."""
    size = demand_room(self, keys)
    self.queue.copy_(torch.cat([self.queue[:, len(keys) :], keys.T], dim=1))
    self.ptr.fill_((int(self.ptr) + len(keys)) % size)


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def written_one_column_late(self: KeyQueue, keys: Tensor) -> None:
    """The first key goes into the column behind `ptr`. Look at which column is written first: `ptr` is the next one to
    be filled, not the last one that was."""
    size = demand_room(self, keys)
    write(self, keys, int(self.ptr) + 1)
    self.ptr.fill_((int(self.ptr) + len(keys)) % size)
