"""Reads Gradescope's export: a folder per submission, and `submission_metadata.yml`, which names the students."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import yaml

from autograder.class_list.headings import ListHeadings
from autograder.collect.walk import Kind, open_regular, shown
from autograder.core.errors import AutograderError
from autograder.core.records import About, Submission
from autograder.core.settings import MIB
from autograder.platforms.platform import Entry, Gathered, Platform, holds_nothing, listed

METADATA = "submission_metadata.yml"
_EXPORT = re.compile(r"assignment_\d+_export")
MOST_BYTES = 512 * MIB
"""The most bytes of the metadata, which hold the output of every earlier run."""


def inner(path: Path) -> Path:
    """The folder of an export that is the only thing in a folder; otherwise the folder itself."""
    entries = listed(path)
    if len(entries) == 1 and entries[0].kind is Kind.FOLDER and _EXPORT.fullmatch(entries[0].name):
        return path / entries[0].name
    return path


def is_download(path: Path, entries: Sequence[Entry]) -> bool:
    """Whether a folder is one that Gradescope exported."""
    return any(entry.name == METADATA for entry in entries)


def gather(path: Path, entries: Sequence[Entry]) -> Gathered:
    """Each submission that the metadata name, for all its submitters; and the entries that are left.

    The folder is the attempt that Gradescope counts as active, whatever `:history:` lists in addition. If it is empty
    or missing, nothing was handed in. Raises AutograderError if the metadata cannot be read.
    """
    submissions = []
    left = {entry.name: entry for entry in entries if entry.name != METADATA}
    for name, told in _metadata(path / METADATA).items():
        if isinstance(told, Mapping):
            members = tuple(_members(name, told))
            group = len(members) > 1
            student, about = (name, About(group=name)) if group else members[0]
            entry = left.pop(name, None)
            absent = entry is None or (entry.kind is Kind.FOLDER and holds_nothing(path / name))
            submissions.append(
                Submission(student, path / name, absent=absent, about=about, members=members if group else ())
            )
    return submissions, list(left.values())


def _metadata(path: Path) -> Mapping[str, object]:
    """Read with YAML's safe loader: program outputs in it are students' own text."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with open_regular(path) as file:
            data = yaml.load(file.read(MOST_BYTES), loader)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise AutograderError(
            f"{METADATA} cannot be read: {_reason(error)}.", "Export the submissions again."
        ) from error
    if not isinstance(data, Mapping) or not all(isinstance(name, str) for name in data):
        raise AutograderError(f"{METADATA} lists no submissions.", "Export the submissions again.")
    return data


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _members(name: str, told: Mapping[object, object]) -> Iterator[tuple[str, About]]:
    """Yield each submitter's id: the sid, otherwise the e-mail address; the folder's name if both are missing."""
    submitters = told.get(":submitters")
    several = [one for one in submitters if isinstance(one, Mapping)] if isinstance(submitters, list) else []
    submitted = _time(told.get(":created_at"))
    late = _late(told)
    for number, one in enumerate(several or [{}]):
        sid, email, person = (_text(one.get(key)) for key in (":sid", ":email", ":name"))
        unknown = name if number == 0 else f"{name} {number + 1}"
        group = name if len(several) > 1 else ""
        yield sid or email or unknown, About(person, email, group, late, submitted)


def _text(value: object) -> str:
    text = "" if value is None else shown(str(value)).strip()
    return unicodedata.normalize("NFC", text)


def _time(value: object) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else _text(value)


def _late(told: Mapping[object, object]) -> bool | None:
    """Whether it is late: some exports give a duration; None if the export says nothing, as most do."""
    value = told.get(":lateness")
    return None if value is None else bool(value) and set(str(value)) - set("0:. ") != set()


PLATFORM = Platform(
    key="gradescope",
    name="Gradescope",
    tried=10,
    is_download=is_download,
    gather=gather,
    inner=inner,
    lists=ListHeadings(ids=("sid",)),
)
