"""Remembers in an output folder how its class was graded, so that a part of it can be graded again."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.settings import Limits, Settings
from autograder.core.store import write_whole

FILE = "run.json"


class _Run(msgspec.Struct):
    """The settings on which a grade may depend, with whole paths."""

    submissions: Path
    layout: str | None
    assignment: str | None
    roster: Path | None
    anonymise: bool
    sandbox: bool
    limits: Limits


def save(settings: Settings) -> None:
    """Store the settings of a run in its output folder."""
    run = msgspec.convert(settings, _Run, from_attributes=True)
    run.submissions = settings.submissions.absolute()
    run.roster = settings.roster and settings.roster.absolute()
    plain = msgspec.to_builtins(run, enc_hook=str)
    write_whole(settings.output / FILE, json.dumps(plain, indent=1) + "\n")


def load(output: Path) -> Settings:
    """The settings of the last run; raises AutograderError if the folder has none, or if its class has gone."""
    path = output / FILE
    try:
        run = msgspec.convert(json.loads(path.read_bytes()), _Run, dec_hook=lambda kind, text: kind(text))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        hint = "Run `autograde SUBMISSIONS --output` with this folder again."
        raise AutograderError(f"{path} does not say how the class was graded: {error}.", hint) from error
    if not run.submissions.exists():
        hint = "Put it back, or run `autograde SUBMISSIONS --output` with this folder again."
        raise AutograderError(f"The class that was graded, {run.submissions}, is not there any more.", hint)
    return Settings(output=output, **msgspec.structs.asdict(run))
