"""Lets a notebook, or a .py file exported from one, stand in for the five: its cells are run in the sandbox, as data.

The functions that a notebook defines are found line by line, and the code is never parsed here: a parser of Python
can be made to use any amount of memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from ssl_kit.public.blocks import STUB, Names, block, stubs, without_docstring
from ssl_kit.public.choose import is_made
from ssl_kit.public.contents import is_untouched
from ssl_kit.public.inventory import Inventory, Parts
from ssl_kit.public.ipynb import Notebook, read
from ssl_kit.public.near import OF_THE_KIT, is_near
from ssl_kit.public.needed import needed
from ssl_kit.public.scripts import LINE_END, MARKDOWN, read_markdown, read_script
from ssl_kit.hand_in import handed_out
from ssl_kit.hand_in import CELLS, MIB
from ssl_kit.public.student_files import STUDENT_FILES

MOST_LOOKED_AT = MIB
"""The most letters of a notebook that are searched for definitions; a cell beyond that is passed over."""


MOST_READ = 100
"""The most files of other names that are looked into, the least deep first."""
WRITING = re.compile(r"\s*%%(?:writefile|file)[ \t]+((?:-a|--append)[ \t]+)?([^\n]*)")
"""The beginning of a cell that is written to a file."""


@dataclass
class StandIns:
    """The outcome of the notebooks, by module: the place of its cells, why there are none, and sentences on it."""

    files: dict[str, Parts] = field(default_factory=dict)
    origins: dict[str, Notebook] = field(default_factory=dict)
    """The notebook of the cells of each module in `files`."""
    cells: dict[Parts, bytes] = field(default_factory=dict)
    """Files to write: their places and contents."""
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def stand_in(target: Inventory) -> StandIns:
    """Find the notebook whose cells count for each module that is missing or as it was handed out.

    Of several notebooks that define the same, the filled ones count, and of equal ones the first; if filled ones
    differ, none is taken. A .py file of another name counts if no notebook does and it answers the question.
    """
    found = StandIns()
    places = {module: _places(target, f"{module}.py") for module in (name[:-3] for name in STUDENT_FILES)}
    wanted = {module: paths for module, paths in places.items() if all(_is_untouched(target, path) for path in paths)}
    if not wanted:
        return found
    notebooks = [read(target.root, parts) for parts in _named(target, (".ipynb",))]
    answered = {(one.parts, module) for one in notebooks for module in places if _is_filled(one, module)}
    others = _Others(target)
    for module, paths in wanted.items():
        defining = [one for one in notebooks if _defines(one, module)]
        filled = [one for one in defining if (one.parts, module) in answered]
        if filled if paths else defining:
            _take(found, module, paths, _different(filled or defining, module, answered))
            if module in found.files:
                passed_over = _passed_over(found.origins[module], defining, filled)
                found.notes[module] = (*found.notes[module], *passed_over)
        elif not (_take_other(found, module, paths, others) or paths):
            _explain(found, module, notebooks)
    _say_what_lacks(found, wanted, notebooks)
    return found


def _named(target: Inventory, endings: tuple[str, ...]) -> list[Parts]:
    """The files with one of the endings, `hw.ipynb` before its copy `hw-Copy1.ipynb`."""
    named = (parts for parts in target.files if parts[-1].lower().endswith(endings))
    return sorted(named, key=lambda parts: (len(parts), len(parts[-1]), parts))


def _take(found: StandIns, module: str, paths: Sequence[Parts], different: Sequence[Notebook]) -> None:
    """Let the only notebook among some stand in for a module."""
    first, *others = different
    what = "is as it was handed out" if paths else "is missing"
    is_script = _is_script(first)
    if others:
        several = f"more than one {'file' if is_script else 'notebook'} defines it"
        names = " and ".join(one.name for one in different)
        found.problems[module] = f"{module}.py {what}, and {several} ({names}); keep one."
        return
    data = json.dumps({"notebook": first.parts[-1], "cells": _counting(first, module)}).encode()
    known = (place for place, cells in found.cells.items() if (place[:-1], cells) == (first.parts[:-1], data))
    place = next(known, (*first.parts[:-1], f".notebook-{len(found.cells)}{CELLS}"))
    found.cells[place], found.files[module], found.origins[module] = data, place, first
    named = ["/".join(path) for path in paths] or ([f"{module}.py"] if is_script else [])
    found.notes[module] = tuple(f"{name} {what}; what {first.name} defines counts." for name in named)


class _Others:
    """Other files that may hold answers, read if no notebook does."""

    def __init__(self, target: Inventory) -> None:
        self._target = target

    @cached_property
    def scripts(self) -> list[Notebook]:
        may_be_one = [parts for parts in _named(self._target, (".py",)) if _may_be_one(parts, self._target)]
        return [read_script(self._target.root, parts) for parts in may_be_one[:MOST_READ]]

    @cached_property
    def markdown(self) -> list[Notebook]:
        named = [parts for parts in _named(self._target, MARKDOWN) if not _is_meant(parts)]
        return [read_markdown(self._target.root, parts) for parts in named[:MOST_READ]]


def _take_other(found: StandIns, module: str, paths: Sequence[Parts], others: _Others) -> bool:
    """Let a .py file of another name stand in for a module, or say that a file of another kind is not read."""
    if answering := [one for one in others.scripts if _answers_in(one, module)]:
        _take(found, module, paths, _different(answering, module, {(one.parts, module) for one in answering}))
        return True
    for one in others.markdown:
        if _answers_in(one, module):
            what = "is as it was handed out" if paths else "is missing"
            found.problems[module] = (
                f"{module}.py {what}, and {one.name}, whose blocks of code define it, is not read; hand in the "
                "notebook (.ipynb), or the code as .py."
            )
            return True
    return False


def _is_script(one: Notebook) -> bool:
    return one.parts[-1].lower().endswith(".py")


def _may_be_one(parts: Parts, target: Inventory) -> bool:
    """Whether a .py file is neither one of the five, nor a misspelt one, nor a test of them."""
    return not (_is_meant(parts) or OF_THE_KIT.match(parts[-1]) or is_made(parts, target))


def _is_meant(parts: Parts) -> bool:
    """Whether a file is one of the five, or was probably meant to be."""
    return any(parts[-1] == name or is_near(parts[-1], name) for name in STUDENT_FILES)


def _counting(notebook: Notebook, module: str) -> tuple[tuple[int, str], ...]:
    """The cells that count for a module: those that write its file, if they answer it, otherwise all."""
    own: list[tuple[int, str]] = []
    beside: list[tuple[int, str]] = []
    for number, text in notebook.code:
        if (writing := WRITING.match(text)) and (name := _name_of(writing[2])):
            if name == f"{module}.py":
                own = [*(own if writing[1] else ()), (number, text)]
            elif name not in STUDENT_FILES:
                beside.append((number, text))
    is_whole = own and _is_filled(replace(notebook, code=tuple(own)), module)
    return tuple(sorted([*own, *beside])) if is_whole else notebook.code


def _name_of(path: str) -> str:
    return path.strip().strip("'\"").replace("\\", "/").rpartition("/")[2]


def _passed_over(taken: Notebook, defining: Sequence[Notebook], filled: Sequence[Notebook]) -> Iterator[str]:
    """Yield a sentence on each notebook that was not taken."""
    for one in defining:
        if one is not taken:
            why = f"defines the same as {taken.name}" if one in filled or not filled else "has the stubs only"
            yield f"{one.name} {why}, and is passed over."


def _places(target: Inventory, name: str) -> list[Parts]:
    """The places of one of the five, as a file or as a package."""
    package = (name.removesuffix(".py"), "__init__.py")
    return sorted(parts for parts in target.files if parts[-1] == name or parts[-2:] == package)


def _is_untouched(target: Inventory, parts: Parts) -> bool:
    return is_untouched(target.path(parts), parts[-1])


def _plain(text: str) -> list[str]:
    """The lines that are code, or in a string."""
    lines = (line.rstrip() for line in LINE_END.split(text))
    return [line for line in lines if line and not line.lstrip().startswith("#")]


def _different(notebooks: Sequence[Notebook], module: str, answered: set[tuple[Parts, str]]) -> list[Notebook]:
    """The first of each group of notebooks with equal answers, the one with the most answers first.

    Answers are equal if all is equal that they need. A template, which has fewer answers, may differ elsewhere if it
    has the same code for this module.
    """
    count = {one.parts: sum(parts == one.parts for parts, _ in answered) for one in notebooks}
    first, *others = sorted(notebooks, key=lambda one: -count[one.parts])
    if not others:
        return [first]
    found = {_needed(first, module): first}
    for one in others:
        if count[one.parts] == count[first.parts] or _answer(one, module) != _answer(first, module):
            found.setdefault(_needed(one, module), one)
    return list(found.values())


def _needed(notebook: Notebook, module: str) -> tuple[str, ...]:
    """All that the answers to a module need; of a long notebook, all."""
    cells = [text for _, text in _counting(notebook, module)]
    names = [name for names in _answers(module) for name in names]
    return needed(cells, names) if sum(map(len, cells)) <= MOST_LOOKED_AT else tuple(_plain("\n".join(cells)))


def _answer(notebook: Notebook, module: str) -> list[str]:
    """The cells that define a module, without comments and blank lines."""
    return _plain("\n".join(text for text in _looked_at(notebook) if _defining(module).search(text)))


def _explain(found: StandIns, module: str, notebooks: Sequence[Notebook]) -> None:
    """Say why no notebook stands in for a missing file, if the reason is known."""
    for one in notebooks:
        if one.unread:
            found.problems[module] = f"{module}.py is missing, and {one.unread}"
            return
        for number, kind, text in one.text:
            if _defining(module).search(text):
                found.problems[module] = (
                    f"{module}.py is missing, and the code cells of {one.name} do not define it; cell {number}, which "
                    f"does, is a {kind} cell. Make it a code cell."
                )
                return


def _say_what_lacks(found: StandIns, wanted: Mapping[str, list[Parts]], notebooks: Sequence[Notebook]) -> None:
    """Say for each missing file that the notebooks which stand in for others do not define it."""
    if all(map(_is_script, found.origins.values())):
        return
    for module in wanted.keys() - found.files.keys() - found.problems.keys():
        if not wanted[module]:
            asked = _answers(module)[0][0]
            here = " or ".join(one.name for one in notebooks if not one.unread)
            found.problems[module] = f"{module}.py is missing, and no code cell of {here} defines {asked}."


@lru_cache
def _answers(module: str) -> tuple[Names, ...]:
    """The functions that the skeleton's file asks for, each with the class around it."""
    return tuple(names for found in stubs(handed_out(f"{module}.py")).values() for names in found)


@lru_cache
def _defining(module: str) -> re.Pattern[str]:
    """A pattern for a definition that a file must have, or an assignment to its name."""
    names = "|".join(sorted({re.escape(names[0]) for names in _answers(module)}))
    return re.compile(
        rf"^[ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+(?:{names})\b"
        rf"|^[ \t]*(?:{names})(?:\.\w+)?[ \t]*(?::[^=\n]*)?=(?!=)|\bsetattr\((?:{names})\b",
        re.MULTILINE,
    )


def _defines(notebook: Notebook, module: str) -> bool:
    return any(_defining(module).search(text) for text in _looked_at(notebook))


def _looked_at(notebook: Notebook) -> Iterator[str]:
    """Yield the cells that may define something: to search pasted data would take seconds per megabyte."""
    left = MOST_LOOKED_AT
    for _, text in notebook.code:
        if len(text) <= left:
            left -= len(text)
            yield text


def _is_filled(notebook: Notebook, module: str) -> bool:
    """Whether a notebook holds more of a module than its stubs."""
    for text in _looked_at(notebook):
        if _defining(module).search(text):
            lines = LINE_END.split(text)
            bodies = [body for names in _answers(module) if (body := _body(lines, names)) is not None]
            if not bodies or any(bodies):
                return True
    return False


def _answers_in(notebook: Notebook, module: str) -> bool:
    """Whether a notebook has a function that is asked for, with more than the stub in it."""
    looked_at = [LINE_END.split(text) for text in _looked_at(notebook) if _defining(module).search(text)]
    return any(_body(lines, names) for lines in looked_at for names in _answers(module))


def _body(lines: Sequence[str], names: Names) -> list[str] | None:
    """The lines of a function without docstring, comments and stub; None if it is not there."""
    code = _plain("\n".join(text for _, text in without_docstring(list(block(lines, names)))))
    head = next((i for i, line in enumerate(code) if line.split("#")[0].rstrip().endswith(":")), -1)
    return [line for line in code[head + 1 :] if not STUB.search(line)] if code else None
