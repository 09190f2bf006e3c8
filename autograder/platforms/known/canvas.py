"""Reads the names in Canvas's download of an assignment, `name[_LATE]_userid_attachmentid_file`, or of a quiz.

Fills in the gradebook that Canvas exports. Its columns are Student, ID, SIS columns, Section, then one for each
assignment, called `Homework 1 (4711)` with its number, then read-only totals. Above the students is a row
`Points Possible`, and sometimes one more above that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.class_list.headings import ListHeadings
from autograder.class_list.roster import TEST_STUDENT
from autograder.class_list.sheet import Sheet, find_column
from autograder.collect.walk import ARCHIVE_EXTENSIONS, Kind, shown
from autograder.core.errors import AutograderError, Problem
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.zips import stored_zip
from autograder.marks.marks import Filled, Marks, hint_for, refuse
from autograder.platforms import named
from autograder.platforms.named import Named
from autograder.platforms.platform import Entry, FeedbackOut, Gathered, Page, Placed, Platform, SheetOut

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_FIVE = "|".join(name.removesuffix(".py") for name in STUDENT_FILES)
_AGAIN_FIVE = re.compile(rf"({_FIVE})-(?:[1-7]|{_UUID})(\.py)")
_AGAIN_ARCHIVE = re.compile(
    rf"(.+)-(?:[1-7]|{_UUID})({'|'.join(map(re.escape, ARCHIVE_EXTENSIONS))})", re.DOTALL | re.IGNORECASE
)
_ANONYMOUS = re.compile(r"(?:LATE_)?anon_([A-Za-z0-9]+)_(?:([0-9]+)_(.+)|((?:text|link)\.html))", re.DOTALL)
# Looked for at every place: a name may end in a number, and so may a file's name begin with one.
_CANVAS = re.compile(r"(?<=.)(?:_LATE)?_([0-9]+)_(?:([0-9]+)_(.+)|((?:text|link)\.html))", re.DOTALL)
# A quiz's file; the number behind `_question_` is the question's.
_QUIZ = re.compile(r"(.*?)([0-9]+)_question_[0-9]+_([0-9]+)_(.+)", re.DOTALL)
_QUESTION = re.compile(r"_question_[0-9]+_[0-9]+_")
QUIZ = "These are files of a Canvas quiz: the number before _question_ is taken for the student's id."
LAST_ATTEMPT = "A download from Canvas holds the last attempt only: a file that was not handed in again is not in it."


def original_name(name: str) -> str:
    """Drop the number that Canvas puts into the name of a file that is handed in again: `main-1.py`, `x-2.tar.gz`.

    Only the five files and archives are renamed; for any other file nobody needs to know its first name.
    """
    match = _AGAIN_FIVE.fullmatch(name) or _AGAIN_ARCHIVE.fullmatch(name)
    return match[1] + match[2] if match else name


def canvas_readings(name: str) -> list[Named]:
    """Every way to read a name in Canvas's form, `name[_LATE]_userid_attachmentid_file`; the likeliest last.

    An anonymous `[LATE_]anon_ID_attachmentid_file` has one, and so has a quiz's
    `nameuserid_question_questionid_attachmentid_file`; a name that is none of these has none.
    """
    if match := _ANONYMOUS.fullmatch(name):
        return [_named(match, "anon")]
    question = _QUESTION.search(name)
    places = [place.start() for place in re.finditer("_", name[: question.start() if question else None])]
    found = [match for place in places if (match := _CANVAS.fullmatch(name, place))]
    if question and not found:
        match = _QUIZ.fullmatch(name)
        return [_of_quiz(match)] if match else []
    late = [match for match in found if match[0].startswith("_LATE")]
    # Canvas writes names in small letters, so the first LATE is most likely its own.
    found.sort(key=lambda match: match in late[:1])
    return [_named(match, name[: match.start()]) for match in found]


def _named(match: re.Match[str], owner: str) -> Named:
    student, attachment, file, other = match.groups()
    name = other or original_name(file)
    late = match[0].startswith(("_LATE", "LATE_"))
    called = f"{attachment}_{file}" if attachment else name
    return Named(student, name, attachment or "", owner, late, again=name != (other or file), called=called)


def _of_quiz(match: re.Match[str]) -> Named:
    owner, student, attachment, file = match.groups()
    return Named(student, original_name(file), attachment, owner, called=f"{attachment}_{file}")


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Whether more than half of a folder's entries are named as Canvas does it."""
    return named.most_are(_read(entries), entries)


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each student's files, and the entries that are not Canvas's.

    Of files with the same name the last counts, which has the largest attachment id; a remark names the others.
    """
    read = _read(entries)
    # Digits as numbers, however many there are.
    in_order = sorted(read.items(), key=lambda one: (len(tag := one[1].tag.lstrip("0")), tag))
    last = {(named.student, named.file): entry for entry, named in in_order}
    counting = {entry: named for entry, named in read.items() if last[named.student, named.file] == entry}
    remarks: dict[str, list[str]] = {}
    for entry, named_so in in_order:
        if entry not in counting:
            later = read[last[named_so.student, named_so.file]].called
            said = f"{later} counts as {named_so.file}; {named_so.called} came before it, and was passed over."
            remarks.setdefault(named_so.student, []).append(shown(said))
    submissions, _ = named.gather(path, entries, counting, LAST_ATTEMPT)
    submissions = [replace(one, remarks=tuple(remarks.get(one.student, ()))) for one in submissions]
    return submissions, [entry for entry in entries if entry not in read]


def told(submissions: Sequence[Submission]) -> list[str]:
    """A sentence if these are the files of a quiz."""
    names = {piece.origin.name for one in submissions for piece in one.pieces}
    first = ((name, one) for name in names for one in canvas_readings(name))
    return [QUIZ] if any(name.startswith(f"{one.owner}{one.student}_question_") for name, one in first) else []


def _read(entries: Sequence[Entry]) -> Mapping[Entry, Named]:
    readings = {entry: canvas_readings(entry.name) for entry in entries if entry.kind is not Kind.FOLDER}
    # `doe_42_7_x.py` can be user 42 or 7: the one with more files in this download is meant.
    support = Counter((one.owner, one.student) for several in readings.values() for one in several)
    return {
        entry: max(reversed(several), key=lambda one: support[one.owner, one.student])
        for entry, several in readings.items()
        if several
    }


ID = ("ID", "Kennung", "Identifiant", "Identificador", "Identificación")
"""The ids in Canvas's gradebook, by which its marks are found."""
POSSIBLE = re.compile(
    r"points possible|mögliche punkte|points possibles|puntos posibles|punti possibili", re.IGNORECASE
)
ASSIGNMENT = re.compile(r"(.*) \((\d+)\)", re.DOTALL)  # the heading of its column
READ_ONLY = re.compile(r"read.?only", re.IGNORECASE)
EXCUSED = "EX"  # Canvas's import excuses a student whose cell holds it: lib/gradebook_importer.rb of canvas-lms
NEVER = {EXCUSED, "N/A"}
TOTAL = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)")
"""Words in a heading at the end of the row by which Canvas's import takes it for one of its own totals."""


def fill_canvas(sheet: Sheet, marks: Marks, column: str | None) -> Filled:
    """Write the marks into the sheet; raises AutograderError if anything does not fit."""
    target, ids = _find(sheet, column)
    start = _first_student(sheet)
    part = marks.part(_possible(sheet, start - 1, target))
    rows: dict[str, int] = {}
    problems: list[Problem] = []
    for row in range(start, len(sheet.rows)):
        if student := sheet.value(row, ids):
            if student in rows:
                problems.append((f"ID {student}", "is there twice"))
            rows[student] = row
    tests = {student for student, row in rows.items() if sheet.value(row, 0) == TEST_STUDENT}
    problems += marks.absent(rows)
    for student in sorted(marks.by_student.keys() - tests):
        problems += marks.problems(student, part)
    refuse(problems, hint_for(problems, rows))
    filled = Filled(left=marks.failed(rows.keys() - marks.excused), notes=_odd(sheet, target, start))
    for student in sorted(marks.by_student):
        row = rows[student]
        if sheet.value(row, target) in NEVER:
            filled.left.append(f"{marks.called(student)}: {sheet.value(row, target)} stays")
        elif student in tests:
            filled.left.append(f"{marks.called(student)}: the test student")
        else:
            filled.written[student] = marks.sent(student, part)
            sheet.write(row, target, sheet.number(filled.written[student].points))
    for student in sorted(rows.keys() & marks.excused):
        sheet.write(rows[student], target, EXCUSED)
        filled.notes.append(f"{marks.called(student)}: excused, {EXCUSED}")
    return filled


def _odd(sheet: Sheet, target: int, start: int) -> list[str]:
    """Sentences on what is odd about the column: Canvas then changes points, or ignores them."""
    heading, notes = sheet.value(0, target), []
    after = range(target, len(sheet.rows[0]))
    if all(TOTAL.search(sheet.value(0, at)) or not sheet.value(0, at) for at in after):
        notes.append(f"the title of {heading!r} reads like one of Canvas's totals: its import may pass the column over")
    cells = {sheet.value(row, target) for row in range(start, len(sheet.rows))} - NEVER
    words = {cell for cell in cells if re.match(r"[A-Za-z]", cell)}
    if {word.casefold() for word in words} & {"complete", "incomplete"}:
        notes.append(f"{heading!r} is marked complete or incomplete: Canvas makes one of the two of the points")
    elif words:
        notes.append(f"{heading!r} holds letters ({', '.join(sorted(words)[:3])}): see that Canvas takes points there")
    return notes


def _find(sheet: Sheet, column: str | None) -> tuple[int, int]:
    headings = sheet.headings
    ids = find_column(headings, ID)
    if ids is None:
        raise AutograderError("The sheet has no column ID.", "Export the gradebook from Canvas: it matches by ID only.")
    assignments = {
        at: (heading, *found.groups())
        for at, heading in enumerate(headings)
        if (found := ASSIGNMENT.fullmatch(heading)) and not _read_only(sheet, at) and at > ids
    }
    named = [at for at, known_as in assignments.items() if column is None or column in known_as]
    if len(named) != 1:
        listed = ", ".join(heading for heading, *_ in assignments.values()) or "none"
        what = "more than one column fits" if named else "no column fits"
        raise AutograderError(f"Of the sheet's assignments {what}.", f"Give --column with one of: {listed}.")
    return named[0], ids


def _first_student(sheet: Sheet) -> int:
    """The row below `Points Possible`, where students begin; raises AutograderError if there is no such row."""
    for row in range(1, min(4, len(sheet.rows))):
        if POSSIBLE.search(sheet.value(row, 0)):
            return row + 1
    raise AutograderError("The sheet has no row `Points Possible`.", "Export the gradebook from Canvas again.")


def _possible(sheet: Sheet, row: int, target: int) -> float:
    """The points possible in the target column; raises AutograderError if that is not a number."""
    text = sheet.value(row, target)
    try:
        return float(text.replace(",", "."))
    except ValueError:
        problem = f"The points possible of {sheet.value(0, target)!r} are {text!r}, which is not a number."
        raise AutograderError(problem, "Set the assignment's points in Canvas, then export again.") from None


def _read_only(sheet: Sheet, column: int) -> bool:
    return any(READ_ONLY.search(sheet.value(row, column)) for row in range(1, min(4, len(sheet.rows))))


def placed_by_canvas(name: str) -> tuple[str, str] | None:
    """The user and the attachment that Canvas reads in the name of a file that is uploaded again; None if it cannot.

    They are the first two parts between `_` that are numbers; after `anon`, the next two parts; `LATE` does not count
    (`infer_comment_context_from_filename` in `app/models/abstract_assignment.rb`).
    """
    parts = [part for part in name.split("_") if part != "LATE"]
    found = parts[1:3] if parts[0] == "anon" else [part for part in parts if re.fullmatch("[0-9]+", part)][:2]
    return (found[0], found[1]) if len(found) == 2 and not parts[-1].startswith("link") else None


def place_feedback(pages: Sequence[Page], output: Path) -> Placed:
    """Name each page as one of the student's files in the download, for *Upload Submissions*.

    Canvas shows it under that file's own name, so a `.zip` is chosen if there is one, and the page is put into a zip.
    A file goes to a whole group (`generate_comments_from_files` there): none does if its members' results differ.
    """
    placed = Placed()
    of_names: dict[tuple[str, ...], list[Page]] = {}
    for page in pages:
        of_names.setdefault(page.names or (page.student,), []).append(page)
    for names, members in of_names.items():
        readings = {name: one for name in names for one in canvas_readings(name) if one.tag}
        ids = {one.student for name in readings for one in canvas_readings(name)}
        page = next((one for one in members if one.student in ids), members[0])
        own = {name: _of(name, page.student) or one for name, one in readings.items()}
        own = {name: one for name, one in own.items() if page.student not in ids or one.student == page.student}
        back = {name: new for name, one in own.items() if (new := _placed_as(name, one))}
        unlike = any(one.questions != page.questions for one in members)
        if unlike or not back:
            why = UNLIKE if unlike else DROPPED if own else NOT_THEIRS
            placed.left.update(dict.fromkeys((one.student for one in members), why))
            continue
        name = min(back, key=lambda name: (not name.lower().endswith(".zip"), name))
        html = stored_zip({"feedback.html": page.html}) if name.lower().endswith(".zip") else page.html
        placed.files[back[name]] = html
    return placed


NOT_THEIRS = "no file in the download is theirs"
DROPPED = "Canvas takes no page back under a name that ends in `_link…`, and they handed in no other file"
UNLIKE = "the results of the group differ, and Canvas would show one page to all of it"


def _of(name: str, student: str) -> Named | None:
    """The reading of a name by which it is this student's."""
    return next((one for one in reversed(canvas_readings(name)) if one.student == student and one.tag), None)


def _placed_as(name: str, read: Named) -> str:
    """The name under which Canvas places a page, without the person's part if that misleads it; empty if it cannot."""
    names = (name, f"{read.student}_{read.called}")
    placed = [one for one in names if placed_by_canvas(one) == (read.student, read.tag)]
    return placed[0].encode("utf-8", "replace").decode() if placed else ""


PLATFORM = Platform(
    key="canvas",
    name="Canvas",
    tried=40,
    is_download=is_download,
    gather=gather,
    told=told,
    lists=ListHeadings(ids=("canvas_user_id",), others=("sis user id", "user_id")),
    feedback=FeedbackOut(place_feedback, comments=True, by_name=True, to_groups=True),
    sheet=SheetOut(fill_canvas, "fill in the gradebook that Canvas exported"),
)
