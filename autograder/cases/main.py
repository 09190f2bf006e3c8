"""Inputs for `update_momentum_encoder` of `main.py`."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.cases.draw import Draw
from autograder.core.records import Case


def _public() -> Iterator[Case]:
    draw = Draw("public/1.4")
    yield _update("public m = 0.9", draw, 0.9, decimals=1)
    yield _update("public m = 0.99", draw, 0.99, decimals=1)


def _term(draw: Draw) -> Iterator[Case]:
    yield _update("m = 0.5", draw, 0.5)
    yield _update("m = 0.996, float64", draw, 0.996, dtype="float64")
    yield _update("m = 0", draw, 0.0)
    yield _update("m = 1", draw, 1.0)
    yield _update("three updates", draw, 0.8, times=3)
    yield _update("learnable", draw, 0.7, frozen=False)
    yield _update("part of the encoder frozen", draw, 0.6, part_frozen=True)


def _own(draw: Draw) -> Iterator[Case]:
    yield _update("m = 0.99", draw, 0.99)


PUBLIC = {"1.4": _public}
TERM = {"1.4": _term}
OWN = {"1.4": _own}


def _update(
    name: str,
    draw: Draw,
    m: float,
    dtype: str = "float32",
    times: int = 1,
    frozen: bool = True,
    part_frozen: bool = False,
    decimals: int = 6,
) -> Case:
    shapes: dict[str, tuple[int, ...]] = {
        "backbone.0.weight": (4, 3),
        "backbone.0.bias": (4,),
        "backbone.1.weight": (4,),
    }
    shapes |= {"backbone.1.bias": (4,), "projector.0.weight": (3, 4), "projector.scale": ()}
    arrays = {
        f"{encoder}.{parameter}": draw.normal(*shape, dtype="float64").round(decimals).astype(dtype)
        for encoder in ("encoder", "momentum")
        for parameter, shape in shapes.items()
    }
    params = {"m": m, "times": times, "frozen": frozen, "part_frozen": part_frozen}
    return Case("1.4", name, "momentum_update", arrays, params)
