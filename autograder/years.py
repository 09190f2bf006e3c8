"""Reads `solutions/variants.toml`: what is different in each year's variant of the assignment.

`student_files` is the one place where `solutions/` becomes the files that this year's students would hand in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.constants import HOMES, with_constants
from autograder.errors import AutograderError
from autograder.records import STUDENT_FILES, Variant
from autograder.variants import arguments, reword, vary

VARIANTS = "variants.toml"
HINT = "The comment at its top says what a variant may have."
BELONG = "The five files with the reference belong there."
SETTING = re.compile(r'^variant = ".*"$', re.MULTILINE)


@dataclass(frozen=True)
class Year:
    """One variant as written down. `arguments`: what is renamed, by function; `texts`: what is replaced, by file."""

    name: str
    ties: str = "smallest"
    constants: Mapping[str, float] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def worded(self, text: str, path: str) -> str:
        """A file with this year's constants and wording; raises AutograderError where a passage is not there once."""
        if path.removeprefix("solutions/") in HOMES:
            text = with_constants(text, self.constants)
        return reword(text, self.texts.get(path, {}), path)

    def variant(self, sources: Sequence[str]) -> Variant:
        """What grading has to know; `sources` are the student files. Raises AutograderError for an unknown argument."""
        there = {name: names for source in sources for name, names in arguments(source).items()}
        for function, renamed in self.arguments.items():
            if function not in there or not set(renamed) <= set(there[function]):
                problem = (
                    f"solutions/variants.toml: variant {self.name} renames arguments of {function} that are not there."
                )
                raise AutograderError(problem, "Look at the function's head in solutions/.")
        calls = tuple(
            (function, tuple((name, renamed.get(name, name)) for name in there[function]))
            for function, renamed in self.arguments.items()
        )
        return Variant(self.name, calls, self.ties, tuple(self.constants.items()))


def load_years(path: Path, chosen: str) -> tuple[Year, ...]:
    """The chosen year, then those before it, the last one first; raises AutograderError for what is not right."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AutograderError(f"{path} can not be read ({error.strerror}).", HINT) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AutograderError(f"{path} is not valid TOML: {error}.", HINT) from error
    years = [_year(path, name, row) for name, row in table.items()]
    names = [year.name for year in years]
    if chosen not in names:
        problem = f"There is no variant {chosen!r} in {path}."
        raise AutograderError(problem, f"Name one of {', '.join(names)}, or write it there.")
    return tuple(reversed(years[: names.index(chosen) + 1]))


def student_files(solutions: Path, name: str) -> dict[str, str]:
    """The five files with the reference in them, by name, as the variant `name` of the assignment has them.

    Raises AutograderError where a file can not be read, or the variant is not there.
    """
    sources = {file: read_text(solutions / file, BELONG) for file in STUDENT_FILES}
    year = load_years(solutions / VARIANTS, name)[0]
    calls = year.variant([*sources.values()]).calls
    return {file: year.worded(vary(text, calls, {}, file), f"solutions/{file}") for file, text in sources.items()}


def switched(settings: Path, variants: Path, name: str) -> bytes:
    """`course.toml` with another variant chosen; its comments stay."""
    load_years(variants, name)
    text = settings.read_text(encoding="utf-8")
    if len(SETTING.findall(text)) != 1:
        problem = f'{settings} has no line like `variant = "2026"`.'
        raise AutograderError(problem, "Write it below the term.")
    return SETTING.sub(f'variant = "{name}"', text).encode()


def _year(path: Path, name: str, row: Any) -> Year:
    kinds: dict[str, Callable[[Any], bool]] = {
        "ties": lambda value: value in ("smallest", "largest"),
        "constants": lambda value: _table(value, int | float),
        "arguments": lambda value: _table(value, dict) and all(_table(names, str) for names in value.values()),
        "texts": lambda value: _table(value, dict) and all(_table(passages, str) for passages in value.values()),
    }
    if not isinstance(row, dict) or not re.fullmatch(r"[\w.-]+", name):
        raise AutograderError(f"{path}: {name} is not a variant.", HINT)
    for key, value in row.items():
        if key not in kinds or not kinds[key](value):
            raise AutograderError(f"{path}: variant {name} has a wrong `{key}`.", HINT)
    return Year(name, **row)


def _table(value: object, kind: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(entry, kind) for entry in value.values())


def read_text(path: Path, hint: str) -> str:
    """A text in UTF-8; raises AutograderError where it can not be read, with what to do where it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise AutograderError(f"{path} can not be read ({error.strerror}).", hint) from error
    except UnicodeDecodeError as error:
        raise AutograderError(f"{path} is not text in UTF-8.", "Save it as UTF-8.") from error
