"""Right in other words: `KeyQueue.enqueue`, question B1."""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes import replaces
from model_factory import KeyQueue


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def one_key_at_a_time(self: KeyQueue, keys: Tensor) -> None:
    """A loop."""
    if keys.shape[0] > self.queue.shape[1]:
        raise ValueError("more keys than the queue holds")
    for key in keys:
        self.queue[:, self.ptr] = key
        self.ptr += 1
        if self.ptr == self.queue.shape[1]:
            self.ptr.zero_()


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def two_slices(self: KeyQueue, keys: Tensor) -> None:
    """The keys that fit before the end, then the rest at the beginning."""
    size, start = self.queue.size(1), self.ptr.item()
    if len(keys) > size:
        raise ValueError(len(keys))
    room = min(len(keys), size - start)
    self.queue[:, start : start + room] = keys[:room].T
    self.queue[:, : len(keys) - room] = keys[room:].T
    self.ptr[...] = (start + len(keys)) % size


@replaces("B1", "KeyQueue.enqueue")
@torch.no_grad()
def new_buffers(self: KeyQueue, keys: Tensor) -> None:
    """A new tensor takes the place of each buffer."""
    size = self.queue.shape[1]
    if keys.shape[0] > size:
        raise ValueError("too many")
    turned = self.queue.roll(-int(self.ptr), dims=1)
    turned = torch.cat([keys.T, turned[:, len(keys) :]], dim=1)
    self.queue = turned.roll(int(self.ptr), dims=1)
    self.ptr = (self.ptr + len(keys)) % size
