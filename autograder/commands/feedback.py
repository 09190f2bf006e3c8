"""Sends pages of feedback back: as a platform's zip, into its folders, or as mails. Nothing is sent from here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.commands import mail
from autograder.core.errors import AutograderError
from autograder.core.handed_in import load_names
from autograder.core.records import Result, Rubric
from autograder.core.store import FEEDBACK, cannot_write, file_name, write_whole
from autograder.core.zips import stored_zip
from autograder.marks.grades_table import csv_text, text_cell
from autograder.marks.marks import Filled, Marks, Sent
from autograder.marks.tables import everybody
from autograder.platforms.platform import FeedbackOut, Page, Placed
from autograder.platforms.registry import PLATFORMS

OUT: Mapping[str, FeedbackOut] = {key: one.feedback for key, one in PLATFORMS.items() if one.feedback is not None}
MAIL = "mail"
NOT_RELEASED = "the page is not marked as reviewed"

Written = tuple[Path, Callable[[], None], Filled]


def feedback(
    kind: str,
    grades: Path,
    output: Path | None,
    results: Sequence[Result],
    marks: Marks,
    rubric: Rubric,
    released: Collection[str] | None = None,
    template: str = mail.TEMPLATE,
) -> Written:
    """The path of the output, a function that writes it, and the marks of the students whose pages are in it.

    `results` have points by hand in them. Only students in `released` get their page; None releases everybody's.
    Raises AutograderError.
    """
    filled = everybody(marks)
    pages, placed = _pages(kind, grades, results, filled.written, released)
    if kind == MAIL:
        output = output or Path("mail")
        about = {result.student: result.about for result in results}
        there = Placed(*mail.mails(pages, about, filled.written, rubric.names, template))
    else:
        output = output or Path("." if OUT[kind].fills else f"feedback-{kind}.zip")
        there = OUT[kind].place(pages, output)
    placed = Placed(there.files, placed.left | there.left)
    sent = {student: one for student, one in filled.written.items() if student not in placed.left}
    left = [*filled.left, *(f"{marks.called(student)}: {why}" for student, why in sorted(placed.left.items()))]
    # A mark's own notes are for an export of marks.
    filled = Filled({student: replace(one, notes=()) for student, one in sent.items()}, left)
    if not placed.files:
        listed = "\n  ".join(["", *left])
        raise AutograderError(f"No page can go back:{listed}", "Mark pages as reviewed, or mend what is said of them.")
    return output, _writer(kind, output, placed, sent, marks), filled


def _pages(
    kind: str,
    grades: Path,
    results: Sequence[Result],
    sent: Mapping[str, Sent],
    released: Collection[str] | None,
) -> tuple[list[Page], Placed]:
    """The pages of everybody who has a mark, and why others have none."""
    way = OUT.get(kind)
    names = load_names(grades) if way is not None and way.by_name else {}
    pages, placed = [], Placed()
    held = {names.get(one.student) for one in results if released is not None and one.student not in released}
    for result in results:
        if result.student not in sent:
            continue
        if released is not None and result.student not in released:
            placed.left[result.student] = NOT_RELEASED
            continue
        handed_in = names.get(result.student, ())
        if way is not None and way.to_groups and handed_in and handed_in in held:
            placed.left[result.student] = f"{NOT_RELEASED} for everybody in the group"
            continue
        try:
            html = (grades / FEEDBACK / f"{file_name(result.student)}.html").read_bytes()
        except OSError:
            placed.left[result.student] = "there is no page: run `autograde` on the class again"
            continue
        pages.append(Page(result.student, result.about.name, html, handed_in, result.questions))
    return pages, placed


def _writer(kind: str, output: Path, placed: Placed, sent: Mapping[str, Sent], marks: Marks) -> Callable[[], None]:
    def write() -> None:
        if kind == MAIL:
            _refuse_old_mails(output)
        if kind == MAIL or OUT[kind].fills:
            _write_files(output, placed.files)
            return
        write_whole(output, stored_zip(placed.files))
        if OUT[kind].comments:
            write_whole(output.with_suffix(".csv"), _comments(sent, marks))

    return write


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    for name, content in sorted(files.items()):
        write_whole(folder / name, content)


def _refuse_old_mails(folder: Path) -> None:
    """A mail that an earlier export left might be sent with the others."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = f"{folder} is not an empty folder: an earlier export may have written it."
        raise AutograderError(problem, "Name a new one with --output, or delete it first.")


def _comments(sent: Mapping[str, Sent], marks: Marks) -> str:
    """A row for each student: name, id and the line about the marks."""
    rows = ((text_cell(marks.names.get(one, "")), text_cell(one), text_cell(sent[one].text)) for one in sorted(sent))
    return csv_text([("Student", "ID", "Comment"), *rows])
