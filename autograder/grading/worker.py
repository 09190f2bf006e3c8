"""A grader that is replaced when it dies, and the version that decides whether a submission must be graded at all."""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import metadata
from typing import Self

from autograder.core.errors import AutograderError, WorkerLost
from autograder.core.records import Question, Result, Rubric, Status, Submission
from autograder.core.settings import ROOT, SKELETON, SOLUTIONS, Limits
from autograder.grading.grader import Grader
from autograder.sandbox.client import Zygote


@dataclass(frozen=True)
class Task:
    """The work that is left for one submission: the questions to ask, and earlier results to add to, if any.

    `took` is the time in seconds of its last grading, even if its result does not hold any more; 0 if it is unknown.
    """

    submission: Submission
    questions: Sequence[Question]
    fingerprint: str
    earlier: Sequence[Result]
    took: float = 0.0


class Worker:
    """Grades one submission after the other; one that ends the sandbox is tried again. Use as a context manager."""

    def __init__(self, rubric: Rubric, limits: Limits, sandbox: bool, zygote: Zygote) -> None:
        self._rubric = rubric
        self._zygote = zygote
        self._limits = limits
        self._sandbox = sandbox
        self._grader: Grader | None = None

    def grade(self, task: Task) -> Result:
        """Grade a submission on this machine; raises AutograderError if something is wrong with the machine."""
        student = task.submission.student
        graded = self.attempt(student, lambda grader: grader.grade(task.submission, task.questions))
        return joined(task, graded, self._rubric)

    def attempt(self, student: str, grade: Callable[[Grader], Result]) -> Result:
        """Call `grade` with a working grader; returns its result, or one that says why there is no grade."""
        for last in (False, True):
            try:
                if self._grader is None:
                    self._grader = Grader(self._rubric, self._limits, self._sandbox, self._zygote)
                return grade(self._grader)
            except WorkerLost as error:
                self.close()
                if last:
                    return failed(student, self._rubric, f"The sandbox died twice on this submission: {error}.")
            except AutograderError:
                raise
            except Exception as error:  # our own fault costs one submission its grade, and no other
                problem = f"The autograder itself failed: {type(error).__name__}: {error}"
                return failed(student, self._rubric, f"{problem}\n{traceback.format_exc(limit=-3)}")
        raise AssertionError("the loop returns")

    def close(self) -> None:
        """End the sandbox."""
        if self._grader is not None:
            self._grader.close()
            self._grader = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def failed(student: str, rubric: Rubric, message: str) -> Result:
    """A result without a grade, for a reason that is not the student's."""
    return Result(student, Status.ERROR, rubric.max_score, 0.0, (), "", message)


def joined(task: Task, result: Result, rubric: Rubric) -> Result:
    """The questions graded now next to those graded before, in the rubric's order."""
    if not task.earlier or result.status is Status.ERROR:
        return replace(result, fingerprint=task.fingerprint)
    earlier = task.earlier[0]
    by_id = {question.id: question for question in (*earlier.questions, *result.questions)}
    questions = tuple(by_id[question.id] for question in rubric.graded if question.id in by_id)
    asked = {question.id for question in result.questions}
    return replace(
        result,
        questions=questions,
        status=Status.PROBLEM if any(question.could_not_run for question in questions) else Status.OK,
        excerpts=(*(one for one in earlier.excerpts if one.question not in asked), *result.excerpts),
        seconds=earlier.seconds + result.seconds,
        fingerprint=task.fingerprint,
    )


@lru_cache
def version() -> str:
    """A digest of everything except the submission that affects a grade: our code, reference, fixtures, libraries."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in (ROOT / "autograder", SOLUTIONS, SKELETON):
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("rubric.json"), *folder.rglob("fixtures/*.npz")]):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for name in ("torch", "torchvision", "numpy"):
        digest.update(f"{name} {metadata.version(name)}".encode())
    return digest.hexdigest()
