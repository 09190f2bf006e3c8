"""One submission from folder to Result: what a worker does, again and again, beside its own warm sandbox."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.collect.tree import materialise
from autograder.diagnose.match import diagnose
from autograder.errors import SubmissionProblem
from autograder.records import (
    Answer,
    Case,
    Question,
    QuestionResult,
    Result,
    Rubric,
    Status,
    Submission,
)
from autograder.reference import Reference
from autograder.sandbox.client import Server
from autograder.sandbox.student import Answered, Student
from autograder.settings import Limits

ROOT = Path(__file__).parent.parent
SOLUTIONS = ROOT / "solutions"
SKELETON = ROOT / "assignment"


class Grader:
    """A warm server with the reference beside it. Use as a context manager."""

    def __init__(self, rubric: Rubric, limits: Limits, sandbox: bool = True) -> None:
        self._rubric = rubric
        self._limits = limits
        self._server = Server(SKELETON, sandbox)
        self._reference: Reference | None = None

    @property
    def reference(self) -> Reference:
        """The reference, started when it is first asked."""
        if self._reference is None:
            self._reference = Reference(self._server, SOLUTIONS, self._limits)
        return self._reference

    def grade(self, submission: Submission, questions: Sequence[Question]) -> Result:
        """Collect, run, judge. A student's failure is data; WorkerLost and AutograderError are ours."""
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
            try:
                tree = materialise(submission, Path(folder) / "submission", self._limits)
            except SubmissionProblem as problem:
                results = tuple(judge.unreadable(question, problem.message) for question in questions)
                message = f"{problem.message} {problem.hint}"
                return self._result(submission, Status.PROBLEM, start, results, message)
            student = Student(self._server, tree.root, tree.files, tree.problems, self._limits)
            results, status = self._questions(submission.student, student, questions)
        return self._result(submission, status, start, results)

    def _questions(
        self, name: str, student: Student, questions: Sequence[Question]
    ) -> tuple[tuple[QuestionResult, ...], Status]:
        asked = [(question, all_cases(question.id, self._rubric.seed, name)) for question in questions]
        cases = {question.id: listed for question, listed in asked}
        results: list[QuestionResult] = []
        status = Status.OK
        for answered in student.answer(asked):
            judged = self._judge(answered, cases[answered.question.id])
            if judged.score < judged.max_score and not answered.alone and not _timed_out(answered.answers):
                # What an earlier question did to this process may be to blame: once more, in a process of its own.
                (answered,) = student.answer([(answered.question, cases[answered.question.id])])
                judged = self._judge(answered, cases[answered.question.id])
            results.append(judged)
            if any(check.passed is None for check in judged.checks):
                status = Status.PROBLEM
        return tuple(results), status

    def _judge(self, answered: Answered, cases: Sequence[Case]) -> QuestionResult:
        question, given = answered.question, answered.answers
        expected = self.reference.answers(question, cases)
        result = judge.judge(question, cases, given, expected)
        if result.score == result.max_score:
            return result
        compared = judge.compared_by(question, cases, expected)
        found = diagnose(question, cases, given, compared, self.reference, SOLUTIONS / "mistakes")
        return replace(result, diagnosis=found)

    def _result(
        self,
        submission: Submission,
        status: Status,
        start: float,
        results: tuple[QuestionResult, ...],
        message: str | None = None,
    ) -> Result:
        seconds = round(time.perf_counter() - start, 3)
        return Result(submission.student, status, self._rubric.max_score, seconds, results, "", message)

    def close(self) -> None:
        """End the sandbox and all that runs in it."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _timed_out(answers: Sequence[Answer]) -> bool:
    return any(answer.error is not None and answer.error.kind == "timeout" for answer in answers)
