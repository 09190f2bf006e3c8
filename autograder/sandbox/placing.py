"""Replaces functions: by mistakes in the reference, and by wrappers that take this year's names of arguments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any


def put_stand_in(module: ModuleType, stand_in: str | None) -> Callable[[], None]:
    """Replace the right function by a stand-in (`mistakes/align/cosines_summed`); only for the reference.

    For a question in two files, the part that the stand-in does not touch is left as it is.
    """
    if stand_in is None:
        return lambda: None
    folder, file, function = stand_in.split("/")
    holder = sys.modules[f"{folder}.{file}"]
    wrong: Any = getattr(holder, function, None)
    if not hasattr(wrong, "replaces"):
        wrong = sys.modules["mistakes.compose"].composed(holder, function)
    *owners, name = wrong.replaces.split(".")
    owner: Any = module
    for part in owners:
        owner = getattr(owner, part, None)
    if not hasattr(owner, name):
        return lambda: None
    right = owner.__dict__[name] if isinstance(owner, type) else getattr(owner, name)
    setattr(owner, name, wrong)
    return lambda: setattr(owner, name, right)


def name_arguments(module: ModuleType, calls: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
    """Call functions with this year's names of their arguments; a missing function is left to the probe."""
    for target, pairs in calls:
        *owners, name = target.split(".")
        owner: Any = module
        for part in owners:
            owner = getattr(owner, part, None)
        function = getattr(owner, "__dict__", {}).get(name)
        if callable(function) and not hasattr(function, "named_call"):
            setattr(owner, name, _called_by_name(function, len(owners), dict(pairs)))


def _called_by_name(function: Callable[..., Any], leading: int, names: Mapping[str, str]) -> Callable[..., Any]:
    """Wrap a function; its `leading` arguments keep their places: the object of a method."""

    def named_call(*arguments: Any, **more: Any) -> Any:
        given = dict(zip(names, arguments[leading:], strict=False)) | more
        return function(*arguments[:leading], **{names.get(name, name): value for name, value in given.items()})

    named_call.named_call = True  # type: ignore[attr-defined]  # a mark, by which it is known again
    return named_call
