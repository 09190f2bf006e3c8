"""The names in a hand-in, and those left out: enough to say which file counts."""

from __future__ import annotations

from pathlib import Path

Parts = tuple[str, ...]
NOT_UNPACKED = "not unpacked: "


class Inventory:
    """The files and folders below `root`, and what is not among them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: set[Parts] = set()
        self.folders: set[Parts] = set()
        self.skipped: dict[Parts, str] = {}
        """What was left out or put up with, and why, in words that continue the sentence "x is …"."""
        self.passed: set[Parts] = set()
        """Folders that were not looked into."""
        self.copies: dict[Parts, Parts] = {}
        """Of files that came once more under one name: where they were put, and what they were called."""

    def path(self, parts: Parts) -> Path:
        """Where a file lies."""
        return self.root.joinpath(*parts)
