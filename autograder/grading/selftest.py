"""`autograde --self-test`: proves on known right and wrong solutions that the checks and the hints are right."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import count
from pathlib import Path

from rich import box
from rich.console import RenderableType
from rich.table import Table

from autograder.cases import POOL, place
from autograder.checks import judge
from autograder.checks.demands import Answers
from autograder.core.records import Question, Rubric, Submission
from autograder.core.settings import SKELETON, SOLUTIONS, Limits
from autograder.diagnose.compositions import compositions
from autograder.diagnose.match import diagnose
from autograder.grading.grader import Grader
from autograder.grading.rehearsal import REFERENCE, UNTOUCHED, lay_out
from autograder.grading.threads import map_local
from autograder.reference.catalogue import StandIn, read_stand_ins
from autograder.sandbox.client import Zygote

TRIPLES = 500
"""The number of a question's triples of faults that are tried, spread evenly; of pairs, all are."""
BATCH = 100
"""The number of them in one piece of work."""
_FIRST = "self-test"


@dataclass
class Tally:
    """The findings on one question. `misses` holds a sentence for everything that was not as it must be."""

    question: Question
    mistakes: int = 0
    caught: int = 0
    named: int = 0
    equivalents: int = 0
    passed: int = 0
    replays: int = 0
    alone: int = 0
    """Combined faults: named alone; `among`: named with others or explained by fewer; `right`: with a right answer."""
    among: int = 0
    right: int = 0
    misses: list[str] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        for name in (one.name for one in fields(self) if one.name != "question"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


Part = Callable[["_Tester"], Tally]


def self_test(rubric: Rubric, jobs: int, advance: Callable[[], None], sets: int = POOL) -> list[Tally]:
    """Judge the reference, the skeleton, every mistake and every equivalent as if students had handed them in.

    The last two are tried on the first `sets` sets of own inputs.
    """

    @contextmanager
    def make_worker() -> Iterator[Callable[[Part], Tally]]:
        with Grader(rubric, Limits(), zygote=zygote) as grader:
            tester = _Tester(grader, rubric, Path(folder))
            yield lambda part: part(tester)

    total = {question.id: Tally(question) for question in rubric.graded}
    with Zygote(SKELETON) as zygote, tempfile.TemporaryDirectory(prefix="autograde-") as folder:
        lay_out(Path(folder), rubric)
        for tally in map_local(make_worker, parts(rubric, sets), jobs, zygote.close):
            total[tally.question.id] += tally
            advance()
    return list(total.values())


def parts(rubric: Rubric, sets: int = POOL) -> Sequence[Part]:
    """The pieces of work; each gives a part of one question's tally."""
    made: list[Part] = []
    for question in rubric.graded:
        made.append(partial(_Tester.hand_ins, question=question))
        for folder, test in (("mistakes", _Tester.mistake), ("equivalents", _Tester.equivalent)):
            made += [partial(test, question=question, stand_in=stand_in) for stand_in in _stand_ins(folder, question)]
        joined = _at_once(question)
        made += [
            partial(_Tester.compositions, question=question, stand_ins=joined[at : at + BATCH])
            for at in range(0, len(joined), BATCH)
        ]
        made += [partial(_Tester.replay, question=question, at=at) for at in range(sets)]
    return made


def _stand_ins(folder: str, question: Question) -> list[StandIn]:
    return [stand_in for stand_in in read_stand_ins(SOLUTIONS / folder) if stand_in.question == question.id]


def _at_once(question: Question) -> list[StandIn]:
    """All pairs of faults, and some triples."""
    joined = compositions(SOLUTIONS / "mistakes", question.id)
    pairs = [stand_in for stand_in in joined if stand_in.size == 2]
    triples = [stand_in for stand_in in joined if stand_in.size > 2]
    return [*pairs, *triples[:: max(1, len(triples) // TRIPLES)]]


def _student_at(question: Question, seed: str, at: int) -> str:
    """An id that leads to the set of own inputs with this number."""
    return next(name for name in map("student-{}".format, count()) if place(question.id, seed, name) == at)


class _Tester:
    """One worker's grader, run on known submissions; `laid_out` has the reference's files and the skeleton's."""

    def __init__(self, grader: Grader, rubric: Rubric, laid_out: Path) -> None:
        self._grader = grader
        self._key = grader.key
        self._rubric = rubric
        self._laid_out = laid_out
        self._points: dict[str, list[float]] = {}
        """The points that a mistake gets for each check, by its key."""

    def hand_ins(self, question: Question) -> Tally:
        """Test that the reference's files get full marks, and the untouched skeleton's none."""
        tally = Tally(question)
        for name, share in ((REFERENCE, 1), (UNTOUCHED, 0)):
            entry = Submission(_FIRST, self._laid_out / name)
            (result,) = self._grader.grade(entry, [question]).questions
            if result.score != share * result.max_score:
                tally.misses.append(f"the {name} gets {result.score:g} of {result.max_score:g}")
        return tally

    def mistake(self, question: Question, stand_in: StandIn) -> Tally:
        """Test that a mistake loses points on its own question only, and is diagnosed by its own name."""
        answers = self._answers(question, stand_in, _FIRST)
        if judge.all_pass(question, answers):
            return Tally(question, mistakes=1, misses=[f"{stand_in.name} is not caught"])
        misses = list(self._elsewhere(question, stand_in))
        found = [one.mistake for one in diagnose(question, answers, self._key.reference, SOLUTIONS / "mistakes")]
        named = found == [stand_in.name]
        if not named:
            misses.append(f"{stand_in.name} is diagnosed as {', '.join(found) or 'nothing'}")
        return Tally(question, mistakes=1, caught=1, named=int(named), misses=misses)

    def compositions(self, question: Question, stand_ins: Sequence[StandIn]) -> Tally:
        """Test that combined faults are named, alone or in a group, unless they cancel to the right value."""
        tally = Tally(question)
        cases = self._key.cases(question, _FIRST)
        expected = self._key.expected(question, cases)
        keys = [stand_in.key for stand_in in stand_ins]
        by_case = [self._key.reference.many(question, case, keys) for case in cases]
        for stand_in, given in zip(stand_ins, zip(*by_case, strict=True), strict=True):
            answers = judge.beside(cases, given, expected)
            if judge.all_pass(question, answers):
                tally.right += 1
                continue
            named = diagnose(question, answers, self._key.reference, SOLUTIONS / "mistakes")
            found = [one.mistake for one in named]
            if found == [stand_in.name]:
                tally.alone += 1
            elif stand_in.name in found or (found and found[0].count("+") + 1 < stand_in.size):
                tally.among += 1
            else:
                tally.misses.append(f"{stand_in.name} is diagnosed as {', '.join(found) or 'nothing'}")
        return tally

    def equivalent(self, question: Question, stand_in: StandIn) -> Tally:
        """Test that a correct solution loses nothing, however it is written."""
        misses = list(self._lost(question, stand_in, _FIRST, 1))
        return Tally(question, equivalents=1, passed=int(not misses), misses=misses)

    def replay(self, question: Question, at: int) -> Tally:
        """Test that points are the same whichever own inputs a student has, and with any number of threads."""
        tally = Tally(question, replays=1)
        student, threads = _student_at(question, self._rubric.seed, at), 1 + at % 2
        for stand_in in _stand_ins("equivalents", question):
            tally.misses += self._lost(question, stand_in, student, threads)
        for stand_in in _stand_ins("mistakes", question):
            usual = self._usual(question, stand_in)
            found = self._points_of(question, stand_in, student, threads)
            if found != usual:
                numbers = (
                    f"{sum(found):g} points with the inputs of {student} and {sum(usual):g} with those of {_FIRST}"
                )
                tally.misses.append(f"{stand_in.name} gets {numbers}")
        return tally

    def _usual(self, question: Question, stand_in: StandIn) -> list[float]:
        if stand_in.key not in self._points:
            self._points[stand_in.key] = self._points_of(question, stand_in, _FIRST)
        return self._points[stand_in.key]

    def _points_of(self, question: Question, stand_in: StandIn, student: str, threads: int = 1) -> list[float]:
        answers = self._answers(question, stand_in, student, threads)
        return [check.points for check in judge.judge(question, answers).checks]

    def _answers(self, question: Question, stand_in: StandIn, student: str, threads: int = 1) -> Answers:
        reference = self._key.reference
        cases = self._key.cases(question, student)
        given = reference.answers(question, cases, stand_in.key, threads)
        return judge.beside(cases, given, self._key.expected(question, cases))

    def _lost(self, question: Question, stand_in: StandIn, student: str, threads: int) -> Iterator[str]:
        result = judge.judge(question, self._answers(question, stand_in, student, threads))
        for check in result.checks:
            if not check.passed:
                yield f"{stand_in.name} loses points ({student}): {check.name}: {check.message}"
                return

    def _elsewhere(self, question: Question, stand_in: StandIn) -> Iterator[str]:
        for other in self._rubric.graded:
            same_file = other.module == question.module and other.id != question.id
            if same_file and not judge.all_pass(other, self._answers(other, stand_in, _FIRST)):
                yield f"{stand_in.name} also loses points on {other.id}"


def self_test_table(tallies: Sequence[Tally]) -> RenderableType:
    """Show a row per question: mistakes that were caught and named, faults made at once and how they were named, and
    how many equivalents passed."""
    table = Table(box=box.SIMPLE)
    table.add_column("Question")
    for heading in (
        "Mistakes caught",
        "named",
        "At once",
        "named",
        "in a class",
        "Equivalents passed",
        "Replays",
        "Misses",
    ):
        table.add_column(heading, justify="right")
    for tally in tallies:
        caught, named = (f"{part} of {tally.mistakes}" for part in (tally.caught, tally.named))
        passed = f"{tally.passed} of {tally.equivalents}"
        title = f"{tally.question.id} {tally.question.title}"
        joined = [str(tally.alone + tally.among), str(tally.alone), str(tally.among)]
        table.add_row(title, caught, named, *joined, passed, str(tally.replays), str(len(tally.misses)))
    return table
