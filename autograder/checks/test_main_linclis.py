"""What is demanded of `freeze_backbone` in `main_linclis.py`: 3."""

from __future__ import annotations

from autograder.checks.compare import Close, Same, SameDistribution
from autograder.checks.registry import Answers, check

FROZEN = Same("say no: a parameter of the backbone still requires a gradient")
LEARNS = Same("say no: fc.weight or fc.bias requires no gradient")
EVAL = Same("is on: the model is left in training mode")
RETURNED = Same("say no: the function must return fc.weight and fc.bias, in that order and nothing else")
STILL = Same(
    "say no: running the model afterwards, or the freezing itself, changes the backbone's weights or statistics"
)
NORMAL = SameDistribution()
ZERO = Close(1e-12)
HIDDEN = ("own width", "fc registered first", "fc frozen before", "eval mode before")


@check("3", points=1, public=True)
def test_public_frozen(answers: Answers) -> None:
    """The backbone is frozen"""
    _frozen(answers, "public")


@check("3", points=1, public=True)
def test_public_start(answers: Answers) -> None:
    """The classifier's start"""
    _start(answers, "public")


@check("3", points=2.5, public=False)
def test_frozen(answers: Answers) -> None:
    """Only the classifier learns"""
    for case in HIDDEN:
        _frozen(answers, case)


@check("3", points=2, public=False)
def test_start(answers: Answers) -> None:
    """fc.weight from N(0, 0.01²), fc.bias zero"""
    for case in HIDDEN:
        _start(answers, case)


@check("3", points=1.5, public=False)
def test_eval(answers: Answers) -> None:
    """Left in eval mode, batch norm still"""
    for case in HIDDEN:
        _frozen(answers, case)
        answers.agree(case, "training", EVAL)
        answers.agree(case, "backbone unchanged", STILL)


@check("3", points=2, public=False)
def test_returned(answers: Answers) -> None:
    """Returns fc.weight and fc.bias"""
    for case in HIDDEN:
        for name in ("returned", "weight first", "bias second"):
            answers.agree(case, name, RETURNED)


def _frozen(answers: Answers, case: str) -> None:
    answers.agree(case, "backbone frozen", FROZEN)
    answers.agree(case, "fc learns", LEARNS)


def _start(answers: Answers, case: str) -> None:
    answers.agree(case, "fc.weight", NORMAL)
    answers.agree(case, "fc.bias", ZERO)
