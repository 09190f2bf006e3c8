"""Inputs for `model_factory.py`: `Model.forward`, `KeyQueue.enqueue`, `direct_predictor`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.cases.draw import Draw
from autograder.core.records import Array, Case, Param

_METHODS = {"SimCLR": (False, False), "MoCo": (True, False), "SimSiam": (False, True), "BYOL": (True, True)}
"""Each method's flags: with the momentum encoder, with the predictor."""


def _public() -> Iterator[Case]:
    draw = Draw("public/1.1")
    for method in _METHODS:
        yield _forward(f"public {method}", draw, method, batch=2, size=2, features=3, decimals=1)


def _term(draw: Draw) -> Iterator[Case]:
    for method in _METHODS:
        yield _forward(
            f"{method} batch norm", draw, method, batch=6, size=2, features=5, batch_norm=True, gradients=False
        )
    yield _forward("BYOL larger images", draw, "BYOL", batch=3, size=3, features=2, gradients=False)
    for method in ("MoCo", "SimSiam"):
        yield _forward(f"{method} values", draw, method, batch=5, size=2, features=4)


def _own(draw: Draw) -> Iterator[Case]:
    for method in ("SimCLR", "BYOL"):
        yield _forward(f"{method} values", draw, method, batch=5, size=2, features=4)


def _public_queue() -> Iterator[Case]:
    yield _enqueue("public enqueue", Draw("public/B1"), 2, 3, (2,), ptr=2, decimals=1)


def _term_queue(draw: Draw) -> Iterator[Case]:
    yield _enqueue("batches that fit", draw, 4, 6, (3, 3))
    yield _enqueue("around the end", draw, 3, 5, (2, 2, 2, 1))
    yield _enqueue("as many as it holds", draw, 2, 4, (4,), ptr=3)
    yield _enqueue("one too many", draw, 3, 4, (5,), ptr=1)


def _own_queue(draw: Draw) -> Iterator[Case]:
    size = int(draw.random.integers(6, 9))
    yield _enqueue("around the end, own size", draw, 3, size, (4, size - 3))


def _public_direct() -> Iterator[Case]:
    for method in ("directpred", "directcopy"):
        yield _direct(f"public {method}", np.array([[2.0, 1.0], [1.0, 2.0]]), method, 0.1, "float32")


def _term_direct(draw: Draw) -> Iterator[Case]:
    values = (2.5, 1.2, 0.6, 0.2, -0.05)
    for method, eps in (("directpred", 0.1), ("directcopy", 0.3)):
        yield _direct(f"{method}, float64", draw.symmetric(values), method, eps, "float64")
    yield _direct("another method", draw.symmetric(values[:3]), "directavg", 0.1, "float32")


def _own_direct(draw: Draw) -> Iterator[Case]:
    for method in ("directpred", "directcopy"):
        values = np.cumsum(draw.random.uniform(0.2, 0.8, 4))
        yield _direct(f"{method}, float32", draw.symmetric(values), method, draw.random.uniform(0.05, 0.4), "float32")


PUBLIC = {"1.1": _public, "B1": _public_queue, "B3": _public_direct}
TERM = {"1.1": _term, "B1": _term_queue, "B3": _term_direct}
OWN = {"1.1": _own, "B1": _own_queue, "B3": _own_direct}


def _direct(name: str, correlation: Array, method: str, eps: float, dtype: str) -> Case:
    arrays = {"correlation": correlation.astype(dtype)}
    return Case("B3", name, "direct", arrays, {"method": method, "eps": round(eps, 3)})


def _enqueue(
    name: str, draw: Draw, features: int, size: int, batches: tuple[int, ...], ptr: int = 0, decimals: int = 6
) -> Case:
    arrays = {
        rows: draw.normal(*shape, dtype="float64").round(decimals).astype("float32")
        for rows, shape in (("queue", (features, size)), ("keys", (sum(batches), features)))
    }
    params: dict[str, Param] = {"ptr": ptr, "batches": " ".join(map(str, batches))}
    return Case("B1", name, "enqueue", arrays, params, file="model_factory.py")


def _forward(
    name: str,
    draw: Draw,
    method: str,
    batch: int,
    size: int,
    features: int,
    batch_norm: bool = False,
    gradients: bool = True,
    decimals: int = 6,
) -> Case:
    momentum_encoder, predictor = _METHODS[method]
    pixels = 3 * size * size

    def normal(*shape: int) -> Array:
        return draw.normal(*shape, dtype="float64").round(decimals).astype("float32")

    views = {"im_aug1": normal(batch, 3, size, size), "im_aug2": normal(batch, 3, size, size)}
    weights = {"encoder": normal(pixels, features), "momentum_encoder": normal(pixels, features)}
    arrays = {**views, **weights, "predictor": normal(features, features)}
    params = {"use_momentum_encoder": momentum_encoder, "use_predictor": predictor}
    params |= {"batch_norm": batch_norm, "gradients": gradients}
    return Case("1.1", name, "forward", arrays, params)
