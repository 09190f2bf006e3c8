"""`autograde … --watch`: notices what is handed in while nobody grades."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.core.records import Result
from autograder.core.text import number, printable

LOOK_SECONDS = 0.5
"""Between two looks at the folder. What grows from one look to the next is still being copied."""
WAITING = "Waiting for hand-ins to change. Ctrl-C ends it."
ENDED = "Watching has ended. The results are those of the last change that was graded."

Seen = frozenset[tuple[str, int, int, int]]
"""Every file with its size, its time of change and its inode."""


def look(path: Path) -> Seen:
    """The files of a class, or a download that is one file; what goes away meanwhile is left out."""
    names = [os.path.join(folder, name) for folder, _, files in os.walk(path) for name in files]
    found = set()
    for name in names or [str(path)]:
        try:
            status = os.lstat(name)
        except OSError:
            continue
        found.add((name, status.st_size, status.st_mtime_ns, status.st_ino))
    return frozenset(found)


def wait_for_change(path: Path, known: Seen) -> None:
    """Return when the files differ from `known` and were the same at two looks."""
    before = known
    while (now := look(path)) == known or now != before:
        before = now
        time.sleep(LOOK_SECONDS)


def graded_lines(before: Mapping[str, Result], results: Sequence[Result]) -> list[str]:
    """A line for each student whose submission or points are new, and for each who is no longer there."""
    lines = []
    for one in results:
        earlier = before.get(one.student)
        if earlier is None or (earlier.fingerprint, earlier.score) != (one.fingerprint, one.score):
            points = "no grade" if one.score is None else f"{number(one.score)} of {number(one.max_score)}"
            lines += [f"{printable(one.student)}: {points}", *(f"  {said}" for said in one.stale)]
    gone = before.keys() - {one.student for one in results}
    return [*lines, *(f"{printable(student)}: taken away" for student in sorted(gone))]
