"""Lets a notebook stand in for .py files: its code cells are put beside it as data, and run in the sandbox.

Which functions a notebook defines is told line by line, and the code is never parsed here: a parser of Python can be
made to use any amount of memory.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from autograder.collect.blocks import STUB, Names, block, stubs, without_docstring
from autograder.collect.contents import is_untouched
from autograder.collect.ipynb import Notebook, read
from autograder.collect.target import Parts, Target
from autograder.records import STUDENT_FILES
from autograder.settings import CELLS, MIB, SKELETON

MOST_LOOKED_AT = MIB
"""Letters of a notebook in which definitions are looked for; a cell that is larger than what is left is passed over."""
LINE_END = re.compile(r"\r\n|\r|\n")
"""Python's: `str.splitlines` knows others, which may stand in a string."""


@dataclass
class StandIns:
    """What came of the notebooks: by module, the file with the cells, why there is none, and what is to be told."""

    files: dict[str, Parts] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def stand_in(target: Target) -> StandIns:
    """Put the cells of notebooks beside them, for each module that is missing or as it was handed out.

    Of several notebooks that define the same the filled ones count, and of equal ones the first; where filled ones
    differ, none is taken.
    """
    found = StandIns()
    places = {module: _places(target, f"{module}.py") for module in (name[:-3] for name in STUDENT_FILES)}
    wanted = {module: paths for module, paths in places.items() if all(_is_untouched(target, path) for path in paths)}
    if not wanted:
        return found
    named = sorted(
        (parts for parts in target.files if parts[-1].lower().endswith(".ipynb")),
        key=lambda parts: (len(parts), len(parts[-1]), parts),  # `hw.ipynb` before its copy `hw-Copy1.ipynb`
    )
    notebooks = [read(target.root, parts) for parts in named if ".ipynb_checkpoints" not in parts]
    written: dict[Parts, Parts] = {}
    answered = {(one.parts, module) for one in notebooks for module in places if _is_filled(one, module)}
    for module, paths in wanted.items():
        defining = [one for one in notebooks if _defines(one, module)]
        filled = [one for one in defining if (one.parts, module) in answered]
        if not (filled if paths else defining):
            if not paths:
                _explain(found, module, notebooks)
            continue
        first, *others = _different(filled or defining, module, answered)
        if others:
            what = "is as it was handed out" if paths else "is missing"
            several = f"more than one notebook defines it ({' and '.join(one.name for one in (first, *others))})"
            found.problems[module] = f"{module}.py {what}, and {several}; keep one."
            continue
        if first.parts not in written:
            written[first.parts] = _put_beside(first, target, len(written))
        found.files[module] = written[first.parts]
        given_way = [
            f"{'/'.join(path)} is as it was handed out; what {first.name} defines was graded." for path in paths
        ]
        found.notes[module] = (*given_way, *_passed_over(first, defining, filled))
    _say_what_lacks(found, wanted, notebooks)
    return found


def _passed_over(taken: Notebook, defining: Sequence[Notebook], filled: Sequence[Notebook]) -> Iterator[str]:
    """A sentence on each notebook that was not taken."""
    for one in defining:
        if one is not taken:
            why = f"defines the same as {taken.name}" if one in filled or not filled else "has the stubs only"
            yield f"{one.name} {why}, and was passed over."


def _places(target: Target, name: str) -> list[Parts]:
    """Where one of the five lies, as a file or as a package."""
    package = (name.removesuffix(".py"), "__init__.py")
    return sorted(parts for parts in target.files if parts[-1] == name or parts[-2:] == package)


def _is_untouched(target: Target, parts: Parts) -> bool:
    return is_untouched(target.root.joinpath(*parts), parts[-1])


def _plain(text: str) -> list[str]:
    """The lines that are code, or in a string."""
    lines = (line.rstrip() for line in LINE_END.split(text))
    return [line for line in lines if line and not line.lstrip().startswith("#")]


def _put_beside(notebook: Notebook, target: Target, number: int) -> Parts:
    parts = (*notebook.parts[:-1], f".notebook-{number}{CELLS}")
    data = json.dumps({"notebook": notebook.parts[-1], "cells": notebook.code})
    target.file(parts, io.BytesIO(data.encode()))
    return parts


def _different(notebooks: Sequence[Notebook], module: str, answered: set[tuple[Parts, str]]) -> list[Notebook]:
    """The first of each that are equal in their code, the one with the most answers first.

    A template, which has fewer answers, may differ elsewhere where it has the same for this module.
    """
    count = {one.parts: sum(parts == one.parts for parts, _ in answered) for one in notebooks}
    first, *others = sorted(notebooks, key=lambda one: -count[one.parts])
    found = {_all_code(first): first}
    for one in others:
        if count[one.parts] == count[first.parts] or _answer(one, module) != _answer(first, module):
            found.setdefault(_all_code(one), one)
    return list(found.values())


def _all_code(notebook: Notebook) -> tuple[str, ...]:
    return tuple(_plain("\n".join(text for _, text in notebook.code)))


def _answer(notebook: Notebook, module: str) -> list[str]:
    """The cells that define a module, without comments and blank lines."""
    return _plain("\n".join(text for text in _looked_at(notebook) if _defining(module).search(text)))


def _explain(found: StandIns, module: str, notebooks: Sequence[Notebook]) -> None:
    """Say why no notebook stands in for a missing file, where that can be told."""
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
    """Say of each missing file that the notebooks which stand in for others do not define it."""
    if not found.files:
        return
    for module in wanted.keys() - found.files.keys() - found.problems.keys():
        if not wanted[module]:
            asked = _answers(module)[0][0]
            here = " or ".join(one.name for one in notebooks if not one.unread)
            found.problems[module] = f"{module}.py is missing, and no code cell of {here} defines {asked}."


@lru_cache
def _answers(module: str) -> tuple[Names, ...]:
    """The functions that the skeleton's file asks for, each with the class around it."""
    return tuple(names for found in stubs(SKELETON / f"{module}.py").values() for names in found)


@lru_cache
def _defining(module: str) -> re.Pattern[str]:
    """Finds a definition of what a file must have, or an assignment to it."""
    names = "|".join(sorted({re.escape(names[0]) for names in _answers(module)}))
    return re.compile(
        rf"^[ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+(?:{names})\b"
        rf"|^[ \t]*(?:{names})(?:\.\w+)?[ \t]*(?::[^=\n]*)?=(?!=)|\bsetattr\((?:{names})\b",
        re.MULTILINE,
    )


def _defines(notebook: Notebook, module: str) -> bool:
    return any(_defining(module).search(text) for text in _looked_at(notebook))


def _looked_at(notebook: Notebook) -> Iterator[str]:
    """The cells that may define something: data that was pasted into one takes seconds a megabyte to look through."""
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


def _body(lines: Sequence[str], names: Names) -> list[str] | None:
    """What a function says besides its docstring, comments and the stub; None where it is not there."""
    code = _plain("\n".join(text for _, text in without_docstring(list(block(lines, names)))))
    head = next((i for i, line in enumerate(code) if line.split("#")[0].rstrip().endswith(":")), -1)
    return [line for line in code[head + 1 :] if not STUB.search(line)] if code else None
