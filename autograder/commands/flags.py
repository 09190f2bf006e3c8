"""The flags of `autograde`, and the Settings that they make."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder import __version__
from autograder.core.settings import MIB, Limits, Settings
from autograder.platforms.registry import LAYOUTS

OUTPUT = Path("grades")


def make_parser() -> argparse.ArgumentParser:
    """The parser of `autograde` itself; `exports.cli` has those of its other commands."""
    limits = Limits()
    parser = argparse.ArgumentParser(
        prog="autograde",
        description="Grade every submission in a folder: a folder, .zip, .tar.gz or .tgz per student.",
        epilog=f"Limits for one submission: {limits.unpacked // MIB} MiB and {limits.members:,} files unpacked, "
        f"{limits.timeout:g} s a question, {limits.memory // MIB} MiB of memory. "
        "Exit status: 0 every submission got a grade, 1 at least one got none for a reason that is not its own, "
        "2 wrong usage. `autograde review`, `override`, `regrade`, `requests`, `export`, `show`, `viva`, `runs`, "
        "`diff` and `trend` have a --help of their own.",
    )
    _add_what(parser)
    _add_extras(parser)
    _add_limits(parser, limits)
    return parser


def add_class_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags by which a class is read from SUBMISSIONS, for every command that does so."""
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        metavar="|".join(LAYOUTS),
        help="how SUBMISSIONS is laid out: an entry per student, or a platform's download (default: found out)",
    )
    parser.add_argument("--assignment", metavar="NAME", help="which one to grade of those in nbgrader's folders")
    parser.add_argument(
        "--roster", type=Path, metavar="CSV", help="the class, id,name,email[,group] or a platform's list"
    )


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "submissions",
        type=Path,
        nargs="?",
        metavar="SUBMISSIONS",
        help="the folder with one entry per student, or a platform's download as it came, folder or zip",
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="where to write (default: grades, with --reference grades-reference)"
    )
    add_class_flags(parser)
    parser.add_argument("--jobs", type=_positive_int, metavar="N", help="submissions at a time (default: the cores)")
    parser.add_argument("--question", action="append", default=[], metavar="ID", help="grade only this one; repeatable")
    parser.add_argument("--fresh", action="store_true", help="grade everything again, ignoring earlier results")
    parser.add_argument("--watch", action="store_true", help="go on, and grade what changes, until Ctrl-C")
    parser.add_argument(
        "--reference",
        action="store_true",
        help="grade the kit's own answers and the untouched skeleton instead; exit status 1 unless one has all points "
        "and the other none",
    )
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
        "--anonymise", action="store_true", help="write pseudonyms; who is who goes to a file next to DIR"
    )
    parser.add_argument(
        "--representations", type=Path, metavar="NPZ", help="measure trained encoders on these labelled images"
    )
    parser.add_argument(
        "--root", metavar="DIR", help="the checkout of the kit to work with (default: its own, or the current folder's)"
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
    parser.add_argument(
        "--repair",
        type=_positive,
        default=limits.repair,
        metavar="SECONDS",
        help="to look for a repair if no known mistake explains a question (default: %(default)g)",
    )
    parser.add_argument("--no-repair", dest="repair", action="store_const", const=0.0, help="look for none")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings that the flags ask for."""
    limits = Limits(
        timeout=arguments.timeout,
        memory=arguments.memory * MIB,
        unpacked=arguments.unpacked * MIB,
        members=arguments.members,
        repair=arguments.repair,
    )
    settings = Settings(
        submissions=arguments.submissions,
        layout=arguments.layout,
        assignment=arguments.assignment,
        roster=arguments.roster,
        output=arguments.output or OUTPUT,
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
