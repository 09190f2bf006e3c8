"""All platforms: every file of `known/`. To add one, add a file there, and its test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from autograder.class_list.headings import ListHeadings
from autograder.core.settings import PLAIN
from autograder.platforms import known
from autograder.platforms.platform import Platform


def registered() -> Iterator[Platform]:
    """Yield the platform of each file of `known/`."""
    for module in iter_modules(known.__path__):
        found: Platform = import_module(f"{known.__name__}.{module.name}").PLATFORM
        yield found


PLATFORMS: Mapping[str, Platform] = {one.key: one for one in sorted(registered(), key=lambda one: one.tried)}
"""The platforms by key, in the order in which they are asked whether a download is theirs."""
LAYOUTS = (PLAIN, *sorted(PLATFORMS))
"""The layouts of a folder of submissions."""
LISTS = ListHeadings(
    *(sum((getattr(one.lists, kind) for one in PLATFORMS.values()), ()) for kind in ("ids", "logins", "others"))
)
"""The platforms' own headings of the columns of their lists."""


def described(layout: str) -> str:
    """The words for a folder of this layout in a sentence."""
    return "a folder with an entry per student" if layout == PLAIN else PLATFORMS[layout].described
