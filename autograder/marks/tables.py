"""Tables of marks for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.core.text import number
from autograder.marks.grades_table import csv_text, text_cell
from autograder.marks.marks import Filled, Mark, Marks, Sent, hint_for, refuse

OURS = ("student", "name", "email", "group", "score", "max_score", "undiscounted", "days_late", "submitted")


def plain(marks: Marks) -> tuple[str, Filled]:
    """Ids, names, marks after and before the deduction for lateness."""

    def row(mark: Mark, sent: Sent, most: float) -> Sequence[object]:
        about = mark.about
        who = (text_cell(text) for text in (mark.student, about.name, about.email, about.group))
        scores = (number(sent.points), number(most), number(sent.undiscounted))
        return (*who, *scores, mark.days_late, about.submitted)

    return table(OURS, marks, row)


def table(
    head: Sequence[str], marks: Marks, row: Callable[[Mark, Sent, float], Sequence[object]]
) -> tuple[str, Filled]:
    """The table, a row for each student; raises AutograderError as `everybody` does."""
    filled, most = everybody(marks), marks.part().most
    rows = (row(marks.by_student[student], sent, most) for student, sent in filled.written.items())
    return csv_text([head, *rows]), filled


def everybody(marks: Marks) -> Filled:
    """All marks, with the report if anybody has points for it; raises AutograderError if somebody lacks them."""
    part = marks.part()
    problems = [problem for student in sorted(marks.by_student) for problem in marks.problems(student, part)]
    refuse(problems, hint_for(problems))
    return Filled(
        written={student: marks.sent(student, part) for student in sorted(marks.by_student)},
        left=marks.failed(marks.without),
    )
