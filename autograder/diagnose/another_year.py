"""Recognises an answer to another year's assignment."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.core.records import Answer, Diagnosis, Variant

_UNKNOWN = re.compile(r"(?:NameError: name|UnboundLocalError: cannot access local variable) '(\w+)'")


def matches(variant: Variant) -> Diagnosis:
    """The finding that an answer belongs to the assignment of another year."""
    hint = f"This answers the question as the assignment of {variant.name} asked it. Read it again as it is asked now."
    return Diagnosis(f"matches variant {variant.name}", hint)


def uses_names_of(variant: Variant, now: Variant, given: Iterable[Answer]) -> bool:
    """Whether the code stops at a name that an argument has in `variant` and none has now."""
    then = {function: dict(pairs) for function, pairs in variant.calls}
    theirs = {
        name
        for function, pairs in now.calls
        for name in {then.get(function, {}).get(old, old) for old, _ in pairs} - {new for _, new in pairs}
    }
    unknown = {
        found[1]
        for answer in given
        if answer.error is not None and (found := _UNKNOWN.match(answer.error.message)) is not None
    }
    return not unknown.isdisjoint(theirs)
