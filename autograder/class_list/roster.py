"""Reads the list of a class, and compares it with the submissions.

The kit's own list is `id,name,email[,group]`; Canvas's gradebook and list of groups, Moodle's grading worksheet and
list of participants, the gradebooks of Blackboard and Brightspace, the rosters of Gradescope and GitHub Classroom and
nbgrader's list of students are understood by their headings: those in `headings.py`, and those that one platform alone
has (`ListHeadings`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.class_list import headings
from autograder.class_list.damage import AS_TEXT, alike, healed, lost_zeros, some
from autograder.class_list.headings import ListHeadings
from autograder.class_list.moments import moment
from autograder.class_list.sheet import Sheet, plain, read_sheet
from autograder.core.errors import AutograderError
from autograder.core.records import About, Submission

TEST_STUDENT = "Student, Test"
PREVIEW = "_previewuser"
"""The end of the user names with which Blackboard lets instructors preview a course."""
PARTICIPANT = re.compile(r"\D*(\d+)")
"""A participant in Moodle's worksheet, in any language."""


@dataclass(frozen=True)
class Roster:
    """Everybody in the class by id; `others` are further names for an id: an e-mail address, a user name.

    `source` is the list's name, `notes` are sentences on how it was read. `names` are the names that only one person
    has. `tests` are the ids of test students, with which instructors look at a course. `by_address`: it has no column
    of ids, so that e-mail addresses are the ids.
    """

    students: Mapping[str, About]
    others: Mapping[str, str]
    source: str = "the list"
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    tests: frozenset[str] = frozenset()
    by_address: bool = False


@dataclass(frozen=True)
class Enrolled:
    """A class next to its roster."""

    submissions: list[Submission]
    missing: tuple[tuple[str, About], ...] = ()
    """Students who handed in nothing."""
    strangers: tuple[str, ...] = ()
    """Students who are not on the roster; they are graded, too."""
    notes: tuple[str, ...] = ()
    """Sentences on how the roster was read, and on submissions that are left out."""


def read_roster(path: Path, platforms: ListHeadings) -> Roster:
    """Read a list of students; `platforms` has headings of single platforms.

    Raises AutograderError if it has no ids, one of them twice, or damaged ones.
    """
    sheet = read_sheet(path)
    students: dict[str, About] = {}
    others: dict[str, str] = {}
    called: dict[str, set[str]] = {}
    ids, notes = healed(_ids(sheet, path, platforms), str(path))
    tests = frozenset(student for row, student in ids.items() if _is_test(sheet, row, student))
    ids = {row: student for row, student in ids.items() if student not in tests}
    if not ids:
        raise AutograderError(f"There is no student in {path}.", "Export the list again, with everybody in it.")
    overview = sheet.column(headings.GROUPING) is not None
    for row, student in ids.items():
        if student in students and not overview:
            raise AutograderError(f"{student} stands twice in {path}.", "Leave one of the two lines.")
        login, number = (_cell(sheet, row, names).removeprefix("#") for names in (headings.LOGIN, platforms.logins))
        email = _cell(sheet, row, headings.EMAIL) or (login if "@" in login else "")
        name = _name(sheet, row)
        groups = [students[student].group] if student in students else []
        groups.append(_group_cell(sheet, row))
        group = ", ".join(filter(None, dict.fromkeys(groups)))
        students[student] = _handed_in(sheet, row, About(name, email, group))
        for beside in ("", student, login, number) if name else ():  # some sites show an id with each name
            called.setdefault(name_key(f"{name} {beside}"), set()).add(student)
        more = (_cell(sheet, row, [name]) for name in platforms.others)
        others.update({_key(name): student for name in (email, login, *more) if name})
    names = {key: next(iter(who)) for key, who in called.items() if len(who) == 1}
    by_address = _id_column(sheet, platforms) is None
    return Roster(students, others, str(path), tuple(notes), names, tests, by_address)


def _group_cell(sheet: Sheet, row: int) -> str:
    group = _cell(sheet, row, headings.GROUP)
    return "" if plain(group) in headings.NO_GROUP else group


def id_cells(sheet: Sheet, path: Path, platforms: ListHeadings) -> dict[int, str]:
    """Each student's id by row, in any list that is understood; raises AutograderError if there are none."""
    ids = healed(_ids(sheet, path, platforms), str(path))[0]
    return {row: student for row, student in ids.items() if not _is_test(sheet, row, student)}


def _ids(sheet: Sheet, path: Path, platforms: ListHeadings) -> dict[int, str]:
    """The ids as they are written; for a line without one, the e-mail address."""
    logins = (*headings.LOGIN, *platforms.logins)
    column = _id_column(sheet, platforms)
    if column is None and not _has_addresses(sheet):
        hint = "Give a CSV file with the headings id, name and email, or a platform's own list."
        raise AutograderError(f"{path} has no column with students' ids.", hint)
    heading = "" if column is None else plain(sheet.value(0, column))
    worksheet = sheet.column(headings.WORKSHEET) is not None
    found = {}
    for row in range(1, len(sheet.rows)):
        student = "" if column is None else unicodedata.normalize("NFC", sheet.value(row, column))
        if heading in logins:
            student = student.removeprefix("#")
        if (match := PARTICIPANT.fullmatch(student)) and (worksheet or _is_participant(student)):
            student = match[1]
        if heading in ("", *platforms.ids, *headings.NUMBER):
            student = student or _cell(sheet, row, headings.EMAIL)
        if student and _cell(sheet, row, headings.ROLE).casefold() in ("", "student"):
            found[row] = student
    return found


def _id_column(sheet: Sheet, platforms: ListHeadings) -> int | None:
    numbers = (*headings.STUDENT_ID, *headings.NUMBER)
    return sheet.column((*headings.ID, *platforms.ids, *headings.LOGIN, *platforms.logins, *numbers))


def _is_test(sheet: Sheet, row: int, student: str) -> bool:
    """Whether a line is Canvas's test student or Blackboard's preview user."""
    return _name(sheet, row) == TEST_STUDENT or student.casefold().endswith(PREVIEW)


def _is_participant(student: str) -> bool:
    return student.rstrip("0123456789").strip().casefold() in headings.PARTICIPANT


def _has_addresses(sheet: Sheet) -> bool:
    return any("@" in _cell(sheet, row, headings.EMAIL) for row in range(1, len(sheet.rows)))


def _handed_in(sheet: Sheet, row: int, about: About) -> About:
    """Add the time of the hand-in and its lateness, from Moodle's worksheet."""
    late = headings.LATE.search(_cell(sheet, row, headings.STATUS))
    time = moment(_cell(sheet, row, headings.MODIFIED))
    submitted = "" if time is None else time.isoformat(timespec="seconds")
    return replace(about, late=True if late else None, submitted=submitted, lateness=late[0] if late else "")


def _name(sheet: Sheet, row: int) -> str:
    name, first, last = (_cell(sheet, row, names) for names in (headings.NAME, headings.FIRST, headings.LAST))
    if name and (last or first in name):
        return name
    # Of `Vorname` and `Name`, the second is the family's.
    parts = [first, last or name]
    return " ".join(parts[::-1] if sheet.column(headings.FAMILY_FIRST) is not None else parts).strip()


def _cell(sheet: Sheet, row: int, names: Sequence[str]) -> str:
    """The cell of a line under the first of these headings that is there."""
    column = sheet.column(names)
    return "" if column is None else unicodedata.normalize("NFC", sheet.value(row, column))


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def name_key(name: str) -> str:
    """A person's name without the differences between lists: order of its parts, commas, lone hyphens, case."""
    return " ".join(sorted(part for part in re.split(r"[\s,]+", _key(name)) if part.strip("-")))


def enrol(submissions: Sequence[Submission], roster: Roster) -> Enrolled:
    """Give every submission its place on the roster; a group's submission goes to each of its members.

    Submissions of test students are left out. Raises AutograderError if the roster is another class's, or if its ids
    have lost their leading zeros.
    """
    left_out = [one.student for one in submissions if one.student in roster.tests]
    notes = (*roster.notes, *(f"Left out: {student} is the test student." for student in left_out))
    submissions = [one for one in submissions if one.student not in roster.tests]
    groups = _groups(roster)
    placed = [_placed(submission, roster, groups) for submission in _recognised(submissions, roster)]
    here = {student for submission in placed for student, _ in submission.students}
    missing = tuple((student, about) for student, about in roster.students.items() if student not in here)
    strangers = tuple(sorted(here - roster.students.keys()))
    if len(missing) == len(roster.students) and not roster.names and any(one.by_name for one in submissions):
        problem = f"{roster.source} has no names, and the numbers in this download are in no list of the platform's."
        raise AutograderError(problem, "Export the list again, with first and last names.")
    _refuse_other_ids(roster, [student for student, _ in missing], strangers)
    return Enrolled(placed, tuple(sorted(missing, key=lambda one: one[0])), strangers, notes)


def _recognised(submissions: Sequence[Submission], roster: Roster) -> Iterator[Submission]:
    """Yield submissions whose own id is in no list with the roster's id, if the name is unique on both sides."""
    often = Counter(name_key(one.about.name) for one in submissions if one.by_name)
    for submission in submissions:
        name, student = name_key(submission.about.name), submission.student
        listed = name_key(roster.students.get(student, About()).name)
        if submission.by_name and often[name] == 1 and name in roster.names:
            yield replace(submission, student=roster.names[name])
        elif submission.by_name and name and listed and not {*name.split()} & {*listed.split()}:
            yield replace(submission, student=f"{submission.about.name} {student}")  # somebody else's id by chance
        else:
            yield submission


def _refuse_other_ids(roster: Roster, missing: Sequence[str], strangers: Sequence[str]) -> None:
    if lost := lost_zeros(missing, strangers):
        first, whole = lost[0]
        problem = f"A spreadsheet has taken the zeros that ids in {roster.source} begin with: {whole} is {first} there."
        raise AutograderError(problem, AS_TEXT)
    if not strangers or len(missing) < len(roster.students):
        return
    whose = "The one id" if len(missing) == 1 else f"None of the {len(missing)} ids"
    negation = "is not" if len(missing) == 1 else "is"
    problem = f"{whose} in {roster.source} {negation} in the submissions."
    other = f"Is it the right list? It has {some(sorted(missing))}; the submissions are of {some(strangers)}."
    if roster.by_address:
        other = f"It has no column with the heading id, so addresses counted as ids: {some(sorted(missing))}. Add one."
    raise AutograderError(problem, alike(missing, strangers) or other)


def _groups(roster: Roster) -> Mapping[str, list[str]]:
    """The members of each group, by its name in the list, and by the letters of the name if they are unique."""
    groups: dict[str, list[str]] = {}
    for student, about in roster.students.items():
        # One cell of Moodle's list of participants names all groups of a person, and so does our form of its overview.
        for name in {_key(part.strip()) for part in (about.group, *about.group.split(",")) if part.strip()}:
            groups.setdefault(name, []).append(student)
    often = Counter(_letters(name) for name in groups)
    return {**{_letters(name): who for name, who in groups.items() if often[_letters(name)] == 1}, **groups}


def _group(name: str, groups: Mapping[str, list[str]]) -> list[str]:
    """A group's members; a platform's download keeps only letters and digits of the group's name."""
    return groups.get(_key(name)) or groups.get(_letters(name)) or []


def _letters(name: str) -> str:
    return "".join(sign for sign in _key(name) if sign.isalnum())


def _placed(submission: Submission, roster: Roster, groups: Mapping[str, list[str]]) -> Submission:
    known = [(_id(student, about, roster, submission.aliases), about) for student, about in submission.students]
    if submission.members:
        return replace(submission, members=tuple(_told(known, roster)))
    ((student, about),) = _told(known, roster)
    members = _members(submission, student, roster, groups)
    if members is None:
        return replace(submission, student=student, about=about)
    told = _told([(member, replace(about, name="", email="", group="")) for member in members], roster)
    return replace(submission, members=tuple(told))


def _members(
    submission: Submission, student: str, roster: Roster, groups: Mapping[str, list[str]]
) -> Sequence[str] | None:
    """The members who share a group's submission; None if it is one student's.

    Canvas puts the name of the group before the id of one of its members.
    """
    about = submission.about
    if student in roster.students:
        named = _group(about.name, groups)
        return named if student in named else None
    names = (*submission.aliases, submission.student, about.group)
    return next((members for name in names if (members := _group(name, groups))), None)


def _id(student: str, about: About, roster: Roster, aliases: Sequence[str] = ()) -> str:
    """The roster's id of a student whom the platform names by id, e-mail address or user name."""
    names = (*aliases, student, about.email)
    if listed := next((name for name in names[:-1] if name in roster.students), None):
        return listed
    return next((roster.others[_key(name)] for name in names if name and _key(name) in roster.others), student)


def _told(students: Sequence[tuple[str, About]], roster: Roster) -> Iterator[tuple[str, About]]:
    """Yield what is known about each student: the roster counts first, but for lateness and time the download does."""
    for student, about in students:
        listed = roster.students.get(student, About())
        name, email, group = (getattr(listed, key) or getattr(about, key) for key in ("name", "email", "group"))
        submitted, lateness = (getattr(about, key) or getattr(listed, key) for key in ("submitted", "lateness"))
        late = listed.late if about.late is None else about.late
        yield student, About(name, email, group, late, submitted, lateness)
