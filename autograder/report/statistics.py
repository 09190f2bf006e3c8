"""The figures of the class report; no HTML here."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.core.records import Diagnosis, Question, QuestionResult, Result, Rubric, Status
from autograder.core.text import first_line

MOST_BINS = 15
SLOW = 5.0
"""Seconds below which no submission counts as slow."""


@dataclass(frozen=True)
class Spread:
    """The spread of the scores of a class."""

    n: int
    mean: float
    median: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Bin:
    """The students with scores from `low` to below `high`; the last bin includes `high`."""

    low: float
    high: float
    students: tuple[str, ...]

    @property
    def count(self) -> int:
        """The height of the bar."""
        return len(self.students)


@dataclass(frozen=True)
class QuestionFigures:
    """The figures of the class on one question."""

    id: str
    title: str
    max_score: float
    n: int
    mean: float
    full: int
    part: int
    zero: int
    absent: int
    """The number of students who did not attempt it."""
    short: tuple[tuple[str, float], ...]
    """Students with less than all points, and their points; for a bonus question, only those who attempted it."""

    @property
    def success(self) -> float:
        """The share of the points that the class has, from 0 to 1."""
        return self.mean / self.max_score if self.max_score else 1.0


@dataclass(frozen=True)
class MistakeCount:
    """A diagnosed mistake and the students who made it; `certain` surely did, `credited` got points for it."""

    question: str
    mistake: str
    hint: str
    students: tuple[str, ...]
    certain: int
    credited: int = 0


@dataclass(frozen=True)
class RepairCount:
    """A change, found by search, that repairs a question, and the students whose answers it repairs."""

    question: str
    change: str
    students: tuple[str, ...]
    credited: int


@dataclass(frozen=True)
class Concern:
    """A student whose submission a person should look at, and why; `ok` if only the figures stand out."""

    student: str
    status: Status
    reasons: tuple[str, ...]


def spread(scores: Sequence[float]) -> Spread | None:
    """Measure the spread of the scores; None if there are none."""
    if not scores:
        return None
    mean, median = statistics.fmean(scores), statistics.median(scores)
    return Spread(len(scores), round(mean, 2), round(median, 2), min(scores), max(scores))


def bins(scores: Mapping[str, float], top: float) -> list[Bin]:
    """Sort students by score into bins of a round width, from 0 to `top`, or higher if bonus points go beyond it."""
    top = max([top, *scores.values()])
    if top <= 0:
        return []
    width = next(w for w in _round_widths(top) if math.ceil(top / w) <= MOST_BINS)
    n = math.ceil(top / width)
    places: dict[int, list[str]] = defaultdict(list)
    for student, score in scores.items():
        places[min(int(round(score / width, 6)), n - 1)].append(student)
    return [Bin(round(i * width, 4), round((i + 1) * width, 4), tuple(places[i])) for i in range(n)]


def _round_widths(top: float) -> list[float]:
    power = 10.0 ** math.floor(math.log10(top))
    return [power * factor for factor in (0.05, 0.1, 0.2, 0.5, 1.0)]


def question_figures(results: Sequence[Result], rubric: Rubric) -> list[QuestionFigures]:
    """Work out, for each question that somebody was graded on, how the class did."""
    answered: dict[str, dict[str, QuestionResult]] = {}
    for result in results:
        if result.is_graded:
            for question in result.questions:
                answered.setdefault(question.id, {})[result.student] = question
    return [_figures(question, answered[question.id]) for question in rubric.graded if question.id in answered]


def _figures(asked: Question, by_student: Mapping[str, QuestionResult]) -> QuestionFigures:
    answered = list(by_student.values())
    first = answered[0]
    full = sum(question.score >= question.max_score for question in answered)
    absent = sum(question.not_attempted for question in answered)
    zero = sum(question.score <= 0 < question.max_score and not question.not_attempted for question in answered)
    mean = round(statistics.fmean(question.score for question in answered), 2)
    part = len(answered) - full - zero - absent
    short = tuple(
        (student, question.score)
        for student, question in by_student.items()
        if question.score < question.max_score and not (asked.bonus and question.not_attempted)
    )
    return QuestionFigures(first.id, first.title, first.max_score, len(answered), mean, full, part, zero, absent, short)


def mistake_counts(results: Sequence[Result]) -> list[MistakeCount]:
    """Find the students who made each known mistake, the most frequent first."""
    students: dict[tuple[str, str], list[str]] = defaultdict(list)
    certain: Counter[tuple[str, str]] = Counter()
    credited: Counter[tuple[str, str]] = Counter()
    hints: dict[tuple[str, str], str] = {}
    for result in results:
        for question in result.questions:
            for diagnosis in known(question):
                key = (question.id, diagnosis.mistake)
                hints.setdefault(key, diagnosis.hint)
                students[key].append(result.student)
                certain[key] += diagnosis.certain
                credited[key] += question.credited == diagnosis.mistake
    ranked = sorted(students, key=lambda key: (-len(students[key]), key))
    return [MistakeCount(*key, hints[key], tuple(students[key]), certain[key], credited[key]) for key in ranked]


def repair_counts(results: Sequence[Result]) -> list[RepairCount]:
    """Find the students whom each repair helps, the most frequent first; its place in the file does not count."""
    found: dict[tuple[str, str], list[tuple[str, str, bool]]] = defaultdict(list)
    for result in results:
        for question in result.questions:
            for diagnosis in (one for one in question.diagnosis if one.change):
                key = (question.id, changed_lines(diagnosis.change))
                found[key].append((result.student, diagnosis.change, question.credited == diagnosis.mistake))
    ranked = sorted(found, key=lambda key: (-len(found[key]), key))
    return [
        RepairCount(
            key[0], found[key][0][1], tuple(name for name, _, _ in found[key]), sum(had for _, _, had in found[key])
        )
        for key in ranked
    ]


def known(question: QuestionResult) -> tuple[Diagnosis, ...]:
    """The known mistakes in an answer; a repair that was found by search has no name that lasts."""
    return tuple(one for one in question.diagnosis if not one.change)


def changed_lines(change: str) -> str:
    """The lines that a repair takes out and puts in, without their place in the file."""
    lines = [line for line in change.splitlines() if line[:1] in "+-"]
    return "\n".join(line[0] + " ".join(line[1:].split()) for line in lines)


def concerns(results: Sequence[Result]) -> list[Concern]:
    """List submissions to look at by hand: errors of the grader first, then problems, then odd figures, by student."""
    slow = slow_from([result.seconds for result in results])
    found = []
    for result in results:
        outliers = (
            () if result.status in (Status.ERROR, Status.MISSING) else (*_slow(result, slow), *_unexplained(result))
        )
        if result.status not in (Status.OK, Status.MISSING) or outliers:
            found.append(Concern(result.student, result.status, (*_reasons(result), *outliers)))
    order = [Status.ERROR, Status.PROBLEM, Status.OK]
    return sorted(found, key=lambda concern: (order.index(concern.status), concern.student))


def slow_from(seconds: Sequence[float]) -> float:
    """Seconds from which a submission was far slower than the class (Tukey's outer fence), and at least SLOW."""
    if len(seconds) < 4:
        return math.inf
    low, _, high = statistics.quantiles(seconds, n=4)
    return max(SLOW, high + 3 * (high - low))


def _slow(result: Result, slow: float) -> tuple[str, ...]:
    if result.seconds <= slow:
        return ()
    return (f"Grading took {result.seconds:.1f} s, far longer than that of most.",)


def _unexplained(result: Result) -> tuple[str, ...]:
    """Questions without any point that nothing explains: no known mistake, no error, no empty stub."""
    lost = [
        question.id
        for question in result.questions
        if question.score <= 0 < question.max_score
        and not question.diagnosis
        and not question.error
        and not question.not_attempted
    ]
    return (f"No points for {', '.join(lost)}, and no known mistake explains it.",) if lost else ()


def _reasons(result: Result) -> tuple[str, ...]:
    """The sentences on the whole submission, then each reason once, with the questions that it concerns."""
    concerned: dict[str, list[str]] = {}
    for question in result.questions:
        if question.error and not (result.message or "").startswith(question.error):
            concerned.setdefault(first_line(question.error), []).append(question.id)
    questions = [f"{', '.join(ids)}: {error}" for error, ids in concerned.items()]
    return (*([first_line(result.message)] if result.message else []), *questions)
