"""What is demanded of the losses in `criterion.py`."""

from __future__ import annotations

from autograder.checks.compare import Close, Same, ScalarTensor
from autograder.checks.registry import Answers, check

# Rounding of float32 (6e-8) through a few hundred operations, with room; a float64 input may be answered as exactly
# as a float32 one. The gradient's scale is that of its largest entry, or a thousandth where all of it is near 0.
VALUE = Close(1e-4, any_shape=True)
GRADIENT = Close(3e-4, absolute_floor=1e-3)
# At temperature 0.5 nothing magnifies rounding: float32 is right to 1e-6, and float16 off by 5e-5 and more.
EXACT_VALUE = Close(1e-5, any_shape=True)
EXACT_GRADIENT = Close(3e-5, absolute_floor=1e-3)
ZERO_D = ScalarTensor()
UNCHANGED = Same("The function changed its arguments in place")


@check("1.2", points=2, public=True)
def test_contrastive_value(answers: Answers) -> None:
    """Contrastive loss w/o predictor"""
    answers.agree("public", "value", VALUE)


@check("1.2", points=1, public=True)
def test_contrastive_temperature(answers: Answers) -> None:
    """Contrastive loss at temperature 0.1"""
    answers.agree("public temperature", "value", VALUE)


@check("1.2", points=1, public=True)
def test_contrastive_with_predictor(answers: Answers) -> None:
    """Contrastive loss w/ predictor"""
    answers.agree("public predictor", "value", VALUE)


@check("1.2", points=4, public=False)
def test_contrastive_float32(answers: Answers) -> None:
    """Value in float32, batches of 2 to 64"""
    for case in ("float32 B=2", "float32 B=5", "float32 B=64", "lengths", "constant z2", "second batch"):
        answers.agree(case, "value", EXACT_VALUE)


@check("1.2", points=2, public=False)
def test_contrastive_float64(answers: Answers) -> None:
    """Value in float64"""
    for case in ("float64 B=3", "float64 B=17"):
        answers.agree(case, "value", EXACT_VALUE)


@check("1.2", points=3, public=False)
def test_contrastive_temperatures(answers: Answers) -> None:
    """Value at other temperatures"""
    for case in ("temperature 0.2", "temperature 1.0", "temperature 0.07", "temperature 0.07, views apart"):
        answers.agree(case, "value", VALUE)


@check("1.2", points=5, public=False)
def test_contrastive_gradient(answers: Answers) -> None:
    """Gradients of both views"""
    for case in ("float32 B=2", "float32 B=5", "float32 B=64", "second batch"):
        for view in ("z1", "z2"):
            answers.agree(case, f"gradient of {view}", EXACT_GRADIENT)
    answers.agree("constant z2", "gradient of z1", EXACT_GRADIENT)


@check("1.2", points=1, public=False)
def test_contrastive_scalar(answers: Answers) -> None:
    """The loss is a 0-d tensor"""
    _scalar(answers, "float32 B=2", EXACT_VALUE)


@check("1.2", points=1, public=False)
def test_contrastive_inputs(answers: Answers) -> None:
    """The inputs are left as they were"""
    _unchanged(answers, "float32 B=2", EXACT_VALUE)


@check("1.3", points=1, public=True)
def test_align_value(answers: Answers) -> None:
    """Align loss w/o predictor"""
    answers.agree("public", "value", VALUE)


@check("1.3", points=1, public=True)
def test_align_with_predictor(answers: Answers) -> None:
    """Align loss w/ predictor"""
    answers.agree("public predictor", "value", VALUE)


@check("1.3", points=2.5, public=False)
def test_align_float32(answers: Answers) -> None:
    """Value in float32, batches of 2 to 64"""
    for case in ("float32 B=2", "float32 B=5", "float32 B=64", "lengths", "temperature 0.07", "constant z2"):
        answers.agree(case, "value", EXACT_VALUE)
    answers.agree("opposite views", "value", EXACT_VALUE)


@check("1.3", points=1, public=False)
def test_align_float64(answers: Answers) -> None:
    """Value in float64"""
    for case in ("float64 B=3", "float64 B=17"):
        answers.agree(case, "value", EXACT_VALUE)


@check("1.3", points=3, public=False)
def test_align_gradient(answers: Answers) -> None:
    """Gradients of both views"""
    for case in ("float32 B=2", "float32 B=5", "float32 B=64", "opposite views"):
        for view in ("z1", "z2"):
            answers.agree(case, f"gradient of {view}", EXACT_GRADIENT)
    answers.agree("constant z2", "gradient of z1", EXACT_GRADIENT)


@check("1.3", points=1, public=False)
def test_align_scalar(answers: Answers) -> None:
    """The loss is a 0-d tensor"""
    _scalar(answers, "float32 B=2", EXACT_VALUE)


@check("1.3", points=0.5, public=False)
def test_align_inputs(answers: Answers) -> None:
    """The inputs are left as they were"""
    _unchanged(answers, "float32 B=2", EXACT_VALUE)


@check("B1", points=0.5, public=True)
def test_queue_value(answers: Answers) -> None:
    """Loss against a queue"""
    answers.agree("public", "value", VALUE)


@check("B1", points=1, public=False)
def test_queue_values(answers: Answers) -> None:
    """Loss against queues of other sizes, float32 and float64"""
    for case in ("float32 B=5", "as many keys as features", "float64 B=6"):
        answers.agree(case, "value", VALUE)


@check("B1", points=1, public=False)
def test_queue_gradient(answers: Answers) -> None:
    """The gradient reaches the queries, and neither keys nor queue"""
    for case in ("float32 B=5", "as many keys as features", "float64 B=6"):
        for name in ("q", "k", "queue"):
            answers.agree(case, f"gradient of {name}", GRADIENT)


@check("B1", points=0.5, public=False)
def test_queue_scalar(answers: Answers) -> None:
    """The loss is a 0-d tensor, and the inputs are left as they were"""
    _scalar(answers, "float32 B=5")
    _unchanged(answers, "float32 B=5")


@check("B2", points=1, public=True)
def test_barlow_value(answers: Answers) -> None:
    """Barlow Twins"""
    answers.agree("public", "value", VALUE)


@check("B2", points=1.5, public=False)
def test_barlow_values(answers: Answers) -> None:
    """Barlow Twins of other batches and dtypes"""
    for case in ("float32 B=6", "float32 B=16", "float64 B=2"):
        answers.agree(case, "value", VALUE)


@check("B2", points=1.5, public=False)
def test_barlow_gradient(answers: Answers) -> None:
    """Gradients of both views"""
    for case in ("float32 B=6", "float32 B=16"):
        for view in ("z1", "z2"):
            answers.agree(case, f"gradient of {view}", GRADIENT)


@check("B2", points=0.5, public=False)
def test_barlow_spread(answers: Answers) -> None:
    """Features with little spread"""
    answers.agree("little spread", "value", VALUE)


@check("B2", points=0.5, public=False)
def test_barlow_scalar(answers: Answers) -> None:
    """The loss is a 0-d tensor, and the inputs are left as they were"""
    _scalar(answers, "float32 B=6")
    _unchanged(answers, "float32 B=6")


@check("B4", points=1, public=True)
def test_pixels_value(answers: Answers) -> None:
    """Pixel consistency of one image"""
    answers.agree("public", "value", VALUE)


@check("B4", points=1.5, public=False)
def test_pixels_values(answers: Answers) -> None:
    """Several images, mirrored views, other thresholds"""
    for case in ("float32 B=3", "float64 B=2", "wide maps, threshold 1.3"):
        answers.agree(case, "value", VALUE)


@check("B4", points=1.5, public=False)
def test_pixels_gradient(answers: Answers) -> None:
    """The gradient reaches y, and not x"""
    for case in ("float32 B=3", "float64 B=2"):
        for maps in ("y1", "y2", "x1", "x2"):
            answers.agree(case, f"gradient of {maps}", GRADIENT)


@check("B4", points=0.5, public=False)
def test_pixels_apart(answers: Answers) -> None:
    """An image whose views do not overlap counts as 0"""
    answers.agree("views without overlap", "value", VALUE)


@check("B4", points=0.5, public=False)
def test_pixels_scalar(answers: Answers) -> None:
    """The loss is a 0-d tensor, and the inputs are left as they were"""
    _scalar(answers, "float32 B=3")
    _unchanged(answers, "float32 B=3")


def _scalar(answers: Answers, case: str, value: Close = VALUE) -> None:
    answers.hold(case, "value", ZERO_D, answers.right(case, "value", value))


def _unchanged(answers: Answers, case: str, value: Close = VALUE) -> None:
    answers.hold(case, "inputs unchanged", UNCHANGED, answers.right(case, "value", value))
