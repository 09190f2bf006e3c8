"""Refuses to build from files in which a merge left a conflict open: students would read its marks."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.core.errors import unmerged

MARK = re.compile(rb"^<{7} ", re.MULTILINE)
"""The line that git writes above the two sides of a conflict."""
WRITTEN = (
    "solutions/**/*.py",
    "solutions/*.toml",
    "solutions/*.ipynb",
    "handouts/source/**/*.md",
    "autograder/**/*.py",
)
"""Files that people write and a build reads. Generated files are written over, marks and all."""


def demand_merged(root: Path) -> None:
    """Raise AutograderError, with file and line, for the first conflict that is open."""
    for path in sorted(found for pattern in WRITTEN for found in root.glob(pattern)):
        content = path.read_bytes() if path.is_file() else b""
        if mark := MARK.search(content):
            line = content.count(b"\n", 0, mark.start()) + 1
            raise unmerged(path, line)
