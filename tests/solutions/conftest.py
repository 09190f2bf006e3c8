"""Puts the student files on the path: they are a flat folder, as students have them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

SOLUTIONS = Path(__file__).parents[2] / "solutions"
SKELETON = Path(__file__).parents[2] / "assignment"
sys.path.insert(0, str(SOLUTIONS))


def download(here: Path, hand_in: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `hand_in` look at a folder, with the grader's files as students get them."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "probes"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hand_in", hand_in)
    monkeypatch.syspath_prepend(SKELETON)
    monkeypatch.setattr(hand_in, "HERE", here)
    (here / "probes").mkdir(parents=True)
    shutil.copy(SKELETON / "probes" / "asked.json", here / "probes")
