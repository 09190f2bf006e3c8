"""The cases for students with the right answers: from the fixtures, and from the reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from autograder.cases import single_cases
from autograder.checks import judge
from autograder.core.errors import AutograderError
from autograder.core.records import Answer, Case, Question, Rubric, Variant
from autograder.core.settings import SOLUTIONS, Limits
from autograder.reference.frozen import PATH as FIXTURES
from autograder.reference.frozen import Fixtures
from autograder.reference.process import Reference
from autograder.reference.variants import as_asked, as_written
from autograder.sandbox.client import Server


class AnswerKey:
    """The questions of a rubric with their right answers. The reference runs in processes of `server`."""

    def __init__(self, rubric: Rubric, server: Server, limits: Limits, fixtures: Fixtures | None = None) -> None:
        self.rubric = rubric
        self._server = server
        self._limits = limits
        self._fixtures = fixtures or Fixtures(rubric)
        self._reference: Reference | None = None
        self._passed: set[str] = set()
        """Questions whose checks the reference has passed here."""

    @property
    def reference(self) -> Reference:
        """The reference, started when it is first asked."""
        if self._reference is None:
            self._reference = Reference(self._server, SOLUTIONS, self._limits, self.rubric.variant)
        return self._reference

    def cases(self, question: Question, student: str) -> tuple[Case, ...]:
        """All cases of a student in the form of `solutions/`; those that all share have the fixtures' inputs."""
        return self._fixtures.cases(question.id) + single_cases(question.id, self.rubric.seed, student)

    def asked(self, question: Question, student: str) -> tuple[Case, ...]:
        """The same in the form of this year's variant."""
        return tuple(as_asked(case, self.rubric.variant) for case in self.cases(question, student))

    def shared(self, question: Question, cases: Sequence[Case]) -> list[Case]:
        """The cases of a student that all students share."""
        names = {case.name for case in self._fixtures.cases(question.id)}
        return [case for case in cases if case.name in names]

    def expected(self, question: Question, cases: Sequence[Case]) -> list[Answer]:
        """The right answers to the cases: the fixtures' for those that all share, the reference's for others.

        Raises AutograderError if the reference does not pass the checks itself: then it moved, and cannot be used to
        judge anybody.
        """
        live = self.reference.answers(question, cases)
        asked = [as_written(case, self.rubric.variant) for case in cases]
        expected = [self._fixtures.answer(case) or answer for case, answer in zip(asked, live, strict=True)]
        if question.id not in self._passed:
            if not judge.all_pass(question, judge.beside(cases, live, expected)):
                problem = f"Question {question.id}: the reference in solutions/ does not give what {FIXTURES} holds."
                raise AutograderError(problem, "`handout check` shows what moved.")
            self._passed.add(question.id)
        return expected

    @contextmanager
    def of_year(self, variant: Variant) -> Iterator[Reference]:
        """Yield the reference with another year's constants; the present one if they are the same."""
        if variant.constants == self.rubric.variant.constants:
            yield self.reference
        else:
            with closing(Reference(self._server, SOLUTIONS, self._limits, variant)) as other:
                yield other

    def close(self) -> None:
        """End the reference's processes."""
        if self._reference is not None:
            self._reference.close()
