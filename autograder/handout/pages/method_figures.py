"""The figure of each method: which networks a view passes, what is compared, and where the gradient ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.handout.pages.drawing import Arrow, Box, Figure

IMAGE = (
    Box("image", "image", 0, 0.5, "view"),
    Box("view1", "view 1", 1, 0, "view"),
    Box("view2", "view 2", 1, 1, "view"),
)
CUT = (
    Arrow("image", "view1", dashed=True),
    Arrow("image", "view2", dashed=True),
    Arrow("view1", "online"),
    Arrow("view2", "target"),
)
ONLINE = Box("online", "encoder f", 2, 0, "network")
SAME = Box("target", "encoder f", 2, 1, "network")
MOMENTUM = Box("target", "momentum\nencoder f′", 2, 1, "momentum")
SHARED = Arrow("online", "target", "same weights", dashed=True, head=False)
FOLLOWS = Arrow("online", "target", "moving average", dashed=True)


def _loss(text: str, column: float = 4, row: float = 0.5) -> Box:
    return Box("loss", text, column, row, "loss")


LOWER = 1.6


def _apart(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The same boxes with more room between the views, through which the two targets cross."""
    return tuple(replace(box, row=LOWER * box.row) for box in boxes)


HALVES = (
    Box("predictor1", "predictor h", 3, 0, "predictor"),
    Box("predictor2", "predictor h", 3, LOWER, "predictor"),
    Box("half1", "½ align", 4.3, 0, "loss"),
    Box("half2", "½ align", 4.3, LOWER, "loss"),
)
BOTH_HALVES = (
    *(
        Arrow("online", "predictor1", "z₁"),
        Arrow("predictor1", "half1", "p₁"),
        Arrow("target", "half1", "z₂", stop=True),
    ),
    *(
        Arrow("target", "predictor2", "z₂"),
        Arrow("predictor2", "half2", "p₂"),
        Arrow("online", "half2", "z₁", stop=True),
    ),
)

FIGURES: Mapping[str, Figure] = {
    "simclr": Figure(
        "SimCLR: both views pass the same encoder; NT-Xent compares z1 and z2.",
        (*IMAGE, ONLINE, SAME, _loss("NT-Xent", 3.4)),
        (*CUT, SHARED, Arrow("online", "loss", "z₁"), Arrow("target", "loss", "z₂")),
    ),
    "moco": Figure(
        "MoCo: view 2 passes the momentum encoder, whose output gets no gradient; NT-Xent compares z1 and z2.",
        (*IMAGE, ONLINE, MOMENTUM, _loss("NT-Xent", 3.4)),
        (*CUT, FOLLOWS, Arrow("online", "loss", "z₁"), Arrow("target", "loss", "z₂", stop=True)),
    ),
    "byol": Figure(
        "BYOL: a predictor on the encoder's output of view 1 is aligned with the momentum encoder's output of view 2, "
        "and the other way round; the predictor's targets get no gradient.",
        (*_apart(IMAGE), ONLINE, *_apart((MOMENTUM,)), *HALVES),
        (*CUT, FOLLOWS, *BOTH_HALVES),
    ),
    "simsiam": Figure(
        "SimSiam: a predictor on the encoder's output of one view is aligned with the same encoder's output of the "
        "other view, which gets no gradient; both ways round.",
        (*_apart(IMAGE), ONLINE, *_apart((SAME,)), *HALVES),
        (*CUT, SHARED, *BOTH_HALVES),
    ),
    "queue": Figure(
        "MoCo with a queue: the query is compared with its key and with the keys of earlier batches.",
        (*IMAGE, ONLINE, MOMENTUM, Box("queue", "queue of\nearlier keys", 3.2, 2, "memory"), _loss("InfoNCE", 4.2)),
        (
            *(*CUT, FOLLOWS, Arrow("online", "loss", "q"), Arrow("target", "loss", "k", stop=True)),
            *(Arrow("target", "queue", "afterwards", dashed=True), Arrow("queue", "loss", "Q negatives")),
        ),
    ),
    "barlow-twins": Figure(
        "Barlow Twins: both views' features are correlated over the batch; the correlation is to be the identity.",
        (*IMAGE, ONLINE, SAME, Box("matrix", "correlation C\nD × D", 3.4, 0.5, "memory"), _loss("C ≈ I", 4.4)),
        (*CUT, SHARED, Arrow("online", "matrix", "z₁"), Arrow("target", "matrix", "z₂"), Arrow("matrix", "loss")),
    ),
    "directpred": Figure(
        "DirectPred: as BYOL, but the linear predictor is computed from the correlation of the embeddings.",
        (
            *(*IMAGE, ONLINE, MOMENTUM, Box("predictor", "p₁ = W z₁", 3, 0, "predictor")),
            *(Box("matrix", "correlation F", 3, -1, "memory"), _loss("align")),
        ),
        (
            *(*CUT, FOLLOWS, Arrow("online", "predictor", "z₁"), Arrow("predictor", "loss", "p₁")),
            *(Arrow("target", "loss", "z₂", stop=True), Arrow("online", "matrix", "", dashed=True)),
            Arrow("matrix", "predictor", "sets W", dashed=True),
        ),
    ),
    "pixpro": Figure(
        "PixPro: propagated features of view 1 are aligned with the momentum encoder's of near pixels of view 2.",
        (*IMAGE, ONLINE, MOMENTUM, Box("predictor", "propagation", 3, 0, "predictor"), _loss("align\nnear pixels")),
        (
            *(*CUT, FOLLOWS, Arrow("online", "predictor", "map"), Arrow("predictor", "loss", "y₁")),
            Arrow("target", "loss", "x₂", stop=True),
        ),
    ),
}
"""The figures by their name in the handout: `![caption](figures/simclr.svg)`."""
