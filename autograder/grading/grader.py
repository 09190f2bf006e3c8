"""Grades submissions, from folder to Result, with the parts that they share: a warm server and an answer key.

The steps for a single submission are in `opened.py`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.checks import judge
from autograder.checks.demands import Answers
from autograder.collect.excerpts import read_excerpts
from autograder.collect.tree import Tree, materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import Excerpt, Question, QuestionResult, Result, Rubric, Status, Submission
from autograder.core.rubric import credited
from autograder.core.settings import SKELETON, SOLUTIONS, Limits
from autograder.diagnose.advisories import advise
from autograder.grading.opened import Opened
from autograder.reference.answer_key import AnswerKey
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.frozen import Fixtures
from autograder.reference.variants import legend, reworded, turned
from autograder.sandbox.client import Server, Zygote


class Grader:
    """Grades submissions one after the other. Use as a context manager."""

    def __init__(
        self,
        rubric: Rubric,
        limits: Limits,
        sandbox: bool = True,
        zygote: Zygote | None = None,
        fixtures: Fixtures | None = None,
    ) -> None:
        self._rubric = rubric
        self._limits = limits
        self._server = Server(SKELETON, sandbox, zygote, limits)
        self.key = AnswerKey(rubric, self._server, limits, fixtures)

    def grade(self, submission: Submission, questions: Sequence[Question]) -> Result:
        """Collect, run, judge. A student's failure is data; WorkerLost and AutograderError are ours."""
        start = time.perf_counter()
        try:
            with self.open(submission) as opened:
                return self._graded(submission.student, opened, questions, start)
        except SubmissionProblem as problem:
            return unreadable(submission.student, problem, questions, self._rubric)

    def grade_each(self, submission: Submission, questions: Sequence[Question]) -> Iterator[Result]:
        """Yield a result for one question after the other, each from a process of its own, as they are there.

        What keeps a file from being imported is found out once for all of them. If nothing can be read, there is one
        result for all questions.
        """
        try:
            with self.open(submission) as opened:
                for question in questions:
                    opened.efforts.clear()
                    yield self._graded(submission.student, opened, [question], time.perf_counter())
        except SubmissionProblem as problem:
            yield unreadable(submission.student, problem, questions, self._rubric)

    def grade_tree(self, student: str, tree: Tree, questions: Sequence[Question]) -> Result:
        """Grade files that were collected elsewhere."""
        return self._graded(student, self._opened(student, tree), questions, time.perf_counter())

    def _graded(self, student: str, opened: Opened, questions: Sequence[Question], start: float) -> Result:
        excerpts = read_excerpts(opened.tree, SKELETON, questions)
        results = tuple(self._explained(opened, excerpts, *judged) for judged in opened.judged(questions))
        status = Status.PROBLEM if any(result.could_not_run for result in results) else Status.OK
        seconds = round(time.perf_counter() - start, 3)
        most, efforts = self._rubric.max_score, tuple(opened.efforts)
        message = "\n".join(opened.tree.remarks) or None
        return Result(student, status, most, seconds, results, "", message, excerpts=excerpts, efforts=efforts)

    @contextmanager
    def open(self, submission: Submission) -> Iterator[Opened]:
        """Open a submission in a private folder, ready for questions; raises SubmissionProblem."""
        with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
            tree = materialise(submission, Path(folder) / "submission", self._limits)
            yield self._opened(submission.student, tree)

    def _opened(self, student: str, tree: Tree) -> Opened:
        return Opened(student, tree, self.key, self._server, self._limits)

    def _explained(
        self,
        opened: Opened,
        excerpts: Sequence[Excerpt],
        question: Question,
        answers: Answers,
        result: QuestionResult,
    ) -> QuestionResult:
        code = "\n".join(line for one in excerpts if one.question == question.id for _, line in one.lines)
        result = replace(result, advisories=(*result.advisories, *advise(question, answers, code)))
        if result.score < result.max_score:
            result = credited(question, replace(result, diagnosis=opened.hints(question, answers)))
            targets = {one.target for one in read_stand_ins(SOLUTIONS / "mistakes") if one.question == question.id}
            told = "\n".join(f"{check.name}\n{check.message}" for check in result.checks if check.passed is False)
            explained = legend(told, targets, self._rubric.variant)
            result = replace(result, advisories=(*result.advisories, *explained))
        return reworded(result, self._rubric.variant) if turned(answers.cases.values()) else result

    def close(self) -> None:
        """End the sandbox and everything that runs in it."""
        self.key.close()
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unreadable(student: str, problem: SubmissionProblem, questions: Sequence[Question], rubric: Rubric) -> Result:
    """The result of a submission that cannot be read at all."""
    results = tuple(judge.unreadable(question, problem.message) for question in questions)
    message = f"{problem.message} {problem.hint}"
    return Result(student, Status.PROBLEM, rubric.max_score, 0.0, results, "", message)
