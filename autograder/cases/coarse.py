"""Inputs on which half precision is far from right, so that an answer in it gets the same grade on all inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograder.core.records import Array

APART = 5e-5
"""Least difference between a loss and the same loss in half precision: five times the tolerance of the value."""
Rounding = Callable[[Array], Array]
Loss = Callable[[Array, Array, Rounding, Rounding], float]


def unlike_rounded(loss: Loss, draw: Callable[[], tuple[Array, Array]]) -> tuple[Array, Array]:
    """Two views from `draw`, drawn again until the loss in float16 and in bfloat16 differs from that in more digits."""
    while True:
        z1, z2 = draw()
        exact = loss(z1, z2, _exact, _exact)
        if all(abs(coarse - exact) > APART * max(1.0, abs(exact)) for coarse in _coarse(loss, z1, z2)):
            return z1, z2


def _coarse(loss: Loss, z1: Array, z2: Array) -> Iterator[float]:
    """Yield the loss with the embeddings rounded, with the results of its steps rounded, and with both."""
    for rounded in (_float16, _bfloat16):
        yield loss(rounded(z1), rounded(z2), _exact, _exact)
        yield loss(z1, z2, _exact, rounded)
        yield loss(z1, z2, rounded, rounded)
        yield loss(rounded(z1), rounded(z2), rounded, rounded)


def contrastive(z1: Array, z2: Array, of_rows: Rounding, of_logits: Rounding) -> float:
    """NT-Xent at temperature 0.5, with rows of length 1 and similarities rounded."""
    rows = of_rows(_unit(np.concatenate([z1, z2])))
    logits = of_logits(rows @ rows.T) / 0.5
    others = np.exp(logits).sum(axis=1) - np.exp(np.diag(logits))
    positives = np.roll(logits, len(z1), axis=1).diagonal()
    return float((np.log(others) - positives).mean())


def align(z1: Array, z2: Array, of_rows: Rounding, of_cosines: Rounding) -> float:
    """Minus the mean cosine of matching rows, with rows of length 1 and cosines rounded."""
    return float(-of_cosines((of_rows(_unit(z1)) * of_rows(_unit(z2))).sum(axis=1)).mean())


def _exact(values: Array) -> Array:
    return values


def _unit(rows: Array) -> Array:
    rows = rows.astype("float64")
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _float16(values: Array) -> Array:
    return values.astype("float16").astype("float64")


def _bfloat16(values: Array) -> Array:
    """Round to the nearest number of eight binary digits."""
    bits = values.astype("float32").view("uint32")
    return np.asarray(((bits + np.uint32(0x8000)) & np.uint32(0xFFFF0000)).view("float32").astype("float64"))
