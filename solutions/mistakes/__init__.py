"""Wrong on purpose: one function per known mistake, in the file named like the student file.

Each function takes the place of one function of the reference. Its docstring is the hint that a student reads: what
is wrong and where to look, never the line that is right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def replaces(
    question: str, target: str, symptom: str = "", combines: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Say which question's function `target` (`SSLLoss.align_loss`) this one takes the place of.

    `symptom` is what is seen in training or in the numbers. `combines` names the two mistakes that are made at once.
    """

    def mark(function: Function) -> Function:
        vars(function).update(question=question, replaces=target, symptom=symptom, combines=combines)
        return function

    return mark
