"""Seeded random inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from autograder.core.records import Array

DRAWN_AS: dict[str, str] = {}
"""By question id, the id that it had when its inputs were first drawn. `handout rename` keeps it."""


def drawn_as(question: str) -> str:
    """The label of a question's draws. It is not the id, so that a new id leaves the inputs as they are."""
    return DRAWN_AS.get(question, question)


class Draw:
    """A source of arrays; the same seed gives the same arrays on every machine (PCG64, seeded by SHA-256)."""

    def __init__(self, seed: str) -> None:
        digest = hashlib.sha256(seed.encode("utf-8", "surrogateescape")).digest()
        self.random = np.random.default_rng(int.from_bytes(digest))

    def normal(self, *shape: int, dtype: str = "float32") -> Array:
        """Independent draws from N(0, 1)."""
        return self.random.standard_normal(shape).astype(dtype)

    def pair(
        self, batch: int, features: int, dtype: str = "float32", spread: float = 1.0, near: bool = False
    ) -> tuple[Array, Array]:
        """Embeddings of two views, `[B, D]` each: related row by row, rows of different lengths, none near zero.

        `spread` is the factor between the longest and the shortest rows' scale. With `near`, matching rows point
        almost the same way: at low temperatures a denominator that is formed by subtraction then keeps its digits.
        """
        z1 = self.random.standard_normal((batch, features))
        z2 = z1 + (0.35 if near else 1.2) * self.random.standard_normal((batch, features))
        views = []
        for z in (z1, z2):
            length = np.linalg.norm(z, axis=1, keepdims=True)
            scale = spread ** self.random.uniform(-0.5, 0.5, (batch, 1))
            views.append((z / length * np.maximum(length, 0.5) * scale).astype(dtype))
        return views[0], views[1]

    def symmetric(self, eigenvalues: Sequence[float] | Array) -> Array:
        """A symmetric matrix with these eigenvalues, float64 `[D, D]`."""
        axes, _ = np.linalg.qr(self.normal(len(eigenvalues), len(eigenvalues), dtype="float64"))
        matrix = (axes * np.asarray(eigenvalues)) @ axes.T
        return np.asarray((matrix + matrix.T) / 2)
