"""The checks of `model_factory.py`: `Model.forward`, `KeyQueue.enqueue`, `direct_predictor`."""

from __future__ import annotations

from autograder.checks.compare import Close, Comparator, Same
from autograder.checks.demands import HIDDEN, PUBLIC, Check, Demand, each

# Rounding of float32 (6e-8) through two small layers, with room. Batch norm over six rows can divide by a small
# spread, and with it multiply rounding by a hundred.
VALUE = Close(1e-4)
NORMED = Close(1e-3)
GRADIENT = Close(3e-4, absolute_floor=1e-6)
DICT = Same("The returned value is not a dict")
KEYS = Same("The returned dict lacks one of z1, z2, p1, p2")
UNCHANGED = Same("Forward changed the images in place")
WEIGHTS = Same("Forward changed the weights of a network")
OUTPUTS = ("z1", "z2", "p1", "p2")
COPIED = Close(1e-6)  # keys are copied
POINTER = Same("`ptr` is not where the next key is to go")
REFUSED = Same("More keys than the queue holds are to be refused with a ValueError, and no other number of keys")
KEYS_UNCHANGED = Same("enqueue changed the keys in place")
# Eigenvectors of float32 matrices whose eigenvalues lie well apart.
PREDICTOR = Close(5e-4)
KNOWN_METHOD = Same("`directpred` and `directcopy` are to be accepted, and any other method refused with a ValueError")
CORRELATION_UNCHANGED = Same("direct_predictor changed the correlation in place")
METHODS = ("SimCLR", "MoCo", "SimSiam", "BYOL")
DIRECT = ("public directpred", "public directcopy")
SHOWN = tuple(f"public {method}" for method in METHODS)
VALUES = tuple(f"{method} values" for method in METHODS)


def _outputs(*cases: str) -> tuple[Demand, ...]:
    """Demand that all four outputs are right."""
    return tuple(one for case in cases for one in (Demand(case, "returned value", DICT), *each([case], OUTPUTS, VALUE)))


def _separate(*methods: str) -> tuple[Demand, ...]:
    """Demand that batch norm sees one view at a time."""
    outputs: dict[str, Comparator] = {"returned value": DICT, **dict.fromkeys(OUTPUTS, NORMED)}
    return tuple(
        Demand(f"{method} batch norm", name, how, _outputs(f"{method} values"), depends=True)
        for method in methods
        for name, how in outputs.items()
    )


def _gradients(*cases: str) -> tuple[Demand, ...]:
    return tuple(Demand(case, "gradient of *", GRADIENT, _outputs(case), depends=True) for case in cases)


def _keys(*cases: str) -> tuple[Demand, ...]:
    return tuple(Demand(case, "keys", KEYS, _outputs(case)) for case in cases)


def _left(*cases: str) -> tuple[Demand, ...]:
    flags = (("inputs unchanged", UNCHANGED), ("weights unchanged", WEIGHTS))
    return tuple(Demand(case, name, how, _outputs(case)) for case in cases for name, how in flags)


def _enqueued(*cases: str) -> tuple[Demand, ...]:
    return tuple(Demand(case, name, how) for case in cases for name, how in (("queue", COPIED), ("ptr", POINTER)))


def _refused(of: str, *cases: str) -> tuple[Demand, ...]:
    """Demand that too many keys are refused, and no others; `of` is a case without too many."""
    fit = each([of], ["queue"], COPIED)
    return (*each(cases, ["refused"], REFUSED, fit), Demand(of, "keys unchanged", KEYS_UNCHANGED, fit))


def _predictor(*cases: str) -> tuple[Demand, ...]:
    return each(cases, ["predictor"], PREDICTOR)


def _known(*cases: str) -> tuple[Demand, ...]:
    return each(cases, ["refused"], KNOWN_METHOD)


def _correlation(*cases: str) -> tuple[Demand, ...]:
    return each(cases, ["inputs unchanged"], CORRELATION_UNCHANGED)


CHECKS = [
    Check("1.1", "test_plain", "Forward of SimCLR", 1, PUBLIC, _outputs("public SimCLR")),
    Check("1.1", "test_momentum_encoder", "Forward of MoCo", 1, PUBLIC, _outputs("public MoCo")),
    Check("1.1", "test_predictor", "Forward of SimSiam", 1, PUBLIC, _outputs("public SimSiam")),
    Check("1.1", "test_both", "Forward of BYOL", 1, PUBLIC, _outputs("public BYOL")),
    Check(
        "1.1",
        "test_hidden_values",
        "Outputs for all four methods",
        2.5,
        HIDDEN,
        _outputs(*VALUES, "BYOL larger images"),
    ),
    Check("1.1", "test_separate_passes", "Each view in a pass of its own", 1, HIDDEN, _separate(*METHODS)),
    Check("1.1", "test_gradients", "z1, p1 and p2 carry gradients", 1.5, HIDDEN, _gradients(*VALUES)),
    Check("1.1", "test_keys", "A dict with the four keys", 0.5, HIDDEN, _keys(*VALUES)),
    Check("1.1", "test_inputs", "Images and weights are left as they were", 0.5, HIDDEN, _left(*VALUES)),
    Check(
        "B1", "test_enqueue", "Two keys around the end of a queue of three", 0.5, PUBLIC, _enqueued("public enqueue")
    ),
    Check(
        "B1",
        "test_enqueue_batches",
        "Batch after batch, around the end where they do not fit",
        1,
        HIDDEN,
        _enqueued("batches that fit", "around the end", "as many as it holds", "around the end, own size"),
    ),
    Check(
        "B1",
        "test_enqueue_refuses",
        "More keys than the queue holds are refused",
        0.5,
        HIDDEN,
        _refused("batches that fit", "as many as it holds", "one too many"),
    ),
    Check("B3", "test_directpred", "DirectPred of a 2 x 2 correlation", 0.5, PUBLIC, _predictor("public directpred")),
    Check("B3", "test_directcopy", "DirectCopy of a 2 x 2 correlation", 0.5, PUBLIC, _predictor("public directcopy")),
    Check(
        "B3",
        "test_directpred_values",
        "DirectPred, also where an eigenvalue is below 0",
        2,
        HIDDEN,
        _predictor("directpred, float32", "directpred, float64"),
    ),
    Check(
        "B3",
        "test_directcopy_values",
        "DirectCopy of larger correlations",
        1.5,
        HIDDEN,
        _predictor("directcopy, float32", "directcopy, float64"),
    ),
    Check(
        "B3",
        "test_direct_refuses",
        "Another method is refused, and the correlation left as it was",
        0.5,
        HIDDEN,
        (*_known("directpred, float32", "another method"), *_correlation("directpred, float32", "directcopy, float32")),
    ),
]

PRACTICE = {
    "1.1": (*_keys(*SHOWN), *_left(*SHOWN), *_gradients(*SHOWN)),
    "B1": _refused("public enqueue", "public enqueue"),
    "B3": (*_known(*DIRECT), *_correlation(*DIRECT)),
}
