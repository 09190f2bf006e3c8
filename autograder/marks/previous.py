"""The last run, kept next to the present one when a class is graded again into the same folder.

A run begins by linking the files of a whole run into `.before`, which costs no space: files are never written over but
replaced. It ends by renaming that folder to `previous` if a grade moved. If a run was stopped in between, the next one
finds `.before` and keeps it: the last whole run counts, not one that is half regraded.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autograder.core.records import Result, Status
from autograder.core.store import FEEDBACK, RESULTS, cannot_write, read_result
from autograder.marks.diff import Move
from autograder.marks.overrides import FILE as OVERRIDES
from autograder.marks.points import FILE as POINTS

PREVIOUS = "previous"
_BEFORE = ".before"
_MAKING, _OLD = ".before-making", ".before-old"
"""Folders that are being made or removed: never whole, and removed by the next run."""
_TABLES = ("grades.csv", "report.html", POINTS, OVERRIDES)


def hold(output: Path) -> None:
    """Keep the files of a whole run, before any of them is replaced; raises AutograderError if that is impossible.

    Nothing is done if there was no whole run, or if a run that was stopped has kept it.
    """
    for name in (_MAKING, _OLD):
        shutil.rmtree(output / name, ignore_errors=True)
    if (output / _BEFORE).is_dir() or not (output / "grades.csv").is_file():
        return
    making = output / _MAKING
    try:
        for folder in (making, making / RESULTS, making / FEEDBACK):
            folder.mkdir()
        for path in _files(output):
            _link(path, making / path.relative_to(output))
        making.rename(output / _BEFORE)
    except OSError as error:
        raise cannot_write(making, error) from error


def release(output: Path) -> list[Move]:
    """Return the grades that moved in the run that ends here; if any did, the last run becomes `previous`."""
    before = output / _BEFORE
    if not before.is_dir():
        return []
    moved = [Move(old, new) for old, new in _differing(output) if _regraded(old, new)]
    try:
        if moved:
            if (output / PREVIOUS).exists():
                (output / PREVIOUS).rename(output / _OLD)
            before.rename(output / PREVIOUS)
        else:
            before.rename(output / _OLD)
    except OSError as error:
        raise cannot_write(output / PREVIOUS, error) from error
    shutil.rmtree(output / _OLD, ignore_errors=True)
    return moved


def _files(output: Path) -> Iterator[Path]:
    yield from (path for name in _TABLES if (path := output / name).is_file())
    yield from (output / RESULTS).glob("*.json")
    yield from (output / FEEDBACK).glob("*.html")


def _link(path: Path, new: Path) -> None:
    with suppress(OSError):
        os.link(path, new)
        return
    shutil.copyfile(path, new)  # some file systems know no links


def _differing(output: Path) -> Iterator[tuple[Result, Result]]:
    """Yield each student's results before and now, if they were written again; sorted by student."""
    pairs = []
    for path in (output / _BEFORE / RESULTS).iterdir():
        now = output / RESULTS / path.name
        if now.is_file() and not now.samefile(path):
            old, new = read_result(path), read_result(now)
            if old is not None and new is not None:
                pairs.append((old, new))
    yield from sorted(pairs, key=lambda pair: pair[0].student)


def _regraded(old: Result, new: Result) -> bool:
    """Whether a question's points, or the status, moved; a question graded in only one of the runs does not count."""
    before, after = ({question.id: question for question in result.questions} for result in (old, new))
    both = before.keys() & after.keys()
    if any((before[one].score, before[one].max_score) != (after[one].score, after[one].max_score) for one in both):
        return True
    whole = before.keys() == after.keys() or Status.ERROR in (old.status, new.status)
    return whole and old.status is not new.status
