"""Lets the tests in this folder import `archive_making`, which pytest's importlib mode would not find."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
