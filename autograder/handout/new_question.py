"""`handout new-question`: lays down every file that a question needs, and says what in them is still missing.

The question's function stands in the student's file as a stub whose reference raises, so that nothing can be built,
graded or released before it is written. Running the command again changes nothing and lists what is left.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from autograder.diagnose.catalogue import read_variants
from autograder.errors import AutograderError
from autograder.handout.annotations import BONUS_ID, CORE_ID, HEADER
from autograder.handout.pages import TO_WRITE
from autograder.records import STUDENT_FILES
from autograder.store import write_whole

TEMPLATES = Path(__file__).parent / "templates" / "question"
FUNCTION = re.compile(r"(?P<name>[a-z_]\w*)\((?P<arguments>[a-z_]\w*(?:, ?[a-z_]\w*)*)\)")
COMPARE = re.compile(r"^from autograder\.checks\.compare import (.+)$", re.MULTILINE)
MAIN = '\n\nif __name__ == "__main__":'
FEWEST_MISTAKES, FEWEST_EQUIVALENTS = 6, 2


@dataclass(frozen=True)
class NewQuestion:
    """What the command line says: an id like `B6`, a title, a student file, and `name(z1, z2)`, tensors all."""

    id: str
    title: str
    file: str
    function: str
    points: int

    @property
    def name(self) -> str:
        """The function's name."""
        return self._parts[0]

    @property
    def arguments(self) -> list[str]:
        """The names of its arguments."""
        return re.findall(r"\w+", self._parts[1])

    @property
    def slug(self) -> str:
        """The id as part of a Python name."""
        return self.id.lower().replace(".", "_")

    @property
    def _parts(self) -> tuple[str, str]:
        match = FUNCTION.fullmatch(self.function)
        if match is None:
            hint = 'Write it like --function "vicreg_loss(z1, z2)"; every argument is a tensor.'
            raise AutograderError(f"{self.function!r} is no function with its arguments.", hint)
        return match["name"], match["arguments"]


def lay_down(root: Path, question: NewQuestion) -> list[str]:
    """Write what is not there yet; returns the paths, and none when the question was begun before."""
    _demand_sense(question)
    if _is_there(root, question):
        return []
    module = question.file.removesuffix(".py")
    grown = {
        f"solutions/{question.file}": "solution",
        f"autograder/sandbox/probes/{question.file}": "probe",
        f"autograder/cases/{question.file}": "cases",
        f"autograder/checks/test_{question.file}": "checks",
    }
    new = {
        f"solutions/mistakes/{module}_{question.slug}.py": "mistakes.py",
        f"solutions/equivalents/{module}_{question.slug}.py": "equivalents.py",
        f"handouts/source/questions/{question.id}.md": "section.md",
    }
    made = {path: _grown(root / path, _filled(f"{template}.py", question)) for path, template in grown.items()}
    for folder in ("mistakes", "equivalents"):
        path = f"solutions/{folder}/{question.file}"
        made[path] = _gathering(root / path, f"from {folder}.{module}_{question.slug} import *  # noqa: F403")
    for path, template in new.items():
        if (root / path).exists():
            raise AutograderError(f"{path} is there already.", "Move it away, or take another id.")
        made[path] = _filled(template, question)
    for path, text in made.items():
        write_whole(root / path, text)
    return list(made)


def missing(root: Path, question: NewQuestion) -> Iterator[str]:
    """What is still to be written, one sentence each."""
    solution = root / "solutions" / question.file
    if f"reference of question {question.id} is not written yet" in solution.read_text(encoding="utf-8"):
        yield f"solutions/{question.file}: the reference, between the markers of question {question.id}"
    section = root / "handouts" / "source" / "questions" / f"{question.id}.md"
    if not section.is_file() or TO_WRITE in section.read_text(encoding="utf-8"):
        yield f"handouts/source/questions/{question.id}.md: the places that say {TO_WRITE}"
    for folder, fewest in (("mistakes", FEWEST_MISTAKES), ("equivalents", FEWEST_EQUIVALENTS)):
        read_variants.cache_clear()
        count = sum(variant.question == question.id for variant in read_variants(root / "solutions" / folder))
        if count < fewest:
            module = question.file.removesuffix(".py")
            path = f"solutions/{folder}/{module}_{question.slug}.py"
            yield f'{path}: {count} of at least {fewest} functions @replaces("{question.id}", "{question.name}")'


def _demand_sense(question: NewQuestion) -> None:
    if not BONUS_ID.fullmatch(question.id) and not CORE_ID.fullmatch(question.id):
        raise AutograderError(
            f"{question.id!r} is no id of a question.", "Bonus questions are B6, core questions 5 or 1.5."
        )
    if question.file not in STUDENT_FILES:
        hint = f"Give one of {', '.join(STUDENT_FILES)}."
        raise AutograderError(f"{question.file!r} is no file that students hand in.", hint)
    if not question.arguments or not HEADER.fullmatch(f"### Question {question.id}: {question.title} (5 points)"):
        raise AutograderError(f"{question.title!r} can not be a title.", "Give one line of text.")


def _is_there(root: Path, question: NewQuestion) -> bool:
    """Whether the question has a stub; an id that another file or title has is refused."""
    for file in STUDENT_FILES:
        for line in (root / "solutions" / file).read_text(encoding="utf-8").splitlines():
            match = HEADER.fullmatch(line.strip())
            if match and match["id"] == question.id:
                if file == question.file and match["title"] == question.title:
                    return True
                problem = f"Question {question.id} is {match['title']!r} in {file} already."
                raise AutograderError(problem, "Take another id, or give its own title and file.")
    return False


def _grown(path: Path, text: str) -> str:
    """The file with the text at its end, before what runs when it is called as a script."""
    old = path.read_text(encoding="utf-8").rstrip() + "\n"
    old = COMPARE.sub(_with_close, old) if "Close(" in text else old
    body, main, rest = old.partition(MAIN)
    whole = f"{body.rstrip()}\n\n\n{text.strip()}\n{main}{rest}"
    ast.parse(whole)
    return whole


def _gathering(path: Path, line: str) -> str:
    """The file of a student file's variants with one import more, in its place among the others."""
    text = path.read_text(encoding="utf-8")
    rows = text.splitlines(keepends=True)
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    module = line.partition(" import")[0]
    places = [node.lineno - 1 for node in imports if rows[node.lineno - 1].partition(" import")[0] > module]
    own = [place for place in places if rows[place].startswith("from ")]
    rows.insert(own[0] if own else imports[-1].end_lineno or 0, f"{line}\n")
    return "".join(rows)


def _with_close(match: re.Match[str]) -> str:
    names = sorted({*re.findall(r"\w+", match[1]), "Close"})
    return f"from autograder.checks.compare import {', '.join(names)}"


def _filled(template: str, question: NewQuestion) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(f"{template}.j2").render(
        id=question.id,
        title=question.title,
        file=question.file,
        module=question.file.removesuffix(".py"),
        function=question.name,
        arguments=question.arguments,
        slug=question.slug,
        constant=f"VALUE_{question.slug.upper()}",
        points=question.points,
        bonus=question.id.startswith("B"),
    )
