"""Inputs for `Model.forward` of `model_factory.py`: 1.1."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.cases.draw import Draw
from autograder.records import Array, Case

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


PUBLIC = {"1.1": _public}
TERM = {"1.1": _term}
OWN = {"1.1": _own}


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
