"""Values that student code returned, as plain data. Students get a copy, so that `check.py` judges as grading does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
_NAMES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES = {np.dtype(name): name for name in (*_NAMES, "float16", "float32", "float64")}
"""The dtypes of such data, with their names: a look-up, because NumPy builds `dtype.name` again each time."""


@dataclass(frozen=True)
class Value:
    """One value that came out of the sandbox, taken apart into plain data.

    `kind` is `tensor`, `number` (a Python or NumPy scalar), `none`, or `other`; `type_name` is what the
    student's object called itself and is shown to people, never trusted. `array` is set for the first two.
    """

    kind: str
    type_name: str
    array: Array | None = None
