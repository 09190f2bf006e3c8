"""What is demanded of `KNN` and `eigenspace_alignment` in `validation.py`."""

from __future__ import annotations

from autograder.checks.compare import Close, Same, WholeNumber
from autograder.checks.registry import Answers, check

COUNT = WholeNumber()
ALIGNED = Close(1e-3)
"""Eigenvectors of float32 matrices whose eigenvalues lie well apart are right to 1e-5."""
MATRICES_UNCHANGED = Same("eigenspace_alignment changed its arguments in place")
UNCHANGED = Same("KNN changed its arguments in place")


@check("2", points=1, public=True)
def test_public_nearest(answers: Answers) -> None:
    """k-NN at K = 1"""
    answers.agree("public K = 1", "correct", COUNT)


@check("2", points=1, public=True)
def test_public_vote(answers: Answers) -> None:
    """k-NN at K = 2 to 5"""
    for k in range(2, 6):
        answers.agree(f"public K = {k}", "correct", COUNT)


@check("2", points=2, public=False)
def test_nearest(answers: Answers) -> None:
    """K = 1"""
    for case in ("K = 1", "K = 1, wide"):
        answers.agree(case, "correct", COUNT)


@check("2", points=2, public=False)
def test_vote(answers: Answers) -> None:
    """Votes of several neighbours"""
    for case in ("K = 3", "K = 5", "K = 9", "K = N"):
        answers.agree(case, "correct", COUNT)


@check("2", points=1.5, public=False)
def test_ties(answers: Answers) -> None:
    """Equal counts go to the smallest label"""
    for case in ("ties K = 2", "ties K = 4", "ties K = 6", "ties, ten classes", "ties, many classes"):
        answers.agree(case, "correct", COUNT)


@check("2", points=1.5, public=False)
def test_absent(answers: Answers) -> None:
    """Labels that the batch lacks, and labels up to 99, can win"""
    for case in ("absent label", "absent label 0", "labels to 99"):
        answers.agree(case, "correct", COUNT)


@check("2", points=0.5, public=False)
def test_one_query(answers: Answers) -> None:
    """A batch of one"""
    for k in (1, 3):
        right = answers.right(f"K = {k}", "correct", COUNT)
        for name in answers.names(f"one query at a time, K = {k}"):
            answers.hold(f"one query at a time, K = {k}", name, COUNT, right, depends=True)


@check("2", points=0.5, public=False)
def test_inputs(answers: Answers) -> None:
    """The inputs are left as they were"""
    answers.hold("K = 5", "inputs unchanged", UNCHANGED, answers.right("K = 5", "correct", COUNT))


@check("B5", points=0.5, public=True)
def test_public_alignment(answers: Answers) -> None:
    """Alignment with a diagonal correlation"""
    answers.agree("public", "alignment", ALIGNED)


@check("B5", points=0.5, public=True)
def test_public_turned(answers: Answers) -> None:
    """Alignment where vectors are turned round"""
    answers.agree("public turned round", "alignment", ALIGNED)


@check("B5", points=3, public=False)
def test_alignment(answers: Answers) -> None:
    """Alignment in more dimensions, largest eigenvalue first"""
    for case in ("float32 D=4", "float64 D=5"):
        answers.agree(case, "alignment", ALIGNED)


@check("B5", points=0.5, public=False)
def test_alignment_vanishes(answers: Answers) -> None:
    """0 where the predictor maps a vector to 0"""
    answers.agree("a direction that vanishes", "alignment", ALIGNED)


@check("B5", points=0.5, public=False)
def test_alignment_inputs(answers: Answers) -> None:
    """The inputs are left as they were"""
    right = answers.right("float32 D=4", "alignment", ALIGNED)
    answers.hold("float32 D=4", "inputs unchanged", MATRICES_UNCHANGED, right)
