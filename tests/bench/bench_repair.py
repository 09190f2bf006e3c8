"""How many wrong answers that no known mistake explains are repaired, at which line, and in what time."""

from __future__ import annotations

import argparse
import difflib
import random
import re
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from autograder.grader import SOLUTIONS, Grader
from autograder.records import Question, QuestionResult, Submission
from autograder.repair.repairer import ONE
from autograder.rubric import load_rubric
from autograder.settings import Limits
from tests.mutation.mutants import Mutant, mutants


@dataclass(frozen=True)
class Row:
    """One wrong answer without a name."""

    repaired: bool
    one: bool
    right_line: bool
    seconds: float


def main() -> None:
    """Print a table, a question a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--mutants", type=int, default=300, help="how many that no known mistake explains (default 300)"
    )
    parser.add_argument("--question", help="of one question only")
    parser.add_argument("--show", action="store_true", help="print each")
    options = parser.parse_args()
    rubric = load_rubric()
    chosen = [question for question in rubric.graded if options.question in (None, question.id)]
    drawn = list(mutants(chosen))
    random.Random(2026).shuffle(drawn)
    rows: dict[str, list[Row]] = defaultdict(list)
    looked_at = 0
    with Grader(rubric, Limits(timeout=20.0)) as grader:
        for mutant in drawn:
            if sum(map(len, rows.values())) == options.mutants:
                break
            looked_at += 1
            if (row := _row(grader, rubric[mutant.question.id], mutant, options.show)) is not None:
                rows[mutant.question.id].append(row)
    _print(rows, looked_at)


def _row(grader: Grader, question: Question, mutant: Mutant, show: bool) -> Row | None:
    """None for one that passes, or that is named."""
    with tempfile.TemporaryDirectory() as folder:
        for path in SOLUTIONS.glob("*.py"):
            (Path(folder) / path.name).write_bytes(path.read_bytes())
        (Path(folder) / mutant.question.file).write_text(mutant.source, encoding="utf-8")
        start = time.perf_counter()
        (result,) = grader.grade(Submission("mutant", Path(folder)), [question]).questions
        seconds = time.perf_counter() - start
    found = _found(result)
    if result.score == result.max_score or (result.diagnosis and not found):
        return None
    lines = {int(line) for line in re.findall(r"Line (\d+) of", found)}
    row = Row(
        bool(found),
        result.diagnosis[:1] != () and result.diagnosis[0].mistake == ONE,
        bool(lines & _changed_lines(mutant)),
        seconds,
    )
    if show:
        print(f"{mutant.question.id} {seconds:.2f} s {mutant.difference!r}\n    {found or '-'}")
        for one in result.diagnosis:
            print("      " + one.change.replace("\n", "\n      "))
    return row


def _found(result: QuestionResult) -> str:
    return " ".join(one.hint for one in result.diagnosis if one.mistake.startswith("*"))


def _changed_lines(mutant: Mutant) -> set[int]:
    """The lines of the mutant that differ, and their neighbours where a line is gone."""
    right = (SOLUTIONS / mutant.question.file).read_text("utf-8").splitlines()
    matcher = difflib.SequenceMatcher(a=right, b=mutant.source.splitlines(), autojunk=False)
    changed: set[int] = set()
    for what, _, _, first, last in matcher.get_opcodes():
        if what != "equal":
            changed |= set(range(first + 1, max(last, first + 1) + 1))
    return changed


def _print(rows: dict[str, list[Row]], looked_at: int) -> None:
    heads = ("question", "without a name", "repaired", "by one edit", "at its line", "seconds, median", "most")
    print("".join(f"{head:>{len(head) + 2}}" for head in heads))
    every = [row for part in rows.values() for row in part]
    for name, part in [*sorted(rows.items()), ("all", every)]:
        seconds = [row.seconds for row in part] or [0.0]
        repaired = [row for row in part if row.repaired]
        counts = (len(part), len(repaired), sum(row.one for row in part), sum(row.right_line for row in repaired))
        texts = (name, *map(str, counts), f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}")
        print("".join(f"{text:>{len(head) + 2}}" for head, text in zip(heads, texts, strict=True)))
    print(f"{looked_at} mutants were graded; the others pass, or a known mistake explains them.")


if __name__ == "__main__":
    main()
