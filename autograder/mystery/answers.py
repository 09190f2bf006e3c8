"""Reads what a student answered, and gives the points for it. Nothing of the student's is run."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.collect.tree import materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import Submission
from autograder.core.settings import Limits
from autograder.mystery import FILE
from autograder.mystery.runs import Run, Runs, code

MOST_BYTES = 10_000
"""Of an answer: four short lines and remarks."""


@dataclass(frozen=True)
class Answer:
    """The keys of the file: the code of the run, the page's name of the mistake, and its function and line."""

    run: str
    mistake: str
    function: str
    line: int | str = ""


@dataclass(frozen=True)
class Marked:
    """Points of an answer, and a sentence or two for its student."""

    points: float
    comment: str


def mark(submission: Submission, runs: Runs, seed: str, most: float, limits: Limits) -> Marked:
    """The points of one submission, `most` at most; its answer must name the run of its student or a group's member."""
    answer = find_answer(submission, limits)
    if isinstance(answer, str):
        return Marked(0, answer)
    whose = {submission.student, *submission.aliases, *(student for student, _ in submission.members)}
    own = [student for student in sorted(whose) if code(seed, student) == answer.run.strip().casefold()]
    if not own:
        return Marked(0, f"The code in {FILE} is not that of your run.")
    return judged(answer, runs.of(seed, own[0]), most)


def judged(answer: Answer, run: Run, most: float) -> Marked:
    """Compare an answer with the run that it is about.

    The mistake gives four fifths of `most`, another one of the right function two fifths, and a right line a fifth
    more. A run without a mistake has no line: the answer `none` gives all.
    """
    named = answer.mistake.strip().casefold() == run.mistake
    if not run.lines:
        truth = f"The run has `{run.mistake}`."
        return Marked(most, f"Right. {truth}") if named else Marked(0, f"Mistake and function are others. {truth}")
    truth = f"The run has `{run.mistake}` in `{run.function}`, line {' or '.join(map(str, run.lines))}."
    if not named and _last(answer.function) != _last(run.function):
        return Marked(0, f"Mistake and function are others. {truth}")
    found = str(answer.line).strip() in map(str, run.lines)
    fifths = (4 if named else 2) + found
    said = "Right." if named else "The function is right, the mistake is another one."
    return Marked(most * fifths / 5, f"{said} {'The line is right.' if found else 'The line is another one.'} {truth}")


def _last(function: str) -> str:
    """`contrastive_loss` of `SSLLoss.contrastive_loss()`."""
    return function.strip().removesuffix("()").rpartition(".")[2].casefold()


def find_answer(submission: Submission, limits: Limits) -> Answer | str:
    """The answer in a submission, or a sentence on why there is none."""
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        try:
            root = materialise(submission, Path(folder) / "all", limits, report_only=True).root
        except SubmissionProblem as problem:
            return problem.message
        found = sorted(path for path in root.rglob(FILE) if path.is_file())
        texts = {path.read_bytes() if path.stat().st_size <= MOST_BYTES else None for path in found}
    return read_answer(texts)


def read_answer(texts: Collection[bytes | None]) -> Answer | str:
    """The answer in the different files of that name; None is one that is too large to be an answer."""
    if len(texts) != 1:
        return f"{FILE} is there more than once." if texts else f"There is no {FILE}."
    (text,) = texts
    if text is None:
        return f"{FILE} is larger than {MOST_BYTES:,} bytes."
    try:
        return msgspec.toml.decode(text.removeprefix(b"\xef\xbb\xbf"), type=Answer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return f"{FILE} is not as it was handed out: it needs the texts run, mistake, function and line."
