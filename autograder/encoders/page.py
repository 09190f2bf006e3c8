"""The leaderboard of trained encoders, for the staff and, if the course wants, for the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.report.render import render

TOLERANCE = 2.0
"""Percentage points by which a claim may exceed the measured value: another split, another K."""


@dataclass(frozen=True)
class Measured:
    """A trained encoder's accuracy in percent; None if it could not be measured, and `problem` says why.

    `claimed` is the student's own figure; `digest` shows whether anything changed since.
    """

    student: str
    accuracy: float | None
    claimed: float | None
    problem: str
    digest: str


def representations_page(encoders: Sequence[Measured], k: int, images: tuple[int, int]) -> str:
    """Write the HTML page, in the given order; `images` are the numbers of images that vote and that are asked."""
    doubtful = {one.student for one in encoders if _is_doubtful(one)}
    return render("representations.html.j2", lines=encoders, doubtful=doubtful, k=k, images=images, tolerance=TOLERANCE)


def _is_doubtful(one: Measured) -> bool:
    return one.accuracy is not None and one.claimed is not None and one.claimed > one.accuracy + TOLERANCE
