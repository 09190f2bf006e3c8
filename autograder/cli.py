"""The command `autograde`: flags to Settings, a progress bar, one summary, one exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder import entry, pipeline
from autograder.class_list import pseudonyms
from autograder.class_list.pseudonyms import names_file
from autograder.commands import export, mystery, override, regrade, requests, review, runs, watch
from autograder.commands.flags import make_parser, settings_of
from autograder.commands.summary import MOST_LINES, problem_lines, slow_line, stale_lines, summary_table
from autograder.core import last_run
from autograder.core.console import make_console, print_error, progress, say
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Rubric, Status, Submission
from autograder.core.rubric import course_notes, load_rubric, seed_notes, select
from autograder.core.settings import PLAIN, ROOT, Limits, Settings, usable_cores
from autograder.core.store import load_results, write_whole
from autograder.core.text import printable
from autograder.grading import rehearsal
from autograder.grading.matrix import fault_matrix, matrix_tables
from autograder.grading.selftest import parts, self_test, self_test_table
from autograder.marks.diff import Move, counted
from autograder.marks.previous import PREVIOUS
from autograder.reference.complete import lacking
from autograder.reference.moved import moved_table
from autograder.report.feedback import not_graded


def main(argv: Sequence[str]) -> int:
    """Grade a class; returns the exit status: 0 all graded, 1 somebody could not be graded, 2 wrong usage."""
    if argv and argv[0] in export.COMMANDS:
        return export.main(argv, make_console(sys.stdout))
    if argv and argv[0] in COMMANDS:
        return COMMANDS[argv[0]](argv[1:], make_console(sys.stdout))
    parser = make_parser()
    arguments = parser.parse_args(argv)
    console = make_console(sys.stdout)
    rubric = load_rubric()
    say(console, *course_notes())
    if arguments.matrix and not arguments.self_test:
        parser.error("--matrix belongs to --self-test")
    if (arguments.self_test or arguments.reference) and _moved_away(select(rubric, arguments.question), console):
        return 1
    if arguments.matrix:
        console.print(matrix_tables(fault_matrix(select(rubric, arguments.question))), soft_wrap=True)
        return 0
    if arguments.self_test:
        return _self_test(select(rubric, arguments.question), arguments.jobs or usable_cores(), console)
    if arguments.reference:
        if any((arguments.submissions, arguments.roster, arguments.points, arguments.anonymise)):
            parser.error("--reference grades the kit's own answers: it takes no submissions, list or pseudonyms")
        with rehearsal.hand_ins(arguments.output, rubric) as (submissions, output):
            settings = replace(settings_of(arguments), submissions=submissions, output=output, layout=PLAIN)
            results = _grade(settings, rubric, console)
        faults = rehearsal.faults(results)
        say(console, *faults or [rehearsal.AS_IT_MUST_BE])
        return 1 if faults else 0
    if arguments.submissions is None:
        parser.error("name the folder with the submissions")
    if arguments.anonymise and arguments.points:
        parser.error("--points names students, whom --anonymise hides: give it without, or with autograde export")
    if arguments.watch and arguments.cluster:
        parser.error("--watch grades on this machine: leave --cluster out")
    say(console, *seed_notes(rubric))
    if arguments.watch:
        return _watch(settings_of(arguments), rubric, console)
    results = _grade(settings_of(arguments), rubric, console)
    return 1 if any(result.status is Status.ERROR for result in results) else 0


def _regrade(argv: Sequence[str], console: Console) -> int:
    """Grade a part of a class again; returns the exit status."""
    results = _grade(regrade.parse(argv), load_rubric(), console)
    return 1 if any(result.status is Status.ERROR for result in results) else 0


def _mystery(argv: Sequence[str], console: Console) -> int:
    """Give the points for the mystery run; returns the exit status."""
    settings, output = mystery.parse(argv)
    rubric = load_rubric()
    mystery.question_of(rubric)
    say(console, *course_notes(), *seed_notes(rubric))
    with pipeline.collected(settings) as (class_, notes):
        write_whole(output, mystery.points_list(class_.submissions, rubric, settings))
    say(console, *notes, f"{output}: read it, then give it to `autograde --points`.")
    return 0


def _runs(argv: Sequence[str], console: Console) -> int:
    """Repeat runs that were handed in; returns the exit status."""
    settings = runs.parse(argv)
    rubric, results = load_rubric(), load_results(settings.output)
    with pipeline.collected(settings) as (class_, notes):
        found = runs.findings(class_.submissions, rubric, settings)
    rows = runs.lines(found, results)
    write_whole(settings.output / runs.FILE, runs.table(rows))
    told = [": ".join(map(printable, (student, text))) for student, _, _, text in rows]
    say(console, *notes, *told, runs.by_hand(rows), f"Written to {settings.output / runs.FILE}.")
    return 0


def _class_of(output: Path) -> Callable[[], AbstractContextManager[tuple[Sequence[Submission], Limits]]]:
    """A function that opens the class of an output folder as the last run found it."""

    @contextmanager
    def opened() -> Iterator[tuple[Sequence[Submission], Limits]]:
        settings = last_run.load(output)
        with pipeline.collected(settings) as (class_, _):
            found = class_.submissions
            yield pseudonyms.known(found, output) if settings.anonymise else found, settings.limits

    return opened


COMMANDS: Mapping[str, Callable[[Sequence[str], Console], int]] = {
    "override": override.main,
    "regrade": _regrade,
    "requests": requests.main,
    "review": lambda argv, console: review.main(argv, console, _class_of),
    mystery.COMMAND: _mystery,
    runs.COMMAND: _runs,
}
"""The commands next to those of `export`, each with what it calls."""


def _moved_away(rubric: Rubric, console: Console) -> bool:
    """Report answers of the reference that differ from the fixtures; returns whether there are any."""
    moved = rehearsal.moved(rubric)
    if moved:
        console.print(moved_table(moved, rehearsal.MOVED))
    return bool(moved)


def _watch(settings: Settings, rubric: Rubric, console: Console) -> int:
    """Grade a class, then what changes, until Ctrl-C; returns 1 if somebody has no grade for our reason, else 0."""
    known: dict[str, Result] | None = None
    while True:
        with pipeline.warm() as zygote:  # an error ends it
            try:
                while True:
                    seen = watch.look(settings.submissions)
                    results = _grade(settings, rubric, console, zygote, known)
                    known, settings = {one.student: one for one in results}, replace(settings, fresh=False)
                    if _interrupted_waiting(settings, seen, console):
                        return 1 if any(one.status is Status.ERROR for one in results) else 0
            except AutograderError as error:
                if known is None:
                    raise
                print_error(error, console)
        if _interrupted_waiting(settings, seen, console):
            return 1


def _interrupted_waiting(settings: Settings, seen: watch.Seen, console: Console) -> bool:
    """Wait until hand-ins differ from those seen; returns whether a person ended it."""
    say(console, watch.WAITING)
    try:
        watch.wait_for_change(settings.submissions, seen)
    except KeyboardInterrupt:
        say(console, "", watch.ENDED)
        return True
    return False


def _grade(
    settings: Settings,
    rubric: Rubric,
    console: Console,
    zygote: pipeline.Warm | None = None,
    known: Mapping[str, Result] | None = None,
) -> list[Result]:
    """Grade a class, and print what came out: of results that are `known`, only what differs from them."""
    if not settings.sandbox and known is None:
        say(console, "Grading without a sandbox: student code can read and change everything that you can.")
    with ExitStack() as stack:
        shown = _Shown(settings, console, stack)
        try:
            graded = pipeline.run(settings, rubric, shown.started, zygote)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(shown.stopped) from None
    if known is not None:
        say(console, *watch.graded_lines(known, graded.results))
        return graded.results
    results = _asked_for(graded.results, settings.again)
    _summary(results, graded.moved, rubric, settings.output, console)
    if settings.similarity:
        say(console, f"Submissions that share code: {settings.output / 'similarity.html'}")
    if settings.anonymise:
        say(console, f"Who is who: {names_file(settings.output)}")
    return results


def _asked_for(results: list[Result], again: Sequence[str]) -> list[Result]:
    """The results of those who are graded `again`, and of their groups; all if a run names nobody."""
    submissions = {one.fingerprint for one in results if one.student in again} - {""}
    return [one for one in results if not again or one.student in again or one.fingerprint in submissions]


def entry_point() -> None:
    """The entry of `python -m autograder.cli`."""
    entry.autograde()


class _Shown:
    """Shows notes and the progress of a run."""

    def __init__(self, settings: Settings, console: Console, stack: ExitStack) -> None:
        self._settings = settings
        self._console = console
        self._stack = stack
        self._submissions = 0
        self._graded = 0

    def started(self, found: pipeline.Found) -> Callable[[], None]:
        """Print what there is to do; returns a function to call for each submission that is graded."""
        say(self._console, *found.notes)
        if kept := found.submissions - found.to_grade:
            why = "are left as they were" if self._settings.again else "have not changed since they were graded"
            say(self._console, f"{kept} of {found.submissions} {why}.")
        self._submissions, self._graded = found.submissions, kept
        if not found.to_grade:
            return lambda: None
        advance = self._stack.enter_context(progress(found.to_grade, self._console, found.running))

        def graded() -> None:
            self._graded += 1
            advance()

        return graded

    @property
    def stopped(self) -> str:
        """Say how far a stopped run has come and how to go on."""
        done = f"{self._graded} of {self._submissions}" if self._submissions else "no"
        again = "without --fresh, the same command" if self._settings.fresh else "the same command"
        earlier = (self._settings.output / "grades.csv").exists()
        table = "is still that of the earlier run" if earlier else "is not written"
        first = f"Stopped: {done} submissions are graded, grades.csv {table}."
        return f"{first}\nWhat is graded is kept; {again} goes on from there."


def _self_test(rubric: Rubric, jobs: int, console: Console) -> int:
    if lacks := [*lacking(ROOT, rubric.graded)]:
        say(console, *lacks)
        return 1
    with progress(len(parts(rubric)), console) as advance:
        tallies = self_test(rubric, jobs, advance)
    console.print(self_test_table(tallies))
    misses = [f"{tally.question.id}: {miss}" for tally in tallies for miss in tally.misses]
    say(console, *misses)
    return 1 if misses else 0


def _summary(results: Sequence[Result], moved: Sequence[Move], rubric: Rubric, output: Path, console: Console) -> None:
    console.print(summary_table(results, rubric))
    if left := sorted({one for result in results for one in not_graded(result, rubric)}):
        say(
            console,
            f"Only some of the questions were graded, so these are not marks yet. Not graded: {', '.join(left)}.",
        )
    for what, where in (
        ("Grades", "grades.csv"),
        ("Class report", "report.html"),
        ("Feedback per student", "feedback"),
    ):
        console.print(Text(f"{what}: {output / where}"), soft_wrap=True)
    _moved(moved, output, console)
    say(console, *stale_lines(results, output))
    console.print(problem_lines(results), end="")
    if slow := slow_line(results):
        say(console, slow)


def _moved(moved: Sequence[Move], output: Path, console: Console) -> None:
    """Print the grades that differ from those of the last run, and the folder of that run."""
    if not moved:
        return
    say(console, f"{counted(moved)} The run before is kept in {output / PREVIOUS}:")
    say(console, *(f"  {move.line}" for move in moved[:MOST_LINES]))
    if len(moved) > MOST_LINES:
        more = f"autograde diff {output / PREVIOUS} {output}"
        say(console, f"  and {len(moved) - MOST_LINES} more, which `{more}` lists.")


if __name__ == "__main__":
    entry_point()
