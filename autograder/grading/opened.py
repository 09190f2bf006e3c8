"""One submission that can be asked, beside what is expected of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeAlias

from autograder.checks import judge
from autograder.checks.registry import Answers
from autograder.collect.tree import Tree
from autograder.core.records import (
    Answer,
    Calls,
    Case,
    Diagnosis,
    Effort,
    Question,
    QuestionResult,
    Rubric,
    Variant,
)
from autograder.core.settings import Limits
from autograder.diagnose.another_year import matches, uses_names_of
from autograder.diagnose.match import diagnose
from autograder.reference.process import Reference, in_parts
from autograder.reference.variants import as_asked
from autograder.repair.repairer import Repairer
from autograder.sandbox.student import Student

SOLUTIONS = Path(__file__).parents[2] / "solutions"

MakeStudent: TypeAlias = Callable[[Calls, Mapping[str, bytes]], Student]
"""Opens the student's files in the sandbox: with other names for arguments, and other bytes in some of the files."""


class Beside(Protocol):
    """What a submission is asked, and what is expected: `grader.Grader`."""

    limits: Limits

    @property
    def reference(self) -> Reference:
        """The reference of this year."""

    def cases(self, question: Question, student: str) -> tuple[Case, ...]:
        """All that a student is asked, as `solutions/` has it."""

    def shared(self, question: Question, cases: Sequence[Case]) -> list[Case]:
        """Those of a student's cases that all students have."""

    def expected(self, question: Question, cases: Sequence[Case]) -> list[Answer]:
        """What the cases must give."""

    def reference_of(self, variant: Variant) -> AbstractContextManager[Reference]:
        """The reference with another year's constants."""


@dataclass(frozen=True)
class _Asked:
    """A question that was asked among others; `alone`: nothing else had run in that process before."""

    question: Question
    answers: Answers
    result: QuestionResult
    notes: tuple[str, ...]
    alone: bool

    @property
    def wrong(self) -> list[Case]:
        return judge.wrong_cases(self.answers, judge.compared_by_case(self.question, self.answers))

    @property
    def lost(self) -> bool:
        return self.result.score < self.result.max_score


class Opened:
    """One submission that can be asked, and the reference beside it."""

    def __init__(self, name: str, tree: Tree, make_student: MakeStudent, beside: Beside, rubric: Rubric) -> None:
        self._name = name
        self.tree = tree
        self._make_student = make_student
        self._student = make_student(rubric.variant.calls, {})
        self._repairer = Repairer(tree, self._student, beside.limits, beside.reference.kept)
        self._beside = beside
        self._rubric = rubric
        self.efforts: list[Effort] = []
        """What each question took, in order."""

    def answers(self, question: Question) -> Answers:
        """Both sides' answers to one question, the student's from a process of its own."""
        cases = self._cases(question)
        return self._alone(question, self._student, cases, self._beside.expected(question, cases))

    def hints(self, question: Question, answers: Answers) -> tuple[Diagnosis, ...]:
        """The known mistakes that give these answers; that it is another year's answer counts before them."""
        return (
            self._of_another_year(question, answers)
            or diagnose(question, answers, self._beside.reference, SOLUTIONS / "mistakes")
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

        return self._repairer.repair(question, answers, self._beside.shared(question, cases), prove)

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
        with self._beside.reference_of(variant) as reference:
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

        The student's come from one process as long as it lives. Where an answer is wrong, what an earlier question did
        to the process may be to blame: where another process gives another answer, one of its own counts.
        """
        first = list(self._asked_together(questions))
        doubtful = [one for one in first if one.lost and not (one.alone or judge.hopeless(one.answers.given.values()))]
        blamed = {one.question for one in doubtful} - self._confirmed(doubtful)
        for one in first:
            if one.question in blamed:
                answers = self.answers(one.question)
                one = replace(one, answers=answers, result=judge.judge(one.question, answers))
            advisories = _worth_saying(one.notes, one.result)
            yield one.question, one.answers, replace(one.result, advisories=advisories)

    def _asked_together(self, questions: Sequence[Question]) -> Iterator[_Asked]:
        asked = [(question, self._cases(question)) for question in questions]
        answered = self._student.answer([part for question, cases in asked for part in in_parts(question, cases)])
        for question, cases in asked:
            parts = list(islice(answered, len(question.parts)))
            given = [answer for part in parts for answer in part.answers]
            seconds, peak = sum(part.seconds for part in parts), max(part.peak for part in parts)
            self.efforts.append(Effort(question.id, seconds, peak))
            answers = judge.beside(cases, given, self._beside.expected(question, cases))
            told = [note for part in question.parts for note in self.tree.notes.get(part.module, ())]
            notes = tuple(dict.fromkeys([*told, *(note for part in parts for note in part.notes)]))
            yield _Asked(question, answers, judge.judge(question, answers), notes, all(part.alone for part in parts))

    def _confirmed(self, doubtful: Sequence[_Asked]) -> set[Question]:
        """The questions of which a second process gives the same answers to all that is wrong.

        They are asked in the reverse order, so that no question has come before another both times.
        """
        wrong = {one.question: one.wrong for one in reversed(doubtful)}
        parts = [part for question, cases in wrong.items() for part in in_parts(question, cases) if part[1]]
        again = {(part.question.id, one.case): one for part in self._student.answer(parts) for one in part.answers}

        def same(one: _Asked, case: Case) -> bool:
            return judge.identical(again[one.question.id, case.name], one.answers.given[case.name])

        found = [one for one in doubtful if wrong[one.question]]
        return {one.question for one in found if all(same(one, case) for case in wrong[one.question])}

    def _cases(self, question: Question) -> tuple[Case, ...]:
        return tuple(as_asked(case, self._rubric.variant) for case in self._written_cases(question))

    def _written_cases(self, question: Question) -> tuple[Case, ...]:
        return self._beside.cases(question, self._name)


def _worth_saying(notes: Sequence[str], result: QuestionResult) -> tuple[str, ...]:
    """Notes on a question's files, unless nobody attempted it; what its error says already is not said twice."""
    error = result.error or ""
    return () if result.not_attempted else tuple(note for note in notes if note.partition(":")[0] not in error)
