"""Expectations of an experiment, sealed before it is run. Given.

A sealed file holds the predictions, the time, and a SHA-256 of both. So a later change shows, unless the hash is made
again as well: it is a promise to yourself, not a lock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ssl_kit import logs
from ssl_kit.engine import UserError

NAME = "predictions.json"
"""The name of the file, next to the results."""


@dataclass(frozen=True)
class Sealed:
    """Predictions by what they are of; when they were sealed, in UTC; their hash; whether they are unchanged."""

    values: dict[str, float]
    time: str
    digest: str
    intact: bool = True

    def __str__(self) -> str:
        if not self.intact:
            return f"The predictions of {self.time} were changed after they were sealed."
        return f"Predictions sealed {self.time}, SHA-256 {self.digest[:12]}."


def demand_unsealed(path: Path) -> None:
    """Raise `UserError` if predictions are sealed in this file."""
    earlier = read(path)
    if earlier is not None:
        problem = f"{path} was sealed already, {earlier.time}; a sealed prediction is not replaced."
        raise UserError(problem, "Run the experiment. Another --output takes another prediction.")


def seal(path: Path, values: Mapping[str, float]) -> Sealed:
    """Write predictions with the time and the hash; raises `UserError` where none is given, or some are sealed."""
    demand_unsealed(path)
    if not values:
        raise UserError("Nothing was predicted.", "Give at least one number.")
    now = datetime.now(UTC).isoformat(" ", "seconds")
    sealed = Sealed(dict(values), now, _digest(now, values))
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"time": sealed.time, "sha256": sealed.digest, "predictions": sealed.values}
    logs.write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return sealed


def read(path: Path) -> Sealed | None:
    """Read the sealed expectations; None if there is no such file. Raises `UserError` if the file is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        time, digest = str(found["time"]), str(found["sha256"])
        values = {str(name): float(value) for name, value in found["predictions"].items()}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} cannot be read: {error}.", "Take it away, if you have it no longer as sealed."
        ) from error
    return Sealed(values, time, digest, digest == _digest(time, values))


def ask(questions: Mapping[str, str], low: float, high: float) -> dict[str, float]:
    """Ask for a number for each name, from `low` to `high`; an empty line leaves one out.

    Raises `UserError` where the input ends before the last question.
    """
    given = {}
    for name, question in questions.items():
        while answer := _line(f"{question} ").strip():
            try:
                given[name] = float(answer.rstrip("%").replace(",", "."))
            except ValueError:
                given.pop(name, None)
            if low <= given.get(name, low - 1) <= high:
                break
            print(f"Give a number from {low:g} to {high:g}, or nothing.")
        if not answer:
            given.pop(name, None)
    return given


def _line(question: str) -> str:
    try:
        return input(question)
    except EOFError as error:
        print()
        raise UserError("The input ended before the last question.", "Answer in a terminal, a line each.") from error


def _digest(time: str, values: Mapping[str, float]) -> str:
    plain = json.dumps([time, {name: float(value) for name, value in values.items()}], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
