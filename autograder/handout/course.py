"""Reads `solutions/course.toml`: the term, the seed, and the questions that a person grades."""

from __future__ import annotations

import tomllib
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError
from autograder.records import Question

KEYS = {"term", "seed", "manual"}
OPTIONAL = {"due"}
MANUAL_KEYS = {"id", "title", "file", "points"}
EXAMPLE = (
    'Write `term = "2026 fall"`, `seed = "…"` and one `[[manual]]` table with id, title, file and points a question.'
)


@dataclass(frozen=True)
class Course:
    """What an instructor sets each term. `seed` is secret: it makes the inputs of the hidden checks."""

    term: str
    seed: str
    manual: tuple[Question, ...]
    due: str = ""


def load_course(path: Path) -> Course:
    """Read the file; an unknown or missing key, or a value of another type, is an error that names it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AutograderError(f"{path} can not be read ({error.strerror}).", EXAMPLE) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AutograderError(f"{path} is not valid TOML: {error}.", EXAMPLE) from error
    _demand_keys(path, "the file", table.keys() - OPTIONAL, KEYS)
    for key in ("term", "seed", *(OPTIONAL & table.keys())):
        if not isinstance(table[key], str) or not table[key]:
            raise AutograderError(f"{path}: `{key}` is not a text.", EXAMPLE)
    if not isinstance(table["manual"], list):
        raise AutograderError(f"{path}: `manual` is not a list of tables.", EXAMPLE)
    return Course(
        table["term"], table["seed"], tuple(_manual(path, row) for row in table["manual"]), table.get("due", "")
    )


def _manual(path: Path, row: object) -> Question:
    if not isinstance(row, dict):
        raise AutograderError(f"{path}: `manual` is not a list of tables.", EXAMPLE)
    _demand_keys(path, "[[manual]]", row.keys(), MANUAL_KEYS)
    points = row["points"]
    if not all(isinstance(row[key], str) for key in ("id", "title", "file")):
        raise AutograderError(f"{path}: id, title and file of a [[manual]] table are texts.", EXAMPLE)
    if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
        raise AutograderError(f"{path}: the points of question {row['id']} are not a number.", EXAMPLE)
    return Question(row["id"], row["title"], row["file"], float(points), manual=True)


def _demand_keys(path: Path, where: str, found: Set[str], keys: Set[str]) -> None:
    for key in sorted(keys ^ found):
        problem = "lacks" if key in keys else "has the unknown key"
        raise AutograderError(f"{path}: {where} {problem} `{key}`.", EXAMPLE)
