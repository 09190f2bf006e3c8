"""The command `autograde`: flags to Settings, a progress bar, one summary, one exit status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder import __version__, entry, pipeline
from autograder.console import make_console, progress, say
from autograder.exports import cli as exports
from autograder.exports.diff import Move, counted
from autograder.matrix import fault_matrix, matrix_tables
from autograder.previous import PREVIOUS
from autograder.pseudonyms import names_file
from autograder.records import Rubric, Status
from autograder.report.feedback import not_graded
from autograder.rubric import course_notes, load_rubric, select
from autograder.selftest import parts, self_test, self_test_table
from autograder.settings import MIB, Layout, Limits, Settings, usable_cores
from autograder.summary import MOST_LINES, problem_lines, summary_table


def main(argv: Sequence[str]) -> int:
    """Grade a class; returns the exit status: 0 all graded, 1 at least one could not be, 2 wrong usage."""
    if argv and argv[0] in exports.COMMANDS:
        return exports.main(argv, make_console(sys.stdout))
    parser = _parser()
    arguments = parser.parse_args(argv)
    console = make_console(sys.stdout)
    rubric = load_rubric()
    say(console, *course_notes())
    if arguments.matrix:
        if not arguments.self_test:
            parser.error("--matrix belongs to --self-test")
        console.print(matrix_tables(fault_matrix(select(rubric, arguments.question))), soft_wrap=True)
        return 0
    if arguments.self_test:
        return _self_test(select(rubric, arguments.question), arguments.jobs or usable_cores(), console)
    if arguments.submissions is None:
        parser.error("name the folder with the submissions")
    if arguments.anonymise and arguments.points:
        parser.error("--points names students, whom --anonymise hides: give it without, or with autograde export")
    settings = _settings(arguments)
    if not settings.sandbox:
        say(console, "Grading without a sandbox: student code can read and change everything that you can.")
    with ExitStack() as stack:
        shown = _Shown(settings, console, stack)
        try:
            graded = pipeline.run(settings, rubric, shown.started)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(shown.stopped) from None
    _summary(graded, rubric, settings.output, console)
    if settings.anonymise:
        say(console, f"Who is who: {names_file(settings.output)}")
    return 1 if any(result.status is Status.ERROR for result in graded.results) else 0


def entry_point() -> None:
    """What `python -m autograder.cli` calls."""
    entry.autograde()


class _Shown:
    """What is told while a run goes on, and how far it came."""

    def __init__(self, settings: Settings, console: Console, stack: ExitStack) -> None:
        self._settings = settings
        self._console = console
        self._stack = stack
        self._submissions = 0
        self._graded = 0

    def started(self, found: pipeline.Found) -> Callable[[], None]:
        """Tell what there is to do; what is returned is called for each submission that is graded."""
        say(self._console, *found.notes)
        if kept := found.submissions - found.to_grade:
            say(self._console, f"{kept} of {found.submissions} have not changed since they were graded.")
        self._submissions, self._graded = found.submissions, kept
        if not found.to_grade:
            return lambda: None
        advance = self._stack.enter_context(progress(found.to_grade, self._console))

        def graded() -> None:
            self._graded += 1
            advance()

        return graded

    @property
    def stopped(self) -> str:
        """What is done and how to go on."""
        done = f"{self._graded} of {self._submissions}" if self._submissions else "no"
        again = "without --fresh, the same command" if self._settings.fresh else "the same command"
        first = f"Stopped: {done} submissions are graded, grades.csv is not written."
        return f"{first}\nWhat is graded is kept; {again} goes on from there."


def _self_test(rubric: Rubric, jobs: int, console: Console) -> int:
    with progress(len(parts(rubric)), console) as advance:
        tallies = self_test(rubric, jobs, advance)
    console.print(self_test_table(tallies))
    misses = [f"{tally.question.id}: {miss}" for tally in tallies for miss in tally.misses]
    say(console, *misses)
    return 1 if misses else 0


def _summary(graded: pipeline.Graded, rubric: Rubric, output: Path, console: Console) -> None:
    results = graded.results
    console.print(summary_table(results, rubric))
    if left := sorted({one for result in results for one in not_graded(result, rubric)}):
        say(console, f"Only a part of the questions is graded, and these are no marks yet: not {', '.join(left)}.")
    for what, where in (
        ("Grades", "grades.csv"),
        ("Class report", "report.html"),
        ("Feedback per student", "feedback"),
    ):
        console.print(Text(f"{what}: {output / where}"), soft_wrap=True)
    _moved(graded.moved, output, console)
    console.print(problem_lines(results), end="")


def _moved(moved: Sequence[Move], output: Path, console: Console) -> None:
    """Whose grade is not what the last run gave, and where that run is."""
    if not moved:
        return
    say(console, f"{counted(moved)} The run before is kept in {output / PREVIOUS}:")
    say(console, *(f"  {move.line}" for move in moved[:MOST_LINES]))
    if len(moved) > MOST_LINES:
        more = f"autograde diff {output / PREVIOUS} {output}"
        say(console, f"  and {len(moved) - MOST_LINES} more, which `{more}` lists.")


def _parser() -> argparse.ArgumentParser:
    limits = Limits()
    parser = argparse.ArgumentParser(
        prog="autograde",
        description="Grade every submission in a folder: a folder, .zip, .tar.gz or .tgz per student.",
        epilog=f"Limits for one submission: {limits.unpacked // MIB} MiB and {limits.members:,} files unpacked, "
        f"{limits.timeout:g} s a question, {limits.memory // MIB} MiB of memory. "
        "Exit status: 0 every submission got a grade, 1 at least one got none for a reason that is not its own, "
        "2 wrong usage. `autograde export`, `show` and `diff`, each with --help, are for results.",
    )
    _add_what(parser)
    _add_extras(parser)
    _add_limits(parser, limits)
    return parser


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "submissions",
        type=Path,
        nargs="?",
        metavar="SUBMISSIONS",
        help="the folder with one entry per student, or a platform's download as it came, folder or zip",
    )
    parser.add_argument(
        "--output", type=Path, default=Path("grades"), metavar="DIR", help="where to write (default: %(default)s)"
    )
    parser.add_argument(
        "--layout",
        choices=[layout.value for layout in Layout],
        metavar="|".join(Layout),
        help="how SUBMISSIONS is laid out: an entry per student, or a platform's download (default: found out)",
    )
    parser.add_argument("--assignment", metavar="NAME", help="which one to grade of those in nbgrader's folders")
    parser.add_argument(
        "--roster", type=Path, metavar="CSV", help="the class, id,name,email[,group] or a platform's list"
    )
    parser.add_argument("--jobs", type=_positive_int, metavar="N", help="submissions at a time (default: the cores)")
    parser.add_argument("--question", action="append", default=[], metavar="ID", help="grade only this one; repeatable")
    parser.add_argument("--fresh", action="store_true", help="grade everything anew, ignoring earlier results")
    parser.add_argument(
        "--self-test",
        action="store_true",
        help="judge known right and wrong solutions instead; exit status 1 at a miss",
    )
    parser.add_argument(
        "--matrix", action="store_true", help="with --self-test: show which checks each known mistake fails"
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")


def _add_extras(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--similarity", action="store_true", help="list pairs of alike submissions in similarity.html")
    parser.add_argument(
        "--points", type=Path, metavar="CSV", help="points given by hand for the report: id, points, comment"
    )
    parser.add_argument("--gradebook", action="store_true", help="record in nbgrader's gradebook, DIR/gradebook.db")
    parser.add_argument("--db", metavar="URL", help="the gradebook's database, postgresql://… for instance")
    parser.add_argument(
        "--anonymise", action="store_true", help="write pseudonyms; who is who goes to a file beside DIR"
    )
    parser.add_argument(
        "--representations", type=Path, metavar="NPZ", help="measure trained encoders on these labelled images"
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="add a line of JSON for each question, and totals")
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="grade on a Dask cluster, tcp://scheduler:8786 for instance"
    )
    parser.add_argument(
        "--no-sandbox", action="store_true", help="run student code unconfined; only where you trust it"
    )


def _add_limits(parser: argparse.ArgumentParser, limits: Limits) -> None:
    parser.add_argument(
        "--timeout",
        type=_positive,
        default=limits.timeout,
        metavar="SECONDS",
        help="for one question (default: %(default)g)",
    )
    parser.add_argument(
        "--memory",
        type=_positive_int,
        default=limits.memory // MIB,
        metavar="MIB",
        help="for one submission (default: %(default)s)",
    )
    parser.add_argument(
        "--unpacked",
        type=_positive_int,
        default=limits.unpacked // MIB,
        metavar="MIB",
        help="largest size unpacked (default: %(default)s)",
    )
    parser.add_argument(
        "--members",
        type=_positive_int,
        default=limits.members,
        metavar="N",
        help="most files in a submission (default: %(default)s)",
    )


def _settings(arguments: argparse.Namespace) -> Settings:
    limits = Limits(
        timeout=arguments.timeout,
        memory=arguments.memory * MIB,
        unpacked=arguments.unpacked * MIB,
        members=arguments.members,
    )
    settings = Settings(
        submissions=arguments.submissions,
        layout=arguments.layout and Layout(arguments.layout),
        assignment=arguments.assignment,
        roster=arguments.roster,
        output=arguments.output,
        questions=tuple(arguments.question),
        limits=limits,
        fresh=arguments.fresh,
        sandbox=not arguments.no_sandbox,
        similarity=arguments.similarity,
        points=arguments.points,
        gradebook=arguments.gradebook or arguments.db is not None,
        database=arguments.db,
        representations=arguments.representations,
        log=arguments.log,
        cluster=arguments.cluster,
        anonymise=arguments.anonymise,
    )
    return settings if arguments.jobs is None else Settings(**{**vars(settings), "jobs": arguments.jobs})


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return value


def _positive_int(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return value


if __name__ == "__main__":
    entry_point()
