"""Counts wrong answers without a known mistake that are repaired, with the line and the time of each repair.

The answers are mutants (`tests/mutation`) of the reference and of the equivalents in `solutions/equivalents/`, drawn
with a seed of their own until so many are found that lose points and have no name. Seconds are those of the whole
question: to ask it, to look among the known mistakes, to search, and to prove. A repair is at its line where it begins
in one that the mutant changed.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import random
import re
import statistics
import tempfile
import textwrap
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.core.records import STUDENT_FILES, Question, QuestionResult, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import SOLUTIONS, Limits
from autograder.grading.grader import Grader
from autograder.handout.files.annotations import Stub, read_stubs
from autograder.reference.catalogue import StandIn, read_stand_ins
from autograder.repair.repairer import ONE
from tests.mutation.mutants import Mutant, file_mutants, mutants


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
    drawn = [*_of_reference(chosen), *_of_equivalents([question.id for question in chosen])]
    random.Random(2026).shuffle(drawn)
    rows: dict[str, list[Row]] = defaultdict(list)
    looked_at = 0
    with Grader(rubric, Limits(timeout=20.0)) as grader:
        for mutant, right in drawn:
            if sum(map(len, rows.values())) == options.mutants:
                break
            looked_at += 1
            if (row := _row(grader, rubric[mutant.question.id], mutant, right, options.show)) is not None:
                rows[mutant.question.id].append(row)
    _print(rows, looked_at)


def _row(grader: Grader, question: Question, mutant: Mutant, right: str, show: bool) -> Row | None:
    """None for one that passes, or that is named; `right` is the file before it was changed."""
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
        bool(lines & _changed_lines(right, mutant.source)),
        seconds,
    )
    if show:
        print(f"{mutant.question.id} {seconds:.2f} s {mutant.difference!r}\n    {found or '-'}")
        for one in result.diagnosis:
            print("      " + one.change.replace("\n", "\n      "))
    return row


def _of_reference(questions: Sequence[Question]) -> Iterator[tuple[Mutant, str]]:
    for mutant in mutants(questions):
        yield mutant, (SOLUTIONS / mutant.question.file).read_text("utf-8")


def _of_equivalents(questions: Sequence[str]) -> Iterator[tuple[Mutant, str]]:
    """The mutants of the reference's file with the lines of an equivalent instead of its answer."""
    for stand_in in read_stand_ins(SOLUTIONS / "equivalents"):
        file = next((one for one in STUDENT_FILES if _stub_of(one, stand_in) is not None), None)
        if stand_in.question in questions and file is not None and not _defines_more(stand_in):
            source = _with_equivalent(file, stand_in)
            stub = next(one for one in read_stubs(source, file) if one.question.id == stand_in.question)
            yield from ((mutant, source) for mutant in file_mutants(source, stub))


def _function_of(stand_in: StandIn) -> ast.FunctionDef:
    tree = ast.parse((SOLUTIONS / "equivalents" / stand_in.file).read_text("utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == stand_in.name)


def _defines_more(stand_in: StandIn) -> bool:
    """Whether there is a function or class within it, of which `tests/mutation` makes no mutants."""
    inner = [node for node in ast.walk(_function_of(stand_in)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return len(inner) > 1


def _stub_of(file: str, stand_in: StandIn) -> Stub | None:
    """The stub of a file whose function the stand-in takes the place of."""
    source = (SOLUTIONS / file).read_text("utf-8")
    name = stand_in.target.rpartition(".")[2]
    for stub in read_stubs(source, file):
        above = re.findall(r"^ *def (\w+)", "\n".join(source.splitlines()[: stub.start]), re.MULTILINE)
        if stub.question.id == stand_in.question and above[-1] == name:
            return stub
    return None


def _with_equivalent(file: str, stand_in: StandIn) -> str:
    """The reference's file, which imports what the equivalent's does, and holds its lines."""
    lines = (SOLUTIONS / file).read_text("utf-8").splitlines()
    stub = _stub_of(file, stand_in)
    assert stub is not None
    text = (SOLUTIONS / "equivalents" / stand_in.file).read_text("utf-8")
    tree, function = ast.parse(text), _function_of(stand_in)
    body = text.splitlines()[function.body[1].lineno - 1 : function.end_lineno]
    imports = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    left_out = re.compile("__future__|mistakes|from (criterion|model_factory|main)")
    own = [line for line in imports if not left_out.search(line)]
    at = lines.index("from __future__ import annotations") + 1
    answer = textwrap.indent(textwrap.dedent("\n".join(body)), " " * stub.indent).splitlines()
    return "\n".join([*lines[:at], *own, *lines[at : stub.start], *answer, *lines[stub.end - 1 :]]) + "\n"


def _found(result: QuestionResult) -> str:
    return " ".join(one.hint for one in result.diagnosis if one.mistake.startswith("*"))


def _changed_lines(right: str, wrong: str) -> set[int]:
    """The lines of the wrong text that differ, and the next one where a line is gone."""
    matcher = difflib.SequenceMatcher(a=right.splitlines(), b=wrong.splitlines(), autojunk=False)
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
