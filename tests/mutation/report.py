"""Reports on all mutants: the table, and every difference from `equivalent.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.course import ids
from tests.mutation.jury import Fate, Verdict

EQUIVALENT = Path(__file__).parent / "equivalent.toml"
HEADINGS = ("question", "mutants", "raise", "wrong", "equivalent", "missed", "caught of the others")

Listed = Mapping[tuple[str, str], str]
"""The reason why a mutant, by question and difference, cannot be told from the reference."""


def read_equivalent(path: Path = EQUIVALENT) -> Listed:
    """The list, each mutant once, with this course's ids; without what it does not ask."""
    here = {question: question for question in ids().values()} | ids()
    listed: dict[tuple[str, str], str] = {}
    for entry in tomllib.loads(path.read_text("utf-8"))["equivalent"]:
        for difference in entry["mutants"] if entry["question"] in here else ():
            key = (here[entry["question"]], difference)
            assert key not in listed, f"{path.name} has this mutant of {entry['question']} twice:\n{difference}"
            listed[key] = entry["reason"]
    return listed


def problems(verdicts: Sequence[Verdict], listed: Listed) -> Iterator[str]:
    """A sentence for each survivor that is not listed and for each listed mutant that is none."""
    fates = {_key(verdict): verdict.fate for verdict in verdicts}
    for (question, difference), fate in fates.items():
        if fate is Fate.SURVIVES and (question, difference) not in listed:
            yield f"A mutant of {question} survives every check:\n{difference}"
    for (question, difference), reason in listed.items():
        fate = fates.get((question, difference))
        if fate is None:
            yield f"No mutant of {question} is like this any more; take it out of the list:\n{difference}"
        elif fate is not Fate.SURVIVES:
            yield f"This mutant of {question} is caught, though it is listed ('{reason}'):\n{difference}"


def table(verdicts: Sequence[Verdict], listed: Listed) -> Iterator[str]:
    """Lines: for each question how many mutants there are and what became of them."""
    rows = []
    for question in [*dict.fromkeys(verdict.mutant.question.id for verdict in verdicts), "all"]:
        chosen = [verdict for verdict in verdicts if question in ("all", verdict.mutant.question.id)]
        fates = Counter(verdict.fate for verdict in chosen)
        equivalent = sum(verdict.fate is Fate.SURVIVES and _key(verdict) in listed for verdict in chosen)
        caught, missed = fates[Fate.RAISES] + fates[Fate.WRONG], fates[Fate.SURVIVES] - equivalent
        share = f"{100 * caught / (caught + missed):.1f} %"
        counts = (len(chosen), fates[Fate.RAISES], fates[Fate.WRONG], equivalent, missed)
        rows.append((question, *map(str, counts), share))
    for row in (HEADINGS, *rows):
        yield "  ".join(cell.rjust(len(heading)) for cell, heading in zip(row, HEADINGS, strict=True))


def _key(verdict: Verdict) -> tuple[str, str]:
    return verdict.mutant.question.id, verdict.mutant.difference
