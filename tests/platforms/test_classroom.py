"""Tests of autograder/platforms/classroom.py: clones called `ASSIGNMENT-USER`."""

from __future__ import annotations

from pathlib import Path

from autograder.platforms.folders import collect_submissions, find_layout
from autograder.settings import Layout


def test_the_user_is_what_the_names_do_not_share(tmp_path: Path) -> None:
    for user in ("ann-lee", "bob", "anna"):
        (tmp_path / f"ssl-hw4-{user}" / ".git").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    assert find_layout(tmp_path) is Layout.CLASSROOM
    found = [one.student for one in collect_submissions(tmp_path, Layout.CLASSROOM)]
    assert found == ["ann-lee", "anna", "bob", "notes"]


def test_folders_that_are_no_repositories_are_plain(tmp_path: Path) -> None:
    for user in ("ann", "bob"):
        (tmp_path / f"hw-{user}").mkdir()
    assert find_layout(tmp_path) is Layout.PLAIN
