"""Errors for a person at the keyboard: one sentence on what is wrong, one on what to do."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable
from importlib.util import find_spec

Problem = tuple[str, str]
"""The person or thing that a problem concerns, and what is wrong."""
FEW = 5
"""The most problems of one kind that get a sentence each."""
MOST_NAMES = 20


class AutograderError(Exception):
    """An error that a user caused or can mend; `cli` prints it on two lines, without a traceback.

    `message` says what is wrong and `hint` what to do, each a whole sentence.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SubmissionProblem(AutograderError):
    """Something in one submission that keeps checks from running; it becomes data in the result, never an exit."""


class SandboxUnavailable(AutograderError):
    """This machine cannot confine student code."""


class WorkerLost(Exception):
    """The warm server died or stopped answering: not the student's fault."""


def unmerged(path: str | os.PathLike[str], line: int | None) -> AutograderError:
    """The error of a file in which a merge left a conflict open."""
    problem = f"{os.fspath(path)}, line {line}, begins a conflict that a merge left open."
    return AutograderError(problem, "Choose between the marked lines, take the marks out, then run this again.")


def demand(package: str, extra: str, what: str) -> None:
    """Raise AutograderError if a package is not installed that grading itself does not need.

    `extra` is the list in pyproject.toml that has it, `what` is what a person asked for.
    """
    if find_spec(package) is None:
        problem = f"{what} needs the Python package {package}, which is not installed."
        hint = f'Run `make install` in the kit\'s folder, or `pip install --editable ".[{extra}]"`.'
        raise AutograderError(problem, hint)


def placed(error: BaseException) -> ImportError:
    """Turn an exception at the import of one of the kit's own files into one line that names the place."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    file, line, said = frame.filename, frame.lineno, str(error)
    if isinstance(error, SyntaxError):
        file, line, said = str(error.filename), error.lineno, error.msg
    return ImportError(f"{type(error).__name__}: {said} ({os.path.basename(file)}, line {line})")


def listed(problems: Iterable[Problem]) -> str:
    """A line for each problem. One that many share is listed once, with how many they are and whom it concerns."""
    grouped: dict[str, list[str]] = {}
    for who, what in problems:
        grouped.setdefault(what, []).append(who)
    lines = []
    for what, whose in grouped.items():
        if len(whose) <= FEW:
            lines += [f"  {_sentence(who, what)}" for who in whose]
            continue
        lines.append(f"  {_sentence(f'{len(whose)} students', _of_many(what))}:")
        lines += [f"    {who}" for who in whose[:MOST_NAMES]]
        if len(whose) > MOST_NAMES:
            lines.append(f"    and {len(whose) - MOST_NAMES} more")
    return "\n".join("\\n".join(line.splitlines()) for line in lines)


def _sentence(who: str, what: str) -> str:
    """`101 is not in the sheet`, `101: the sheet's maximum is …`."""
    return f"{who} {what}" if what.startswith(("is ", "are ", "can ", "stands ")) else f"{who}: {what}"


def _of_many(what: str) -> str:
    verb, space, rest = what.partition(" ")
    return {"is": "are", "stands": "stand"}.get(verb, verb) + space + rest
