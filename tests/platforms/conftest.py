"""Makes folders of submissions, and collects what lies in them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from autograder.collect.tree import Tree, materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.settings import Limits
from autograder.platforms.folders import collect_submissions

MODULES = {name.removesuffix(".py") for name in STUDENT_FILES}


def write(root: Path, *names: str) -> Path:
    """Write files with code in them; a name that ends in `/` is an empty folder."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text("# code\n")
    return root


def collected(root: Path, layout: str, assignment: str | None = None) -> dict[str, Submission]:
    """The submissions of a download by student, of whom no two have one id."""
    found = collect_submissions(root, layout, assignment)
    assert len({one.student for one in found}) == len(found)
    return {one.student: one for one in found}


def trees(root: Path, layout: str) -> dict[str, Tree]:
    """The files of each submission that has any of the five."""
    made = {}
    for student, one in collected(root, layout).items():
        with suppress(SubmissionProblem):
            made[student] = materialise(one, root.with_name("into") / student, Limits())
    return made
