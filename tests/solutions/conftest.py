"""Puts the student files on the path: they are a flat folder, as students have them."""

from __future__ import annotations

import sys
from pathlib import Path

SOLUTIONS = Path(__file__).parents[2] / "solutions"
sys.path.insert(0, str(SOLUTIONS))
