"""Inputs for advice only: their answers cost no points."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from autograder.cases.draw import Draw, drawn_as
from autograder.core.records import Case, Param

MEASURED = "advice effort"
HALF = "advice float16"
_BATCH = {"1.2": 16, "1.3": 128, "2": 64}
"""Batch sizes at which a loop over the batch shows, and one over all pairs still ends."""
_FEATURES, _TRAIN = 64, 64
_LOSSES = {"1.2": "contrastive_loss", "1.3": "align_loss"}
_IN_HALF, _VOTES = {"1.2"}, {"2"}
"""The questions whose loss is tried in half precision, and those in which neighbours vote."""


@cache
def advice_cases(question: str) -> tuple[Case, ...]:
    """The cases that measure effort, and the one that tries half precision; none for most questions."""
    return tuple(_cases(question))


def _cases(question: str) -> Iterator[Case]:
    draw = Draw(f"advice/{drawn_as(question)}")
    if question in _LOSSES:
        params: dict[str, Param] = {"method": _LOSSES[question], "temperature": 0.5, "constant": "both"}
        z1, z2 = draw.pair(_BATCH[question], _FEATURES)
        yield Case(question, MEASURED, "loss", {"z1": z1, "z2": z2}, params, measured=True)
    if question in _IN_HALF:
        z1, z2 = draw.pair(4, 8, "float16")
        yield Case(question, HALF, "loss", {"z1": z1, "z2": z2}, {**params, "temperature": 0.01})
    if question in _VOTES:
        batch = _BATCH[question]
        arrays = {"features": draw.normal(batch, _FEATURES), "train_features": draw.normal(_FEATURES, _TRAIN)}
        labels = {"labels": draw.random.integers(0, 4, batch), "train_labels": draw.random.integers(0, 4, _TRAIN)}
        yield Case(question, MEASURED, "knn", {**arrays, **labels}, {"K": 5}, measured=True)
