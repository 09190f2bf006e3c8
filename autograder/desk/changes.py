"""Makes changes to grades: a change that fits the results is added to the record, then pages and tables follow."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.records import Question, Result, Rubric
from autograder.core.store import load_results, only_run
from autograder.core.text import named, number
from autograder.desk.alike import cause
from autograder.gradebook.folder import follow_changes
from autograder.marks.looked_at import digest, digests
from autograder.marks.overrides import FILE, LONGEST, Change, Kind, Overrides, key, save_overrides, what
from autograder.marks.points import FILE as POINTS_FILE
from autograder.marks.points import Points, load_points, whole
from autograder.report.outputs import behind, write_page, write_tables

PATIENCE = 10.0
"""Seconds to wait for another change, which takes a moment. A grading run takes longer."""
REASONED = (Kind.POINTS, Kind.EXCUSE, Kind.ZERO, Kind.HOLD)
"""The kinds that give or take points, and so need a reason; the lines of a mark scheme are one."""
LOOK_AGAIN = "The page has it now. Look at it, then send the form again if you still want to."
Stamp: TypeAlias = tuple[int, int] | None


class Desk:
    """The results of a class, and the record of changes to them. Other programs may write both meanwhile."""

    def __init__(self, output: Path, rubric: Rubric) -> None:
        """Load the class; raises AutograderError if the folder holds no whole grading run."""
        self.output = output
        self.trouble = ""
        """Why nbgrader's gradebook does not have the last changes; empty if it has them."""
        self.unwritten = ""
        """Why grades.csv and the class report do not have the last changes; empty if they have them."""
        self._causes: dict[str, dict[str, tuple[str, ...] | None]] = {}
        self._lock = threading.Lock()  # the folder's own keeps out other processes, not other threads
        self.rubric = rubric
        self.checked: dict[str, Result] = {}
        """The results of the checks alone, by student as the record has them."""
        self._graded: Stamp = None
        self._changed: list[Stamp] = []
        self.points = Points()
        self.reread()
        if behind(output):
            self._write_pages(student for student in self.checked if self.points.overrides.of(student))
            self.write_tables()

    def reread(self) -> bool:
        """Take in what other programs have written: points and changes by people, and the results of a grading run.

        Returns whether the class was graded since. Raises AutograderError if a file is damaged.
        """
        with self._lock:
            if (changed := [_stamp(self.output / name) for name in (FILE, POINTS_FILE)]) != self._changed:
                self.points, self._changed = load_points(self.output), changed
            return self._reread_results()

    def _reread_results(self) -> bool:
        """The table of the class is what a run writes after all results."""
        if (graded := _stamp(self.output / "grades.csv")) == self._graded and graded is not None:
            return False
        self.checked = {key(one.student): one for one in load_results(self.output)}
        self._graded, self._causes = graded, {}
        return True

    def result(self, student: str) -> Result:
        """A student's result as it counts now; raises KeyError."""
        return whole(self.checked[student], self.rubric, self.points)

    def change(self, change: Change, seen: int | None = None, shown: Mapping[str, str] | None = None) -> Change:
        """Add a change to the record and write the pages that it moves; the tables are left to `write_tables`.

        Returns it with its number. Raises AutograderError if it does not fit, if a run uses the folder, or if its
        students have changes after number `seen`, the last one that the person has seen, or a result other than
        `shown`, the digests of what the person has seen.
        """
        with self._lock, only_run(self.output, PATIENCE):
            now = self._now()
            self._demand_fit(change)
            fitting = _fitting(change, now.overrides)
            self._demand_shown(shown or {})
            if seen is not None:
                _demand_seen(fitting, now.overrides, seen)
            results = [self.checked[one] for one in fitting.students]
            after = now.overrides.added(msgspec.structs.replace(fitting, results=digests(fitting, results)))
            self._save(replace(now, overrides=after))
        return after.changes[-1]

    def ask(self, requests: Sequence[Change]) -> int:
        """Add the regrade requests that the record does not have yet, all or none; returns how many those are.

        A request with the same student, question and text is the same, also if it was undone.
        """
        with self._lock, only_run(self.output, PATIENCE):
            now = self._now()
            known = {_asked(one) for one in now.overrides.changes if one.kind is Kind.REQUEST}
            after, fresh = now.overrides, {_asked(one): one for one in requests if _asked(one) not in known}
            for one in fresh.values():
                self._demand_fit(one)
                after = after.added(one)
            if fresh:
                self._save(replace(now, overrides=after))
        return len(fresh)

    def _now(self) -> Points:
        """The points as they are in the folder, which no other program writes to now; so are the results."""
        self._reread_results()
        return load_points(self.output)

    def _save(self, after: Points) -> None:
        """Write the record, then the pages of those whom it is about in another way than before."""
        save_overrides(self.output, after.overrides)
        before, self.points = self.points, after
        self._write_pages(one for one in self.checked if before.about(one) != after.about(one))

    def alike(self, student: str, question: str) -> list[str]:
        """The students, this one included, whose answer to a question is wrong in the same way; sorted."""
        if question not in self._causes:
            self._causes[question] = {one: cause(result, question) for one, result in self.checked.items()}
        causes = self._causes[question]
        wanted = causes[student]
        return sorted(one for one, own in causes.items() if one == student or (wanted is not None and own == wanted))

    def settled(self, student: str, question: str) -> list[str]:
        """Those of `alike`, but this one, for whom a person decided alone: a change for all leaves their points."""
        return [one for one in self.alike(student, question) if one != student and self._has_own(one, question)]

    def undecided(self, student: str, question: str) -> list[str]:
        """Those of `alike`, this one included, whom a change for all is about: all but the `settled`."""
        settled = self.settled(student, question)
        return [one for one in self.alike(student, question) if one not in settled]

    def _has_own(self, student: str, question: str) -> bool:
        own = (one for one in self.points.overrides.of(student) if len(set(one.students)) == 1)
        decided = any(one.kind is Kind.POINTS and one.question == question for one in own)
        return decided or question in self.points.of(student)

    def write_tables(self) -> None:
        """Write grades.csv and the class report, and the changes into nbgrader's gradebook if there is one."""
        with self._lock, only_run(self.output, PATIENCE):
            self.points = self._now()
            results = [*self.checked.values()]
            write_tables(self.output, results, self.rubric, self.points)
            self._graded = _stamp(self.output / "grades.csv")
            try:
                follow_changes(self.output, results, self.rubric, self.points)
                self.trouble = ""
            except AutograderError as error:  # the record has the change, and the next one tries again
                self.trouble = f"{error.message} {error.hint}"

    def _write_pages(self, students: Iterable[str]) -> None:
        for student in students:
            write_page(self.output, self.checked[student], self.rubric, self.points)

    def _demand_shown(self, shown: Mapping[str, str]) -> None:
        """Raise AutograderError if a student's result is another than the person has seen."""
        for student, known in shown.items():
            if student in self.checked and digest(self.checked[student]) != known:
                problem = "After this page was opened the student was graded again, and the result is another one."
                raise AutograderError(problem, LOOK_AGAIN)

    def _demand_fit(self, change: Change) -> None:
        """Raise AutograderError if a change makes no sense for these results."""
        if max(len(change.reason), len(change.comment), len(change.text)) > LONGEST:
            raise AutograderError(f"The text has more than {LONGEST} characters.", "Write less.")
        if lacks_reason(change):
            raise AutograderError("A change of points needs a reason.", "Give one with --reason: the record keeps it.")
        for student in change.students:
            if student not in self.checked:
                raise AutograderError(f"{student} is not in this class.", "The ids are in grades.csv.")
            if change.kind is Kind.REQUEST and change.question not in {one.id for one in self.rubric.questions}:
                raise AutograderError(f"There is no question {change.question}.", "The ids are in grades.csv.")
            if change.kind in (Kind.POINTS, Kind.COMMENT):
                self._demand_question(change, self.checked[student])

    def _demand_question(self, change: Change, result: Result) -> None:
        asked = {question.id: question for question in self.rubric.questions}
        graded = {question.id: question for question in result.questions}
        if change.question not in asked:
            raise AutograderError(f"There is no question {change.question}.", f"Name one of {', '.join(asked)}.")
        who, question = named(result.student, result.about.name), asked[change.question]
        if result.score is None or (change.question not in graded and not question.manual):
            problem = f"Question {change.question} of {who} has not been graded."
            raise AutograderError(problem, "Run `autograde` on the class again, then change the points.")
        most = question.points
        if change.check:
            checks = (
                {check.name: check.max_points for check in graded[question.id].checks} if not question.manual else {}
            )
            if change.check not in checks:
                problem = f"Question {question.id} of {who} has no check “{change.check}”."
                raise AutograderError(problem, f"It has: {'; '.join(checks) or 'none, for a person grades it'}.")
            most = checks[change.check]
        _demand_items(change, question)
        if change.points is not None and change.points > most:
            problem = f"{number(change.points)} points are more than the {number(most)} that there are."
            raise AutograderError(problem, f"Give a number from 0 to {number(most)}.")


def lacks_reason(change: Change) -> bool:
    """Whether a change gives or takes points, not by the lines of a mark scheme, and does not say why."""
    return change.kind in REASONED and not (change.items or change.reason.strip())


def _demand_seen(change: Change, record: Overrides, seen: int) -> None:
    """Raise AutograderError if one of a change's students has a later change than the person has seen."""
    students = set(record.about(change))
    later = [one for one in record.changes if one.id > seen and students.intersection(record.about(one))]
    if later:
        last = f"change {later[-1].id}, {what(later[-1])} (by {later[-1].by})"
        problem = f"After this page was opened somebody made another change: {last}."
        raise AutograderError(problem, LOOK_AGAIN)


def _demand_items(change: Change, question: Question) -> None:
    """Raise AutograderError if the lines of a mark scheme are not those of the question, or do not sum up."""
    most = {item.id: item.points for item in question.items}
    lines = [f"{item.id} ({number(item.points)}): {item.text}" for item in question.items]
    for name, points in change.items.items():
        if name not in most:
            hint = "\n".join(["It has:", *lines] if lines else ["It has no mark scheme."])
            raise AutograderError(f"Question {question.id} has no item {name}.", hint)
        if points > most[name]:
            problem = f"{number(points)} points are more than the {number(most[name])} of that item."
            raise AutograderError(problem, f"Give a number from 0 to {number(most[name])}.")
    if change.items and (change.points is None or abs(sum(change.items.values()) - change.points) > 1e-9):
        raise AutograderError("The points are not the sum of the items.", "Open the page again.")


def _stamp(path: Path) -> Stamp:
    """Time and number of a file, of which one differs once it is replaced; None if there is no file."""
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_mtime_ns, known.st_ino


def _asked(request: Change) -> tuple[tuple[str, ...], str, str]:
    return request.students, request.question, request.text


def _fitting(change: Change, record: Overrides) -> Change:
    """The change, whole; raises AutograderError if the record does not have what it undoes or answers."""
    if change.kind is Kind.UNDO and change.undoes not in {one.id for one in record.changes}:
        raise AutograderError(f"There is no change {change.undoes}.", f"The numbers are in {FILE}.")
    if change.kind is not Kind.ANSWER:
        return change
    requests = {one.id: one for one in record.live if one.kind is Kind.REQUEST}
    asked = requests.get(change.answers)
    if asked is None:
        hint = f"There are: {', '.join(map(str, requests)) or 'none'}."
        raise AutograderError(f"There is no regrade request {change.answers}.", hint)
    if not change.comment.strip():
        raise AutograderError("The answer is empty.", "Write what the student should read.")
    return msgspec.structs.replace(change, students=asked.students, question=asked.question)
