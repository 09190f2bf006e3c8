"""What is demanded of `update_momentum_encoder` in `main.py`."""

from __future__ import annotations

from autograder.checks.compare import Close, Same
from autograder.checks.registry import Answers, check

# A product, a product and a sum in float32: 2e-7 at these sizes; m differs between cases by far more.
PARAMETER = Close(5e-6)
SAME_PARAMETERS = Same("A parameter was replaced by another one instead of being changed in place")
SAME_REQUIRES_GRAD = Same("requires_grad of a parameter changed")
LEAVES = Same("The update left a graph behind; a parameter is no leaf tensor any more")


@check("1.4", points=1, public=True)
def test_public(answers: Answers) -> None:
    """Momentum update with m = 0.9"""
    _momentum(answers, "public m = 0.9")


@check("1.4", points=1, public=True)
def test_public_slow(answers: Answers) -> None:
    """Momentum update with m = 0.99"""
    _momentum(answers, "public m = 0.99")


@check("1.4", points=3.5, public=False)
def test_hidden(answers: Answers) -> None:
    """Momentum encoder for other coefficients"""
    for case in ("m = 0.99", "m = 0.5", "m = 0.996, float64", "m = 0", "m = 1", "part of the encoder frozen"):
        _momentum(answers, case)


@check("1.4", points=1.5, public=False)
def test_repeated(answers: Answers) -> None:
    """Three updates in a row"""
    _momentum(answers, "three updates")


@check("1.4", points=1, public=False)
def test_encoder(answers: Answers) -> None:
    """The encoder, and all else, is left as it was"""
    for case in ("m = 0.5", "three updates"):
        right = _updated(answers, case)
        for name in (*answers.names(case, "encoder."), *answers.names(case, "predictor.")):
            answers.hold(case, name, PARAMETER, right)


@check("1.4", points=1, public=False)
def test_in_place(answers: Answers) -> None:
    """Parameters are changed in place"""
    for case in ("m = 0.5", "part of the encoder frozen"):
        answers.hold(case, "same parameters", SAME_PARAMETERS, _updated(answers, case))


@check("1.4", points=1, public=False)
def test_no_graph(answers: Answers) -> None:
    """No graph is built, requires_grad stays"""
    for case in ("m = 0.5", "three updates", "learnable", "part of the encoder frozen"):
        right = _updated(answers, case)
        answers.hold(case, "leaves", LEAVES, right)
        answers.hold(case, "same requires_grad", SAME_REQUIRES_GRAD, right)


def _updated(answers: Answers, case: str) -> bool:
    """Whether the momentum encoder is what it must be."""
    return all(answers.right(case, name, PARAMETER) for name in answers.names(case, "momentum_encoder."))


def _momentum(answers: Answers, case: str) -> None:
    for name in answers.names(case, "momentum_encoder."):
        answers.agree(case, name, PARAMETER)
