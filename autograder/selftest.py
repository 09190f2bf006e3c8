"""`autograde --self-test`: proves on known right and wrong solutions that the checks and the hints are right."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.checks.registry import Answers
from autograder.diagnose.catalogue import Variant, read_variants
from autograder.diagnose.match import diagnose
from autograder.grader import SKELETON, SOLUTIONS, Grader
from autograder.records import STUDENT_FILES, Question, QuestionResult, Rubric, Submission


@dataclass
class Tally:
    """What was seen of one question. `misses` holds a sentence for everything that was not as it must be."""

    question: Question
    mistakes: int = 0
    caught: int = 0
    named: int = 0
    equivalents: int = 0
    passed: int = 0
    misses: list[str] = field(default_factory=list)


class SelfTest:
    """Judges the reference, the skeleton, every mistake and every equivalent as if students had handed them in."""

    def __init__(self, grader: Grader, rubric: Rubric) -> None:
        self._grader = grader
        self._rubric = rubric
        self.tallies = [Tally(question) for question in rubric.graded]

    def hand_ins(self) -> None:
        """The reference's files must get full marks, the untouched skeleton's none."""
        for name, folder, share in (("the reference", SOLUTIONS, 1), ("the untouched skeleton", SKELETON, 0)):
            for tally, result in zip(self.tallies, self._hand_in(folder), strict=True):
                if result.score != share * result.max_score:
                    tally.misses.append(f"{name} gets {result.score:g} of {result.max_score:g}")

    def variants(self) -> None:
        """Every mistake must lose points on its own question only and be named; every equivalent must lose none."""
        for tally in self.tallies:
            for variant in _variants("mistakes", tally.question):
                misses = [*self._uncaught(tally.question, variant, "self-test"), *self._elsewhere(tally, variant)]
                unnamed = [] if misses else list(self._unnamed(tally.question, variant))
                tally.mistakes += 1
                tally.caught += not misses
                tally.named += not misses and not unnamed
                tally.misses += [*misses, *unnamed]
            for variant in _variants("equivalents", tally.question):
                misses = list(self._marked_down(tally.question, variant, "self-test"))
                tally.equivalents += 1
                tally.passed += not misses
                tally.misses += misses

    def replay(self, student: str) -> None:
        """The verdicts must be the same on the inputs of any other student."""
        for tally in self.tallies:
            for variant in _variants("mistakes", tally.question):
                tally.misses += self._uncaught(tally.question, variant, student)
            for variant in _variants("equivalents", tally.question):
                tally.misses += self._marked_down(tally.question, variant, student)

    def _hand_in(self, folder: Path) -> tuple[QuestionResult, ...]:
        with tempfile.TemporaryDirectory() as entry:
            for file in STUDENT_FILES:
                shutil.copy(folder / file, entry)
            return self._grader.grade(Submission("self-test", Path(entry)), self._rubric.graded).questions

    def _answers(self, question: Question, variant: Variant, student: str) -> Answers:
        reference = self._grader.reference
        cases = all_cases(question.id, self._rubric.seed, student)
        return judge.beside(cases, reference.answers(question, cases, variant.key), reference.answers(question, cases))

    def _uncaught(self, question: Question, variant: Variant, student: str) -> Iterator[str]:
        if judge.all_pass(question, self._answers(question, variant, student)):
            yield f"{variant.name} is not caught ({student})"

    def _marked_down(self, question: Question, variant: Variant, student: str) -> Iterator[str]:
        result = judge.judge(question, self._answers(question, variant, student))
        for check in result.checks:
            if not check.passed:
                yield f"{variant.name} loses points ({student}): {check.name}: {check.message}"
                return

    def _elsewhere(self, tally: Tally, variant: Variant) -> Iterator[str]:
        """A mistake in one function must cost nothing on the other questions of its file."""
        for other in self._rubric.graded:
            same_file = other.module == tally.question.module and other.id != tally.question.id
            if same_file and not judge.all_pass(other, self._answers(other, variant, "self-test")):
                yield f"{variant.name} also loses points on {other.id}"

    def _unnamed(self, question: Question, variant: Variant) -> Iterator[str]:
        answers = self._answers(question, variant, "self-test")
        found = [one.mistake for one in diagnose(question, answers, self._grader.reference, SOLUTIONS / "mistakes")]
        if found != [variant.name]:
            yield f"{variant.name} is diagnosed as {', '.join(found) or 'nothing'}"


def _variants(folder: str, question: Question) -> Iterator[Variant]:
    return (variant for variant in read_variants(SOLUTIONS / folder) if variant.question == question.id)
