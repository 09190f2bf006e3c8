"""Finds the report in a submission. It is read as bytes; nothing of it is run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from autograder.collect.tree import materialise
from autograder.collect.walk import open_regular, passed_over
from autograder.core.errors import SubmissionProblem
from autograder.core.records import Submission
from autograder.core.settings import MIB, Limits

NAME = "report.ipynb"
MOST_BYTES = 64 * MIB
"""The most bytes of a report, with its pictures."""


def report_of(submission: Submission, limits: Limits) -> bytes | None:
    """The report in a submission, the one that lies least deep; None if there is none that can be read."""
    try:
        with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
            root = materialise(submission, Path(folder) / "submission", limits, report_only=True).root
            found = [path for path in root.rglob(NAME) if not any(map(passed_over, path.relative_to(root).parts[:-1]))]
            if not found:
                return None
            with open_regular(min(found, key=lambda path: (len(path.parts), str(path)))) as file:
                content = file.read(MOST_BYTES + 1)
            return content if len(content) <= MOST_BYTES else None
    except (OSError, SubmissionProblem):
        return None
