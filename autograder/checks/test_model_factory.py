"""What is demanded of `model_factory.py`: `Model.forward`, `KeyQueue.enqueue`, `direct_predictor`."""

from __future__ import annotations

from autograder.checks.compare import Close, Same
from autograder.checks.registry import Answers, check

# Rounding of float32 (6e-8) through two small layers, with room. Batch norm over six rows can divide by a small
# spread, and with it multiply rounding by a hundred.
VALUE = Close(1e-4)
NORMED = Close(1e-3)
GRADIENT = Close(3e-4, absolute_floor=1e-6)
DICT = Same("What is returned is no dict")
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


@check("1.1", points=1, public=True)
def test_plain(answers: Answers) -> None:
    """Forward of SimCLR"""
    _outputs(answers, "public SimCLR")


@check("1.1", points=1, public=True)
def test_momentum_encoder(answers: Answers) -> None:
    """Forward of MoCo"""
    _outputs(answers, "public MoCo")


@check("1.1", points=1, public=True)
def test_predictor(answers: Answers) -> None:
    """Forward of SimSiam"""
    _outputs(answers, "public SimSiam")


@check("1.1", points=1, public=True)
def test_both(answers: Answers) -> None:
    """Forward of BYOL"""
    _outputs(answers, "public BYOL")


@check("1.1", points=2.5, public=False)
def test_hidden_values(answers: Answers) -> None:
    """Outputs for all four methods"""
    for method in METHODS:
        _outputs(answers, f"{method} values")
    _outputs(answers, "BYOL larger images")


@check("1.1", points=1, public=False)
def test_separate_passes(answers: Answers) -> None:
    """Each view in a pass of its own"""
    for method in METHODS:
        case, right = f"{method} batch norm", _right(answers, f"{method} values")
        answers.hold(case, "returned value", DICT, right, depends=True)
        for name in OUTPUTS:
            answers.hold(case, name, NORMED, right, depends=True)


@check("1.1", points=1.5, public=False)
def test_gradients(answers: Answers) -> None:
    """z1, p1 and p2 carry gradients"""
    for method in METHODS:
        case = f"{method} values"
        right = _right(answers, case)
        for name in answers.names(case, "gradient of "):
            answers.hold(case, name, GRADIENT, right, depends=True)


@check("1.1", points=0.5, public=False)
def test_keys(answers: Answers) -> None:
    """A dict with the four keys"""
    for method in METHODS:
        case = f"{method} values"
        answers.hold(case, "keys", KEYS, _right(answers, case))


@check("1.1", points=0.5, public=False)
def test_inputs(answers: Answers) -> None:
    """Images and weights are left as they were"""
    for method in METHODS:
        case = f"{method} values"
        right = _right(answers, case)
        answers.hold(case, "inputs unchanged", UNCHANGED, right)
        answers.hold(case, "weights unchanged", WEIGHTS, right)


def _right(answers: Answers, case: str) -> bool:
    """Whether all four outputs are what they must be."""
    return all([answers.right(case, "returned value", DICT), *(answers.right(case, one, VALUE) for one in OUTPUTS)])


def _outputs(answers: Answers, case: str) -> None:
    answers.agree(case, "returned value", DICT)
    for name in OUTPUTS:
        answers.agree(case, name, VALUE)


@check("B1", points=0.5, public=True)
def test_enqueue(answers: Answers) -> None:
    """Two keys around the end of a queue of three"""
    _enqueued(answers, "public enqueue")


@check("B1", points=1, public=False)
def test_enqueue_batches(answers: Answers) -> None:
    """Batch after batch, around the end where they do not fit"""
    for case in ("batches that fit", "around the end", "as many as it holds", "around the end, own size"):
        _enqueued(answers, case)


@check("B1", points=0.5, public=False)
def test_enqueue_refuses(answers: Answers) -> None:
    """More keys than the queue holds are refused"""
    right = answers.right("batches that fit", "queue", COPIED)
    answers.hold("as many as it holds", "refused", REFUSED, right)
    answers.hold("one too many", "refused", REFUSED, right)
    answers.hold("batches that fit", "keys unchanged", KEYS_UNCHANGED, right)


def _enqueued(answers: Answers, case: str) -> None:
    answers.agree(case, "queue", COPIED)
    answers.agree(case, "ptr", POINTER)


@check("B3", points=0.5, public=True)
def test_directpred(answers: Answers) -> None:
    """DirectPred of a 2 x 2 correlation"""
    answers.agree("public directpred", "predictor", PREDICTOR)


@check("B3", points=0.5, public=True)
def test_directcopy(answers: Answers) -> None:
    """DirectCopy of a 2 x 2 correlation"""
    answers.agree("public directcopy", "predictor", PREDICTOR)


@check("B3", points=2, public=False)
def test_directpred_values(answers: Answers) -> None:
    """DirectPred, also where an eigenvalue is below 0"""
    for case in ("directpred, float32", "directpred, float64"):
        answers.agree(case, "predictor", PREDICTOR)


@check("B3", points=1.5, public=False)
def test_directcopy_values(answers: Answers) -> None:
    """DirectCopy of larger correlations"""
    for case in ("directcopy, float32", "directcopy, float64"):
        answers.agree(case, "predictor", PREDICTOR)


@check("B3", points=0.5, public=False)
def test_direct_refuses(answers: Answers) -> None:
    """Another method is refused, and the correlation left as it was"""
    answers.agree("directpred, float32", "refused", KNOWN_METHOD)
    answers.agree("another method", "refused", KNOWN_METHOD)
    for method in ("directpred", "directcopy"):
        answers.agree(f"{method}, float32", "inputs unchanged", CORRELATION_UNCHANGED)
