"""One submission from folder to Result: what a worker does, again and again, beside its own warm sandbox."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.cases import single_cases
from autograder.checks import judge
from autograder.checks.registry import Answers
from autograder.collect.excerpts import read_excerpts
from autograder.collect.tree import Tree, materialise
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.core.records import (
    Answer,
    Calls,
    Case,
    Excerpt,
    Question,
    QuestionResult,
    Result,
    Rubric,
    Status,
    Submission,
    Variant,
)
from autograder.core.rubric import credited
from autograder.core.settings import SKELETON as SKELETON
from autograder.core.settings import Limits
from autograder.diagnose.advisories import advise
from autograder.grading.opened import SOLUTIONS as SOLUTIONS
from autograder.grading.opened import Opened
from autograder.reference.catalogue import read_variants
from autograder.reference.frozen import PATH as FIXTURES
from autograder.reference.frozen import Fixtures
from autograder.reference.process import Reference
from autograder.reference.variants import as_written, legend, reworded
from autograder.sandbox.client import Server, Zygote
from autograder.sandbox.student import Student

ROOT = Path(__file__).parents[2]


class Grader:
    """A warm server with the reference beside it. Use as a context manager."""

    def __init__(
        self,
        rubric: Rubric,
        limits: Limits,
        sandbox: bool = True,
        zygote: Zygote | None = None,
        fixtures: Fixtures | None = None,
    ) -> None:
        self._rubric = rubric
        self._fixtures = fixtures or Fixtures(rubric)
        self.limits = limits
        self._server = Server(SKELETON, sandbox, zygote, limits)
        self._reference: Reference | None = None
        self._passed: set[str] = set()
        """Questions whose checks the reference has passed here."""

    @property
    def reference(self) -> Reference:
        """The reference, started when it is first asked."""
        if self._reference is None:
            self._reference = Reference(self._server, SOLUTIONS, self.limits, self._rubric.variant)
        return self._reference

    def cases(self, question: Question, student: str) -> tuple[Case, ...]:
        """All that a student is asked, as `solutions/` has it: what all share, on the inputs of the fixtures."""
        return self._fixtures.cases(question.id) + single_cases(question.id, self._rubric.seed, student)

    def shared(self, question: Question, cases: Sequence[Case]) -> list[Case]:
        """Those of a student's cases that all students have."""
        names = {case.name for case in self._fixtures.cases(question.id)}
        return [case for case in cases if case.name in names]

    def expected(self, question: Question, cases: Sequence[Case]) -> list[Answer]:
        """What the cases must give: of those that all share what the fixtures hold, of others what the reference gives.

        Raises AutograderError where the reference does not pass the checks itself: then it moved, and nobody could be
        judged by it.
        """
        live = self.reference.answers(question, cases)
        asked = [as_written(case, self._rubric.variant) for case in cases]
        expected = [self._fixtures.answer(case) or answer for case, answer in zip(asked, live, strict=True)]
        if question.id not in self._passed:
            if not judge.all_pass(question, judge.beside(cases, live, expected)):
                problem = f"Question {question.id}: the reference in solutions/ does not give what {FIXTURES} holds."
                raise AutograderError(problem, "`handout check` shows what moved.")
            self._passed.add(question.id)
        return expected

    @contextmanager
    def reference_of(self, variant: Variant) -> Iterator[Reference]:
        """The reference with another year's constants; the one that is there where they are the same."""
        if variant.constants == self._rubric.variant.constants:
            yield self.reference
        else:
            with closing(Reference(self._server, SOLUTIONS, self.limits, variant)) as other:
                yield other

    def grade(self, submission: Submission, questions: Sequence[Question]) -> Result:
        """Collect, run, judge. A student's failure is data; WorkerLost and AutograderError are ours."""
        start = time.perf_counter()
        try:
            with self.open(submission) as opened:
                return self._graded(submission.student, opened, questions, start)
        except SubmissionProblem as problem:
            return unreadable(submission.student, problem, questions, self._rubric)

    def grade_tree(self, student: str, tree: Tree, questions: Sequence[Question]) -> Result:
        """The same for files that were collected elsewhere."""
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
        """The submission in a private folder, ready to be asked; raises SubmissionProblem."""
        with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
            tree = materialise(submission, Path(folder) / "submission", self.limits)
            yield self._opened(submission.student, tree)

    def _opened(self, student: str, tree: Tree) -> Opened:
        def make_student(calls: Calls, changed: Mapping[str, bytes]) -> Student:
            return Student(self._server, tree.root, tree.files, tree.problems, self.limits, calls, changed)

        return Opened(student, tree, make_student, self, self._rubric)

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
            targets = {one.target for one in read_variants(SOLUTIONS / "mistakes") if one.question == question.id}
            told = "\n".join(f"{check.name}\n{check.message}" for check in result.checks if check.passed is False)
            explained = legend(told, targets, self._rubric.variant)
            result = replace(result, advisories=(*result.advisories, *explained))
        turned = any(case.mirrored for case in answers.cases.values())
        return reworded(result, self._rubric.variant) if turned else result

    def close(self) -> None:
        """End the sandbox and all that runs in it."""
        if self._reference is not None:
            self._reference.close()
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unreadable(student: str, problem: SubmissionProblem, questions: Sequence[Question], rubric: Rubric) -> Result:
    """The result of a submission that can not be read at all."""
    results = tuple(judge.unreadable(question, problem.message) for question in questions)
    message = f"{problem.message} {problem.hint}"
    return Result(student, Status.PROBLEM, rubric.max_score, 0.0, results, "", message)
