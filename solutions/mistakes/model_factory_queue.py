"""Known mistakes in `KeyQueue.enqueue` of `model_factory.py`, question B1."""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes import replaces
from model_factory import KeyQueue


def demand_room(self: KeyQueue, keys: Tensor) -> int:
    """The size of the queue; more keys than that are refused."""
    size = self.queue.shape[1]
    if len(keys) > size:
        raise ValueError(f"{len(keys)} keys do not fit into a queue of {size}")
    return size


def write(self: KeyQueue, keys: Tensor, start: int) -> None:
    """Write keys from a column on, around the end."""
    self.queue[:, (start + torch.arange(len(keys))) % self.queue.shape[1]] = keys.T


@replaces("B1", "KeyQueue.enqueue", symptom="the last columns hold old keys for longer than the others")
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


@replaces("B1", "KeyQueue.enqueue", symptom="only the first columns of the queue ever change")
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
    """The keys are cut anew instead of transposed: each column holds numbers of several keys. `view` and `reshape` do
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
