"""`autograde --self-test`: proves on known right and wrong solutions that the checks and the hints are right."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.diagnose.catalogue import Variant, read_variants
from autograder.diagnose.match import diagnose
from autograder.grader import SKELETON, SOLUTIONS, Grader
from autograder.records import STUDENT_FILES, Case, Question, QuestionResult, Rubric, Submission
from autograder.reference import Reference


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


def self_test(grader: Grader, rubric: Rubric, students: Sequence[str]) -> list[Tally]:
    """Judge the reference, the skeleton, every mistake and every equivalent on the inputs of each of `students`."""
    tallies = {question.id: Tally(question) for question in rubric.graded}
    for name, folder, full in (("the reference", SOLUTIONS, True), ("the untouched skeleton", SKELETON, False)):
        for result in _hand_in(folder, grader, rubric, students[0]):
            wanted = result.max_score if full else 0.0
            if result.score != wanted:
                tallies[result.id].misses.append(f"{name} gets {result.score:g} of {result.max_score:g}")
    for tally in tallies.values():
        for variant in _variants("mistakes", tally.question):
            _mistake(tally, variant, grader.reference, rubric, students)
        for variant in _variants("equivalents", tally.question):
            _equivalent(tally, variant, grader.reference, rubric, students)
    return list(tallies.values())


def _hand_in(folder: Path, grader: Grader, rubric: Rubric, student: str) -> tuple[QuestionResult, ...]:
    """Grade the five files of `folder` as a student would hand them in."""
    with tempfile.TemporaryDirectory() as entry:
        for file in STUDENT_FILES:
            shutil.copy(folder / file, entry)
        return grader.grade(Submission(student, Path(entry)), rubric.graded).questions


def _variants(folder: str, question: Question) -> Iterator[Variant]:
    return (variant for variant in read_variants(SOLUTIONS / folder) if variant.question == question.id)


def _mistake(tally: Tally, variant: Variant, reference: Reference, rubric: Rubric, students: Sequence[str]) -> None:
    """It must lose points on its own question, be named, and cost nothing elsewhere in its file."""
    caught = named = True
    for student in students:
        cases = all_cases(tally.question.id, rubric.seed, student)
        result = _judged(tally.question, cases, variant, reference)
        if result.score >= result.max_score:
            caught = False
            tally.misses.append(f"{variant.name} is not caught ({student})")
        elif variant.name not in (names := _names(tally.question, cases, variant, reference)):
            named = False
            tally.misses.append(f"{variant.name} is not named ({student}); found: {', '.join(names) or 'nothing'}")
        elif len(names) > 1:
            tally.misses.append(f"{variant.name} can not be told from {', '.join(n for n in names if n != variant.name)}")
    for other in rubric.graded:
        if other.module == tally.question.module and other.id != tally.question.id:
            cases = all_cases(other.id, rubric.seed, students[0])
            result = _judged(other, cases, variant, reference)
            if result.score < result.max_score:
                tally.misses.append(f"{variant.name} also loses points on {other.id}")
    tally.mistakes += 1
    tally.caught += caught
    tally.named += caught and named


def _equivalent(tally: Tally, variant: Variant, reference: Reference, rubric: Rubric, students: Sequence[str]) -> None:
    passed = True
    for student in students:
        cases = all_cases(tally.question.id, rubric.seed, student)
        result = _judged(tally.question, cases, variant, reference)
        if result.score < result.max_score:
            passed = False
            lost = next(check for check in result.checks if not check.passed)
            tally.misses.append(f"{variant.name} loses points ({student}): {lost.name}: {lost.message}")
    tally.equivalents += 1
    tally.passed += passed


def _judged(question: Question, cases: Sequence[Case], variant: Variant, reference: Reference) -> QuestionResult:
    given = reference.answers(question, cases, variant.key)
    return judge.judge(question, cases, given, reference.answers(question, cases))


def _names(question: Question, cases: Sequence[Case], variant: Variant, reference: Reference) -> list[str]:
    given = reference.answers(question, cases, variant.key)
    compared = judge.compared_by(question, cases, reference.answers(question, cases))
    found = diagnose(question, cases, given, compared, reference, SOLUTIONS / "mistakes")
    return [diagnosis.mistake for diagnosis in found]
