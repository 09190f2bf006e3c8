"""The names in a hand-in, and those left out: enough to decide which file counts."""

from __future__ import annotations

from pathlib import Path

Parts = tuple[str, ...]
NOT_UNPACKED = "not unpacked: "


class Inventory:
    """The files and folders below `root`, and those left out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: set[Parts] = set()
        self.folders: set[Parts] = set()
        self.skipped: dict[Parts, str] = {}
        """Files left out or accepted with a flaw, and why, in words that continue the sentence "x is …"."""
        self.passed: set[Parts] = set()
        """Folders that were not looked into."""
        self.copies: dict[Parts, Parts] = {}
        """Files whose name was taken already: their place here, and the place that they were meant for."""

    def path(self, parts: Parts) -> Path:
        """The path of a file."""
        return self.root.joinpath(*parts)
