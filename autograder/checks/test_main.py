"""The checks of `update_momentum_encoder` in `main.py`."""

from __future__ import annotations

from autograder.checks.compare import Close, Same
from autograder.checks.demands import HIDDEN, PUBLIC, Check, Demand, each

# A product, a product and a sum in float32: 2e-7 at these sizes; m differs between cases by far more.
PARAMETER = Close(5e-6)
SAME_PARAMETERS = Same("A parameter was replaced by another one instead of being changed in place")
SAME_REQUIRES_GRAD = Same("requires_grad of a parameter changed")
LEAVES = Same("The update left a graph behind; a parameter is no longer a leaf tensor")
SHOWN = ("public m = 0.9", "public m = 0.99")
OTHERS = ("m = 0.99", "m = 0.5", "m = 0.996, float64", "m = 0", "m = 1", "part of the encoder frozen")


def _updated(*cases: str) -> tuple[Demand, ...]:
    """Demand the right momentum encoder."""
    return each(cases, ["momentum_encoder.*"], PARAMETER)


def _left(*cases: str) -> tuple[Demand, ...]:
    """Demand that everything else is unchanged."""
    names = ["encoder.*", "predictor.*"]
    return tuple(one for case in cases for one in each([case], names, PARAMETER, of=_updated(case)))


def _in_place(*cases: str) -> tuple[Demand, ...]:
    return tuple(Demand(case, "same parameters", SAME_PARAMETERS, of=_updated(case)) for case in cases)


def _no_graph(*cases: str) -> tuple[Demand, ...]:
    kept = (("leaves", LEAVES), ("same requires_grad", SAME_REQUIRES_GRAD))
    return tuple(Demand(case, name, how, of=_updated(case)) for case in cases for name, how in kept)


CHECKS = [
    Check("1.4", "test_public", "Momentum update with m = 0.9", 1, PUBLIC, _updated("public m = 0.9")),
    Check("1.4", "test_public_slow", "Momentum update with m = 0.99", 1, PUBLIC, _updated("public m = 0.99")),
    Check("1.4", "test_hidden", "Momentum encoder for other coefficients", 3.5, HIDDEN, _updated(*OTHERS)),
    Check("1.4", "test_repeated", "Three updates in a row", 1.5, HIDDEN, _updated("three updates")),
    Check(
        "1.4",
        "test_encoder",
        "The encoder, and everything else, is left as it was",
        1,
        HIDDEN,
        _left("m = 0.5", "three updates"),
    ),
    Check(
        "1.4",
        "test_in_place",
        "Parameters are changed in place",
        1,
        HIDDEN,
        _in_place("m = 0.5", "part of the encoder frozen"),
    ),
    Check(
        "1.4",
        "test_no_graph",
        "No graph is built, requires_grad stays",
        1,
        HIDDEN,
        _no_graph("m = 0.5", "three updates", "learnable", "part of the encoder frozen"),
    ),
]

PRACTICE = {"1.4": (*_in_place(*SHOWN), *_no_graph(*SHOWN), *_left(*SHOWN))}
