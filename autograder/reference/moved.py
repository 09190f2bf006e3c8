"""Checks whether the reference still gives the answers of the fixtures, and shows a table of what moved.

The reference is asked the stored cases on the stored inputs, so a difference comes from the reference, not from a new
seed. Rounding differs between machines: an output has moved if it differs by more than a tenth of the tolerance of the
check that uses it. Nine tenths stay for the students' own rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.checks.compare import Close, Comparator
from autograder.checks.judge import checks_of
from autograder.core.records import Answer, Array, Case, Question, Rubric, Value
from autograder.core.text import printable
from autograder.reference.frozen import PATH, UNCHECKED, Fixture, fixture_bytes, read_fixture, same_call
from autograder.reference.variants import as_written

SHARE = 0.1
"""The share of a check's tolerance. Other instruction sets need a twentieth: see `tests/reference/test_moved.py`."""
LOOSE = Close(1e-3, absolute_floor=1e-3)
"""The tolerance of outputs that no check looks at: for advice it matters only that they are there."""
INPUTS = 1e-5
"""The most by which inputs from one seed may differ between two machines, relative to the largest entry, or to 1."""
MOST = 8
"""The most rows of one question that are shown."""
UNLOOKED = f"({UNCHECKED})"
_NOTHING = Value("none", "nothing")


class Source(Protocol):
    """An object that runs the reference."""

    def answers(self, question: Question, cases: Sequence[Case], /) -> list[Answer]:
        """The answer to each case, in order."""
        ...


@dataclass(frozen=True)
class Row:
    """One check and case with an output that differs from the stored one."""

    question: str
    check: str
    case: str
    before: str
    now: str


@dataclass
class Moved:
    """The differences. `wrong`: the reference raises or gives no numbers, which cannot be accepted."""

    rows: list[Row] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    """A sentence for each question whose cases differ from the stored ones."""
    wrong: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    """The fixtures of the questions concerned, as the reference makes them now; none if something is wrong."""

    def __bool__(self) -> bool:
        return bool(self.rows or self.new)


def find_moved(rubric: Rubric, source: Source, folder: Path, common: Callable[[str, str], Sequence[Case]]) -> Moved:
    """Compare the reference with the fixtures in `folder`; `common` draws a question's cases from the seed."""
    moved = Moved()
    kept_ids: list[str] = []
    drawn_anew: list[str] = []
    for question in rubric.graded:
        asked = [as_written(case, rubric.variant) for case in common(question.id, rubric.seed)]
        if not asked:
            continue
        path = folder / f"{question.id}.npz"
        kept = read_fixture(path) if path.is_file() else Fixture(rubric.seed, {}, {})
        now = by_name(source.answers(question, asked))
        before = by_name(source.answers(question, list(kept.cases.values())))
        rows = [*_useless(question, {**before, **now}, kept.cases), *_rows(question, kept.answers, before)]
        other = _other(asked, kept.cases)
        if kept.cases:
            kept_ids.append(question.id)
        if kept.cases and kept.seed != rubric.seed:
            drawn_anew.append(question.id)
        elif not kept.cases:
            moved.new.append(f"Question {question.id} has no fixture yet: {len(asked)} cases are new.")
        elif other:
            moved.new.append(f"Question {question.id}, cases that are new, changed or gone: {'; '.join(other)}.")
        moved.rows += rows
        moved.wrong |= any(_unusable(answer) for answer in now.values())
        if (rows or other or kept.seed != rubric.seed) and not moved.wrong:
            moved.files[f"{PATH}/{path.name}"] = fixture_bytes(question, rubric.seed, asked, list(now.values()))
    if drawn_anew == kept_ids and drawn_anew:
        moved.new.append("Another seed or variant: the hidden cases of all questions have fresh inputs.")
    else:
        moved.new += [
            f"Question {question} was built last with another seed or variant: its hidden cases have fresh inputs."
            for question in drawn_anew
        ]
    return moved


def by_name(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Answers by the name of their case."""
    return {answer.case: answer for answer in answers}


def _other(asked: Sequence[Case], kept: Mapping[str, Case]) -> list[str]:
    """The names of cases that are not stored, or differ from the stored ones, and of stored ones that are gone."""
    other = [case.name for case in asked if case.name not in kept or not _same_case(case, kept[case.name])]
    return [*other, *(kept.keys() - {case.name for case in asked})]


def _same_case(one: Case, other: Case) -> bool:
    if not same_call(one, other) or one.arrays.keys() != other.arrays.keys():
        return False
    pairs = [(array, other.arrays[name]) for name, array in one.arrays.items()]
    return all(
        first.dtype == second.dtype and first.shape == second.shape and np.allclose(first, second, INPUTS, INPUTS)
        for first, second in pairs
    )


def _rows(question: Question, kept: Mapping[str, Answer], now: Mapping[str, Answer]) -> Iterator[Row]:
    """A row for each check and case with an output that moved; unchecked outputs only if nothing else moved."""
    looks = _looks(question, kept)
    rows = [row for place, outputs in looks.items() if (row := _row(question, place, outputs, kept, now)) is not None]
    checked = [row for row in rows if row.check != UNLOOKED]
    return iter(checked or rows)


def _row(
    question: Question,
    place: tuple[str, str],
    outputs: Mapping[str, Sequence[Comparator]],
    kept: Mapping[str, Answer],
    now: Mapping[str, Answer],
) -> Row | None:
    check, case = place
    if now[case].error is not None:
        return None  # reported once per question
    pairs = {name: (kept[case].values[name], now[case].values.get(name, _NOTHING)) for name in outputs}
    other = [name for name, pair in pairs.items() if any(_differs(*pair, how) for how in outputs[name])]
    if not other:
        return None
    more = f" and {len(other) - 1} more" if len(other) > 1 else ""
    return Row(question.id, check, f"{case}: {other[0]}{more}", *_texts(*pairs[other[0]]))


def _looks(question: Question, kept: Mapping[str, Answer]) -> Mapping[tuple[str, str], dict[str, list[Comparator]]]:
    """By check and case, the outputs with their comparators; then those that no check looks at."""
    looks: dict[tuple[str, str], dict[str, list[Comparator]]] = {}
    checked = set()
    places = [(check.title, *place) for check, _ in checks_of(question) for place in check.places(kept)]
    for title, case, output, how in places:
        if case in kept:
            looks.setdefault((title, case), {}).setdefault(output, []).append(how)
            checked.add((case, output))
    for case, answer in kept.items():
        for output in answer.values:
            if (case, output) not in checked:
                looks.setdefault((UNLOOKED, case), {}).setdefault(output, []).append(LOOSE)
    return looks


def _differs(kept: Value, now: Value, how: Comparator) -> bool:
    """Whether an output moved: kind, dtype and shape must be the same, and values without fractions must be equal."""
    if (kept.kind, kept.type_name) != (now.kind, now.type_name):
        return True
    if kept.array is None or now.array is None:
        return False
    if kept.array.shape != now.array.shape:
        return True
    if kept.array.dtype.kind != "f":
        return not np.array_equal(kept.array, now.array)
    if isinstance(how, Close):
        how = replace(how, tolerance=SHARE * how.tolerance, any_shape=False)
    return how.difference(now, kept) is not None


def _unusable(answer: Answer) -> bool:
    """Whether an answer cannot be used to judge: an exception, something of an unknown type, NaN or infinity."""
    return answer.error is not None or any(
        value.kind == "other" or (value.array is not None and not np.isfinite(value.array).all())
        for value in answer.values.values()
    )


def _useless(question: Question, answers: Mapping[str, Answer], kept: Collection[str]) -> Iterator[Row]:
    """A row for each reason why answers cannot be used to judge, with the cases concerned."""
    concerned: dict[str, list[str]] = {}
    for name, answer in answers.items():
        if _unusable(answer):
            concerned.setdefault(_raised(question, answer), []).append(name)
    for said, (first, *more) in concerned.items():
        cases = f"{first} and {len(more)} more" if more else first
        yield Row(question.id, question.title, cases, "a value" if first in kept else "", said)


def _raised(question: Question, answer: Answer) -> str:
    """Say what the reference did instead of answering, with file and line."""
    if answer.error is None:
        return "NaN, infinity or something of an unknown type"
    lines = answer.error.trace.splitlines()
    where = lines[-1].partition(", in ")[0] if lines else question.file
    return f"{answer.error.message.partition(chr(10))[0]} (solutions/{where})"


def _texts(kept: Value, now: Value) -> tuple[str, str]:
    """Both sides of an output as text; of several entries, the one that differs most."""
    one, other = kept.array, now.array
    if one is None or other is None or one.shape != other.shape or one.dtype != other.dtype:
        return _named(kept), _named(now)
    if one.ndim == 0:
        return _digits(one, other), _digits(other, one)
    off = np.nan_to_num(np.abs(one.astype("float64") - other.astype("float64")), nan=np.inf)
    at = tuple(int(index) for index in np.unravel_index(int(off.argmax()), one.shape))
    return f"{list(at)} {_digits(one[at], other[at])}", f"{list(at)} {_digits(other[at], one[at])}"


def _named(value: Value) -> str:
    """The kind of an output in words."""
    if value.array is None or value.kind == "number":
        return value.type_name.removeprefix("builtins.")
    return f"{value.type_name} {list(value.array.shape)}"


def _digits(entry: Array, other: Array) -> str:
    """A number with as many digits as distinguish it from the other, six at least."""
    if entry.dtype.kind != "f":
        return str(entry.item())
    return next((text for n in (6, 9, 12) if (text := f"{entry:.{n}g}") != f"{other:.{n}g}"), f"{entry:.17g}")


def moved_table(moved: Moved, end: str) -> RenderableType:
    """The differences as a table (check, case, from, to), a few rows for each question, and `end`: what to do."""
    parts: list[RenderableType] = []
    if moved.rows:
        parts.append(Text(f"What the reference in solutions/ gives is not what {PATH}/ holds:"))
        table = Table(box=box.SIMPLE)
        for heading in ("Check", "Case", "From", "To"):
            table.add_column(heading)
        for question, group in groupby(moved.rows, key=lambda row: row.question):
            rows = list(group)
            for row in rows[:MOST]:
                cells = (f"{question} {row.check}", row.case, row.before, row.now)
                table.add_row(*(Text(printable(cell)) for cell in cells))
            if len(rows) > MOST:
                table.add_row(Text(f"{question}: {len(rows) - MOST} more"))
        parts.append(table)
    parts += [Text(printable(sentence)) for sentence in moved.new]
    return Group(*parts, Text(end))
