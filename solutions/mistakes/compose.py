"""Runs a question's computation stage by stage; a fault is what one stage does instead.

A file of this folder that composes says which QUESTION it is about and the TARGET whose place a composition takes, and
lists STAGES: classes whose methods are what may happen there, `right` or a fault, whose docstring is the hint; a fault
of one expression is a lambda with its hint below. Each is given what is there so far (`Given` of that file) and its
result is kept under the stage's name. Faults of different stages are made at once by joining their names with `+`.
`Whole` is not a composition: its result is the whole answer.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

Function = Callable[..., Any]


def common(*words: str | Function) -> Function:
    """Mark a fault that is looked for together with every other, and with two of its kind.

    "Two things at once: WRONG, and …. Look WHERE, and …." is the hint for it and another one. These words are given
    as `said` takes them, where they are not to be those of the fault's own hint.
    """
    return words[0] if callable(words[0]) else said(*map(str, words))


def said(wrong: str, where: str) -> Function:
    """Give a fault other words than those of its own hint for when it is one of several."""
    return lambda function: function


def composed(module: ModuleType, name: str) -> Function:
    """What takes the place of the question's function where faults of `module` are made: one, or several joined."""
    whole = vars(module.Whole).get(name) if hasattr(module, "Whole") else None
    steps = _steps(module, name.split("+")) if whole is None else []

    def function(*arguments: Any) -> Any:
        given = module.Given(*arguments)
        if whole is not None:
            return whole(given)
        for stage, step in steps:
            result = step(given)
            setattr(given, stage, result)
        return result

    vars(function)["replaces"] = module.TARGET
    return function


def _steps(module: ModuleType, faults: list[str]) -> list[tuple[str, Function]]:
    """What is done at each stage, with the name under which its result is kept."""
    places = {stage.__name__.lower(): vars(stage) for stage in module.STAGES}
    if unknown := [fault for fault in faults if not any(fault in place for place in places.values())]:
        raise LookupError(f"{module.__name__} has no {unknown[0]}")
    return [
        (name, next((place[fault] for fault in faults if fault in place), place["right"]))
        for name, place in places.items()
    ]
