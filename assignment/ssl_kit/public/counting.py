"""Finds the file of a hand-in that counts as each of the five, why others do not, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ssl_kit.public.choose import Chooser, is_made
from ssl_kit.public.contents import answers, is_same, is_untouched, what_else
from ssl_kit.public.encoding import recoded
from ssl_kit.public.inventory import Inventory, Parts
from ssl_kit.public.missing import doubled, missing, near, remarks
from ssl_kit.public.notebooks import stand_in
from ssl_kit.public.student_files import STUDENT_FILES


@dataclass(frozen=True)
class Counted:
    """Each of the five modules is in `files` or, with a sentence, in `problems`."""

    files: Mapping[str, Parts]
    """Module name (`criterion`) to its file, or to the place at which a notebook's cells must be written."""
    origins: Mapping[str, Parts]
    """The same, with the notebook itself."""
    cells: Mapping[Parts, bytes] = field(default_factory=dict)
    """Cells to write, by their place."""
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By module, sentences on files that were taken or passed over, for the student and the staff."""
    remarks: tuple[str, ...] = ()
    """Sentences on files that belong to none of the five."""
    has_notebook: bool = False
    """Whether a notebook or a similar file stands in for one of the five, or could not."""


def what_counts(found: Inventory, note: str = "") -> Counted:
    """Choose among the files of a hand-in; `note` is a sentence on files that are missing."""
    notebooks = stand_in(found)
    files, notes, problems = dict(notebooks.files), dict(notebooks.notes), dict(notebooks.problems)
    origins = {module: one.parts for module, one in notebooks.origins.items()}
    chooser = Chooser(found)
    for name in STUDENT_FILES:
        module = name.removesuffix(".py")
        if module in files or module in problems:
            continue
        places = sorted(parts for parts in found.files if parts[-1] == name)
        places = places or sorted(parts for parts in found.files if parts[-2:] == (module, "__init__.py"))
        chosen, passed_over = chooser.choose(places)
        if len(chosen) == 1 and (problem := _not_meant(chosen[0], name, found)):
            problems[module] = problem
        elif len(chosen) == 1:
            files[module] = origins[module] = chosen[0]
            _, encoding = recoded(found.path(chosen[0]))
            read_as = f"{name} is in {encoding}, and is read as that; save it as UTF-8."
            notes[module] = (*passed_over, *([read_as] if encoding else ()), *_meant_too(chosen[0], name, found))
        else:
            problems[module] = doubled(name, chosen) if places else f"{missing(name, found)} {note}".rstrip()
    has_notebook = bool(notebooks.files or notebooks.problems)
    notes = {module: told for module, told in notes.items() if told}
    return Counted(files, origins, notebooks.cells, problems, notes, remarks(found), has_notebook)


def _meant_too(parts: Parts, name: str, found: Inventory) -> Iterator[str]:
    """Yield a sentence on each file of a similar name that has other answers than the one that is graded."""
    for one in near(name, found):
        path = found.path(one)
        if answers(path, name) and not is_made(one, found) and not is_same(path, found.path(parts)):
            file, graded = "/".join(one), "/".join(parts)
            yield (
                f"{file} has other answers than {graded}, and is not graded; if it is the one you mean, call it {name}."
            )


def _not_meant(parts: Parts, name: str, found: Inventory) -> str:
    """The reason why the only file of its name cannot be the one that is meant; empty if it can."""
    path = found.path(parts)
    if parts[-1] != name:
        return ""
    if kind := what_else(path):
        return f"{'/'.join(parts)} is {kind}."
    filled = [one for one in near(name, found) if answers(found.path(one), name)]
    if filled and is_untouched(path, name):
        other = "/".join(filled[0])
        return f"{'/'.join(parts)} is as it was handed out, and {other} is not; if that is your answer, call it {name}."
    return ""
