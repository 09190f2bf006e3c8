"""The languages for students: English, and each one with a table here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from autograder.core.errors import AutograderError
from autograder.language.wording import SLOT, Wording

FOLDER = Path(__file__).parent
ENGLISH = "en"
FOR_CHECK = ("check", "messages", "titles")
"""Sections that students get with `check.py`; those of the feedback and hints would reveal hidden checks."""


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The codes that `language` in `course.toml` may be."""
    return (ENGLISH, *sorted(path.stem for path in folder.glob("*.toml")))


@cache
def wording(language: str) -> Wording:
    """The translator of English sentences into a language; raises AutograderError if it has no table."""
    return Wording({old: new for section in sections(language).values() for old, new in section.items()})


def for_check(language: str) -> Mapping[str, str]:
    """The part of the table that goes to students."""
    found = sections(language)
    return {old: new for name in FOR_CHECK for old, new in found.get(name, {}).items()}


@cache
def sections(language: str, folder: Path = FOLDER) -> Mapping[str, Mapping[str, str]]:
    """A table by its sections; raises AutograderError for a translation with a slot that its sentence lacks."""
    if language == ENGLISH:
        return {}
    path = folder / f"{language}.toml"
    hint = f"Set `language` to one of {', '.join(languages(folder))}, or write autograder/language/{language}.toml."
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise AutograderError(f"There is no table of words for the language {language!r}.", hint) from error
    except ValueError as error:
        raise AutograderError(f"{path} cannot be read: {error}.", "Mend the line.") from error
    for name, section in table.items():
        if not isinstance(section, dict) or not all(isinstance(said, str) for said in section.values()):
            raise AutograderError(f"{path}: {name} is not a table of sentences.", "Put each under a [section].")
        for sentence, said in section.items():
            if unknown := {*SLOT.findall(said)} - {*SLOT.findall(sentence)}:
                problem = f"{path}: what stands for {sentence!r} names {{{min(unknown)}}}."
                raise AutograderError(problem, "Use the names between braces that the English sentence has.")
    return table
