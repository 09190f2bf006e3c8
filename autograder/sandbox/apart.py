"""Takes values that student code returned apart into plain data. Students get a copy, so `check.py` does the same."""

from __future__ import annotations

import numpy as np
import torch

from autograder.core.values import DTYPES, Array

_NUMBERS = frozenset({bool, int, float, *np.sctypeDict.values()})


def take_apart(value: object) -> tuple[str, str, Array | None]:
    """A value that student code returned, as kind, name of its type, and plain array.

    Only exact types count: the methods of a subclass of a tensor or of a number could return anything. A parameter is
    a tensor, and a NumPy array without dimensions is a number.
    """
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"[:200]
    if value is None:
        return "none", "None", None
    if isinstance(value, torch.Tensor) and kind in (torch.Tensor, torch.nn.Parameter):
        name = str(value.dtype)
        if value.layout is torch.strided and not value.is_complex() and not value.is_quantized:
            plain = value.detach().cpu()
            return "tensor", name, (plain.float() if plain.dtype is torch.bfloat16 else plain).numpy()
    elif isinstance(value, np.ndarray) and kind is np.ndarray and value.ndim:
        name = f"{name} of shape {list(value.shape)}"
    elif kind in _NUMBERS or kind is np.ndarray:
        array = np.array(value)  # a copy, with nobody else's memory
        if array.dtype in DTYPES:
            return "number", name, array
    return "other", name, None
