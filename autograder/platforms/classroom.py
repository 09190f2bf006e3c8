"""Reads GitHub Classroom's clones, which old courses still have: a repository `ASSIGNMENT-USER` per student."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from autograder.collect.walk import Kind, shown
from autograder.platforms.entry import Entry, Gathered, Platform
from autograder.records import Submission


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Tell whether a folder holds several repositories whose names begin alike."""
    clones = _clones(path, entries)
    return len(clones) > 1 and 2 * len(clones) > len(entries) and bool(_beginning(clones))


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each repository under the user's name, and the entries that are left."""
    clones = _clones(path, entries)
    cut = len(_beginning(clones))
    submissions = [Submission(shown(entry.name[cut:]), path / entry.name) for entry in clones]
    return submissions, [entry for entry in entries if entry not in clones]


def _clones(path: Path, entries: Sequence[Entry]) -> list[Entry]:
    folders = [entry for entry in entries if entry.kind is Kind.FOLDER and "-" in entry.name]
    return [entry for entry in folders if os.path.exists(path / entry.name / ".git")]


def _beginning(clones: Sequence[Entry]) -> str:
    """What all names begin with, up to its last hyphen: the assignment's name."""
    common = os.path.commonprefix([entry.name for entry in clones])  # noqa: RUF071  # of strings, as is wanted here
    return common[: common.rfind("-") + 1]


CLASSROOM = Platform(is_download, gather)
