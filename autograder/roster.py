"""Reads the list of a class, and compares it with who handed in.

The kit's own list is `id,name,email[,group]`; Canvas's gradebook, Moodle's grading worksheet, the gradebooks of
Blackboard and Brightspace, the rosters of Gradescope and GitHub Classroom and nbgrader's list of students are
understood by their headings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import AutograderError
from autograder.records import About, Submission
from autograder.sheet import Sheet, find_column, read_sheet

LOGIN = ("username", "benutzername", "nom d'utilisateur", "nombre de usuario", "nome utente", "gebruikersnaam")
"""Blackboard's and Brightspace's; Blackboard's `Student ID` beside it is in no name of a file."""
ORGANISATION = ("orgdefinedid", "org defined id")
"""Brightspace's, where the list has no user names."""
ID = (
    *("id", "identifier", "student_id", "sid", "kennung", "identifiant", "identificador", "id.-nummer"),
    *(*LOGIN, *ORGANISATION, "student id"),
)
NAME = ("name", "student", "full name", "vollständiger name", "nom complet", "nombre completo", "student name")
FIRST, LAST = ("first name", "first_name", "vorname"), ("last name", "last_name", "nachname", "surname")
EMAIL = ("email", "email address", "e-mail", "e-mail-adresse", "adresse de courriel", "sis login id")
GROUP = ("group", "group name", "gruppe", "groupe", "grupo")
USER = ("github_username",)
ROLE = ("role",)
TEST_STUDENT = "Student, Test"
PREVIEW = "_previewuser"
"""How the user names end under which Blackboard lets instructors look at a course."""
PARTICIPANT = re.compile(r"[^\d]*?(\d+)")
LOST = str.maketrans("", "", "_'/: ")
"""What Moodle takes out of a name that becomes a folder's."""


@dataclass(frozen=True)
class Roster:
    """Everybody in the class by id; `others` are further names for an id: an e-mail address, a user name."""

    students: Mapping[str, About]
    others: Mapping[str, str]


@dataclass(frozen=True)
class Enrolled:
    """A class beside its roster."""

    submissions: list[Submission]
    missing: tuple[tuple[str, About], ...] = ()
    """Who handed in nothing."""
    strangers: tuple[str, ...] = ()
    """Who handed in and is not on the roster: graded all the same."""


def read_roster(path: Path) -> Roster:
    """Read a list of students; raises AutograderError where it has no ids or one of them twice."""
    sheet = read_sheet(path)
    students: dict[str, About] = {}
    others: dict[str, str] = {}
    for row, student in id_cells(sheet, path).items():
        if student in students:
            raise AutograderError(f"{student} stands twice in {path}.", "Leave one of the two lines.")
        email, user = (_cell(sheet, row, names) for names in (EMAIL, USER))
        students[student] = About(_name(sheet, row), email, _cell(sheet, row, GROUP))
        others.update({_key(name): student for name in (email, user) if name})
    return Roster(students, others)


def id_cells(sheet: Sheet, path: Path) -> dict[int, str]:
    """Each student's id by row, in any list that is understood; raises AutograderError where there are none."""
    column = _first_column(sheet, ID)
    if column is None:
        hint = "Give a CSV file with the headings id, name and email, or a platform's own list."
        raise AutograderError(f"{path} has no column with students' ids.", hint)
    heading = sheet.value(0, column).casefold()
    found = {}
    for row in range(1, len(sheet.rows)):
        student = unicodedata.normalize("NFC", sheet.value(row, column))
        # Moodle's `Participant 4711`; a GitHub Classroom roster has identifiers of the instructor's own.
        student = student.removeprefix("#") if heading in (*LOGIN, *ORGANISATION) else student
        moodle = heading not in ("id", *LOGIN, *ORGANISATION) and _first_column(sheet, USER) is None
        if moodle and (match := PARTICIPANT.fullmatch(student)):
            student = match[1]
        if heading == "sid":
            student = student or _cell(sheet, row, EMAIL)
        is_student = _cell(sheet, row, ROLE).casefold() in ("", "student") and _name(sheet, row) != TEST_STUDENT
        if student and is_student and not student.casefold().endswith(PREVIEW):
            found[row] = student
    return found


def _name(sheet: Sheet, row: int) -> str:
    return _cell(sheet, row, NAME) or f"{_cell(sheet, row, FIRST)} {_cell(sheet, row, LAST)}".strip()


def _cell(sheet: Sheet, row: int, names: Sequence[str]) -> str:
    """What a line says under the first of these headings that is there."""
    column = _first_column(sheet, names)
    return "" if column is None else unicodedata.normalize("NFC", sheet.value(row, column))


def _first_column(sheet: Sheet, names: Sequence[str]) -> int | None:
    headings = [sheet.value(0, at) for at in range(len(sheet.rows[0]))]
    found = (find_column(headings, (name,)) for name in names)
    return next((at for at in found if at is not None), None)


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def name_key(name: str) -> str:
    """A person's name without what lists write differently: the order of its parts, commas, lone hyphens, case."""
    return " ".join(sorted(part for part in re.split(r"[\s,]+", _key(name)) if part.strip("-")))


def enrol(submissions: Sequence[Submission], roster: Roster) -> Enrolled:
    """Give every submission its place on the roster; a group's submission goes to each of its members."""
    groups: dict[str, list[str]] = {}
    for student, about in roster.students.items():
        if about.group:
            groups.setdefault(_key(about.group.translate(LOST)), []).append(student)
    placed = [_placed(submission, roster, groups) for submission in submissions]
    here = {student for submission in placed for student, _ in submission.students}
    missing = tuple((student, about) for student, about in roster.students.items() if student not in here)
    strangers = tuple(sorted(here - roster.students.keys()))
    return Enrolled(placed, tuple(sorted(missing, key=lambda one: one[0])), strangers)


def _placed(submission: Submission, roster: Roster, groups: Mapping[str, list[str]]) -> Submission:
    known = [(_id(student, about, roster), about) for student, about in submission.students]
    if submission.members:
        return replace(submission, members=tuple(_told(known, roster)))
    ((student, about),) = _told(known, roster)
    names = [submission.student, about.group]
    members = next((groups[key] for name in names if (key := _key(name.translate(LOST))) in groups), None)
    if student in roster.students or members is None:
        return replace(submission, student=student, about=about)
    told = _told([(member, replace(about, name="", email="", group="")) for member in members], roster)
    return replace(submission, members=tuple(told))


def _id(student: str, about: About, roster: Roster) -> str:
    """The roster's id of somebody whom the platform calls by id, e-mail address or user name."""
    if student in roster.students:
        return student
    names = (student, about.email)
    return next((roster.others[_key(name)] for name in names if name and _key(name) in roster.others), student)


def _told(students: Sequence[tuple[str, About]], roster: Roster) -> Iterator[tuple[str, About]]:
    """What the roster says counts before what the platform does; lateness only the platform knows."""
    for student, about in students:
        listed = roster.students.get(student, About())
        name, email, group = (getattr(listed, key) or getattr(about, key) for key in ("name", "email", "group"))
        yield student, replace(about, name=name, email=email, group=group)
