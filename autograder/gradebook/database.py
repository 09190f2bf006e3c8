"""Records results in nbgrader's own database, through its `Gradebook`.

Its methods commit row by row, which takes minutes for a class. Here nbgrader's classes are used in its session with one
commit at the end: the whole class is recorded or nothing of it.
"""

from __future__ import annotations

import hashlib
import os
import sysconfig
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autograder.class_list.moments import moment
from autograder.core.errors import AutograderError, demand
from autograder.core.records import About, Result, Rubric, Status
from autograder.core.store import file_name
from autograder.core.text import printable, split_name
from autograder.gradebook.formgrader import CODE, REPORT, cell_name, comment

ASSIGNMENT = "ssl"
NO_REPORT = "No report was handed in."
LONGEST_ID = 128
"""Characters of a student's id in nbgrader's tables."""


@dataclass(frozen=True)
class Late:
    """The due time of the assignment, and the percent of the score that each student loses for a late hand-in."""

    due: datetime
    percent: Mapping[str, float]


def student_id(student: str) -> str:
    """The id in the gradebook, which also names a folder: the file name of the results, shortened if too long."""
    name = file_name(student)
    return name if len(name) <= LONGEST_ID else f"{name[:63]}_{hashlib.sha256(name.encode()).hexdigest()}"


def with_driver(url: str) -> str:
    """The URL with the driver that comes with the kit; SQLAlchemy's own default for PostgreSQL is another package."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg2://{rest}" if separator and scheme in ("postgresql", "postgres") else url


def record(
    url: str,
    results: Sequence[Result],
    rubric: Rubric,
    parts: Mapping[str, float],
    reports: Collection[str],
    late: Late | None = None,
) -> None:
    """Record every result: the assignment, one graded cell a question, a submission a student, scores and hints.

    `parts` are the parts of the report that people mark, with their points, and `reports` the students who handed one
    in; the others get 0 for it. A student who handed in nothing at all is listed, and nbgrader gives 0; if an earlier
    run recorded a submission of theirs, the scores of its checks become 0. A score or comment that a person entered is
    never touched: if the score below it moved, nbgrader's "needs manual grade" is set. Raises AutograderError.
    """
    with opened(url) as (api, gradebook):
        cells = make_cells(api, gradebook, rubric, parts)
        book = Book(api, gradebook.db, gradebook.find_assignment(ASSIGNMENT), cells, late)
        for result in results:
            book.record(result, result.student in reports)
        gradebook.db.commit()


@contextmanager
def opened(url: str) -> Iterator[tuple[Any, Any]]:
    """Open a gradebook; yields nbgrader's module and it. The import is here because it takes a second."""
    demand("nbgrader", "gradebook", "The gradebook")
    with warnings.catch_warnings(), _programs_on_path():
        warnings.simplefilter("ignore")  # nbgrader's own, about the libraries under it
        from nbgrader import api
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError

        try:
            with api.Gradebook(url) as gradebook:
                yield api, gradebook
        except ArgumentError as error:
            hint = "Write sqlite:///FILE or postgresql://USER@HOST/NAME."
            raise AutograderError("--db is not the URL of a database.", hint) from error
        except ModuleNotFoundError as error:
            hint = f"Install it: pip install {'psycopg2-binary' if error.name == 'psycopg2' else error.name}"
            raise AutograderError(f"The database needs the package {error.name}.", f"{hint}.") from error
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            hint = "Close what else uses it, or name another with --db; the grades themselves are written."
            raise AutograderError(f"The gradebook cannot be used: {reason}.", hint) from error


@contextmanager
def _programs_on_path() -> Iterator[None]:
    """Put the folder of this Python on the path: nbgrader calls `alembic` in it by name to make a database."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), *([before] if before else [])])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before


Cells = dict[str, dict[str, tuple[Any, Any]]]
"""By notebook and name: the cell that has the grade, and the cell that has the comment."""


def make_cells(api: Any, gradebook: Any, rubric: Rubric, parts: Mapping[str, float]) -> Cells:
    """Make the assignment with its cells, or bring their points up to date. Bonus questions count above the maximum."""
    gradebook.update_or_create_assignment(ASSIGNMENT)
    cells: Cells = {CODE: {}, REPORT: {}}
    for name in cells:
        gradebook.update_or_create_notebook(name, ASSIGNMENT)
    for question in rubric.graded:
        name, most = cell_name(question.id), 0.0 if question.bonus else question.points
        grade = gradebook.update_or_create_grade_cell(name, CODE, ASSIGNMENT, max_score=most, cell_type="code")
        cells[CODE][name] = grade, gradebook.update_or_create_solution_cell(name, CODE, ASSIGNMENT)
    for question in rubric.questions:
        if question.spoken:
            most, name = question.points, cell_name(question.id)
            task = gradebook.update_or_create_task_cell(name, CODE, ASSIGNMENT, max_score=most, cell_type="markdown")
            cells[CODE][name] = task, task
    for name, points in parts.items():
        task = gradebook.update_or_create_task_cell(name, REPORT, ASSIGNMENT, max_score=points, cell_type="markdown")
        cells[REPORT][name] = task, task
    return cells


class Book:
    """The rows that are there already, by owner; missing rows are added."""

    def __init__(self, api: Any, session: Any, assignment: Any, cells: Cells, late: Late | None) -> None:
        self._api = api
        self.session = session
        self._assignment = assignment.id
        self._late = late
        assignment.duedate = None if late is None else _utc(late.due, late.due)
        self._notebooks = {notebook.name: notebook.id for notebook in assignment.notebooks}
        self.cells = {
            name: {cell: (grade.id, told.id) for cell, (grade, told) in those.items()} for name, those in cells.items()
        }
        # Columns only: for whole rows of these, nbgrader lets the database add up scores.
        one, part = api.SubmittedAssignment, api.SubmittedNotebook
        submitted = session.query(one.student_id, one.id).filter(one.assignment_id == assignment.id)
        self._students = {student for (student,) in session.query(api.Student.id)}
        self.submissions = dict(submitted.all())
        parts = session.query(part.assignment_id, part.notebook_id, part.id)
        self._parts = {(submission, notebook): row for submission, notebook, row in parts}
        self.grades = {(row.notebook_id, row.cell_id): row for row in session.query(api.Grade)}
        self._comments = {(row.notebook_id, row.cell_id): row for row in session.query(api.Comment)}

    def record(self, result: Result, has_report: bool) -> None:
        """Write one student's scores and hints."""
        student = student_id(result.student)
        if student not in self._students:
            # Without a name nbgrader shows the id.
            name = None if student == result.student else printable(result.student)[:LONGEST_ID]
            self._add(self._api.Student(id=student, last_name=name, first_name=None if name is None else ""))
            self._students.add(student)
            self.session.flush()
        self._describe(student, result.about)
        if result.status is Status.MISSING and student not in self.submissions:
            return
        submission = self.submissions.get(student) or self._new(
            self._api.SubmittedAssignment, assignment_id=self._assignment, student_id=student
        )
        graded = {cell_name(question.id): question for question in result.questions} if result.score is not None else {}
        code = self.part(submission, CODE)
        for name, (grade, told) in self.cells[CODE].items():
            question = graded.get(name)
            self._grade(code, grade, question.score if question else None)
            self._comment(code, told, comment(question) if question else None)
        report = self.part(submission, REPORT)
        for grade, told in self.cells[REPORT].values():
            self._grade(report, grade, None if has_report else 0.0)
            self._comment(report, told, None if has_report else NO_REPORT)
        self.penalise(result, submission, {CODE: code, REPORT: report})

    def penalise(self, result: Result, submission: str, parts: Mapping[str, str]) -> None:
        """Enter the time of the submission, and the points that its lateness costs of the present score."""
        time = moment(result.about.submitted)
        zone = time if self._late is None else self._late.due
        stamp = None if time is None or zone is None else _utc(time, zone)
        known = self.session.query(self._api.SubmittedAssignment).filter_by(id=submission)
        known.update({"timestamp": stamp}, synchronize_session=False)
        percent = 0.0 if self._late is None else self._late.percent.get(result.student, 0.0)
        for notebook, part in parts.items():
            rows = (self.grades.get((part, grade)) for grade, _ in self.cells[notebook].values())
            score = sum(score_of(row) or 0.0 for row in rows if row is not None)
            told = self.session.query(self._api.SubmittedNotebook).filter_by(id=part)
            told.update({"late_submission_penalty": round(score * percent / 100, 4)}, synchronize_session=False)

    def _describe(self, student: str, about: About) -> None:
        """Enter what a platform or the roster says about a student; other entries of people stay."""
        first, last = split_name(printable(about.name))
        known = {"first_name": first, "last_name": last, "email": printable(about.email)}
        known = {key: value[:LONGEST_ID] for key, value in known.items() if value}
        if known:
            self.session.query(self._api.Student).filter_by(id=student).update(known, synchronize_session=False)

    def part(self, submission: str, notebook: str) -> str:
        key = (submission, self._notebooks[notebook])
        return self._parts.get(key) or self._new(
            self._api.SubmittedNotebook, assignment_id=submission, notebook_id=key[1]
        )

    def _grade(self, notebook: str, cell: str, score: float | None) -> None:
        row = self.grades.get((notebook, cell))
        if row is None:
            row = self._add(self._api.Grade(notebook_id=notebook, cell_id=cell, needs_manual_grade=score is None))
            self.grades[notebook, cell] = row
        elif row.auto_score != score:
            row.needs_manual_grade = row.manual_score is not None or score is None
        row.auto_score = score

    def _comment(self, notebook: str, cell: str, text: str | None) -> None:
        self.said_on(notebook, cell).auto_comment = text

    def said_on(self, notebook: str, cell: str) -> Any:
        """The row with the comments on a cell."""
        row = self._comments.get((notebook, cell))
        if row is None:
            row = self._add(self._api.Comment(notebook_id=notebook, cell_id=cell))
            self._comments[notebook, cell] = row
        return row

    def _new(self, kind: Any, **columns: object) -> str:
        """Add a row and return its id, which nbgrader would draw only when it is written."""
        row = self._add(kind(id=self._api.new_uuid(), **columns))
        return str(row.id)

    def _add(self, row: Any) -> Any:
        self.session.add(row)
        return row


def score_of(grade: Any) -> float | None:
    """The score of one graded cell as nbgrader counts it: a person's before the program's, and extra credit on top."""
    score: float | None = grade.auto_score if grade.manual_score is None else grade.manual_score
    return None if score is None else score + (grade.extra_credit or 0.0)


def _utc(time: datetime, zone: datetime) -> datetime:
    """A time as nbgrader stores it, in UTC without a zone; one without a zone is taken to be in that of `zone`."""
    here = time if time.tzinfo else time.replace(tzinfo=zone.tzinfo or UTC)
    return here.astimezone(UTC).replace(tzinfo=None)
