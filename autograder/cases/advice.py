"""Inputs that are asked for advice only: what they show costs no points."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.cases.draw import Draw
from autograder.records import Case, Param

MEASURED = "advice effort"
HALF = "advice float16"
_BATCH, _FEATURES, _TRAIN = 16, 64, 64
_LOSSES = {"1.2": "contrastive_loss", "1.3": "align_loss"}


def advice_cases(question: str) -> Iterator[Case]:
    """The cases that measure effort, and the one that tries half precision; none for most questions."""
    draw = Draw(f"advice/{question}")
    if question in _LOSSES:
        params: dict[str, Param] = {"method": _LOSSES[question], "temperature": 0.5, "constant": None}
        z1, z2 = draw.pair(_BATCH, _FEATURES)
        yield Case(question, MEASURED, "loss", {"z1": z1, "z2": z2}, params, measured=True)
    if question == "1.2":
        z1, z2 = draw.pair(4, 8, "float16")
        yield Case(question, HALF, "loss", {"z1": z1, "z2": z2}, {**params, "temperature": 0.01})
    if question == "2":
        arrays = {"features": draw.normal(_BATCH, _FEATURES), "train_features": draw.normal(_FEATURES, _TRAIN)}
        labels = {"labels": draw.random.integers(0, 4, _BATCH), "train_labels": draw.random.integers(0, 4, _TRAIN)}
        yield Case(question, MEASURED, "knn", {**arrays, **labels}, {"K": 5}, measured=True)
