"""Puts the student files on the path: they are a flat folder, as students have them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from autograder.handout.build import PUBLIC

SOLUTIONS = Path(__file__).parents[2] / "solutions"
SKELETON = Path(__file__).parents[2] / "assignment"
sys.path.insert(0, str(SOLUTIONS))

import ssl_kit  # noqa: E402  (found there)


def download(here: Path, hand_in: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `hand_in` look at a folder, with the grader's files as students get them."""
    monkeypatch.setattr(ssl_kit, "__path__", [*ssl_kit.__path__, str(SKELETON / "ssl_kit")])
    monkeypatch.setattr(hand_in, "HERE", here)
    (here / PUBLIC).mkdir(parents=True)
    shutil.copy(SKELETON / PUBLIC / "asked.json", here / PUBLIC)
