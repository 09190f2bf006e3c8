"""One submission that can be asked: its answers next to the right ones, and the mistakes behind wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.checks import judge
from autograder.checks.demands import Answers
from autograder.collect.tree import Tree
from autograder.core.records import Answer, Calls, Case, Diagnosis, Effort, Question, QuestionResult, Variant
from autograder.core.settings import SOLUTIONS, Limits
from autograder.diagnose.another_year import matches, uses_names_of
from autograder.diagnose.match import diagnose
from autograder.reference.answer_key import AnswerKey
from autograder.reference.variants import as_asked
from autograder.repair.repairer import Repairer
from autograder.sandbox.client import Server
from autograder.sandbox.student import Student


@dataclass(frozen=True)
class _Asked:
    """A question that was asked after others; `alone`: nothing else had run in that process before."""

    question: Question
    answers: Answers
    result: QuestionResult
    notes: tuple[str, ...]
    alone: bool

    @property
    def wrong(self) -> list[Case]:
        return judge.wrong_cases(self.answers, judge.compared_by_case(self.question, self.answers.expected))

    @property
    def lost(self) -> bool:
        return self.result.score < self.result.max_score


class Opened:
    """One student's files in the sandbox, ready to be asked as often as needed."""

    def __init__(self, name: str, tree: Tree, key: AnswerKey, server: Server, limits: Limits) -> None:
        """`name` is the student's id; the inputs depend on it."""
        self._name = name
        self.tree = tree
        self._key = key
        self._server = server
        self._limits = limits
        self._left: dict[str, int] = {}
        """Files whose import was given up, for all processes of this hand-in."""
        self._student = self._started(key.rubric.variant.calls)
        self._repairer = Repairer(tree, self._student, limits, key.reference.kept)
        self.efforts: list[Effort] = []
        """The cost of each question, in order."""

    def answers(self, question: Question) -> Answers:
        """Both sides' answers to one question, the student's from a process of its own."""
        cases = self._key.asked(question, self._name)
        return self._alone(question, self._student, cases, self._key.expected(question, cases))

    def hints(self, question: Question, answers: Answers) -> tuple[Diagnosis, ...]:
        """The known mistakes that give these answers; an answer to another year's assignment counts before them."""
        return (
            self._of_another_year(question, answers)
            or diagnose(question, answers, self._key.reference, SOLUTIONS / "mistakes")
            or self._repaired(question, answers)
        )

    def _repaired(self, question: Question, answers: Answers) -> tuple[Diagnosis, ...]:
        """The smallest change of the student's own lines after which no points are lost, if there is one."""
        if judge.hopeless(answers.given.values()):
            return ()
        cases = tuple(answers.cases.values())

        def prove(changed: dict[str, bytes]) -> bool:
            student = self._started(self._key.rubric.variant.calls, changed)
            return judge.all_pass(question, self._alone(question, student, cases, tuple(answers.expected.values())))

        return self._repairer.repair(question, answers, self._key.shared(question, cases), prove)

    def _of_another_year(self, question: Question, answers: Answers) -> tuple[Diagnosis, ...]:
        """Whether this is the answer to another year's variant; asked in a process of its own."""
        if judge.hopeless(answers.given.values()):
            return ()
        now = self._key.rubric.variant
        for variant in self._key.rubric.earlier:
            if uses_names_of(variant, now, answers.given.values()) or self._fits(question, variant):
                return (matches(variant),)
        return ()

    def _fits(self, question: Question, variant: Variant) -> bool:
        """Whether the question is answered rightly as it was asked in another year, under its names or this year's."""
        cases = tuple(as_asked(case, variant) for case in self._key.cases(question, self._name))
        with self._key.of_year(variant) as reference:
            right = reference.answers(question, cases)
            return any(
                judge.all_pass(question, self._alone(question, self._started(calls), cases, right))
                for calls in (variant.calls, self._key.rubric.variant.calls)
            )

    def _alone(
        self, question: Question, student: Student, cases: tuple[Case, ...], expected: Sequence[Answer]
    ) -> Answers:
        """Both sides' answers to one question, the student's from a process of its own."""
        (answered,) = student.answer([(question, cases)])
        return judge.beside(cases, answered.answers, expected)

    def judged(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answers, QuestionResult]]:
        """Yield both sides' answers to all questions, with the results of the checks.

        The student's answers come from one process as long as it lives. If an answer is wrong, an earlier question may
        have damaged the process. So if a second process gives another answer, a process of its own decides.
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
        asked = [(question, self._key.asked(question, self._name)) for question in questions]
        for (question, cases), one in zip(asked, self._student.answer(asked), strict=True):
            self.efforts.append(Effort(question.id, one.seconds, one.peak))
            answers = judge.beside(cases, one.answers, self._key.expected(question, cases))
            told = [note for part in question.parts for note in self.tree.notes.get(part.module, ())]
            notes = tuple(dict.fromkeys([*told, *one.notes]))
            yield _Asked(question, answers, judge.judge(question, answers), notes, one.alone)

    def _confirmed(self, doubtful: Sequence[_Asked]) -> set[Question]:
        """The questions for which a second process repeats all wrong answers.

        They are asked in reverse order, so that no question comes before another one both times.
        """
        before = {one.question: one.answers.given for one in doubtful}
        wrong = [(one.question, cases) for one in reversed(doubtful) if (cases := one.wrong)]
        return {
            again.question
            for again in self._student.answer(wrong)
            if all(judge.identical(answer, before[again.question][answer.case]) for answer in again.answers)
        }

    def _started(self, calls: Calls, changed: Mapping[str, bytes] | None = None) -> Student:
        """Start the files in the sandbox, with other names for arguments, and other bytes in some of the files."""
        tree = self.tree
        return Student(self._server, tree.root, tree.files, tree.problems, self._limits, calls, changed, self._left)


def _worth_saying(notes: Sequence[str], result: QuestionResult) -> tuple[str, ...]:
    """Notes on a question's files, unless it was not attempted; what its error says already is not repeated."""
    error = result.error or ""
    return () if result.not_attempted else tuple(note for note in notes if note.partition(":")[0] not in error)
