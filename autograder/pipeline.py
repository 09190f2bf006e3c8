"""The whole flow on one page: collect, run, check, diagnose, report, resume."""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from autograder import pseudonyms, store
from autograder.collect.fingerprint import fingerprint
from autograder.collect.folders import collect_submissions
from autograder.errors import AutograderError, WorkerLost
from autograder.executors.local import map_local
from autograder.gradebook.course import update_gradebook
from autograder.grader import ROOT, SKELETON, SOLUTIONS, Grader, skeleton_excerpts
from autograder.records import Question, Result, Rubric, Status, Submission
from autograder.report.class_report import class_report
from autograder.report.exports import grades_csv
from autograder.report.feedback import feedback_page
from autograder.report.similarity import similarity_page
from autograder.rubric import select
from autograder.sandbox.client import Zygote
from autograder.settings import Settings

Started = Callable[[int, int], Callable[[], None]]
"""Called once with the number of submissions and how many of them are to be graded; returns what to call for each."""


def run(settings: Settings, rubric: Rubric, started: Started) -> list[Result]:
    """Grade what changed, write everything, and return every result, sorted by student."""
    questions = select(rubric, settings.questions).questions
    submissions = collect_submissions(settings.submissions, settings.layout)
    store.open_output(settings.output, settings.submissions)
    if settings.anonymise:
        submissions = pseudonyms.anonymise(submissions, settings.output)
    with store.only_run(settings.output):
        results: dict[str, Result] = {}
        work: list[_Work] = []
        for submission in submissions:
            task = _plan(submission, questions, settings)
            if task.questions:
                work.append(task)
            elif task.earlier is not None:
                results[submission.student] = task.earlier
        advance = started(len(submissions), len(work))

        for result in _graded(work, rubric, settings):
            store.save_result(settings.output, result)
            page = settings.output / "feedback" / f"{store.file_name(result.student)}.html"
            store.write_whole(page, feedback_page(result, rubric))
            results[result.student] = result
            advance()
        listed = [results[student] for student in sorted(results)]
        store.write_whole(settings.output / "grades.csv", grades_csv(listed, rubric))
        store.write_whole(settings.output / "report.html", class_report(listed, rubric))
        if settings.similarity:
            store.write_whole(settings.output / "similarity.html", similarity_page(listed, skeleton_excerpts(rubric)))
        if settings.gradebook:
            release = SKELETON / "report.ipynb"
            update_gradebook(settings.output, settings.database, submissions, listed, rubric, release, settings.limits)
    return listed


def _graded(work: Sequence[_Work], rubric: Rubric, settings: Settings) -> Iterator[Result]:
    """The results as they are done, from workers that share one zygote."""
    if not work:
        return
    with Zygote(SKELETON) as zygote:

        @contextmanager
        def make_worker() -> Iterator[Callable[[_Work], Result]]:
            with _Worker(rubric, settings, zygote) as worker:
                yield worker.grade

        yield from map_local(make_worker, work, settings.jobs)


class _Work:
    """What is left to do for one submission: the questions to ask, and the earlier result to add to."""

    def __init__(
        self, submission: Submission, questions: Sequence[Question], fingerprint: str, earlier: Result | None
    ) -> None:
        self.submission = submission
        self.questions = questions
        self.fingerprint = fingerprint
        self.earlier = earlier


def _plan(submission: Submission, questions: Sequence[Question], settings: Settings) -> _Work:
    key = hashlib.sha256(f"{fingerprint(submission)} {_version()} {settings.limits}".encode()).hexdigest()
    earlier = None if settings.fresh else store.load_result(settings.output, submission.student)
    if earlier is not None and (earlier.fingerprint != key or earlier.status is Status.ERROR):
        earlier = None
    graded = {result.id for result in earlier.questions} if earlier else set()
    return _Work(submission, [question for question in questions if question.id not in graded], key, earlier)


@lru_cache
def _version() -> str:
    """A digest of all that decides a grade besides the submission: the kit's code, the reference, the libraries."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in (ROOT / "autograder", SOLUTIONS, SKELETON):
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("rubric.json")]):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for name in ("torch", "torchvision", "numpy"):
        digest.update(_library_version(name).encode())
    return digest.hexdigest()


def _library_version(name: str) -> str:
    from importlib.metadata import version

    return f"{name} {version(name)}"


class _Worker:
    """A grader that is replaced when it dies; the submission is then tried once more."""

    def __init__(self, rubric: Rubric, settings: Settings, zygote: Zygote) -> None:
        self._rubric = rubric
        self._zygote = zygote
        self._settings = settings
        self._grader: Grader | None = None

    def grade(self, work: _Work) -> Result:
        result = self._attempt(work)
        if work.earlier is not None and result.status is not Status.ERROR:
            result = self._merge(work.earlier, result)
        return replace(result, fingerprint=work.fingerprint)

    def _attempt(self, work: _Work) -> Result:
        for last in (False, True):
            try:
                if self._grader is None:
                    self._grader = Grader(self._rubric, self._settings.limits, self._settings.sandbox, self._zygote)
                return self._grader.grade(work.submission, work.questions)
            except WorkerLost as error:
                self.close()
                if last:
                    return self._error(work, f"The sandbox died twice on this submission: {error}.")
            except AutograderError:
                raise
            except Exception as error:
                problem = f"The autograder itself failed: {type(error).__name__}: {error}"
                return self._error(work, f"{problem}\n{traceback.format_exc(limit=-3)}")
        raise AssertionError("the loop returns")

    def _error(self, work: _Work, message: str) -> Result:
        student, most = work.submission.student, self._rubric.max_score
        return Result(student, Status.ERROR, most, 0.0, (), work.fingerprint, message)

    def _merge(self, earlier: Result, result: Result) -> Result:
        """The questions graded now beside those graded before, in the rubric's order."""
        by_id = {question.id: question for question in (*earlier.questions, *result.questions)}
        questions = tuple(by_id[question.id] for question in self._rubric.graded if question.id in by_id)
        could_not_run = any(check.passed is None for question in questions for check in question.checks)
        status = Status.PROBLEM if could_not_run else Status.OK
        asked = {question.id for question in result.questions}
        excerpts = (*(one for one in earlier.excerpts if one.question not in asked), *result.excerpts)
        seconds = earlier.seconds + result.seconds
        return replace(result, questions=questions, status=status, seconds=seconds, excerpts=excerpts)

    def close(self) -> None:
        if self._grader is not None:
            self._grader.close()
            self._grader = None

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
