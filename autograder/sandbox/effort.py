"""Counts the cost of a call without a clock: operations, and the largest tensor that one of them made.

A count is the same on a busy machine and an idle one, so an advisory never depends on who else was running.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Effort(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves its own hooks untyped
    """Use as a context manager around a call; views cost nothing, whatever their shape."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Say that nothing here is ever compiled: this saves the import of torch._dynamo, which takes 2 s."""
        return False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # likewise
        self.operations = 0
        self.largest = 0
        """Bytes of the largest tensor."""

    def __torch_dispatch__(
        self, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> object:
        result = func(*args, **(kwargs or {}))
        self.operations += 1
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor) and leaf.layout is torch.strided:
                self.largest = max(self.largest, leaf.untyped_storage().nbytes())
        return result
