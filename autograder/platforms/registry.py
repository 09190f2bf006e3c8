"""The platforms that there are: every file of `known/`. A new one is a new file there, and its test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from autograder.class_list.headings import ListHeadings
from autograder.core.settings import PLAIN
from autograder.platforms import known
from autograder.platforms.platform import Platform


def registered() -> Iterator[Platform]:
    """The platform of each file of `known/`."""
    for module in iter_modules(known.__path__):
        found: Platform = import_module(f"{known.__name__}.{module.name}").PLATFORM
        yield found


PLATFORMS: Mapping[str, Platform] = {one.key: one for one in sorted(registered(), key=lambda one: one.tried)}
"""By key, in the order in which they are asked whose a download is."""
LAYOUTS = (PLAIN, *sorted(PLATFORMS))
"""How a folder of submissions can be laid out."""
LISTS = ListHeadings(
    *(sum((getattr(one.lists, kind) for one in PLATFORMS.values()), ()) for kind in ("ids", "logins", "others"))
)
"""What the platforms call the columns of their lists."""


def described(layout: str) -> str:
    """What a folder that is laid out so is, for a sentence."""
    return "a folder with an entry per student" if layout == PLAIN else PLATFORMS[layout].described
