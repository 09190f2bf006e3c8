"""`autograde review`: the desk, a local page to look at results and to change points."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.commands.override import account
from autograder.core.console import say
from autograder.core.rubric import load_rubric

if TYPE_CHECKING:
    from autograder.desk.hand_ins import Opened


def main(argv: Sequence[str], console: Console, class_of: Callable[[Path], Opened]) -> int:
    """Serve the desk until Ctrl-C; returns the exit status. `class_of` opens the class that a folder is of."""
    parser = argparse.ArgumentParser(
        prog="autograde review",
        description="Look at a graded class in the browser and change points. Only this machine can open the page.",
    )
    parser.add_argument("grades", type=Path, metavar="GRADES", help="the folder that `autograde --output` wrote")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port (default: a free one)")
    parser.add_argument("--by", metavar="NAME", help="who changes points (default: the name of your account)")
    asked = parser.parse_args(argv)
    from autograder.desk.hand_ins import HandIns
    from autograder.desk.server import serve  # the other commands need no server

    def opened(address: str) -> None:
        say(console, f"The desk is open at {address}", "Ctrl-C ends it; every change is kept at once.")

    hand_ins = HandIns(class_of(asked.grades))
    serve(asked.grades, load_rubric(), hand_ins, asked.by or account(), asked.port, opened)
    return 0
