"""The figures of several runs next to each other: the class of each year, or one class before and after a hand-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograder.core.records import QuestionResult, Result
from autograder.report.own_lines import answer as own_answer
from autograder.report.statistics import known

Key = tuple[str, str]
"""A question's id, and the name of a mistake."""


@dataclass(frozen=True)
class Share:
    """`some` of `n` students."""

    some: int
    n: int

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        return self.some / self.n if self.n else 0.0


@dataclass(frozen=True)
class QuestionTrend:
    """A question in each run, or None if it was not graded there: the mean share of its points, and who has all."""

    id: str
    title: str
    means: tuple[float | None, ...]
    full: tuple[Share | None, ...]


@dataclass(frozen=True)
class MistakeTrend:
    """A mistake in each run that graded its question: the share of the class that made it."""

    question: str
    mistake: str
    shares: tuple[Share | None, ...]

    @property
    def grown(self) -> float:
        """The last share less the first, from -1 to 1."""
        values = [share.value for share in self.shares if share is not None]
        return values[-1] - values[0]

    @property
    def is_new(self) -> bool:
        """Whether nobody made it in any run but the last."""
        *before, last = [share.some for share in self.shares if share is not None]
        return bool(before and last) and not any(before)


@dataclass(frozen=True)
class HintTrend:
    """A mistake whose hint was read: of those who then changed their answer, how many made the same mistake again."""

    question: str
    mistake: str
    again: Share


@dataclass(frozen=True)
class Trend:
    """The runs compared; `unlike` are sentences on questions that are not the same one everywhere."""

    questions: list[QuestionTrend]
    mistakes: list[MistakeTrend]
    hints: list[HintTrend]
    unlike: list[str]


def trend(runs: Sequence[Sequence[Result]], names: Sequence[str], before: Sequence[Sequence[Result]] = ()) -> Trend:
    """Compare the runs in their order, `names` are theirs.

    `before` is for each run the one before it in its own folder, or nothing: with the runs next to each other, these
    are the pairs in which a student may have handed in again.
    """
    asked = [_asked(run) for run in runs]
    shared, unlike = _shared(asked, names)
    questions = [
        QuestionTrend(
            one,
            title,
            tuple(_mean(answers[one]) if one in answers else None for answers in asked),
            tuple(_full(answers[one]) if one in answers else None for answers in asked),
        )
        for one, title in shared.items()
    ]
    pairs = [*zip(before, runs, strict=False), *pairwise(runs)]
    return Trend(questions, _mistakes(asked, shared), _hints(pairs), unlike)


def _asked(run: Sequence[Result]) -> dict[str, list[QuestionResult]]:
    """The answers to each question, of everybody who handed in and has a score."""
    found: dict[str, list[QuestionResult]] = {}
    for result in run:
        if result.is_graded:
            for question in result.questions:
                found.setdefault(question.id, []).append(question)
    return found


def _shared(
    asked: Sequence[Mapping[str, Sequence[QuestionResult]]], names: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """The titles of questions that two runs or more have, by id, and sentences on the others."""
    titles: dict[str, list[tuple[str, str]]] = {}
    for name, answers in zip(names, asked, strict=True):
        for one, given in answers.items():
            titles.setdefault(one, []).append((name, given[0].title))
    unlike, shared = [], {}
    alone: dict[str, list[str]] = {}
    for one, of_runs in titles.items():
        if len({title for _, title in of_runs}) > 1:
            called = ", ".join(f"{title} in {name}" for name, title in of_runs)
            unlike.append(f"{one} is not compared, because it is another question: {called}.")
        elif len(of_runs) < 2:
            alone.setdefault(of_runs[0][0], []).append(one)
        else:
            shared[one] = of_runs[0][1]
    return shared, [*unlike, *(f"Only {name} has {', '.join(ids)}." for name, ids in alone.items())]


def _full(answers: Sequence[QuestionResult]) -> Share:
    return Share(sum(answer.score >= answer.max_score for answer in answers), len(answers))


def _mean(answers: Sequence[QuestionResult]) -> float:
    most = sum(answer.max_score for answer in answers)
    return sum(answer.score for answer in answers) / most if most else 1.0


def _mistakes(asked: Sequence[Mapping[str, Sequence[QuestionResult]]], shared: Mapping[str, str]) -> list[MistakeTrend]:
    """Every mistake that somebody made in a shared question; the one that moved most comes first."""
    keys = {
        (one, found.mistake)
        for answers in asked
        for one in shared.keys() & answers.keys()
        for answer in answers[one]
        for found in known(answer)
    }

    def share(answers: Mapping[str, Sequence[QuestionResult]], key: Key) -> Share | None:
        given = answers.get(key[0])
        made = [any(found.mistake == key[1] for found in known(answer)) for answer in given or ()]
        return Share(sum(made), len(made)) if given else None

    found = [MistakeTrend(*key, tuple(share(answers, key) for answers in asked)) for key in sorted(keys)]
    return sorted(found, key=lambda one: -abs(one.grown))


def _hints(pairs: Sequence[tuple[Sequence[Result], Sequence[Result]]]) -> list[HintTrend]:
    """The mistakes that somebody made again, the most stubborn first.

    An answer counts if its lines are not those of before: a run that only graded again shows nothing about a hint.
    """
    counted: dict[Key, list[bool]] = {}
    for old, new in pairs:
        after = {result.student: result for result in new}
        for result in old:
            for key, again in _again(result, after.get(result.student)):
                counted.setdefault(key, []).append(again)
    found = [HintTrend(*key, Share(sum(again), len(again))) for key, again in sorted(counted.items()) if any(again)]
    return sorted(found, key=lambda one: (-one.again.value, -one.again.n))


def _again(old: Result, new: Result | None) -> Iterator[tuple[Key, bool]]:
    """Yield each mistake in an answer that was changed afterwards, and whether the changed answer has it too."""
    answers = {question.id: question for question in new.questions} if new is not None else {}
    for question in old.questions:
        answer = answers.get(question.id)
        if (
            new is None
            or answer is None
            or answer.title != question.title
            or own_answer(old, question.id) == own_answer(new, question.id)
        ):
            continue
        now = {found.mistake for found in known(answer)}
        yield from (((question.id, found.mistake), found.mistake in now) for found in known(question))
