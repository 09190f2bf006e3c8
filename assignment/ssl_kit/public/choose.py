"""Chooses the file that is meant among several of one name, with a sentence on each that is passed over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from ssl_kit.public.contents import answers, is_untouched, what_else
from ssl_kit.public.inventory import Inventory, Parts
from ssl_kit.public.student_files import STUDENT_FILES

RUNS = frozenset(
    ("runs", "outputs", "multirun", "lightning_logs", "tb_logs", "ray_results", "logs", "exp", "build", "dist")
)
"""Folders into which programs copy code while they train or pack it."""
MOST_TOLD = 5
MOST_READ = 40
"""The most files of one name that are looked into; of more, only their places decide."""
ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
"""Entries by which the folder of a virtual environment is recognised."""


class Chooser:
    """Chooses among the files of one submission."""

    def __init__(self, found: Inventory) -> None:
        self._found = found
        self._meant = self._meant_folder()

    def choose(self, places: Sequence[Parts]) -> tuple[list[Parts], tuple[str, ...]]:
        """Find the files of one name that differ and may each be meant, and word a sentence on each passed over.

        A file gives way to others if it is not Python, is as it was handed out, answers no question, lies apart from
        the folder that holds all five, or is a copy that a program made. Of equal ones, that in the folder of all
        five is taken first, then the one next to the most of the five, then the one least deep.
        """
        left, said = self._without_copies(places) if len(places) > 1 else (list(places), [])
        reading = (self._is_something_else, self._is_untouched, self._answers_nothing)
        reasons: tuple[tuple[str, Callable[[Parts], bool]], ...] = (
            ("not Python code", self._is_something_else),
            ("as it was handed out", self._is_untouched),
            ("without any function that is asked for", self._answers_nothing),
            (f"not next to all five, which lie in {self._named()}", self._is_apart),
            ("in a folder that a program made", lambda parts: is_made(parts, self._found)),
        )
        for why, gives_way in reasons:
            if len(left) < 2 or (len(left) > MOST_READ and gives_way in reading):
                continue
            going = set(filter(gives_way, left))
            if len(going) < len(left):
                left = [parts for parts in left if parts not in going]
                said += [f"{'/'.join(parts)} is {why}, and is passed over." for parts in sorted(going)]
        more = [f"{len(said) - MOST_TOLD} more files of its name are passed over."] if len(said) > MOST_TOLD else []
        return sorted(left), (*said[:MOST_TOLD], *more)

    def _without_copies(self, places: Sequence[Parts]) -> tuple[list[Parts], list[str]]:
        by_content: dict[bytes, list[Parts]] = {}
        for parts in places:
            by_content.setdefault(self._digest(parts), []).append(parts)
        chosen, said = [], []
        for equal in by_content.values():
            first, *rest = sorted(equal, key=self._rank)
            chosen.append(first)
            said += [f"{'/'.join(parts)} is a copy of {'/'.join(first)}, and is passed over." for parts in rest]
        return chosen, said

    def _rank(self, parts: Parts) -> tuple[bool, bool, int, int, Parts]:
        """The key by which one of equal files is chosen, the lowest first."""
        company = sum((*parts[:-1], name) in self._found.files for name in STUDENT_FILES)
        return self._is_apart(parts), is_made(parts, self._found), -company, len(parts), parts

    def _meant_folder(self) -> Parts | None:
        """The one folder in which all five lie; None if there is none, or several that differ."""
        files = self._found.files
        folders = {parts[:-1] for parts in files if parts[-1] == STUDENT_FILES[0]}
        whole = [one for one in sorted(folders) if all((*one, name) in files for name in STUDENT_FILES)]
        whole = _unless_all(whole, lambda folder: is_made((*folder, ""), self._found))
        if len(whole) <= MOST_READ:
            whole = _unless_all(whole, self._holds_nothing_new)
        first = {tuple(self._digest((*folder, name)) for name in STUDENT_FILES): folder for folder in reversed(whole)}
        return next(iter(first.values())) if len(first) == 1 else None

    def _holds_nothing_new(self, folder: Parts) -> bool:
        return all(self._is_untouched((*folder, name)) for name in STUDENT_FILES)

    def _is_untouched(self, parts: Parts) -> bool:
        return is_untouched(self._path(parts), parts[-1])

    def _is_something_else(self, parts: Parts) -> bool:
        return bool(what_else(self._path(parts)))

    def _answers_nothing(self, parts: Parts) -> bool:
        return not answers(self._path(parts), parts[-1])

    def _is_apart(self, parts: Parts) -> bool:
        """Whether all five lie together in another folder."""
        return self._meant is not None and self._found.copies.get(parts, parts)[:-1] != self._meant

    def _digest(self, parts: Parts) -> bytes:
        with open(self._path(parts), "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()

    def _named(self) -> str:
        return "/".join(self._meant or ()) or "its top folder"

    def _path(self, parts: Parts) -> Path:
        return self._found.path(parts)


def is_made(parts: Parts, found: Inventory) -> bool:
    """Whether a file lies in a virtual environment or among the files that a program keeps of a run."""
    above = [parts[:depth] for depth in range(1, len(parts))]
    if any(folder[-1].casefold() in RUNS for folder in above):
        return True
    signs = [(*folder, sign) for folder in above for sign in ENVIRONMENT]
    return any(sign in found.files or sign in found.folders for sign in signs)


def _unless_all(several: list[Parts], gives_way: Callable[[Parts], bool]) -> list[Parts]:
    """Those that do not give way, or all if none would be left."""
    return [one for one in several if not gives_way(one)] or several
