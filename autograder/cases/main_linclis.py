"""Inputs for `freeze_backbone` of `main_linclis.py`."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.cases.draw import Draw
from autograder.core.records import Case


def _public() -> Iterator[Case]:
    yield _freeze("public", Draw("public/3"))


def _term(draw: Draw) -> Iterator[Case]:
    yield _freeze("fc registered first", draw, features=64, classes=100, fc_first=True)
    yield _freeze("eval mode before", draw, training=False)


def _own(draw: Draw) -> Iterator[Case]:
    yield _freeze("own width", draw, features=int(draw.random.integers(400, 600)), classes=10)


PUBLIC = {"3": _public}
TERM = {"3": _term}
OWN = {"3": _own}


def _freeze(
    name: str,
    draw: Draw,
    features: int = 512,
    classes: int = 10,
    fc_first: bool = False,
    training: bool = True,
) -> Case:
    params = {"features": features, "classes": classes}
    flags = {"fc_first": fc_first, "training": training}
    return Case("3", name, "freeze", {"x": draw.normal(4, 6)}, {**params, **flags})
