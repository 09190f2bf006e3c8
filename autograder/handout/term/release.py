"""Puts everything that an instructor uploads into `release/`, which git ignores because it holds the reference."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from autograder.handout.build import Generated, reports_of
from autograder.handout.pages.fill import TAKEN_ALONG
from autograder.handout.repository import RELEASE
from autograder.handout.term.gradescope_zip import gradescope_zip

CLASSROOM = Path(__file__).parents[1] / "templates" / "classroom"
NBGRADER = '''"""nbgrader's settings for this course; `nbgrader --help-all` lists more."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "ssl"
'''


def release_files(root: Path, files: Generated) -> dict[str, bytes]:
    """The files of `release/` for `files`, which a build makes; the same bytes each time."""
    students = {path.removeprefix("assignment/"): files[path] for path in files if path.startswith("assignment/")}
    pages = {name: files[f"handouts/{name}"] for name in TAKEN_ALONG}
    made = {
        **pages,
        "README.md": (root / "handouts" / "source" / "release.md").read_bytes(),
        "assignment.zip": files["handouts/assignment.zip"],
        "gradescope.zip": gradescope_zip(root, None, leaderboard=False, sandbox=True, made=files),
        **_below("classroom", _classroom(root, {**students, **pages})),
        **_below("nbgrader", _nbgrader(root, students)),
    }
    return _below(RELEASE, made)


def _classroom(root: Path, students: Mapping[str, bytes]) -> dict[str, bytes]:
    """A repository for GitHub Classroom to copy: student files, a workflow for the public checks, a container."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = re.sub(r"[^\d.]", "", project["requires-python"]).encode()
    return {
        **students,
        "README.md": (CLASSROOM / "readme.md").read_bytes() + students["README.md"],
        ".gitignore": (CLASSROOM / "gitignore").read_bytes(),
        ".github/workflows/check.yml": (CLASSROOM / "workflow.yml").read_bytes().replace(b"@PYTHON@", oldest),
        ".devcontainer/devcontainer.json": (CLASSROOM / "devcontainer.json").read_bytes().replace(b"@PYTHON@", oldest),
    }


def _nbgrader(root: Path, students: Mapping[str, bytes]) -> dict[str, bytes]:
    """A course folder: `source` with the mark scheme, and `release`, which nbgrader would make from it."""
    source = {**students, **{name: text.encode() for name, text in reports_of(root).items()}}
    config = {"nbgrader_config.py": NBGRADER.encode()}
    return {**config, **_below("source/ssl", source), **_below("release/ssl", students)}


def _below(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{path}": content for path, content in files.items()}
