"""Reads GitHub Classroom's clones, which old courses still have: a repository `ASSIGNMENT-USER` per student."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.class_list.headings import ListHeadings
from autograder.collect.walk import Kind, shown
from autograder.core.errors import AutograderError
from autograder.core.records import Submission
from autograder.platforms.platform import Entry, Gathered, Platform, holds_nothing, listed

AROUND = "-submissions"
"""The end of the name of the folder into which `gh classroom clone student-repos` puts an assignment's repositories."""
_NUMBERED = re.compile(r"(.+)-[1-9]", re.DOTALL)
"""The form that GitHub Classroom gives to a repository's name that is taken."""


def inner(path: Path) -> Path:
    """The only folder `ASSIGNMENT-submissions` in a folder; the folder itself if there is none, or several."""
    around = _around(path)
    return path / around[0] if len(around) == 1 else path


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Whether a folder holds one assignment's repositories, or the folders of several assignments."""
    return _is_one(path, entries) or len(_around(path)) > 1


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each repository under the user's name, and the entries that are left.

    A student with an empty repository handed in nothing. Raises AutograderError if there are several assignments.
    """
    if len(around := _around(path)) > 1:
        names = ", ".join(map(shown, around))
        hint = "Give the folder of the one to grade."
        raise AutograderError(f"There is more than one assignment in {shown(path.name or str(path))}: {names}.", hint)
    beginning, clones = _repositories(path, entries)
    users = _users([entry.name[len(beginning) :] for entry in clones])
    submissions = [
        Submission(
            shown(users[entry.name[len(beginning) :]]),
            path / entry.name,
            absent=holds_nothing(path / entry.name),
            aliases=tuple(map(shown, _readings(entry.name, beginning))),
        )
        for entry in clones
    ]
    return submissions, [entry for entry in entries if entry not in clones]


def told(submissions: Sequence[Submission]) -> list[str]:
    """Sentences on the assignment's name, if it is not certain, and on numbers taken for GitHub's."""
    students = {one.student for one in submissions}
    beginnings, said = set(), []
    for one in submissions:
        name = shown(one.origin.name)
        beginning = name.removesuffix(one.student)
        number = _NUMBERED.fullmatch(one.student)
        if one.aliases and beginning.count("-") > 1 and not one.origin.parent.name.endswith(AROUND):
            beginnings.add(beginning)
        if one.aliases and re.fullmatch(rf".*-{re.escape(one.student)}-[1-9]", name, re.DOTALL):
            said.append(f"{name} is taken for {one.student}'s: GitHub adds a number to a name that is taken.")
        elif one.aliases and number and number[1] in students:
            said.append(f"{name} may be a second repository of {number[1]}'s.")
    return [*(f"What follows {one} in a repository's name is taken for the user." for one in beginnings), *said]


def _around(path: Path) -> list[str]:
    """The folders `ASSIGNMENT-submissions` with repositories in them."""
    folders = [one for one in listed(path) if one.kind is Kind.FOLDER and one.name.endswith(AROUND)]
    return [one.name for one in folders if _is_one(path / one.name, listed(path / one.name))]


def _is_one(path: Path, entries: Sequence[Entry]) -> bool:
    beginning, clones = _repositories(path, entries)
    enough = len(clones) > 1 or (len(clones) == 1 and path.name == f"{beginning[:-1]}{AROUND}")
    return bool(beginning) and enough and 2 * len(clones) > len(entries)


def _repositories(path: Path, entries: Sequence[Entry]) -> tuple[str, list[Entry]]:
    """The beginning that all names share, which is the assignment's name, and the repositories.

    The folder around them gives it; otherwise it is the common beginning of the names, up to its last hyphen.
    """
    folders = [entry for entry in entries if entry.kind is Kind.FOLDER]
    beginning = f"{path.name.removesuffix(AROUND)}-"
    named = [entry for entry in folders if entry.name.startswith(beginning) and entry.name != beginning]
    if path.name.endswith(AROUND) and 2 * len(named) > len(folders):
        return beginning, named
    clones = [entry for entry in folders if "-" in entry.name and os.path.exists(path / entry.name / ".git")]
    common = os.path.commonprefix([entry.name for entry in clones])  # noqa: RUF071  # of strings, as is wanted here
    return common[: common.rfind("-") + 1], clones


def _users(names: Sequence[str]) -> Mapping[str, str]:
    """Each repository's user: a number at the end is GitHub's, unless it tells two repositories apart."""
    bare = {name: match[1] for name in names if (match := _NUMBERED.fullmatch(name))}
    often = Counter((*bare.values(), *names))
    return {name: bare[name] if name in bare and often[bare[name]] == 1 else name for name in names}


def _readings(name: str, beginning: str) -> list[str]:
    """Every user that a repository's name may mean, the longest first, and then each without a number at its end."""
    starts = [at + 1 for at, sign in enumerate(name[: len(beginning)]) if sign == "-"] or [0]
    users = [user for start in starts if (user := name[start:])]
    return [*users, *(match[1] for user in users if (match := _NUMBERED.fullmatch(user)))]


PLATFORM = Platform(
    key="classroom",
    name="GitHub Classroom",
    tried=60,
    is_download=is_download,
    gather=gather,
    inner=inner,
    told=told,
    lists=ListHeadings(others=("github_username",)),
)
