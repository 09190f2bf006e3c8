"""One submission from folder to Result: what a worker does, again and again, beside its own warm sandbox."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from autograder.cases import single_cases
from autograder.checks import judge
from autograder.checks.registry import Answers
from autograder.collect.excerpts import read_excerpts
from autograder.collect.tree import Tree, materialise
from autograder.diagnose.advisories import advise
from autograder.diagnose.another_year import matches, uses_names_of
from autograder.diagnose.catalogue import read_variants
from autograder.diagnose.match import diagnose
from autograder.errors import AutograderError, SubmissionProblem
from autograder.frozen import PATH as FIXTURES
from autograder.frozen import Fixtures
from autograder.records import (
    Answer,
    Calls,
    Case,
    Diagnosis,
    Effort,
    Excerpt,
    Question,
    QuestionResult,
    Result,
    Rubric,
    Status,
    Submission,
    Variant,
)
from autograder.reference import Reference, in_parts
from autograder.repair.repairer import Repairer
from autograder.rubric import credited
from autograder.sandbox.client import Server, Zygote
from autograder.sandbox.student import Student
from autograder.settings import SKELETON as SKELETON
from autograder.settings import Limits
from autograder.variants import as_asked, as_written, legend, reworded

ROOT = Path(__file__).parent.parent
SOLUTIONS = ROOT / "solutions"

MakeStudent: TypeAlias = Callable[[Calls, Mapping[str, bytes]], Student]
"""Opens the student's files in the sandbox: with other names for arguments, and other bytes in some of the files."""


class Opened:
    """One submission that can be asked, and the reference beside it."""

    def __init__(self, name: str, tree: Tree, make_student: MakeStudent, grader: Grader, rubric: Rubric) -> None:
        self._name = name
        self.tree = tree
        self._make_student = make_student
        self._student = make_student(rubric.variant.calls, {})
        self._repairer = Repairer(tree, self._student, grader.limits, grader.reference.kept)
        self._grader = grader
        self._rubric = rubric
        self.efforts: list[Effort] = []
        """What each question took, in order."""

    def answers(self, question: Question) -> Answers:
        """Both sides' answers to one question, the student's from a process of its own."""
        cases = self._cases(question)
        return self._alone(question, self._student, cases, self._grader.expected(question, cases))

    def hints(self, question: Question, answers: Answers) -> tuple[Diagnosis, ...]:
        """The known mistakes that give these answers; that it is another year's answer counts before them."""
        return (
            self._of_another_year(question, answers)
            or diagnose(question, answers, self._grader.reference, SOLUTIONS / "mistakes")
            or self._repaired(question, answers)
        )

    def _repaired(self, question: Question, answers: Answers) -> tuple[Diagnosis, ...]:
        """The smallest change of the student's own lines after which nothing is lost, where there is one."""
        if judge.hopeless(answers.given.values()):
            return ()
        cases = tuple(answers.cases.values())

        def prove(changed: dict[str, bytes]) -> bool:
            student = self._make_student(self._rubric.variant.calls, changed)
            return judge.all_pass(question, self._alone(question, student, cases, tuple(answers.expected.values())))

        return self._repairer.repair(question, answers, self._grader.shared(question, cases), prove)

    def _of_another_year(self, question: Question, answers: Answers) -> tuple[Diagnosis, ...]:
        """Whether this is the answer to another year's variant; asked in a process of its own."""
        if judge.hopeless(answers.given.values()):
            return ()
        for variant in self._rubric.earlier:
            if uses_names_of(variant, self._rubric.variant, answers.given.values()) or self.fits(question, variant):
                return (matches(variant),)
        return ()

    def fits(self, question: Question, variant: Variant) -> bool:
        """Whether the question is answered rightly as it was asked in another year, under its names or this year's."""
        cases = tuple(as_asked(case, variant) for case in self._written_cases(question))
        with self._grader.reference_of(variant) as reference:
            right = reference.answers(question, cases)
            return any(
                judge.all_pass(question, self._alone(question, self._make_student(calls, {}), cases, right))
                for calls in (variant.calls, self._rubric.variant.calls)
            )

    def _alone(
        self, question: Question, student: Student, cases: tuple[Case, ...], expected: Sequence[Answer]
    ) -> Answers:
        answered = student.answer([part for part in in_parts(question, cases) if part[1]])
        answers = [answer for part in answered for answer in part.answers]
        return judge.beside(cases, answers, expected)

    def judged(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answers, QuestionResult]]:
        """Both sides' answers to all questions, and what the checks say of them.

        The student's come from one process as long as it lives and is right. Where an answer is
        wrong, what an earlier question did to the process may be to blame: the question is asked once more in a process
        of its own, and that answer counts.
        """
        asked = [(question, self._cases(question)) for question in questions]
        answered = self._student.answer([part for question, cases in asked for part in in_parts(question, cases)])
        for question, cases in asked:
            parts = list(islice(answered, len(question.parts)))
            given = [answer for part in parts for answer in part.answers]
            seconds, peak = sum(part.seconds for part in parts), max(part.peak for part in parts)
            self.efforts.append(Effort(question.id, seconds, peak))
            answers = judge.beside(cases, given, self._grader.expected(question, cases))
            result = judge.judge(question, answers)
            told = [note for part in question.parts for note in self.tree.notes.get(part.module, ())]
            notes = tuple(dict.fromkeys([*told, *(note for part in parts for note in part.notes)]))
            alone = all(part.alone for part in parts)
            again = result.score < result.max_score and not alone and not judge.hopeless(given)
            if again and not self._wrong_alone_too(question, answers):
                answers = self.answers(question)
                result = judge.judge(question, answers)
            yield question, answers, replace(result, advisories=_worth_saying(notes, result))

    def _wrong_alone_too(self, question: Question, answers: Answers) -> bool:
        """Whether a process of its own gives the same answers to all that is wrong: then nothing else is to blame."""
        wrong = tuple(judge.wrong_cases(question, answers))
        again = self._alone(question, self._student, wrong, tuple(answers.expected.values())).given
        return bool(wrong) and all(judge.identical(again[case.name], answers.given[case.name]) for case in wrong)

    def _cases(self, question: Question) -> tuple[Case, ...]:
        return tuple(as_asked(case, self._rubric.variant) for case in self._written_cases(question))

    def _written_cases(self, question: Question) -> tuple[Case, ...]:
        return self._grader.cases(question, self._name)


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


def _worth_saying(notes: Sequence[str], result: QuestionResult) -> tuple[str, ...]:
    """Notes on a question's files, unless nobody attempted it; what its error says already is not said twice."""
    error = result.error or ""
    return () if result.not_attempted else tuple(note for note in notes if note.partition(":")[0] not in error)
