"""The checks of `freeze_backbone` in `main_linclis.py`."""

from __future__ import annotations

from autograder.checks.compare import Same, SameDistribution
from autograder.checks.demands import HIDDEN, PUBLIC, Check, Demand, each

FROZEN = Same("A parameter of the backbone still requires a gradient")
LEFT = Same("Not every parameter of the backbone is frozen")
WHICH = Same("Parameters of the backbone still require a gradient")
LEARNS = Same("fc.weight or fc.bias requires no gradient afterwards")
EVAL = Same("The model is left in training mode")
ORDER = Same("fc.weight and fc.bias are not what is returned, in that order")
RETURNED = Same("The function must return fc.weight and fc.bias, in that order and nothing else")
UNCHANGED = Same("Freezing changed the backbone's weights or statistics")
STILL = Same("Running the model afterwards changes the backbone's statistics")
NORMAL = SameDistribution()
ZERO = SameDistribution()  # of a sample without any spread
OTHERS = ("own width", "fc registered first", "eval mode before")


def _frozen(*cases: str) -> tuple[Demand, ...]:
    flags = (
        ("backbone frozen", FROZEN),
        ("backbone frozen but for", LEFT),
        ("learning parameters", WHICH),
        ("fc learns (weight)", LEARNS),
        ("fc learns (bias)", LEARNS),
    )
    return tuple(Demand(case, name, how) for case in cases for name, how in flags)


def _start(*cases: str) -> tuple[Demand, ...]:
    return tuple(Demand(case, *one) for case in cases for one in (("fc.weight", NORMAL), ("fc.bias", ZERO)))


def _still(*cases: str) -> tuple[Demand, ...]:
    flags = (("training", EVAL), ("backbone unchanged", UNCHANGED), ("backbone unchanged by a pass", STILL))
    return tuple(Demand(case, name, how) for case in cases for name, how in flags)


def _returned(*cases: str) -> tuple[Demand, ...]:
    flags = ("returned", "weight first", "bias second", "returned length")
    order = ("bias first", "weight second")
    return tuple(one for case in cases for one in (*each([case], flags, RETURNED), *each([case], order, ORDER)))


CHECKS = [
    Check("3", "test_public_frozen", "The backbone is frozen", 1, PUBLIC, _frozen("public")),
    Check("3", "test_public_start", "The classifier's start", 1, PUBLIC, _start("public")),
    Check("3", "test_frozen", "Only the classifier learns", 2.5, HIDDEN, _frozen(*OTHERS)),
    Check("3", "test_start", "fc.weight from N(0, 0.01²), fc.bias zero", 2, HIDDEN, _start(*OTHERS)),
    Check("3", "test_eval", "Left in eval mode, batch norm still", 1.5, HIDDEN, _still(*OTHERS)),
    Check("3", "test_returned", "Returns fc.weight and fc.bias", 2, HIDDEN, _returned(*OTHERS)),
]

PRACTICE = {"3": (*_still("public"), *_returned("public"))}
