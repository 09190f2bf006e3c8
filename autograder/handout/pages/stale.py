"""Finds remains of an earlier term in pages: the old value of a constant, changes to the last handout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.class_list.moments import said
from autograder.core.errors import AutograderError
from autograder.handout.build import facts_of, given_files, read_source, read_student_files, read_worded, source_of
from autograder.handout.course import load_course
from autograder.handout.pages.fill import section_of
from autograder.reference.constants import HOMES, Number, constants_of

SYMBOLS = {"temperature": r"\bT\b|temperature", "lambd": r"\\lambda|λ|lambd", "m": r"\bm\b"}
"""The symbol or word for a constant that pages do not call by its name."""
ENTRY = re.compile(r"^- (\d{4})-", re.MULTILINE)
"""A change in `changes.md` and its year."""
DISTINCT = 3
"""The fewest digits of a number that has no other meaning."""


def stale(texts: Mapping[str, str], before: Mapping[str, Number], now: Mapping[str, Number]) -> Iterator[str]:
    """Yield a sentence for each line that still has the number that a constant was `before`; `texts` by their paths.

    A short number (0.5, 1) counts only in a line that also names the constant.
    """
    for name, new in now.items():
        old = before.get(name, new)
        if old == new:
            continue
        number = re.compile(rf"(?<![\w.]){re.escape(str(old))}(?![\w]|\.\d)")
        named = re.compile(SYMBOLS.get(name, rf"\b{re.escape(name)}\b"))
        alone = len(re.sub(r"\D", "", str(old).lstrip("0."))) >= DISTINCT or len(str(old)) > DISTINCT + 1
        for path, text in texts.items():
            for line_number, line in enumerate(text.splitlines(), 1):
                if number.search(line) and (alone or named.search(line)):
                    yield f"{path}, line {line_number}, still says {old}, and {name} is {new}: {line.strip()}"


def stale_in(root: Path, before: Mapping[str, Number], now: Mapping[str, Number]) -> Iterator[str]:
    """The same for all texts for students, which are read only if a constant has moved."""
    if any(before.get(name, new) != new for name, new in now.items()):
        yield from stale(told(root), before, now)


def changes_before(root: Path) -> Iterator[str]:
    """Yield a sentence for each list of changes with an entry from a year before the term."""
    course = load_course(root / "solutions" / "course.toml")
    path = source_of(root, "changes.md")
    began = min(said(course.term).years, default=0)
    if before := sorted(year for year in map(int, ENTRY.findall(read_source(root, "changes.md"))) if year < began):
        yield (
            f"{path} tells of changes in {before[0]}, and the term is {course.term}: delete what was changed before "
            "this term"
        )


def told(root: Path) -> dict[str, str]:
    """The texts for students, by path: the handout's sources and the files of the zip, in this year's variant."""
    facts = facts_of(root)
    shown = sorted((*facts.rubric.questions, *facts.given), key=lambda question: question.id)
    pages = ("assignment.md", "assignment_readme.md", "running.md", *map(section_of, shown))
    sources = {f"solutions/{file}": source for file, (source, _) in read_student_files(root).items()}
    sources |= {f"solutions/{name}": read_worded(root, f"solutions/{name}") for name in given_files(root)}
    return {**{f"handouts/source/{name}": read_source(root, name) for name in pages}, **sources}


def constants_written(root: Path) -> dict[str, Number]:
    """The numbers that the handout may name as they are in `solutions/`, without a variant."""
    return constants_of({file: (root / "solutions" / file).read_text(encoding="utf-8") for file in HOMES})


def constants_built(root: Path) -> dict[str, Number]:
    """The numbers of the last build, as students have them; none if nothing was built."""
    files = [file for file in HOMES if (root / "assignment" / file).is_file()]
    try:
        return constants_of({file: (root / "assignment" / file).read_text(encoding="utf-8") for file in files})
    except (AutograderError, SyntaxError, ValueError):
        return {}
