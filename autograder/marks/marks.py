"""The marks of a grading run: the part that a sheet gets, and the problems that keep one from being written."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from autograder.class_list.damage import changed
from autograder.core.errors import AutograderError, Problem, listed
from autograder.core.records import About, Result, Rubric, Status
from autograder.core.store import load_results
from autograder.core.text import named, number
from autograder.marks.late import Policy, lateness
from autograder.marks.overrides import Kind
from autograder.marks.points import Points, whole

MEND = "Mend these, then export again."
POINTS_HINT = "Mark it and give --points report.csv, or send the code's part alone with --without-report."

NO_MARK: Mapping[str, str] = {
    Kind.EXCUSE: "excused, so without a mark",
    Kind.HOLD: "on hold, so without a mark until that is undone",
}
"""The standings that keep a mark out of every sheet, and the words about them."""


class Bonus(StrEnum):
    """The treatment of a mark above the maximum: it stays, is cut to the maximum, or bonus points do not count."""

    KEEP = "keep"
    CAP = "cap"
    DROP = "drop"


@dataclass(frozen=True)
class Terms:
    """The flags by which marks are fitted to a sheet (`--scale`, `--without-report`, `--bonus`)."""

    scale: bool = False
    without_report: bool = False
    bonus: Bonus = Bonus.KEEP


@dataclass(frozen=True)
class Mark:
    """One student's points, before anything is taken off; `percent` is the deduction for a late hand-in."""

    student: str
    code: float
    bonus: float = 0.0
    report: float = 0.0
    days_late: int = 0
    percent: float = 0.0
    about: About = field(default_factory=About)
    parts: tuple[tuple[str, str], ...] = ()
    """Each question, and its points as a student reads them."""
    open: tuple[str, ...] = ()
    """Questions that a person must still mark."""


@dataclass(frozen=True)
class Part:
    """The points for a sheet: out of `most`, times `factor`; or the `problem` that keeps them out."""

    report: bool
    most: float
    factor: float = 1.0
    problem: str = ""


@dataclass(frozen=True)
class Sent:
    """One student's mark for a sheet; `undiscounted` is the mark before the deduction for lateness."""

    points: float
    undiscounted: float
    report: bool
    """Whether the report is included."""
    text: str
    """A line for the student: the points of each question, and what was taken off."""
    notes: tuple[str, ...] = ()
    """Sentences for the person at the keyboard."""


@dataclass(frozen=True)
class Filled:
    """The marks written into a sheet, a sentence on each student it leaves unchanged, and further notes."""

    written: dict[str, Sent] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Marks:
    """Everybody's mark by the platform's id; `code` and `report` are the most points of the parts without bonus."""

    by_student: Mapping[str, Mark]
    code: float
    report: float = 0.0
    without: Mapping[str, str] = field(default_factory=dict)
    """Students without a mark, and why: grading failed, or a person said so."""
    manual: tuple[str, ...] = ()
    """The questions that people grade."""
    terms: Terms = Terms()
    names: Mapping[str, str] = field(default_factory=dict)
    """The names of students, as far as they are known."""

    def called(self, student: str) -> str:
        """A student as lists show them: `101 (Ann Abel)`."""
        return named(student, self.names.get(student, ""))

    @property
    def total(self) -> float:
        """The most that all questions give without bonus."""
        return self.code + self.report

    @property
    def excused(self) -> set[str]:
        """The students whom a person excused."""
        return {student for student, why in self.without.items() if why == NO_MARK[Kind.EXCUSE]}

    @property
    def begun(self) -> bool:
        """Whether anybody has points that a person gave."""
        return any(question in self.manual for mark in self.by_student.values() for question, _ in mark.parts)

    def part(self, maximum: float | None = None) -> Part:
        """The points for a sheet with this maximum; without one, the report is included if anybody has points for it.

        The code's part is never stretched over the report's: a maximum of 100 means 70 and 30.
        """
        if maximum is not None and not 0 < maximum < math.inf:
            problem = f"the sheet's maximum is {maximum:g}: set it on the platform, then export again"
            return Part(False, self.code, problem=problem)
        if maximum is None:
            report = self.begun and not self.terms.without_report
            return Part(report, self.total if report else self.code)
        if not self.manual:
            return self._fitted(False, self.code, maximum, maximum)
        if self.terms.without_report:
            return self._fitted(False, self.code, maximum, self.code)
        if _same(maximum, self.code) and not (self.terms.scale and self.begun):
            return Part(False, self.code)
        return self._fitted(True, self.total, maximum, maximum)

    def _fitted(self, report: bool, most: float, maximum: float, longest: float) -> Part:
        """Fit `most` points into the sheet's maximum, converted if that is asked, but never above `longest`."""
        if _same(maximum, most) or _same(maximum, self.total):
            return Part(report, most)
        if self.terms.scale and maximum <= longest:
            return Part(report, most, maximum / most)
        said = f"the sheet's maximum is {maximum:g}, the rubric's {self.total:g}"
        if self.manual:
            said += f" ({self.code:g} without the report)"
        end = ", and --scale does not stretch the code's part" if self.terms.scale else ": give --scale to convert"
        return Part(report, most, problem=said + end)

    def sent(self, student: str, part: Part) -> Sent:
        """A student's mark for a sheet; `--bonus` decides about points above its maximum."""
        mark, rule = self.by_student[student], self.terms.bonus
        bonus = 0.0 if rule is Bonus.DROP else mark.bonus
        undiscounted = round(mark.code + bonus + (mark.report if part.report else 0.0), 4)
        earned = round(undiscounted * (1 - mark.percent / 100), 4)
        points = min(earned, part.most) if rule is Bonus.CAP else earned
        less = f"{number(undiscounted)} before {_days(mark.days_late)} late" if earned != undiscounted else ""
        cut = f"{number(earned)} with bonus points" if points != earned else ""
        questions = [said for question, said in mark.parts if part.report or question not in self.manual]
        told = "; ".join(filter(None, [", ".join(questions), less, cut]))
        notes, who = [], self.called(student)
        if less:
            notes.append(f"late: {who} gets {number(earned)}, {less}")
        if cut:
            notes.append(f"bonus: {who} gets {number(points)}, {cut}")
        elif earned > part.most + 1e-9:
            notes.append(f"bonus: {who} gets {number(earned)} of {number(part.most)}")
        elif rule is Bonus.DROP and mark.bonus:
            notes.append(f"bonus: {who} gets {number(earned)}, without {number(mark.bonus)} bonus points")
        text = f"{number(points)} of {number(part.most)} ({told})"
        return Sent(points * part.factor, undiscounted * part.factor, part.report, text, tuple(notes))

    def problems(self, student: str, part: Part) -> list[Problem]:
        """The problems that keep a student's mark out of a sheet."""
        if part.problem:
            return [(self.called(student), part.problem)]
        missing = self.by_student[student].open if part.report else ()
        return [(self.called(student), f"question {question} has no points yet") for question in missing]

    def absent(self, rows: Mapping[str, object]) -> list[Problem]:
        """The students who have a mark and are not in a sheet with these rows."""
        return [
            (self.called(student), "is not in the sheet") for student in sorted(self.by_student) if student not in rows
        ]

    def failed(self, rows: Container[str]) -> list[str]:
        """A sentence on each student who is in a sheet and gets no mark."""
        return [f"{self.called(one)}: {why}" for one, why in self.without.items() if one in rows]


def _same(one: float, other: float) -> bool:
    return abs(one - other) < 1e-9


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def read_marks(
    folder: Path,
    rubric: Rubric,
    points: Points,
    terms: Terms = Terms(),
    policy: Policy | None = None,
    times: Mapping[str, datetime] | None = None,
) -> Marks:
    """The marks in an output folder of `autograde`, with points by hand and the policy's deductions.

    Raises AutograderError if there are none, or only some of the questions were graded.
    """
    results = load_results(folder)
    scored = [result for result in results if result.status is not Status.ERROR and result.score is not None]
    if not scored:
        raise AutograderError(f"There are no grades in {folder}.", "Give the folder that `autograde --output` wrote.")
    _refuse_partial(scored, rubric)
    everybody = [whole(result, rubric, points) for result in results]
    without = {one.student: why for one in everybody if (why := _no_mark(one))}
    graded = [one for one in everybody if one.score is not None and one.student not in without]
    names = {result.student: result.about.name for result in results}
    days: Mapping[str, int] = {}
    if policy is not None:
        policy.demand_known({result.student for result in results})
        late = lateness(policy, graded, times or {})
        refuse([(named(one, names[one]), "when it was handed in is not known: give --times") for one in late.unknown])
        days = late.days
    manual = tuple(question for question in rubric.questions if question.manual)
    marks = {result.student: _mark(result, rubric, days.get(result.student, 0), policy) for result in graded}
    return Marks(
        marks,
        scored[0].max_score,
        sum(question.points for question in manual),
        without,
        tuple(question.id for question in manual),
        terms,
        names,
    )


def _no_mark(result: Result) -> str:
    """The reason why a student gets no mark; empty if there is none."""
    if result.standing in NO_MARK:
        return NO_MARK[result.standing]
    return "no grade, because grading failed" if result.status is Status.ERROR else ""


def _refuse_partial(results: Sequence[Result], rubric: Rubric) -> None:
    """Refuse a run with `--question`: marks cover all questions, and the points of one not asked are unknown, not 0."""
    problems = []
    for result in results:
        graded = {question.id for question in result.questions}
        if left := [question.id for question in rubric.graded if question.id not in graded]:
            who = named(result.student, result.about.name)
            problems.append((who, f"{', '.join(left)} not graded yet"))
    refuse(problems, "Run `autograde` on the class without --question, then export again.")


def _mark(result: Result, rubric: Rubric, days: int, policy: Policy | None) -> Mark:
    bonus = {question.id for question in rubric.questions if question.bonus}
    manual = {question.id for question in rubric.questions if question.manual}
    score = {question.id: question.score for question in result.questions}
    return Mark(
        result.student,
        sum(value for key, value in score.items() if key not in bonus | manual),
        sum(value for key, value in score.items() if key in bonus),
        sum(value for key, value in score.items() if key in manual),
        days,
        0.0 if policy is None else policy.taken_off(days),
        result.about,
        tuple((one.id, f"{one.id}: {number(one.score)}/{number(one.max_score)}") for one in result.questions),
        # Who handed in nothing handed in no report either.
        () if result.status is Status.MISSING else tuple(sorted(manual - score.keys())),
    )


def refuse(problems: Iterable[Problem], hint: str = MEND) -> None:
    """Stop with a list if there is any problem: nothing is written then."""
    if problems := list(problems):
        raise AutograderError(f"Nothing was written:\n{listed(problems)}", hint)


def hint_for(problems: Sequence[Problem], ids: Iterable[str] = ()) -> str:
    """Say what to do about these problems with a sheet of these ids."""
    ids = list(ids)
    if ids and all(map(changed, ids)):
        seen = f"Its ids read {ids[0]}: a spreadsheet program has changed them."
        return f"{seen} Export the sheet again, and do not open it before it is filled in."
    return POINTS_HINT if any("has no points yet" in what for _, what in problems) else MEND
