"""The checks of the losses in `criterion.py`."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checks.compare import Close, Same, ScalarTensor
from autograder.checks.demands import HIDDEN, PUBLIC, Check, Demand, each

# Rounding of float32 (6e-8) through a few hundred operations, with room; a float64 input may be answered as exactly
# as a float32 one. The gradient's scale is that of its largest entry, or a thousandth if all of it is near 0.
VALUE = Close(1e-4, any_shape=True)
GRADIENT = Close(3e-4, absolute_floor=1e-3)
# At temperature 0.5 nothing magnifies rounding: float32 is right to 1e-6, and float16 off by 5e-5 and more.
EXACT_VALUE = Close(1e-5, any_shape=True)
EXACT_GRADIENT = Close(3e-5, absolute_floor=1e-3)
# At temperature 0.1 a denominator formed as 'all minus own' loses digits, because exp(1 / 0.1) is 22,026.
COLD_GRADIENT = Close(5e-3, absolute_floor=1e-3)
ZERO_D = ScalarTensor()
UNCHANGED = Same("The function changed its arguments in place")
VIEWS = ("z1", "z2")
SIZES = ("float32 B=2", "float32 B=5", "float32 B=64")
QUEUES = ("float32 B=5", "as many keys as features", "float64 B=6")


def _values(how: Close, *cases: str) -> tuple[Demand, ...]:
    return each(cases, ["value"], how)


def _gradients(how: Close, cases: Sequence[str], inputs: Sequence[str]) -> tuple[Demand, ...]:
    return each(cases, [f"gradient of {name}" for name in inputs], how)


def _scalar(case: str, value: Close = VALUE) -> tuple[Demand, ...]:
    return each([case], ["value"], ZERO_D, of=_values(value, case))


def _unchanged(case: str, value: Close = VALUE) -> tuple[Demand, ...]:
    return each([case], ["inputs unchanged"], UNCHANGED, of=_values(value, case))


def _more(gradient: Close, *cases: str) -> tuple[Demand, ...]:
    """Demands of `check.py` in addition to the value."""
    return (
        *each(cases, ["value"], ZERO_D),
        *each(cases, ["gradient of *"], gradient, depends=True),
        *each(cases, ["inputs unchanged*"], UNCHANGED),
    )


CHECKS = [
    Check("1.2", "test_contrastive_value", "Contrastive loss w/o predictor", 2, PUBLIC, _values(VALUE, "public")),
    Check(
        "1.2",
        "test_contrastive_temperature",
        "Contrastive loss at temperature 0.1",
        1,
        PUBLIC,
        _values(VALUE, "public temperature"),
    ),
    Check(
        "1.2",
        "test_contrastive_with_predictor",
        "Contrastive loss w/ predictor",
        1,
        PUBLIC,
        _values(VALUE, "public predictor"),
    ),
    Check(
        "1.2",
        "test_contrastive_float32",
        "Value in float32, batches of 2 to 64",
        4,
        HIDDEN,
        _values(EXACT_VALUE, *SIZES, "lengths", "constant z2", "second batch"),
    ),
    Check(
        "1.2",
        "test_contrastive_float64",
        "Value in float64",
        2,
        HIDDEN,
        _values(EXACT_VALUE, "float64 B=3", "float64 B=17"),
    ),
    Check(
        "1.2",
        "test_contrastive_temperatures",
        "Value at other temperatures",
        3,
        HIDDEN,
        _values(VALUE, "temperature 0.2", "temperature 1.0", "temperature 0.07", "temperature 0.07, views apart"),
    ),
    Check(
        "1.2",
        "test_contrastive_gradient",
        "Gradients of both views",
        5,
        HIDDEN,
        (
            *_gradients(EXACT_GRADIENT, [*SIZES, "second batch"], VIEWS),
            *_gradients(EXACT_GRADIENT, ["constant z2"], ["z1"]),
        ),
    ),
    Check("1.2", "test_contrastive_scalar", "The loss is a 0-d tensor", 1, HIDDEN, _scalar("float32 B=2", EXACT_VALUE)),
    Check(
        "1.2",
        "test_contrastive_inputs",
        "The inputs are left as they were",
        1,
        HIDDEN,
        _unchanged("float32 B=2", EXACT_VALUE),
    ),
    Check("1.3", "test_align_value", "Align loss w/o predictor", 1, PUBLIC, _values(VALUE, "public")),
    Check("1.3", "test_align_with_predictor", "Align loss w/ predictor", 1, PUBLIC, _values(VALUE, "public predictor")),
    Check(
        "1.3",
        "test_align_float32",
        "Value in float32, batches of 2 to 64",
        2.5,
        HIDDEN,
        _values(EXACT_VALUE, *SIZES, "lengths", "temperature 0.07", "constant z2", "opposite views"),
    ),
    Check(
        "1.3", "test_align_float64", "Value in float64", 1, HIDDEN, _values(EXACT_VALUE, "float64 B=3", "float64 B=17")
    ),
    Check(
        "1.3",
        "test_align_gradient",
        "Gradients of both views",
        3,
        HIDDEN,
        (
            *_gradients(EXACT_GRADIENT, [*SIZES, "opposite views"], VIEWS),
            *_gradients(EXACT_GRADIENT, ["constant z2"], ["z1"]),
        ),
    ),
    Check("1.3", "test_align_scalar", "The loss is a 0-d tensor", 1, HIDDEN, _scalar("float32 B=2", EXACT_VALUE)),
    Check(
        "1.3",
        "test_align_inputs",
        "The inputs are left as they were",
        0.5,
        HIDDEN,
        _unchanged("float32 B=2", EXACT_VALUE),
    ),
    Check("B1", "test_queue_value", "Loss against a queue", 0.5, PUBLIC, _values(VALUE, "public")),
    Check(
        "B1",
        "test_queue_values",
        "Loss against queues of other sizes, float32 and float64",
        1,
        HIDDEN,
        _values(VALUE, *QUEUES),
    ),
    Check(
        "B1",
        "test_queue_gradient",
        "The gradient reaches the queries, and neither keys nor queue",
        1,
        HIDDEN,
        _gradients(GRADIENT, QUEUES, ["q", "k", "queue"]),
    ),
    Check(
        "B1",
        "test_queue_scalar",
        "The loss is a 0-d tensor, and the inputs are left as they were",
        0.5,
        HIDDEN,
        (*_scalar("float64 B=6"), *_unchanged("float64 B=6")),
    ),
    Check("B2", "test_barlow_value", "Barlow Twins", 1, PUBLIC, _values(VALUE, "public")),
    Check(
        "B2",
        "test_barlow_values",
        "Barlow Twins of other batches and dtypes",
        1.5,
        HIDDEN,
        _values(VALUE, "float32 B=6", "float32 B=16", "float64 B=2"),
    ),
    Check(
        "B2",
        "test_barlow_gradient",
        "Gradients of both views",
        1.5,
        HIDDEN,
        _gradients(GRADIENT, ["float32 B=6", "float32 B=16"], VIEWS),
    ),
    Check("B2", "test_barlow_spread", "Features with little spread", 0.5, HIDDEN, _values(VALUE, "little spread")),
    Check(
        "B2",
        "test_barlow_scalar",
        "The loss is a 0-d tensor, and the inputs are left as they were",
        0.5,
        HIDDEN,
        (*_scalar("float32 B=16"), *_unchanged("float32 B=16")),
    ),
    Check("B4", "test_pixels_value", "Pixel consistency of one image", 1, PUBLIC, _values(VALUE, "public")),
    Check(
        "B4",
        "test_pixels_values",
        "Several images, mirrored views, other thresholds",
        1.5,
        HIDDEN,
        _values(VALUE, "float32 B=3", "float64 B=2", "wide maps, threshold 1.3"),
    ),
    Check(
        "B4",
        "test_pixels_gradient",
        "The gradient reaches y, and not x",
        1.5,
        HIDDEN,
        _gradients(GRADIENT, ["float32 B=3", "float64 B=2"], ["y1", "y2", "x1", "x2"]),
    ),
    Check(
        "B4",
        "test_pixels_apart",
        "An image whose views do not overlap counts as 0",
        0.5,
        HIDDEN,
        _values(VALUE, "views without overlap"),
    ),
    Check(
        "B4",
        "test_pixels_scalar",
        "The loss is a 0-d tensor, and the inputs are left as they were",
        0.5,
        HIDDEN,
        (*_scalar("float64 B=2"), *_unchanged("float64 B=2")),
    ),
]

PRACTICE = {
    "1.2": (*_more(EXACT_GRADIENT, "public", "public predictor"), *_more(COLD_GRADIENT, "public temperature")),
    "1.3": _more(EXACT_GRADIENT, "public", "public predictor"),
    "B1": _more(GRADIENT, "public"),
    "B2": _more(GRADIENT, "public"),
    "B4": _more(GRADIENT, "public"),
}
