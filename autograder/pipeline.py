"""The whole flow on one page: collect, run, check, diagnose, report, resume."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

from autograder.checks import judge
from autograder.class_list import pseudonyms
from autograder.class_list.roster import Enrolled, enrol, read_roster
from autograder.class_outputs import GradedClass, demand_inputs, write_outputs
from autograder.collect.fingerprint import fingerprint
from autograder.core import last_run, log, store
from autograder.core.errors import MOST_NAMES, demand
from autograder.core.records import About, Question, Result, Rubric, Status, Submission
from autograder.core.rubric import select
from autograder.core.settings import PLAIN, SKELETON, SLOW_SECONDS, Settings
from autograder.core.text import named
from autograder.grading import remote
from autograder.grading.threads import map_local
from autograder.grading.worker import Task, Worker, version
from autograder.marks import points, previous
from autograder.marks.diff import Move
from autograder.marks.points import Points, code_part, whole
from autograder.platforms.download import opened_download
from autograder.platforms.folders import collect_submissions, find_layout, told
from autograder.platforms.registry import LISTS, described
from autograder.platforms.shape import refuse_nested_class, unlike_a_class
from autograder.platforms.unread import nobodys
from autograder.report.outputs import behind, write_page
from autograder.sandbox.client import Zygote


@dataclass(frozen=True)
class Found:
    """The work of a run: how many submissions there are, how many to grade, and notes that a person should read.

    `running` has who is graded on this machine now, each with the time of its beginning (`time.monotonic`).
    """

    submissions: int
    to_grade: int
    notes: tuple[str, ...]
    running: Mapping[str, float]


Warm = Zygote
"""The process that several runs may share."""
Started = Callable[[Found], Callable[[], None]]
"""Called once; returns a function to call for each submission that is graded."""


@dataclass(frozen=True)
class Graded:
    """The end of a run: every result, sorted by student, and the grades that differ from those of the last run.

    As in grades.csv, changes by people count, and the score is that of the code's part.
    """

    results: list[Result]
    moved: list[Move]


@contextmanager
def warm() -> Iterator[Warm]:
    """A process that has imported torch, for several runs."""
    with Zygote(SKELETON) as zygote:
        yield zygote


def run(settings: Settings, rubric: Rubric, started: Started, zygote: Warm | None = None) -> Graded:
    """Grade what changed and write everything; without a zygote it starts one if there is something to grade."""
    questions = select(rubric, settings.questions).questions
    _demand_packages(settings)
    demand_inputs(settings)
    with collected(settings) as (class_, notes):
        store.open_output(settings.output, settings.submissions)
        with store.only_run(settings.output):
            if settings.anonymise:
                class_ = pseudonyms.anonymise(class_, settings.output)
            submissions = class_.submissions
            students = [*(one for sub in submissions for one, _ in sub.students), *(one for one, _ in class_.missing)]
            notes += store.earlier_class(settings.output, students)
            last_run.save(settings)
            before = points.load_points(settings.output)
            unwritten = behind(settings.output)
            by_hand = _with_list(before, rubric, students, settings)
            plan = [_plan(submission, questions, rubric, settings) for submission in submissions]
            # An endless loop that comes last would keep one worker busy while the others have nothing left to do.
            work = sorted((task for task in plan if task.questions), key=lambda task: task.took < SLOW_SECONDS)
            kept = [task for task in plan if not task.questions]
            if work or class_.missing:  # else no grade can move
                previous.hold(settings.output)
            known = Points() if unwritten else before
            results = [one for task in kept for one in _kept(task, rubric, known, by_hand, settings)]
            running: dict[str, float] = {}
            advance = started(Found(len(submissions), len(work), notes, running))
            with log.opened(settings.log) as log_result:
                for submission, result in _graded(work, rubric, settings, zygote, running):
                    results += _written(submission, result, rubric, by_hand, settings)
                    log_result(result)
                    advance()
            results += _missing(class_.missing, questions, results, rubric)
            results.sort(key=lambda result: result.student)
            write_outputs(GradedClass(results, submissions, rubric, by_hand), settings)
            moved = previous.release(settings.output)
            by_hand = points.load_points(settings.output)  # formgrader's have come to them
    counting = [Move(_counting(one.old, rubric, before), _counting(one.new, rubric, by_hand)) for one in moved]
    graded = [code_part(whole(result, rubric, by_hand), rubric) for result in results]
    return Graded(graded, [move for move in counting if move.any])


def _counting(result: Result | None, rubric: Rubric, by_hand: Points) -> Result | None:
    """The code's part of a result as it counts, with changes by people."""
    return None if result is None else code_part(whole(result, rubric, by_hand), rubric)


def _demand_packages(settings: Settings) -> None:
    """Report a missing package now, and not after the class is graded. Raises AutograderError."""
    for asked, package, extra in (
        (settings.similarity, "pygments", "similarity"),
        (settings.gradebook, "nbgrader", "gradebook"),
        (settings.cluster is not None, "distributed", "cluster"),
    ):
        if asked:
            demand(package, extra, f"--{extra}")


def _with_list(before: Points, rubric: Rubric, students: Sequence[str], settings: Settings) -> Points:
    """Add the points of a new list to the points by hand of an earlier run."""
    if settings.points is None:
        return before
    return before.with_list(points.read_points(settings.points, rubric, set(students), LISTS))


@contextmanager
def collected(settings: Settings) -> Iterator[tuple[Enrolled, tuple[str, ...]]]:
    """The class as handed in, next to its roster, with notes that a person should read."""
    with opened_download(settings.submissions, settings.layout) as (folder, left_out):
        layout = find_layout(folder) if settings.layout is None else settings.layout
        notes = [] if layout == PLAIN or settings.layout is not None else [f"This is {described(layout)}."]
        notes += [f"Left out of the download: {sentence}" for sentence in left_out]
        class_ = Enrolled(collect_submissions(folder, layout, settings.assignment))
        if settings.layout is None and layout == PLAIN:
            refuse_nested_class(class_.submissions)
        notes += [*nobodys(folder), *unlike_a_class(class_.submissions)]
        if settings.roster is not None:
            class_ = enrol(class_.submissions, read_roster(settings.roster, LISTS))
            notes += class_.notes
            known = {student: about.name for one in class_.submissions for student, about in one.students}
            strangers = [named(student, known[student]) for student in class_.strangers]
            notes += [f"Not on the roster: {stranger}" for stranger in strangers[:MOST_NAMES]]
            if len(strangers) > MOST_NAMES:
                notes.append(f"Not on the roster: {len(strangers) - MOST_NAMES} more")
        elif groups := sum(bool(one.about.group and not one.members) for one in class_.submissions):
            whose = "is a group's" if groups == 1 else "are groups'"
            notes.append(f"{groups} of the submissions {whose}: with --roster each member is listed.")
        notes += told(class_.submissions, layout)
        class_ = _without_absent(class_)
        yield replace(class_, submissions=_distinct(class_.submissions)), tuple(notes)


def _without_absent(class_: Enrolled) -> Enrolled:
    """Add students who handed in nothing according to the platform to those who did so according to the roster."""
    here = [one for one in class_.submissions if not one.absent]
    handed_in = {student for one in here for student, _ in one.students}
    absent = dict(pair for one in class_.submissions if one.absent for pair in one.students)
    missing = {student: about for student, about in absent.items() if student not in handed_in}
    return replace(class_, submissions=here, missing=(*class_.missing, *missing.items()))


def _distinct(submissions: Sequence[Submission]) -> list[Submission]:
    """Give a second submission of one student an id of its own, which says so."""
    taken: set[str] = set()
    distinct = []
    for submission in submissions:
        while any(student in taken for student, _ in submission.students):
            again = tuple((f"{student} (again)", about) for student, about in submission.members)
            submission = replace(submission, student=f"{submission.student} (again)", members=again)
        taken.update(student for student, _ in submission.students)
        distinct.append(submission)
    return distinct


def _missing(
    missing: Iterable[tuple[str, About]], questions: Sequence[Question], others: Sequence[Result], rubric: Rubric
) -> list[Result]:
    """Results without points, in every question that anybody has: in an earlier run others may have been asked."""
    message = "Nothing was handed in."
    known = {one.id for result in others for one in result.questions} | {question.id for question in questions}
    nothing = tuple(judge.unreadable(question, message) for question in rubric.graded if question.id in known)
    return [
        Result(student, Status.MISSING, rubric.max_score, 0.0, nothing, "", message, about=about)
        for student, about in missing
    ]


def _kept(task: Task, rubric: Rubric, before: Points, by_hand: Points, settings: Settings) -> list[Result]:
    """Earlier results that still hold, with names and points by hand that have become known since."""
    kept = []
    for earlier, (_, about) in zip(task.earlier, task.submission.students, strict=True):
        result = replace(earlier, about=about)
        if result != earlier or before.about(result.student) != by_hand.about(result.student):
            write_page(settings.output, result, rubric, by_hand)
        if result != earlier:
            store.save_result(settings.output, result)
        kept.append(_light(result, by_hand, settings))
    return kept


def _light(result: Result, by_hand: Points, settings: Settings) -> Result:
    """A result to keep in memory to the end: without the student's code, unless an output or a change needs it."""
    needed = settings.similarity or settings.gradebook or by_hand.overrides.of(result.student)
    return result if needed else replace(result, excerpts=(), efforts=())


def _written(
    submission: Submission, graded: Result, rubric: Rubric, by_hand: Points, settings: Settings
) -> list[Result]:
    """Store a result and its page for everybody whose submission it is."""
    results = [replace(graded, student=student, about=about) for student, about in submission.students]
    for one in results:
        # The result is written last: if it is there, a run that goes on takes everything about it as done.
        write_page(settings.output, one, rubric, by_hand)
        store.save_result(settings.output, one)
    return [_light(one, by_hand, settings) for one in results]


def _graded(
    work: Sequence[Task],
    rubric: Rubric,
    settings: Settings,
    zygote: Warm | None,
    running: dict[str, float],
) -> Iterator[tuple[Submission, Result]]:
    """Yield the results as they are done: from workers here that share one zygote, or from a cluster.

    `running` is filled as `Found` says.
    """
    if not work:
        return
    if settings.cluster is not None:
        yield from remote.graded(work, rubric, settings)
        return
    with warm() if zygote is None else nullcontext(zygote) as shared:

        @contextmanager
        def make_worker() -> Iterator[Callable[[Task], tuple[Submission, Result]]]:
            with Worker(rubric, settings.limits, settings.sandbox, shared) as worker:

                def grade(task: Task) -> tuple[Submission, Result]:
                    who = named(task.submission.student, task.submission.about.name)
                    running[who] = time.monotonic()
                    try:
                        return task.submission, worker.grade(task)
                    finally:
                        running.pop(who, None)

                yield grade

        yield from map_local(make_worker, work, settings.jobs, shared.close)


def _plan(submission: Submission, questions: Sequence[Question], rubric: Rubric, settings: Settings) -> Task:
    key = hashlib.sha256(f"{fingerprint(submission)} {version()} {settings.limits}".encode()).hexdigest()
    stored = [store.load_result(settings.output, student) for student, _ in submission.students]
    took = max((one.seconds for one in stored if one is not None), default=0.0)
    whole = [one for one in stored if one is not None and one.status is not Status.ERROR and not settings.fresh]
    earlier = [one for one in whole if one.fingerprint == key]
    if len(earlier) < len(stored):
        earlier = []
    if settings.again:
        return _plan_again(Task(submission, questions, key, earlier, took), whole, rubric, settings)
    graded = {result.id for result in earlier[0].questions} if earlier else set()
    return Task(submission, [question for question in questions if question.id not in graded], key, earlier, took)


def _plan_again(task: Task, stored: Sequence[Result], rubric: Rubric, settings: Settings) -> Task:
    """Ask again what `settings.again` names, and leave all others as they are, whatever changed since then."""
    students = [student for student, _ in task.submission.students]
    if not {*students} & {*settings.again} and len(stored) == len(students):
        return replace(task, questions=(), earlier=stored)
    # If the submission or the kit changed, what is stored of the other questions is not this submission's.
    return task if task.earlier else replace(task, questions=rubric.graded)
