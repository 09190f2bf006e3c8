"""The sentences on files that a submission lacks, holds twice, or holds in addition."""

from __future__ import annotations

from collections.abc import Sequence, Set

from ssl_kit.public.contents import is_placeholder
from ssl_kit.public.inventory import NOT_UNPACKED, Inventory, Parts
from ssl_kit.public.near import is_near
from ssl_kit.public.walk import PART, Kind
from ssl_kit.public.student_files import STUDENT_FILES

MAX_NAMED = 3
QUIET = ("__MACOSX", "__pycache__")
"""Folders that macOS puts into every zip, and Python next to every file that was run."""
LIBRARIES = ("lib", "lib64", "Lib")
"""Folders of a virtual environment in which installed packages lie."""


def near(name: str, target: Inventory) -> list[Parts]:
    """The files that were probably meant to be the one called `name`, the least deep first; MAX_NAMED at most."""
    found = [parts for parts in target.files if is_near(parts[-1], name)]
    return sorted(found, key=lambda parts: (len(parts), parts))[:MAX_NAMED]


def missing(name: str, target: Inventory) -> str:
    """Say that a file is missing and, if there is something instead, what."""
    for parts, why in sorted(target.skipped.items()):
        if parts[-1] == name:
            return f"{name} is missing: {_path(parts)} is {why}; hand in the file itself."
    for parts in sorted(target.folders):
        if parts[-1] == name:
            return f"{name} is missing: {_path(parts)} is {Kind.FOLDER}; hand in a file of that name."
    for parts in sorted(target.files):
        if parts[-1].casefold() == name.casefold():
            return f"{name} is missing: there is {_path(parts)}; rename it, capital letters count."
        if is_placeholder(parts[-1], name):
            return f"{name} is missing: {_path(parts)} is a placeholder of iCloud; download the file, then zip again."
    if alike := near(name, target):
        return f"{name} is missing: there is {_listed(alike)}; if that is your answer, call it {name}."
    others = [(parts, why) for parts, why in sorted(target.skipped.items()) if parts[-1] not in STUDENT_FILES]
    unseen = [f"{_path(parts)} is {_why(parts, why, target)}" for parts, why in others[:MAX_NAMED]]
    if unseen:
        return f"{name} is missing. Left out: {'; '.join(unseen)}."
    return f"{name} is missing."


def doubled(name: str, places: Sequence[Parts]) -> str:
    """Say that files of one name differ."""
    often = "twice" if len(places) == 2 else f"{len(places)} times"
    named = [_path(parts) for parts in places[:MAX_NAMED]]
    if len(places) > MAX_NAMED:
        named.append("…")
    return f"{name} occurs {often} ({', '.join(named[:-1])} and {named[-1]}); hand in one of them."


def held(target: Inventory) -> str:
    """Say what was handed in instead of the five, and why an archive in it was not opened."""
    shut = [
        f"{_path(parts)} in it could not be unpacked: {_why(parts, why, target).removeprefix(NOT_UNPACKED)}"
        for parts, why in sorted(target.skipped.items())
        if why.startswith(NOT_UNPACKED)
    ]
    if shut:
        return "; ".join(shut[:MAX_NAMED])
    everything = sorted({*target.files, *target.skipped})
    names = [parts for parts in everything if not parts[-1].startswith(".")] or everything
    return f"it holds {_listed(names)}" if names else "it is empty"


def remarks(target: Inventory) -> tuple[str, ...]:
    """A sentence on the folders that were not looked into, and one on other files that were left out."""
    five = [parts for parts in target.files if parts[-1] in STUDENT_FILES]
    own = {parts[:depth] for parts in five for depth in range(len(parts))}
    folders = sorted({_environment(parts, own) for parts in target.passed if parts[-1] not in QUIET})
    others = [(parts, why) for parts, why in sorted(target.skipped.items()) if parts[-1] not in STUDENT_FILES]
    said = [f"{_path(parts)} is {_why(parts, why, target)}" for parts, why in others[:MAX_NAMED]]
    more = [f"{len(others) - MAX_NAMED} more were left out"] if len(others) > MAX_NAMED else []
    return (
        *([f"Not looked into, since no answer needs it: {_listed(folders)}."] if folders else ()),
        *([f"{'; '.join([*said, *more])}."] if said else ()),
    )


def _environment(parts: Parts, own: Set[Parts]) -> Parts:
    """The virtual environment whose packages a folder holds; the folder itself if none, or if answers lie in it."""
    at = next((i for i, part in enumerate(parts) if part in LIBRARIES), 0)
    return parts if parts[:at] in own else parts[:at] or parts


def _why(parts: Parts, why: str, target: Inventory) -> str:
    """The reason why something was left out; an archive next to its own parts is one of them."""
    stem = parts[-1].rpartition(".")[0]
    beside = [one for one in sorted(target.files) if one[:-1] == parts[:-1] and one != parts]
    others = [one[-1] for one in beside if (part := PART.fullmatch(one[-1])) and part[1] in (stem, parts[-1])]
    if why.startswith(NOT_UNPACKED) and others:
        return f"{NOT_UNPACKED}it is one part of several ({', '.join(others[:MAX_NAMED])}); make one archive of all"
    return why


def _listed(several: Sequence[Parts]) -> str:
    more = f" and {len(several) - MAX_NAMED} more" if len(several) > MAX_NAMED else ""
    return f"{', '.join(map(_path, several[:MAX_NAMED]))}{more}"


def _path(parts: Parts) -> str:
    return "/".join(parts)
