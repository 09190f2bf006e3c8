"""`autograde export`, `diff`, `trend`, `show` and `viva`: the commands on the results of a run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from autograder.class_list.find import find
from autograder.class_list.sheet import read_sheet
from autograder.commands.by_hand import settled_points
from autograder.commands.feedback import MAIL, OUT, feedback
from autograder.commands.mail import TEMPLATE, read_template
from autograder.commands.show import show
from autograder.commands.trend import show_trend
from autograder.core.console import say
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Rubric
from autograder.core.rubric import load_rubric
from autograder.core.settings import ROOT
from autograder.core.store import file_name, load_results, write_whole
from autograder.core.text import number, printable
from autograder.desk import viva
from autograder.gradescope.results import from_result
from autograder.marks.diff import counted, moves
from autograder.marks.late import read_policy, read_times
from autograder.marks.marks import Bonus, Filled, Marks, Terms, read_marks
from autograder.marks.points import Points, code_part, load_points, whole
from autograder.marks.tables import everybody, plain
from autograder.platforms.platform import TableOut
from autograder.platforms.registry import LISTS, PLATFORMS

COMMANDS = ("export", "diff", "trend", "show", "viva")
SHEETS = {key: one.sheet for key, one in PLATFORMS.items() if one.sheet is not None}
TABLES = {
    "csv": TableOut(plain, "write a plain table of marks"),
    **{key: one.table for key, one in PLATFORMS.items() if one.table is not None},
}
RESULTS = {"gradescope": "write a results.json for each student, as Gradescope's autograder leaves it"}
HELP = {key: one.help for key, one in SHEETS.items()} | {key: one.help for key, one in TABLES.items()} | RESULTS
HELP[MAIL] = "write a mail for each student with the page of feedback; nothing is sent"


def main(argv: Sequence[str], console: Console) -> int:
    """Run one of the commands; returns the exit status."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "diff":
        return _diff(arguments.old, arguments.new, arguments.details, console)
    if arguments.command == "trend":
        show_trend(arguments.folders, console)
        return 0
    rubric = load_rubric()
    if arguments.command == "show":
        results = _whole(arguments.grades, rubric, load_points(arguments.grades))
        show(arguments.grades, find(results, arguments.student), rubric, console)
        return 0
    if arguments.command == "viva":
        _viva(find(load_results(arguments.grades), arguments.student), rubric, arguments.log, console)
        return 0
    points = settled_points(arguments.grades, rubric, arguments.points)
    policy = read_policy()
    times = read_times(arguments.times, LISTS) if arguments.times else None
    scale = arguments.kind in SHEETS and arguments.scale
    terms = Terms(scale, arguments.without_report, Bonus(arguments.bonus))
    marks = read_marks(arguments.grades, rubric, points, terms, policy, times)
    output, write, filled = _written(arguments, marks, rubric, points)
    if times is not None and policy is None:
        filled.notes.append("the course takes nothing off late hand-ins: solutions/course.toml has no [late]")
    filled.notes.extend(points.differing(marks.called))
    write()
    _say(filled, marks, output, "page" if _is_feedback(arguments) else "mark", console)
    return 0


def _written(
    arguments: argparse.Namespace, marks: Marks, rubric: Rubric, points: Points
) -> tuple[Path, Callable[[], None], Filled]:
    """The path for the marks, a function that writes them, and the marks; raises AutograderError."""
    if _is_feedback(arguments):
        results = _whole(arguments.grades, rubric, points)
        template = read_template(arguments.template) if arguments.kind == MAIL and arguments.template else TEMPLATE
        released = [one.student for one in results if one.reviewed] if arguments.only_reviewed else None
        return feedback(arguments.kind, arguments.grades, arguments.output, results, marks, rubric, released, template)
    if arguments.kind in RESULTS:
        folder = arguments.output or Path("gradescope")
        results, filled = _whole(arguments.grades, rubric, points), everybody(marks)
        return folder, lambda: _write_results(folder, results, rubric, filled), filled
    if arguments.kind in TABLES:
        text, filled = TABLES[arguments.kind].make(marks)
        output = arguments.output or Path(f"marks-{arguments.kind}.csv")
        return output, lambda: write_whole(output, text.encode("utf-8", "backslashreplace")), filled
    if arguments.sheet is None:
        hint = "Give it with --sheet" + (", or send the pages with --feedback." if arguments.kind in OUT else ".")
        raise AutograderError(f"`export {arguments.kind}` fills in a sheet that was exported, and none is given.", hint)
    output = arguments.output or arguments.sheet.with_name(f"{arguments.sheet.stem}-filled{arguments.sheet.suffix}")
    if output.resolve() == arguments.sheet.resolve():
        hint = "Give another file with --output: the sheet stays as it is."
        raise AutograderError("The output is the sheet itself.", hint)
    sheet = read_sheet(arguments.sheet)
    filled = SHEETS[arguments.kind].fill(sheet, marks, getattr(arguments, "column", None))
    return output, lambda: write_whole(output, sheet.to_bytes()), filled


def _is_feedback(arguments: argparse.Namespace) -> bool:
    return arguments.kind == MAIL or (arguments.kind in OUT and arguments.feedback)


def _say(filled: Filled, marks: Marks, output: Path, what: str, console: Console) -> None:
    """Print how many marks or pages were written where, out of how much, and notes that a person should read."""
    sent = filled.written.values()
    say(console, f"{len(sent)} {what}{'' if len(sent) == 1 else 's'}: {output}")
    notes = list(filled.notes)
    if what == "mark" and marks.manual and sent and not any(one.report for one in sent):
        which = f"question {', '.join(marks.manual)}"
        notes.insert(0, f"{number(marks.code)} points at most: without those given by hand ({which})")
    lines = [*notes, *(f"left as it was: {line}" for line in filled.left), *(n for one in sent for n in one.notes)]
    say(console, *(f"  {line}" for line in lines))


def _write_results(folder: Path, results: Sequence[Result], rubric: Rubric, filled: Filled) -> None:
    """A `results.json` for each student, as the autograder in a container leaves it, with the mark that is sent."""
    for result in results:
        if sent := filled.written.get(result.student):
            result = result if sent.report else code_part(result, rubric)
            place = folder / file_name(result.student)
            place.mkdir(parents=True, exist_ok=True)
            write_whole(place / "results.json", json.dumps(from_result(result, rubric, sent), ensure_ascii=False))


def _whole(grades: Path, rubric: Rubric, points: Points) -> list[Result]:
    return [whole(result, rubric, points) for result in load_results(grades)]


def _viva(result: Result, rubric: Rubric, log: Path | None, console: Console) -> None:
    """Print the questions for a student, and what a good answer to each holds."""
    for place, asked in enumerate(viva.viva(result, viva.load_bank(ROOT / viva.BANK), rubric.seed, log), start=1):
        where = viva.place(result, asked.function)
        lines = [f"{place}. {asked.question}", *([f"   {where}"] if where else []), f"   A good answer: {asked.good}"]
        say(console, *map(printable, lines), "")
    for question in rubric.questions:
        if question.spoken:
            say(console, f"0 to {number(question.points)} points: column {question.id} of the list for --points.")


def _diff(old: Path, new: Path, details: bool, console: Console) -> int:
    rubric = load_rubric()
    found = moves(*(_whole(folder, rubric, load_points(folder)) for folder in (old, new)))
    for move in found:
        say(console, move.line, *(move.details if details else ()))
    say(console, counted(found))
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograde", description="What is done with the results of a grading run.")
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write marks for a learning platform")
    kinds = export.add_subparsers(dest="kind", required=True)
    for kind, what in HELP.items():
        _add_flags(kinds.add_parser(kind, help=what, description=f"{what[:1].upper()}{what[1:]}."), kind)
    one = commands.add_parser("show", help="print one student's result: what was lost first, with hints and own lines")
    one.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
    one.add_argument("student", metavar="STUDENT", help="id, name or e-mail address, or a part that only one has")
    asks = commands.add_parser("viva", help="print three questions to ask a student, and what a good answer holds")
    asks.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
    asks.add_argument("student", metavar="STUDENT", help="as for show")
    asks.add_argument("--log", type=Path, metavar="CSV", help="the log.csv of a run of the student's, to ask about it")
    diff = commands.add_parser("diff", help="list whose grade moved between two runs; exit status 1 if any")
    diff.add_argument("old", type=Path, metavar="OLD", help="an earlier output folder")
    diff.add_argument("new", type=Path, metavar="NEW", help="a later one")
    years = commands.add_parser("trend", help="compare the questions and mistakes of several years, or of two hand-ins")
    years.add_argument("folders", type=Path, nargs="+", metavar="GRADES", help="output folders, the earliest first")
    diff.add_argument("--details", action="store_true", help="say which checks moved, and why")
    return parser


def _add_flags(one: argparse.ArgumentParser, kind: str) -> None:
    one.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
    one.add_argument("--output", type=Path, metavar="FILE", help="where to write; the sheet itself stays as it is")
    one.add_argument("--points", type=Path, metavar="CSV", help="the report's points: id, points, comment")
    one.add_argument("--times", type=Path, metavar="CSV", help="when each student handed in, for the late policy")
    one.add_argument("--without-report", action="store_true", help="send the code's part alone")
    one.add_argument(
        "--bonus",
        choices=[rule.value for rule in Bonus],
        default=Bonus.CAP.value if kind in SHEETS and SHEETS[kind].refuses_more else Bonus.KEEP.value,
        help="marks above the maximum: keep, cap, or drop bonus points (default: %(default)s)",
    )
    if kind in OUT:
        one.add_argument("--feedback", action="store_true", help="send each student's page back instead of marks")
    if kind in OUT or kind == MAIL:
        one.add_argument("--only-reviewed", action="store_true", help="pages of students marked as reviewed alone")
    if kind == MAIL:
        one.add_argument("--template", type=Path, metavar="FILE", help="headers, an empty line, and the text of a mail")
    if kind in SHEETS:
        one.add_argument("--sheet", type=Path, metavar="CSV", help="the sheet that was exported")
        one.add_argument("--scale", action="store_true", help="convert marks to the sheet's maximum")
        if SHEETS[kind].has_columns:
            one.add_argument("--column", metavar="NAME", help="the assignment's column, or its number")
