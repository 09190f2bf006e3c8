"""What is demanded of `freeze_backbone` in `main_linclis.py`."""

from __future__ import annotations

from autograder.checks.compare import Same, SameDistribution
from autograder.checks.registry import Answers, check

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
HIDDEN = ("own width", "fc registered first", "eval mode before")


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
        answers.agree(case, "training", EVAL)
        answers.agree(case, "backbone unchanged", UNCHANGED)
        answers.agree(case, "backbone unchanged by a pass", STILL)


@check("3", points=2, public=False)
def test_returned(answers: Answers) -> None:
    """Returns fc.weight and fc.bias"""
    for case in HIDDEN:
        for name in ("returned", "weight first", "bias second", "returned length"):
            answers.agree(case, name, RETURNED)
        for name in ("bias first", "weight second"):
            answers.agree(case, name, ORDER)


def _frozen(answers: Answers, case: str) -> None:
    answers.agree(case, "backbone frozen", FROZEN)
    answers.agree(case, "backbone frozen but for", LEFT)
    answers.agree(case, "learning parameters", WHICH)
    answers.agree(case, "fc learns (weight)", LEARNS)
    answers.agree(case, "fc learns (bias)", LEARNS)


def _start(answers: Answers, case: str) -> None:
    answers.agree(case, "fc.weight", NORMAL)
    answers.agree(case, "fc.bias", ZERO)
