"""`autograde regrade`: asks some questions of some students again, and leaves everything else as it is."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.class_list.find import find
from autograder.core import last_run
from autograder.core.settings import Settings
from autograder.core.store import load_results


def parse(argv: Sequence[str]) -> Settings:
    """The settings of the run that the arguments ask for."""
    parser = argparse.ArgumentParser(
        prog="autograde regrade",
        description="Grade again as in the last run: these questions of these students. Changes by hand stay.",
    )
    parser.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
    parser.add_argument(
        "--student", action="append", default=[], metavar="STUDENT", help="only this one (default: all); repeatable"
    )
    parser.add_argument(
        "--question", action="append", default=[], metavar="ID", help="only this one (default: all); repeatable"
    )
    asked = parser.parse_args(argv)
    results = load_results(asked.grades)
    students = [find(results, one).student for one in asked.student] or [one.student for one in results]
    return replace(last_run.load(asked.grades), again=tuple(students), questions=tuple(asked.question))
