"""Pseudonyms instead of ids (`--anonymise`): drawn once, the same in every later run.

They are put in place before anything is graded, so that no page, table or record ever holds an id. A student's own
code is not changed, and an error message may quote it.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.class_list.roster import Enrolled
from autograder.core import store
from autograder.core.errors import AutograderError
from autograder.core.records import About, Submission

HEAD = ["student", "pseudonym"]


def anonymise(class_: Enrolled, output: Path) -> Enrolled:
    """Rename everybody, and forget names, addresses and groups; new ids are added to the file of names first.

    The caller holds the folder (`store.only_run`): of two runs at once, each would draw names of its own. Raises
    AutograderError if that file is damaged, or if the output folder holds results under real ids.
    """
    path = names_file(output)
    names = _load(path)
    known = {store.file_name(pseudonym) for pseudonym in names.values()}
    if any(result.stem not in known for result in (output / store.RESULTS).glob("*.json")):
        problem = f"{output} holds results under other names than those in {path}."
        raise AutograderError(problem, "Name another folder with --output, or grade without --anonymise.")
    _draw([*(student for one in class_.submissions for student in _ids(one)), *(s for s, _ in class_.missing)], names)
    _save(path, names)
    missing = tuple(sorted((names[student], _nobody(about)) for student, about in class_.missing))
    renamed = (_renamed(submission, names) for submission in class_.submissions)
    return Enrolled(sorted(renamed, key=lambda submission: submission.student), missing)


def known(submissions: Sequence[Submission], output: Path) -> list[Submission]:
    """Rename the submissions of those who have a pseudonym, for a reader that does not hold the folder; draw none."""
    names = _load(names_file(output))
    return [_renamed(one, names) for one in submissions if names.keys() >= {*_ids(one)}]


def _draw(students: Sequence[str], names: dict[str, str]) -> None:
    taken = {*names.values()}
    for student in students:
        while student not in names:
            drawn = f"anon-{secrets.token_hex(4)}"
            if drawn not in taken:
                names[student] = drawn
                taken.add(drawn)


def _ids(submission: Submission) -> list[str]:
    return [submission.student, *(student for student, _ in submission.members)]


def _renamed(submission: Submission, names: Mapping[str, str]) -> Submission:
    members = tuple((names[student], _nobody(about)) for student, about in submission.members)
    return replace(submission, student=names[submission.student], about=_nobody(submission.about), members=members)


def _nobody(about: About) -> About:
    """Keep only whether the submission came late: that names nobody."""
    return About(late=about.late)


def names_file(output: Path) -> Path:
    """The file that lists ids and pseudonyms: next to the output folder, which can then be shown to others."""
    return output.with_name(f"{output.resolve().name}-names.csv")


def _load(path: Path) -> dict[str, str]:
    try:
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, csv.Error) as error:
        raise _damaged(path) from error
    if not rows or rows[0] != HEAD or any(len(row) != 2 for row in rows):
        raise _damaged(path)
    names = dict(rows[1:])
    if len({*names.values()}) != len(rows) - 1:
        raise _damaged(path)
    return names


def _save(path: Path, names: dict[str, str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([HEAD, *names.items()])
    store.write_whole(path, text.getvalue())


def _damaged(path: Path) -> AutograderError:
    return AutograderError(f"{path} is not a list of names as autograde writes it.", "Restore it, or move it away.")
