"""Lists what a question still lacks: one sentence for each forgotten step, with the file where it is missing.

It reads the files, so that a forgotten step is reported before anything runs and fails somewhere else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.cases import own_cases, public_cases, term_cases
from autograder.checks.judge import checks_of
from autograder.core.errors import AutograderError
from autograder.core.records import Case, Question
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.renaming import heads

FEWEST = {"mistakes": 6, "equivalents": 2}
"""The fewest known mistakes, and other right answers, of a question."""
NOT_WRITTEN = "is not written yet"
TO_WRITE = "TO WRITE"
"""The text that `handout new-question` leaves where something must still be written."""
_PROBES = "autograder/sandbox/probes"


def demand_complete(root: Path, questions: Sequence[Question]) -> None:
    """Raise AutograderError with the first thing that is missing, and how many more there are."""
    found = [*lacking(root, questions)]
    if found:
        more = f" ({len(found) - 1} more things are missing.)" if len(found) > 1 else ""
        hint = "handouts/source/instructor_guide.md goes through the steps of a question."
        raise AutograderError(found[0], f"{hint}{more}")


def lacking(root: Path, questions: Sequence[Question]) -> Iterator[str]:
    """Yield what each question lacks, in the order of the guide's steps."""
    for question in questions:
        yield from _reference(root, question)
        yield from _section(root, question)
        yield from _numbers(root, question)
        yield from _probes(root, question)
        yield from _cases(question)
        yield from _checks(question)
        for folder in FEWEST:
            yield from _stand_ins(root, question, folder)
    yield from _strays(root)


def _reference(root: Path, question: Question) -> Iterator[str]:
    for part in question.parts:
        text = (root / "solutions" / part.file).read_text(encoding="utf-8")
        if f"The reference of question {question.id} {NOT_WRITTEN}" in text:
            yield f"solutions/{part.file}: the reference of question {question.id} {NOT_WRITTEN}, between its markers."


def _section(root: Path, question: Question) -> Iterator[str]:
    path = root / "handouts" / "source" / "questions" / f"{question.id}.md"
    where = f"handouts/source/questions/{question.id}.md"
    if not path.is_file():
        yield f"{where} is missing: it is the section of question {question.id} in the handout."
    elif TO_WRITE in path.read_text(encoding="utf-8"):
        yield f"{where} still says {TO_WRITE}: finish the section of question {question.id}."


def _numbers(root: Path, question: Question) -> Iterator[str]:
    """Yield numbers in the lines of the reference that are more than a count: the section must give them."""
    section = root / "handouts" / "source" / "questions" / f"{question.id}.md"
    text = section.read_text(encoding="utf-8") if section.is_file() else ""
    for part in question.parts:
        source = (root / "solutions" / part.file).read_text(encoding="utf-8")
        for line, number in _between_markers(source, question.id):
            if text and not any(words in text for words in _written(number)):
                where = f"solutions/{part.file}, line {line}, uses {number!r}"
                yield f"{where}, which handouts/source/questions/{question.id}.md does not tell."


def _written(number: float) -> set[str]:
    """The forms of a number in prose and code: 0.0001, 1e-4, 10^{-4}."""
    mantissa, exponent = f"{number:e}".split("e")
    digits, power = f"{float(mantissa):g}", int(exponent)
    formula = f"10^{{{power}}}" if digits == "1" else f"{digits} \\cdot 10^{{{power}}}"
    return {repr(number), f"{number:g}", f"{digits}e{power}", formula}


def _between_markers(source: str, question: str) -> Iterator[tuple[int, float]]:
    """Yield line and value of each number between the markers of a question that is neither whole nor half."""
    rows = source.splitlines()
    starts = [at for at, row in enumerate(rows, 1) if row.strip().startswith(f"### Question {question}:")]
    spans = [range(at, next((n for n in range(at, len(rows)) if "### END OF" in rows[n]), at) + 1) for at in starts]
    constants = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    for line, value in ((node.lineno, node.value) for node in constants):
        telling = isinstance(value, float) and not (2 * value).is_integer()
        if telling and any(line in span for span in spans):
            yield line, float(repr(value))


def _probes(root: Path, question: Question) -> Iterator[str]:
    """Yield the probes that the cases call and that are missing; a probe defines the call of a student's function."""
    called = {(case.file or question.file, case.probe) for case in _all(question)}
    for file, probe in sorted(called):
        if probe not in heads((root / _PROBES / file).read_text(encoding="utf-8")):
            yield f"{_PROBES}/{file} has no probe `{probe}`, which the cases of question {question.id} name."


def _cases(question: Question) -> Iterator[str]:
    for part in question.parts:
        own = [case for case in public_cases(question.id) if (case.file or question.file) == part.file]
        if not own:
            where = f"autograder/cases/{part.module}*.py"
            yield f"{where} has no public case of question {question.id}: PUBLIC has no inputs to show to students."
    if len(_all(question)) == len(public_cases(question.id)):
        yield f"autograder/cases/{question.module}*.py has no hidden case of question {question.id} in TERM or OWN."


def _checks(question: Question) -> Iterator[str]:
    checks = [check for check, _ in checks_of(question)]
    where = f"autograder/checks/test_{question.module}*.py"
    if not checks:
        yield f'{where} has no Check("{question.id}", …): nothing is demanded of question {question.id}.'
        return
    there = {case.name for case in _all(question)}
    for check in checks:
        for case in sorted(check.cases - there):
            yield f"{where}: {check.name} asks for a case {case!r} that question {question.id} has not."
    if not any(check.public for check in checks):
        yield f"{where} has no public check of question {question.id}, so that students cannot check themselves."
    elif all(check.public for check in checks):
        yield f"{where} has no hidden check of question {question.id}, only public ones."


def _stand_ins(root: Path, question: Question, folder: str) -> Iterator[str]:
    functions = {
        name for part in question.parts for name in heads((root / "solutions" / part.file).read_text(encoding="utf-8"))
    }
    own = [stand_in for stand_in in read_stand_ins(root / "solutions" / folder) if stand_in.question == question.id]
    written = [stand_in for stand_in in own if TO_WRITE not in stand_in.hint]
    if len(written) < FEWEST[folder]:
        fewest = f'at least {FEWEST[folder]} {folder}, with @replaces("{question.id}", …) or at STAGES'
        yield f"solutions/{folder}/*.py: question {question.id} needs {fewest}, and has {len(written)}."
    for stand_in in own:
        if stand_in.target not in functions:
            names = f"it names `{stand_in.target}`, which is not in solutions/{question.file}"
            yield f"solutions/{folder}/{stand_in.file}, line {stand_in.line}: {names}."


def _strays(root: Path) -> Iterator[str]:
    """Yield mistakes and equivalents that belong to no question: most likely an id was misspelt."""
    headers = "\n".join(path.read_text(encoding="utf-8") for path in (root / "solutions").glob("*.py"))
    known = {*re.findall(r"### Question ([\w.]+):", headers)}
    for folder in FEWEST:
        for stand_in in read_stand_ins(root / "solutions" / folder):
            if stand_in.question not in known:
                where = f"solutions/{folder}/{stand_in.file}, line {stand_in.line}"
                yield f"{where}: it names question {stand_in.question}, which has no header in solutions/*.py."


def _all(question: Question) -> tuple[Case, ...]:
    return (*public_cases(question.id), *term_cases(question.id, "seed"), *own_cases(question.id, "seed", "student"))
