"""Reads `handouts/source/numbers.toml`: what was measured, for pages to quote. `make handout-numbers` writes it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.core.errors import AutograderError

NUMBERS = "handouts/source/numbers.toml"
AGAIN = "Run `make handout-numbers`, which writes it."


def measured(root: Path) -> dict[str, float | str]:
    """The numbers by their dotted names, as `collapse.simsiam.knn`, and each table's `command`; none without a file.

    Raises AutograderError where the file cannot be read.
    """
    path = root / NUMBERS
    if not path.is_file():
        return {}
    try:
        return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AutograderError(f"{NUMBERS} cannot be read: {error}.", AGAIN) from error


def quoting(numbers: Mapping[str, float | str]) -> Callable[..., str]:
    """The function that pages call: `number("collapse.simsiam.knn")`, or with so many `digits` after the point.

    A name that is not in the file raises KeyError.
    """

    def number(name: str, digits: int | None = None) -> str:
        if name not in numbers:
            raise KeyError(f"{name} is not in {NUMBERS}")
        value = numbers[name]
        return str(value) if digits is None or isinstance(value, str) else f"{value:.{digits}f}"

    return number


def in_folder(command: str, folder: str) -> str:
    """The command with an `--exp_dir` of its own: `main.py` refuses to write over a run that had other flags."""
    return f"{command.replace('exp/last.pth', f'{folder}/last.pth')} --exp_dir {folder}"


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float | str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
