"""Damage that a spreadsheet does to ids: recognises it, and undoes what can be undone."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from autograder.core.errors import AutograderError

_AS_NUMBER = re.compile(r"(\d+)[.,]0+")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_DIGITS = 15
"""The digits that a spreadsheet keeps of a number."""
_SHORTEST = 3
"""The fewest equal digits at the end of two ids that are called alike."""
AS_TEXT = (
    "Export the list again. If it must pass through a spreadsheet, make the column of ids text before it is opened."
)


def changed(student: str) -> bool:
    """Whether an id is written as a spreadsheet writes a number."""
    return bool(_AS_NUMBER.fullmatch(student) or _ROUNDED.fullmatch(student))


def healed(ids: Mapping[int, str], source: str) -> tuple[dict[int, str], list[str]]:
    """The ids by row with `1001.0` made 1001, and a sentence on it; raises AutograderError if digits are lost."""
    rounded = [row for row, student in ids.items() if _ROUNDED.fullmatch(student)] or _cut(ids)
    if rounded:
        rows = ", ".join(str(row + 1) for row in rounded[:10]) + (" and more" if len(rounded) > 10 else "")
        where = f"row {rows}" if len(rounded) == 1 else f"rows {rows}"
        problem = f"A spreadsheet has rounded ids in {source}: {where}, {ids[rounded[0]]} for instance."
        raise AutograderError(problem, AS_TEXT)
    found = {row: match[1] for row, student in ids.items() if (match := _AS_NUMBER.fullmatch(student))}
    if not found:
        return dict(ids), []
    first = next(iter(found))
    how_many = "an id as a number" if len(found) == 1 else f"{len(found)} ids as numbers"
    note = f"A spreadsheet has written {how_many} in {source}: {ids[first]} is read as {found[first]}."
    return {**ids, **found}, [note]


def _cut(ids: Mapping[int, str]) -> list[int]:
    """The rows of ids longer than a spreadsheet's numbers, if all of them have only zeros beyond that length."""
    long = {row: student for row, student in ids.items() if student.isdecimal() and len(student) > _DIGITS}
    return list(long) if len(long) > 1 and all(not student[_DIGITS:].strip("0") for student in long.values()) else []


def lost_zeros(listed: Collection[str], found: Collection[str]) -> list[tuple[str, str]]:
    """The pairs of a listed id and a found one that differ only in leading zeros, which the list has lost."""
    bare = {student.lstrip("0"): student for student in found if student.isdecimal() and student.startswith("0")}
    return [(student, bare[student]) for student in sorted(listed) if student in bare]


def alike(listed: Collection[str], found: Collection[str]) -> str:
    """Say how the ids of a list resemble those found, if most have one that they resemble; otherwise empty."""
    for core, how in ((_number, "The ends of the ids agree"), (_account, "The ids agree but for what follows the @")):
        known = {core(student): student for student in sorted(found) if core(student)}
        pairs = [(student, known[core(student)]) for student in sorted(listed) if core(student) in known]
        if 2 * len(pairs) > min(len(listed), len(found)):
            there, here = pairs[0]
            return f"{how}: write {here}, as the submissions have it, instead of {there}."
    return ""


def _number(student: str) -> str:
    """The digits at the end, without zeros before them."""
    match = re.search(r"\d+$", student.partition("@")[0])
    return match[0].lstrip("0") if match and len(match[0]) >= _SHORTEST else ""


def _account(student: str) -> str:
    return student.partition("@")[0].casefold()


def some(students: Sequence[str]) -> str:
    """The first few students, as examples."""
    return ", ".join(students[:3]) + (", …" if len(students) > 3 else "")
