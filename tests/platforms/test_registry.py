"""Tests of autograder/platforms/registry.py: a platform is known once its file is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.platforms import known
from autograder.platforms.registry import LAYOUTS, PLATFORMS, described, registered

NEW = """
from autograder.class_list.headings import ListHeadings
from autograder.platforms.platform import Platform

PLATFORM = Platform(
    key="ours",
    name="Grading Room",
    tried=80,
    is_download=lambda path, entries: path.name == "ours",
    gather=lambda path, entries: ([], list(entries)),
    lists=ListHeadings(ids=("card number",)),
)
"""


def test_a_new_platform_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ours.py").write_text(NEW)
    monkeypatch.setattr(known, "__path__", [*known.__path__, str(tmp_path)])
    found = {one.key: one for one in registered()}
    assert found.keys() - PLATFORMS.keys() == {"ours"}
    assert found["ours"].described == "a Grading Room download"


def test_no_two_platforms_have_one_key_or_one_turn() -> None:
    there = list(registered())
    assert len({one.key for one in there}) == len({one.tried for one in there}) == len(there)
    assert {*LAYOUTS} == {"plain", *(one.key for one in there)}


def test_each_layout_is_described() -> None:
    assert all(described(layout).startswith("a ") for layout in LAYOUTS)
