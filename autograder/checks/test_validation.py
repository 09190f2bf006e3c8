"""The checks of `KNN` and `eigenspace_alignment` in `validation.py`."""

from __future__ import annotations

from autograder.checks.compare import Close, Same, WholeNumber
from autograder.checks.demands import HIDDEN, PUBLIC, Check, Demand, each

COUNT = WholeNumber()
ALIGNED = Close(1e-3)
"""Eigenvectors of float32 matrices whose eigenvalues lie well apart are right to 1e-5."""
MATRICES_UNCHANGED = Same("eigenspace_alignment changed its arguments in place")
UNCHANGED = Same("KNN changed its arguments in place")
SHOWN = ("public K = 1", "public K = 2", "public K = 3", "public K = 4", "public K = 5")


def _counts(*cases: str) -> tuple[Demand, ...]:
    return each(cases, ["correct"], COUNT)


def _one_query(k: int) -> Demand:
    return Demand(f"one query at a time, K = {k}", "correct for query *", COUNT, _counts(f"K = {k}"), depends=True)


def _unchanged(*cases: str) -> tuple[Demand, ...]:
    return tuple(Demand(case, "inputs unchanged", UNCHANGED, _counts(case)) for case in cases)


def _aligned(*cases: str) -> tuple[Demand, ...]:
    return each(cases, ["alignment"], ALIGNED)


def _matrices(*cases: str) -> tuple[Demand, ...]:
    return tuple(Demand(case, "inputs unchanged", MATRICES_UNCHANGED, _aligned(case)) for case in cases)


CHECKS = [
    Check("2", "test_public_nearest", "k-NN at K = 1", 1, PUBLIC, _counts(*SHOWN[:1])),
    Check("2", "test_public_vote", "k-NN at K = 2 to 5", 1, PUBLIC, _counts(*SHOWN[1:])),
    Check("2", "test_nearest", "K = 1", 2, HIDDEN, _counts("K = 1", "K = 1, wide")),
    Check("2", "test_vote", "Votes of several neighbours", 2, HIDDEN, _counts("K = 3", "K = 5", "K = 9", "K = N")),
    Check(
        "2",
        "test_ties",
        "Equal counts go to the smallest label",
        1.5,
        HIDDEN,
        _counts("ties K = 2", "ties K = 4", "ties K = 6", "ties, ten classes", "ties, many classes"),
    ),
    Check(
        "2",
        "test_absent",
        "Labels that the batch lacks, and labels up to 99, can win",
        1.5,
        HIDDEN,
        _counts("absent label", "absent label 0", "labels to 99"),
    ),
    Check("2", "test_one_query", "A batch of one", 0.5, HIDDEN, (_one_query(1), _one_query(3))),
    Check("2", "test_inputs", "The inputs are left as they were", 0.5, HIDDEN, _unchanged("K = 3")),
    Check("B5", "test_public_alignment", "Alignment with a diagonal correlation", 0.5, PUBLIC, _aligned("public")),
    Check(
        "B5",
        "test_public_turned",
        "Alignment where vectors are turned round",
        0.5,
        PUBLIC,
        _aligned("public turned round"),
    ),
    Check(
        "B5",
        "test_alignment",
        "Alignment in more dimensions, largest eigenvalue first",
        3,
        HIDDEN,
        _aligned("float32 D=4", "float64 D=5"),
    ),
    Check(
        "B5",
        "test_alignment_vanishes",
        "0 where the predictor maps a vector to 0",
        0.5,
        HIDDEN,
        _aligned("a direction that vanishes"),
    ),
    Check("B5", "test_alignment_inputs", "The inputs are left as they were", 0.5, HIDDEN, _matrices("float64 D=5")),
]

PRACTICE = {"2": _unchanged(*SHOWN), "B5": _matrices("public", "public turned round")}
