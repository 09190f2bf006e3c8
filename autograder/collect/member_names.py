"""Takes the names of members of archives and of files in folders apart."""

from __future__ import annotations

import re

from autograder.collect.inventory import Parts
from autograder.collect.walk import shown
from autograder.core.errors import SubmissionProblem
from autograder.core.settings import Limits

MAX_PART = 255
MAX_PATH = 2048
LEADING = re.compile(r"\A(?:[A-Za-z]:)?/+")
"""The beginning of an absolute path."""
PLAIN_HINT = "Hand in plain files and folders only."


class Unusable(SubmissionProblem):
    """A name that the kit cannot give to a file; `why` continues the sentence "x is …"."""

    def __init__(self, label: str, why: str, hint: str) -> None:
        super().__init__(f"{label} is {why}.", hint)
        self.label, self.why = label, why


def safe_parts(name: str, depth: int = Limits.depth) -> Parts:
    """Split the name of a member into folders and a file name.

    A byte that is not UTF-8 is spelled out, so that the name can be written, sent and printed later. Raises Unusable
    for a name that could lead outside, or is too long or too deep.
    """
    label = shown(name) if len(name) <= MAX_PART else shown(name[:60]) + "…"
    if LEADING.match(name.replace("\\", "/")):
        raise Unusable(label, "an absolute path", PLAIN_HINT)
    parts = tuple(shown(part) for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise Unusable(label, "outside of what is handed in ('..' in its path)", PLAIN_HINT)
    if "\0" in name:
        raise Unusable(ascii(label), "not a file name", PLAIN_HINT)
    if len(parts) > depth:
        raise Unusable(label, f"deeper than {depth} folders", "Hand in a flat folder.")
    sizes = [len(part.encode()) for part in parts]
    if sum(sizes) + len(sizes) > MAX_PATH or max(sizes, default=0) > MAX_PART:
        raise Unusable(label, "too long a name", "Give it a shorter name.")
    return parts


def common(one: Parts, other: Parts) -> Parts:
    """The common beginning of two paths."""
    return one[: next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other))]
