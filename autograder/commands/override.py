"""`autograde override`: changes points by hand, with a reason, or undoes such a change."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.class_list.find import find
from autograder.core.console import say
from autograder.core.rubric import load_rubric
from autograder.core.text import named, number
from autograder.desk.changes import Desk
from autograder.marks.overrides import Change, Kind, key, lines, load_overrides, new, points_of

WHOLE = {
    Kind.EXCUSE: "the student gets no mark, and loses nothing",
    Kind.ZERO: "no points for anything",
    Kind.HOLD: "neither mark nor page goes out until this is undone",
    Kind.REVIEWED: "a person has looked at the result: its page may go out",
}


def main(argv: Sequence[str], console: Console) -> int:
    """Make a change, or list all; returns the exit status."""
    parser = make_parser()
    asked = parser.parse_args(argv)
    if asked.student is None and asked.undo is None:
        changes = load_overrides(asked.grades).changes
        say(console, *lines(changes) if changes else ["Nobody has changed a grade here."])
        return 0
    desk = Desk(asked.grades, load_rubric())
    made = desk.change(_undo(asked) if asked.undo is not None else _change(asked, desk, parser))
    desk.write_tables()
    say(console, f"Change {made.id} is recorded.", *_scores(desk, made), f"To undo: {_again(asked)} --undo {made.id}")
    if asked.alike and (left := sorted({*desk.alike(made.students[0], made.question)} - {*made.students})):
        who = ", ".join(named(one, desk.checked[one].about.name) for one in left)
        say(console, f"Left out, for a person gave them points of their own for {made.question}: {who}")
    if desk.trouble:
        say(console, f"The change is not in nbgrader's gradebook yet: {desk.trouble}")
    return 0


def make_parser() -> argparse.ArgumentParser:
    """The parser of `autograde override`."""
    parser = argparse.ArgumentParser(
        prog="autograde override",
        description="Change points by hand. Each change is added to overrides.toml in GRADES, holds when the class is "
        "graded again, and can be undone. Without a student, list the changes.",
    )
    parser.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
    parser.add_argument("student", nargs="?", metavar="STUDENT", help="id, name or e-mail address")
    parser.add_argument("question", nargs="?", metavar="QUESTION", default="", help="1.2 for instance")
    parser.add_argument("--points", type=_points, metavar="N", help="the points of the question, or of --check")
    parser.add_argument("--check", default="", metavar="NAME", help="change the points of this check alone")
    parser.add_argument(
        "--item",
        type=_item,
        action="append",
        default=[],
        metavar="ID[=N]",
        help="a line of the mark scheme, with all its points or N; repeatable. Lines that are not named get none",
    )
    parser.add_argument("--comment", default="", metavar="TEXT", help="words to the student, on the feedback page")
    parser.add_argument("--reason", default="", metavar="TEXT", help="words for the record, which students do not see")
    parser.add_argument(
        "--alike",
        action="store_true",
        help="for everybody whose answer to the question is wrong in the same way, but those with points of their own",
    )
    for kind, what in WHOLE.items():
        parser.add_argument(f"--{kind}", dest="whole", action="store_const", const=kind, help=what)
    parser.add_argument("--undo", type=int, metavar="ID", help="undo the change with this number")
    parser.add_argument("--by", metavar="NAME", help="who changes it (default: the name of your account)")
    return parser


def account() -> str:
    """The name under which a person works on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _undo(asked: argparse.Namespace) -> Change:
    return new(Kind.UNDO, asked.by or account(), undoes=asked.undo, reason=asked.reason)


def _change(asked: argparse.Namespace, desk: Desk, parser: argparse.ArgumentParser) -> Change:
    """The change that the flags ask for."""
    found = find([*desk.checked.values()], asked.student)
    words = {"reason": asked.reason, "comment": asked.comment}
    by = asked.by or account()
    if asked.whole is not None:
        if asked.question or asked.points is not None or asked.check or asked.alike or asked.item:
            parser.error(f"--{asked.whole} is about the whole hand-in: give it without a question, points or --alike")
        return new(asked.whole, by, [found.student], **words)
    if not asked.question:
        parser.error("name a question, or give one of --excuse, --zero, --hold, --reviewed")
    if asked.item:
        if asked.points is not None or asked.check or asked.alike:
            parser.error("--item gives the points, of one student: leave out --points, --check and --alike")
        items = _items(desk, asked.question, asked.item)
        about = {"question": asked.question, "points": sum(items.values()), "items": items}
        return new(Kind.POINTS, by, [found.student], **about, **words)
    if asked.points is None and not asked.comment:
        parser.error("give --points, --item or --comment")
    students = desk.undecided(key(found.student), asked.question) if asked.alike else [found.student]
    kind = Kind.COMMENT if asked.points is None else Kind.POINTS
    about = {"question": asked.question, "check": asked.check, "points": asked.points}
    return new(kind, by, students, **about, **words)


def _items(desk: Desk, question: str, given: Sequence[tuple[str, float | None]]) -> dict[str, float]:
    """The points of each line of a question's mark scheme; one that is not in it is left for the desk to refuse."""
    most = {item.id: item.points for one in desk.rubric.questions if one.id == question for item in one.items}
    found = {name: most.get(name, 0.0) if points is None else points for name, points in given}
    return dict.fromkeys(most, 0.0) | found


def _scores(desk: Desk, made: Change) -> list[str]:
    """A line for each student of a change: the score as it is now."""
    found = []
    for student in desk.points.overrides.about(made):
        result = desk.result(student)
        score = "no grade" if result.score is None else f"{number(result.score)} of {number(result.max_score)}"
        standing = f", {result.standing}" if result.standing else ""
        found.append(f"  {named(student, result.about.name)}: {score}{standing}")
    return found


def _again(asked: argparse.Namespace) -> str:
    return f"autograde override {asked.grades}"


def _points(text: str) -> float:
    try:
        return points_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _item(text: str) -> tuple[str, float | None]:
    name, given, points = text.partition("=")
    return name, _points(points) if given else None
