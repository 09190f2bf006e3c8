"""`handout mystery`: trains the runs again, or writes each student's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.class_list.roster import read_roster
from autograder.core.errors import AutograderError
from autograder.core.store import write_whole
from autograder.handout.build import rubric_of
from autograder.handout.mystery.distances import HEADING, measured
from autograder.handout.mystery.folders import write_folders
from autograder.handout.mystery.training import trained_runs
from autograder.mystery import mystery_of
from autograder.mystery.runs import PATH, load_runs, runs_json
from autograder.platforms.registry import LISTS


def mystery(root: Path, roster: Path | None, output: Path, accept: bool) -> int:
    """Run the command; returns the exit status, 1 where two kinds of runs cannot be told apart."""
    if not accept and roster is None:
        raise AutograderError("There is nothing to do.", "Name the list of the class, or give --accept.")
    seed = rubric_of(root).seed
    status = 0
    if accept:
        runs = trained_runs(root, seed)
        write_whole(root / PATH, runs_json(seed, runs))
        kinds = list(measured(runs))
        print("\n".join([HEADING, *(kind.line for kind in kinds)]))
        print(f"{PATH}: {len(runs)} runs. Above 1, that measure tells a kind of run from all others.")
        status = 0 if all(kind.told_apart for kind in kinds) else 1
    if roster is not None:
        students = read_roster(roster, LISTS).students
        count = write_folders(output, load_runs(root, seed), seed, students)
        print(f"{count} folders: {output}. Each student gets the one of their id.")
    return status


def runs_problems(root: Path) -> Iterator[str]:
    """Why students cannot be given runs, in a course that asks for a mistake in one."""
    rubric = rubric_of(root)
    if mystery_of(rubric):
        try:
            load_runs(root, rubric.seed)
        except AutograderError as error:
            yield f"{error.message} {error.hint}"
