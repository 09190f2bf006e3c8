"""Remembers the names of a run's download: feedback goes back to some platforms under the names that came from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.records import Submission
from autograder.core.store import write_whole

FILE = "handed_in.json"
Names = Mapping[str, tuple[str, ...]]
"""By student, the names of the files and folders in the download that are theirs; a group's are each member's."""


def save_names(output: Path, submissions: Sequence[Submission]) -> None:
    """Write the names next to the results."""
    names = {
        student: [piece.origin.name for piece in one.pieces] or [one.origin.name]
        for one in submissions
        for student, _ in one.students
    }
    write_whole(output / FILE, json.dumps(names, indent=1, sort_keys=True) + "\n")


def load_names(output: Path) -> Names:
    """The names of the last run; raises AutograderError if it left none, or if the file is not as it was written."""
    try:
        return msgspec.convert(json.loads((output / FILE).read_bytes()), dict[str, tuple[str, ...]])
    except FileNotFoundError:
        problem = f"{output} does not say under which names the class handed in."
        raise AutograderError(problem, "Grade the class into it again, without --anonymise.") from None
    except (OSError, ValueError, RecursionError):
        raise AutograderError(f"{output / FILE} is damaged.", "Run `autograde` on the class again.") from None
