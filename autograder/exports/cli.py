"""`autograde export` and `autograde diff`: what is done with the results of a run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.errors import AutograderError
from autograder.exports.blackboard import fill_blackboard
from autograder.exports.brightspace import fill_brightspace
from autograder.exports.canvas import fill_canvas
from autograder.exports.diff import changes
from autograder.exports.gradescope import from_result
from autograder.exports.late import read_policy, read_times
from autograder.exports.marks import Marks, read_marks
from autograder.exports.moodle import fill_moodle
from autograder.exports.tables import TABLES
from autograder.report.text import printable
from autograder.rubric import load_rubric
from autograder.sheet import read_sheet
from autograder.store import file_name, load_results, write_whole

COMMANDS = ("export", "diff")
BY_COLUMN = {"canvas": fill_canvas, "blackboard": fill_blackboard, "brightspace": fill_brightspace}
"""Sheets with a column for each assignment."""


def main(argv: Sequence[str], console: Console) -> int:
    """Run `export` or `diff`; returns the exit status."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "diff":
        return _diff(arguments.old, arguments.new, console)
    if arguments.kind == "gradescope":
        return _gradescope(arguments.grades, arguments.output or Path("gradescope"), console)
    policy = read_policy()
    marks = read_marks(arguments.grades, policy, read_times(arguments.times) if arguments.times else None)
    if arguments.times and policy is None:
        raise AutograderError("The course has no policy for late hand-ins.", "Write [late] in solutions/course.toml.")
    if arguments.kind in TABLES:
        text = TABLES[arguments.kind](marks)
        output = arguments.output or Path(f"marks-{arguments.kind}.csv")
        return _written(output, text.encode("utf-8", "backslashreplace"), len(marks.points), _discounts(marks), console)
    sheet = read_sheet(arguments.sheet)
    if arguments.kind in BY_COLUMN:
        left = BY_COLUMN[arguments.kind](sheet, marks, arguments.column, arguments.scale)
    else:
        left = fill_moodle(sheet, marks, arguments.scale)
    output = arguments.output or arguments.sheet.with_name(f"{arguments.sheet.stem}-filled{arguments.sheet.suffix}")
    if output.resolve() == arguments.sheet.resolve():
        raise AutograderError(
            "The output is the sheet itself.", "Give another file with --output: the sheet stays as it is."
        )
    lines = [*(f"left as it was: {line}" for line in left), *_discounts(marks)]
    return _written(output, sheet.to_bytes(), len(marks.points) - _skipped(left, marks), lines, console)


def _skipped(left: Sequence[str], marks: Marks) -> int:
    kept = [line for line in left if not line.endswith("comment that is there stays")]
    return sum(line.partition(":")[0] in marks.points for line in kept)


def _discounts(marks: Marks) -> list[str]:
    late = [mark for _, mark in sorted(marks.by_student.items()) if mark.discount]
    return [f"late: {mark.student} gets {mark.points:g}, {mark.discount}" for mark in late]


def _written(output: Path, content: bytes, count: int, lines: Sequence[str], console: Console) -> int:
    write_whole(output, content)
    console.print(f"{count} marks: {output}", markup=False)
    for line in lines:
        console.print(f"  {printable(line)}", markup=False)
    return 0


def _gradescope(grades: Path, folder: Path, console: Console) -> int:
    """A `results.json` for each student, as the autograder in a container would have left it."""
    rubric = load_rubric()
    results = load_results(grades)
    for result in results:
        place = folder / file_name(result.student)
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / "results.json", json.dumps(from_result(result, rubric), ensure_ascii=False))
    console.print(f"{len(results)} results: {folder}", markup=False)
    return 0


def _diff(old: Path, new: Path, console: Console) -> int:
    count = 0
    for block in changes(load_results(old), load_results(new)):
        console.print(block, markup=False)
        count += 1
    console.print(f"{count} students' grades moved." if count else "No grade moved.")
    return 1 if count else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograde", description="What is done with the results of a grading run.")
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write marks for a learning platform")
    kinds = export.add_subparsers(dest="kind", required=True)
    for kind, what in (
        ("canvas", "fill in the gradebook that Canvas exported"),
        ("moodle", "fill in Moodle's grading worksheet"),
        ("blackboard", "fill in the gradebook that Blackboard exported to work offline"),
        ("brightspace", "fill in the grades that Brightspace exported"),
        ("csv", "write a plain table of marks"),
        ("gradescope", "write a results.json for each student, as Gradescope's autograder leaves it"),
        ("nbgrader", "write a table of marks as `nbgrader export` does"),
    ):
        one = kinds.add_parser(kind, help=what, description=what.capitalize() + ".")
        one.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
        one.add_argument("--output", type=Path, metavar="FILE", help="where to write; the sheet itself stays as it is")
        if kind == "gradescope":
            continue
        one.add_argument("--times", type=Path, metavar="CSV", help="when each student handed in, for the late policy")
        if kind not in TABLES:
            one.add_argument("--sheet", type=Path, required=True, metavar="CSV", help="the sheet that was exported")
            one.add_argument("--scale", action="store_true", help="convert marks to the sheet's maximum")
        if kind in BY_COLUMN:
            one.add_argument("--column", metavar="NAME", help="the assignment's column, or its number")
    diff = commands.add_parser("diff", help="list whose grade moved between two runs, and why; exit status 1 if any")
    diff.add_argument("old", type=Path, metavar="OLD", help="an earlier output folder")
    diff.add_argument("new", type=Path, metavar="NEW", help="a later one")
    return parser
