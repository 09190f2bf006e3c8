"""`autograde requests`: takes students' regrade requests from a list, shows the open ones, and answers one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from unicodedata import normalize

from rich.console import Console

from autograder.class_list.sheet import Sheet, plain, read_sheet
from autograder.commands.override import account
from autograder.core.console import say
from autograder.core.errors import AutograderError, Problem, listed
from autograder.core.records import Result, Rubric
from autograder.core.rubric import load_rubric
from autograder.core.text import named
from autograder.desk.changes import Desk
from autograder.marks.overrides import LONGEST, Change, Kind, key, new

COLUMNS = ("id", "question", "text")
LARGEST = 4 * 1024 * 1024
"""The most bytes of a list."""
MOST = 50
"""The most requests of one student."""
HINT = "Write a CSV file with the headings id, question and text; nothing of this one was taken."


def main(argv: Sequence[str], console: Console) -> int:
    """Take a list, answer a request, or list the open ones; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="autograde requests",
        description="Regrade requests. With a CSV file (id, question, text) they go to the desk; a request that is "
        "there already is not added again. Without one, list those that nobody has answered.",
    )
    parser.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
    parser.add_argument("requests", type=Path, nargs="?", metavar="CSV", help="the list: id, question, text")
    parser.add_argument("--answer", type=int, metavar="ID", help="answer the request with this number")
    parser.add_argument("--comment", default="", metavar="TEXT", help="the answer, which the student reads")
    parser.add_argument("--by", metavar="NAME", help="who does it (default: the name of your account)")
    asked = parser.parse_args(argv)
    if asked.answer is not None and asked.requests is not None:
        parser.error("give a list or --answer, not both")
    desk = Desk(asked.grades, load_rubric())
    by = asked.by or account()
    if asked.answer is not None:
        made = desk.change(new(Kind.ANSWER, by, answers=asked.answer, comment=asked.comment))
        desk.write_tables()
        say(console, f"Answered. To undo: autograde override {asked.grades} --undo {made.id}")
        return 0
    if asked.requests is not None:
        wanted = read_requests(asked.requests, desk.rubric, desk.checked, by)
        added = desk.ask(wanted)
        desk.write_tables()
        say(console, f"{added} of {len(wanted)} requests are new.")
    found = [*_open(desk)]
    say(console, *(found or ["No regrade request is open."]))
    return 0


def _open(desk: Desk) -> Iterator[str]:
    """A line for each request without an answer, the earliest first."""
    results = map(desk.result, desk.checked)
    waiting = [(one, result) for result in results for one in result.requests if not one.answer]
    for one, result in sorted(waiting, key=lambda pair: pair[0].id):
        who = named(result.student, result.about.name)
        yield f"{one.id}. {who}, question {one.question}: {' '.join(one.text.split())}"


def read_requests(path: Path, rubric: Rubric, students: dict[str, Result], by: str) -> list[Change]:
    """Read a list of requests; `students` are those of the class, by their id in the record.

    Raises AutograderError if anything in it makes no sense, and then takes nothing of it.
    """
    if path.is_file() and path.stat().st_size > LARGEST:
        raise AutograderError(f"{path} has more than {LARGEST // 1024 // 1024} MiB.", "Split it into several lists.")
    sheet = read_sheet(path)
    columns = [plain(one) for one in sheet.headings]
    if sorted(columns) != sorted(COLUMNS):
        raise AutograderError(f"{path} has the columns {', '.join(columns)}.", HINT)
    places = [columns.index(one) for one in COLUMNS]
    found: dict[tuple[str, str, str], Change] = {}
    problems: list[Problem] = []
    for row in range(1, len(sheet.rows)):
        cells = [sheet.value(row, place) for place in places]
        if any(cells) or len(sheet.rows[row]) > 1:
            student, question, text = key(normalize("NFC", cells[0])), cells[1], key(cells[2])
            problems += (
                (f"Row {row + 1}", one) for one in _problems(sheet, row, (student, question, text), rubric, students)
            )
            found[student, question, text] = new(Kind.REQUEST, by, [student], question=question, text=text)
    counts = [student for student, _, _ in found]
    problems += ((student, f"has more than {MOST} requests") for student in {*counts} if counts.count(student) > MOST)
    if problems:
        raise AutograderError(f"{path} cannot be taken:\n{listed(problems)}", HINT)
    return [*found.values()]


def _problems(
    sheet: Sheet, row: int, cells: tuple[str, str, str], rubric: Rubric, students: dict[str, Result]
) -> Iterator[str]:
    """Yield the reasons against a row."""
    student, question, text = cells
    if len(sheet.rows[row]) > len(COLUMNS):
        yield "has more cells than the headings: a text with commas needs quotes around it"
        return
    if student not in students:
        yield f"is of {student or 'nobody'}, who is not in the class"
    if question not in {one.id for one in rubric.questions}:
        yield f"asks about question {question or '(none)'}, which does not exist"
    if not text:
        yield "has no text"
    if len(text) > LONGEST:
        yield f"has a text of more than {LONGEST} characters"
