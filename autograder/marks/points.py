"""Points that people give by hand: for the report, and instead of the points of the checks.

They come from a list (`--points`) or from nbgrader's gradebook, and are kept in the output folder, in `points.json`.
Results keep the points of the checks: points by hand are put over them when marks and pages are made.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from autograder.class_list.headings import ListHeadings
from autograder.class_list.roster import id_cells
from autograder.class_list.sheet import Sheet, find_column, read_sheet
from autograder.core.errors import AutograderError, Problem, listed
from autograder.core.records import Question, QuestionResult, Result, Rubric
from autograder.core.store import write_whole
from autograder.marks.changed import by_a_person, changed, marked
from autograder.marks.looked_at import is_reviewed, stale
from autograder.marks.overrides import Overrides, load_overrides

FILE = "points.json"
SOURCES = ("listed", "gradebook")
POINTS = ("points", "score")
COMMENT = ("comment", "comments", "feedback")
HINT = "Write a CSV file with the headings id, points and comment."


@dataclass(frozen=True)
class Given:
    """Points that a person gave for a question, with a comment."""

    points: float
    comment: str = ""


ByHand = Mapping[str, Mapping[str, Given]]
"""Points by student, then by question."""


@dataclass(frozen=True)
class Points:
    """All that people gave and changed. The list counts before the gradebook."""

    listed: ByHand = field(default_factory=dict)
    gradebook: ByHand = field(default_factory=dict)
    overrides: Overrides = field(default_factory=Overrides)
    """The record of changes, which count before both."""

    def of(self, student: str) -> Mapping[str, Given]:
        """One student's points in the list and the gradebook, by question."""
        return {**self.gradebook.get(student, {}), **self.listed.get(student, {})}

    def about(self, student: str) -> object:
        """Everything here about a student, to compare."""
        return self.of(student), self.overrides.of(student)

    def with_list(self, given: Mapping[str, Mapping[str, Given | None]]) -> Points:
        """Add the points of a list; an empty cell in it removes the points of an earlier list."""
        listed = {student: dict(questions) for student, questions in self.listed.items()}
        for student, questions in given.items():
            merged = {**listed.get(student, {}), **questions}
            listed[student] = {question: one for question, one in merged.items() if one is not None}
        return replace(self, listed=listed)

    def differing(self, called: Callable[[str], str] = str) -> list[str]:
        """A sentence on each difference between the list and the gradebook; `called` gives the student's name."""
        pairs = (
            (student, question, one.points, self.gradebook[student][question].points)
            for student, questions in sorted(self.listed.items())
            for question, one in questions.items()
            if question in self.gradebook.get(student, {})
        )
        return [
            f"{called(student)}: question {question} has {listed:g} points in the list, which count, and {other:g} in "
            "the gradebook"
            for student, question, listed, other in pairs
            if listed != other
        ]


def load_points(output: Path) -> Points:
    """Load the points of an output folder; none if nobody gave any. Raises AutograderError if they are damaged."""
    path, overrides = output / FILE, load_overrides(output)
    try:
        stored = json.loads(path.read_text("utf-8"))
        return Points(**{source: _parsed(stored[source]) for source in SOURCES}, overrides=overrides)
    except (FileNotFoundError, NotADirectoryError):
        return Points(overrides=overrides)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        hint = "Delete it, then give the points again with --points."
        raise AutograderError(f"{path} is damaged.", hint) from error


def save_points(output: Path, points: Points) -> None:
    """Store the list and the gradebook's points; nothing is written if there are none and never were."""
    stored = {source: asdict(points)[source] for source in SOURCES}
    if any(stored.values()) or (output / FILE).exists():
        write_whole(output / FILE, json.dumps(stored, ensure_ascii=False, indent=1) + "\n")


def _parsed(stored: Mapping[str, Mapping[str, Mapping[str, object]]]) -> ByHand:
    return {
        student: {question: _given(one["points"], one["comment"]) for question, one in questions.items()}
        for student, questions in stored.items()
    }


def _given(points: object, comment: object) -> Given:
    if not isinstance(points, int | float) or not math.isfinite(points) or not isinstance(comment, str):
        raise ValueError("neither points nor a comment")
    return Given(float(points), comment)


def read_points(
    path: Path, rubric: Rubric, students: Collection[str], platforms: ListHeadings
) -> dict[str, dict[str, Given | None]]:
    """Read a list of points for the questions that people grade: None for an empty cell.

    With one such question the column is called `points` or has the question's id; with several, each has its question's
    id, and its comment `ID comment`. Raises AutograderError if the list makes no sense, and then takes nothing of it.
    """
    sheet = read_sheet(path)
    columns = _columns(sheet, path, rubric)
    found: dict[str, dict[str, Given | None]] = {}
    problems: list[Problem] = []
    for row, student in id_cells(sheet, path, platforms).items():
        if student in found:
            problems.append((student, "stands twice in it"))
        if student not in students:
            problems.append((student, "is not in the class"))
        found[student] = {
            question.id: _cell(sheet, row, question, columns[question.id], student, problems)
            for question in rubric.questions
            if question.id in columns
        }
    if problems:
        raise AutograderError(f"{path} cannot be taken:\n{listed(problems)}", "Mend the list; nothing of it was taken.")
    return found


def _columns(sheet: Sheet, path: Path, rubric: Rubric) -> dict[str, tuple[int, int | None]]:
    """By question in the list, the column of its points, and that of its comment if there is one."""
    headings = sheet.headings
    manual = [question for question in rubric.questions if question.manual]
    for question in rubric.graded:
        if find_column(headings, (question.id,)) is not None:
            raise AutograderError(f"{path}: question {question.id} is graded by a program.", HINT)
    found = {}
    for question in manual:
        alone = len(manual) == 1
        points = find_column(headings, (question.id, question.title, *(POINTS if alone else ())))
        comment = find_column(headings, (f"{question.id} comment", *(COMMENT if alone else ())))
        if points is not None:
            found[question.id] = points, comment
    if not found:
        raise AutograderError(f"{path} has no column with the points of a question that people grade.", HINT)
    return found


def _cell(
    sheet: Sheet, row: int, question: Question, columns: tuple[int, int | None], student: str, problems: list[Problem]
) -> Given | None:
    points, comment = columns
    text = sheet.value(row, points)
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not 0 <= number <= question.points:
        problems.append((student, f"{text!r} is not a number from 0 to {question.points:g}"))
        return None
    return Given(number, "" if comment is None else sheet.value(row, comment))


def whole(result: Result, rubric: Rubric, points: Points) -> Result:
    """The result with points by hand put over it: a question that people grade is added, another is replaced.

    Then come the changes of the record. `max_score` includes the added questions. A result without a score stays
    without one.
    """
    given, changes = points.of(result.student), points.overrides.of(result.student)
    reviewed, earlier = is_reviewed(result, changes), tuple(stale(result, changes))
    if result.score is not None and given:
        questions = tuple(_questions(result, rubric, given))
        most = sum(question.points for question in rubric.questions if question.manual and question.id in given)
        result = replace(result, questions=questions, max_score=result.max_score + most)
    return replace(changed(result, rubric, changes), reviewed=reviewed, stale=earlier)


def _questions(result: Result, rubric: Rubric, given: Mapping[str, Given]) -> Iterator[QuestionResult]:
    graded = {question.id: question for question in result.questions}
    for question in rubric.questions:
        by_hand, checked = given.get(question.id), graded.pop(question.id, None)
        if checked is not None and by_hand is not None:
            yield by_a_person(checked, by_hand.points, by_hand.comment)
        elif checked is not None:
            yield checked
        elif by_hand is not None and question.manual:
            yield marked(question, by_hand.points, by_hand.comment)
    yield from graded.values()


def code_part(result: Result, rubric: Rubric) -> Result:
    """The result without the questions that people grade: `score` and `max_score` in `grades.csv` mean this part."""
    manual = {question.id: question.points for question in rubric.questions if question.manual}
    kept = tuple(question for question in result.questions if question.id not in manual)
    most = sum(manual[question.id] for question in result.questions if question.id in manual)
    return replace(result, questions=kept, max_score=result.max_score - most)
