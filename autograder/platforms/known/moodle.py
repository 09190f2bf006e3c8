"""Reads the names in Moodle's download of an assignment: `Name_id_assignsubmission_file`.

Fills in the grading worksheet of a Moodle assignment.

Its columns depend on the assignment's settings and on the site's language: Identifier (`Participant 4711`), name,
e-mail, status, Grade, Maximum grade, Grade can be changed, times, Feedback comments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.class_list.headings import CHANGEABLE, MAXIMUM
from autograder.class_list.sheet import Sheet, find_column
from autograder.core.errors import AutograderError, Problem
from autograder.core.text import printable
from autograder.marks.marks import Filled, Marks, Part, hint_for, refuse
from autograder.platforms import named
from autograder.platforms.named import Named
from autograder.platforms.platform import Entry, FeedbackOut, Gathered, Page, Placed, Platform, SheetOut

_MOODLE = re.compile(r"(.*?)(?:_([0-9]+))?_assignsubmission_(file|onlinetext)(?:_(.*)|(?:\.html))?", re.DOTALL)


def moodle_reading(name: str) -> Named | None:
    """Read a name in Moodle's form, `Name_id_assignsubmission_file[_]`; without folders a file's name follows.

    The default group has no number: its name is used instead.
    """
    match = _MOODLE.fullmatch(name)
    if match is None or not (match[2] or match[1]):
        return None
    group = not match[2] or named.GROUP.match(match[1]) is not None
    return Named(match[2] or match[1], match[4] or f"{match[3]}.html", match[3], match[1], group=group)


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Whether more than half of a folder's entries are named as Moodle does it."""
    return named.most_are(_read(entries), entries)


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each student's files, and the entries that are not Moodle's."""
    return named.gather(path, entries, _read(entries))


def _read(entries: Sequence[Entry]) -> Mapping[Entry, Named]:
    read = {entry: moodle_reading(entry.name) for entry in entries}
    return {entry: one for entry, one in read.items() if one is not None}


GRADE = (
    *("Grade", "Bewertung", "Note", "Calificación", "Valutazione", "Cijfer", "Beoordeling", "Nota", "Qualificació"),
    *("Avaliação", "Betyg", "Not", "Оценка", "성적", "成绩", "評点", "評定"),
)
FEEDBACK = (
    *("Feedback comments", "Feedback als Kommentar", "Feedback par commentaires", "Comentarios de retroalimentación"),
    *("Commenti", "Commenti di feedback", "Feedback tekstvak", "Comentários de feedback", "Återkopplingskommentarer"),
    *("Återkoppling/kommentarer", "Comentaris de la retroacció", "Comentaris de retroalimentació"),
    *("Geri bildirim yorumları", "Отзыв в виде комментария", "피드백 코멘트", "反馈意见", "评语反馈"),
    "フィードバックコメント",
)
NO = frozenset(("no", "nein", "non", "nee", "não", "nej", "hayır", "нет", "아니오", "否"))
"""The words under CHANGEABLE of a locked grade, in small letters."""
IDENTIFIER = re.compile(r"\D*?(\d+)")
NUMBER = re.compile("[1-9][0-9]*")
"""A participant's number."""
OWN = re.compile(
    r"[\d.]+\s+of\s+[\d.]+\s+\((?:[\w.]+:\s+[\d.]+/[\d.]+,?\s*)*"
    r"(?:;?\s*[\d.]+\s+(?:before\s+\d+\s+days?\s+late|with\s+bonus\s+points))*\s*\)"
)
"""The line of feedback that the kit writes (`Sent.text`), however Moodle wraps it."""


def fill_moodle(sheet: Sheet, marks: Marks, column: str | None = None) -> Filled:
    """Write marks, and a line of feedback: an earlier one is replaced, and a person's own words stay.

    Raises AutograderError if anything does not fit. There is no column to choose.
    """
    headings = sheet.headings
    grade, most = find_column(headings, GRADE), find_column(headings, MAXIMUM)
    if grade is None or most is None:
        problem = "The sheet has no column for the grade and its maximum."
        raise AutograderError(problem, "Download the assignment's grading worksheet, in one of the known languages.")
    changeable, feedback = find_column(headings, CHANGEABLE), find_column(headings, FEEDBACK)
    rows: dict[str, int] = {}
    problems: list[Problem] = []
    for row in range(1, len(sheet.rows)):
        if match := IDENTIFIER.fullmatch(sheet.value(row, 0)):
            if match[1] in rows:
                problems.append((f"Identifier {match[1]}", "is there twice"))
            rows[match[1]] = row
    known = [student for student in sorted(marks.by_student) if student in rows]
    if marks.by_student and not known and not any(map(NUMBER.fullmatch, marks.by_student)):
        problem = "The ids of this class are not participants' numbers, which Moodle's worksheet has."
        raise AutograderError(problem, "Grade again with the worksheet as --roster, then export.")
    problems += marks.absent(rows)
    parts = {student: _part(sheet, rows[student], most, marks) for student in known}
    for student, part in parts.items():
        problems += marks.problems(student, part)
    refuse(problems, hint_for(problems, (sheet.value(row, 0) for row in range(1, len(sheet.rows)))))
    filled = Filled(left=marks.failed(rows))
    for student, part in parts.items():
        row = rows[student]
        if changeable is not None and sheet.value(row, changeable).casefold() in NO:
            filled.left.append(f"{marks.called(student)}: the grade is locked")
            continue
        sent = filled.written[student] = marks.sent(student, part)
        sheet.write(row, grade, sheet.number(sent.points))
        if feedback is not None and not _told(sheet, row, feedback, sent.text):
            filled.notes.append(f"{marks.called(student)}: the comment that is there stays")
    return filled


def _told(sheet: Sheet, row: int, column: int, text: str) -> bool:
    """Write the line of feedback instead of an earlier one; returns whether there was room for it."""
    before = sheet.value(row, column)
    if before and not OWN.search(before):
        return False
    after = OWN.sub(text.replace("\\", r"\\"), before, count=1) if before else text
    if after != before:
        sheet.write(row, column, after)
    return True


def _part(sheet: Sheet, row: int, column: int, marks: Marks) -> Part:
    """The points for a row, which has a maximum of its own."""
    text = sheet.value(row, column)
    try:
        return marks.part(float(text.replace(",", ".")))
    except ValueError:
        return Part(False, marks.code, problem=f"the sheet's maximum is {text!r}, which is not a number")


NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\\/:*?\"<>|&'`$;_]+")
"""Signs that are not in the names of Moodle's folders (`clean_filename`), and `_`, which ends the name of a person."""


def place_feedback(pages: Sequence[Page], output: Path) -> Placed:
    """Give each page a folder `Name_id_assignsubmission_file`, for "Upload multiple feedback files in a zip".

    Moodle splits the name of a folder at `_`: the second part must be the participant's number, the third and fourth
    a plugin (`is_valid_filename_for_import` in `mod/assign/feedback/file/importziplib.php`). It replaces `_` in a
    person's name by a blank, and so does this: else a name could hold another participant's number.
    """
    placed = Placed()
    for page in pages:
        if NUMBER.fullmatch(page.student):
            name = " ".join(NOT_IN_NAMES.sub(" ", printable(page.name)).split()).strip(".~ ") or "Participant"
            placed.files[f"{name}_{page.student}_assignsubmission_file/feedback.html"] = page.html
        else:
            placed.left[page.student] = "the id is not a participant's number: give the worksheet as --roster"
    return placed


PLATFORM = Platform(
    key="moodle",
    name="Moodle",
    tried=50,
    is_download=is_download,
    gather=gather,
    feedback=FeedbackOut(place_feedback),
    sheet=SheetOut(fill_moodle, "fill in Moodle's grading worksheet", has_columns=False, refuses_more=True),
)
