"""Reads what a student answered, and gives the points for it. Nothing of the student's is run."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.tree import materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import Submission
from autograder.core.settings import Limits
from autograder.mystery.entries import FILE, MOST_BYTES, Answer, doubts, last, plain, read_entries
from autograder.mystery.runs import Run, Runs, code


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
    own = [student for student in sorted(whose) if code(seed, student) == plain(answer.run)]
    if not own:
        return Marked(0, f"The code in {FILE} is not that of your run.")
    marked = judged(answer, runs.of(seed, own[0]), most)
    return Marked(marked.points, " ".join([marked.comment, *doubts(answer, *runs.names)]))


def judged(answer: Answer, run: Run, most: float) -> Marked:
    """Compare an answer with the run that it is about.

    The mistake gives four fifths of `most`, another one of the right function two fifths, and a right line a fifth
    more. A run without a mistake has no line: the answer `none` gives all.
    """
    named = plain(answer.mistake) == run.mistake
    if not run.lines:
        truth = f"The run has `{run.mistake}`."
        return Marked(most, f"Right. {truth}") if named else Marked(0, f"Mistake and function are others. {truth}")
    truth = f"The run has `{run.mistake}` in `{run.function}`, line {' or '.join(map(str, run.lines))}."
    if not named and last(answer.function) != last(run.function):
        return Marked(0, f"Mistake and function are others. {truth}")
    line = str(answer.line).strip()
    found = line in map(str, run.lines)
    fifths = (4 if named else 2) + found
    said = ["Right." if named else "The function is right, the mistake is another one."]
    if line:
        said.append("The line is right." if found else "The line is another one.")
    return Marked(most * fifths / 5, " ".join([*said, truth]))


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
    return f"{FILE} is larger than {MOST_BYTES:,} bytes." if text is None else read_entries(text)
