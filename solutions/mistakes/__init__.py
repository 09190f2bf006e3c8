"""Wrong on purpose: the known mistakes, one file for each function of the reference whose place they take.

Most are what one stage of a computation does instead (`compose.py`); others are functions of their own. A docstring is
the hint that a student reads: what is wrong and where to look, never the right line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def replaces(
    question: str, target: str, symptom: str = "", combines: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Say which question's function `target` (`SSLLoss.align_loss`) this one takes the place of.

    A course's own mistakes may still have a `symptom`, which nothing reads, and name the two mistakes that are made at
    once in `combines`. All is read from the source (`autograder/reference/catalogue.py`) but for the target.
    """

    def mark(function: Function) -> Function:
        vars(function)["replaces"] = target
        return function

    return mark
