"""Reads `solutions/variants.toml`: the differences of each year's variant of the assignment.

`student_files` is the one place where `solutions/` becomes the files that this year's students would hand in.
"""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, Variant
from autograder.reference.constants import HOMES, with_constants
from autograder.reference.renaming import Head, heads, reword, vary

VARIANTS = "variants.toml"
HINT = "The comment at its top says what a variant may have."
BELONG = "The five files with the reference belong there."
SETTING = re.compile(r'^variant = ".*"$', re.MULTILINE)


@dataclass(frozen=True)
class Year:
    """One variant as written. `arguments`: the names that change, by function; `texts`: replaced text, by file."""

    name: str
    ties: str = "smallest"
    constants: Mapping[str, float] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def worded(self, text: str, path: str) -> str:
        """A file with this year's constants and wording; raises AutograderError if a passage is not there once."""
        if path.removeprefix("solutions/") in HOMES:
            text = with_constants(text, self.constants)
        return reword(text, self.texts.get(path, {}), path)

    def variant(self, sources: Sequence[str]) -> Variant:
        """The variant for grading; `sources` are the student files.

        Raises AutograderError for an argument that is not there, and for a new name that cannot be one.
        """
        there = {name: head for source in sources for name, head in heads(source).items()}
        for function, renamed in self.arguments.items():
            self._demand_names(function, renamed, there)
        calls = tuple(
            (function, tuple((name, renamed.get(name, name)) for name in there[function].arguments))
            for function, renamed in self.arguments.items()
        )
        return Variant(self.name, calls, self.ties, tuple(self.constants.items()))

    def _demand_names(self, function: str, renamed: Mapping[str, str], there: Mapping[str, Head]) -> None:
        """Check that each argument is there, and that its new name means nothing else in its function."""
        variant = f"solutions/variants.toml: variant {self.name}"
        if function not in there:
            problem = f"{variant} renames arguments of {function}, a function that is not there."
            raise AutograderError(problem, f"Write one of {', '.join(sorted(there))}, or delete the line.")
        head = there[function]
        for old in renamed:
            if old not in head.arguments:
                problem = f"{variant} renames {old} of {function}, an argument that is not there."
                raise AutograderError(problem, f"Its arguments are {', '.join(head.arguments)}.")
        names = [renamed.get(name, name) for name in head.arguments]
        for old, new in renamed.items():
            if not new.isidentifier() or keyword.iskeyword(new):
                trouble = "is not a name in Python"
            elif names.count(new) > 1:
                trouble = "would then be the name of two arguments"
            elif new in head.taken - renamed.keys():
                trouble = "means something else in that function or its file"
            else:
                continue
            problem = f"{variant} renames {old} of {function} to {new!r}, which {trouble}."
            raise AutograderError(problem, "Take another name.")


def load_years(path: Path, chosen: str) -> tuple[Year, ...]:
    """The chosen year, then those before it, the last one first; raises AutograderError for a faulty file."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AutograderError(f"{path} cannot be read ({error.strerror}).", HINT) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AutograderError(f"{path} is not valid TOML: {error}.", HINT) from error
    years = [_year(path, name, row) for name, row in table.items()]
    names = [year.name for year in years]
    if chosen not in names:
        problem = f"There is no variant {chosen!r} in {path}."
        raise AutograderError(problem, f"Name one of {', '.join(names)}, or write it there.")
    return tuple(reversed(years[: names.index(chosen) + 1]))


def student_files(solutions: Path, name: str) -> dict[str, str]:
    """The five files with the reference in them, by name, in the variant `name` of the assignment.

    Raises AutograderError if a file cannot be read, or the variant does not exist.
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
    if not isinstance(row, dict) or not re.fullmatch(r"[\w.-]+", name):
        hint = 'A variant is a table, named by letters, digits, `_`, `.` and `-`: ["2028"].'
        raise AutograderError(f"{path}: {name!r} is not a variant.", hint)
    for key, value in row.items():
        if key not in _KEYS:
            problem = f"{path}: variant {name} has the unknown key `{key}`."
            raise AutograderError(problem, f"Known are {', '.join(_KEYS)}; the comment at its top says what they do.")
        fits, example = _KEYS[key]
        if not fits(value):
            raise AutograderError(f"{path}: variant {name} has a wrong `{key}`: {value!r}.", f"Write {example}.")
    return Year(name, **row)


def _is_table(value: object, kind: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(entry, kind) for entry in value.values())


_KEYS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "ties": (lambda value: value in ("smallest", "largest"), 'ties = "smallest" or ties = "largest"'),
    "constants": (lambda value: _is_table(value, int | float), "numbers by name: constants = { temperature = 0.4 }"),
    "arguments": (
        lambda value: _is_table(value, dict) and all(_is_table(names, str) for names in value.values()),
        'new names by function and argument: "KNN" = { K = "neighbours" }',
    ),
    "texts": (
        lambda value: _is_table(value, dict) and all(_is_table(passages, str) for passages in value.values()),
        'a table for each file, ["2028".texts."solutions/main.py"], and in it "old passage" = "new passage"',
    ),
}
"""The keys of a variant: for each, a test of its value, and an example."""


def read_text(path: Path, hint: str) -> str:
    """Read a text in UTF-8; raises AutograderError if that fails, with `hint` if the file is missing."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise AutograderError(f"{path} cannot be read ({error.strerror}).", hint) from error
    except UnicodeDecodeError as error:
        raise AutograderError(f"{path} is not text in UTF-8.", "Save it as UTF-8.") from error
