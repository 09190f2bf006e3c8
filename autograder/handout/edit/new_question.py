"""`handout new-question`: writes every file that a question needs, and says what is still missing in them.

The question's function is in the student's file as a stub whose reference raises, so that nothing can be built, graded
or released before it is written. Running the command again changes nothing and lists what is left.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES
from autograder.handout.course import load_course
from autograder.handout.edit.rename import demand_free, demand_id
from autograder.handout.edit.staging import edited
from autograder.handout.files.annotations import HEADER
from autograder.language import ENGLISH
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.complete import FEWEST, NOT_WRITTEN, TO_WRITE

TEMPLATES = Path(__file__).parents[1] / "templates" / "question"
FUNCTION = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)\((?P<arguments>[a-z_][a-z0-9_]*(?:, ?[a-z_][a-z0-9_]*)*)\)")
TITLE = re.compile(r'[^"\\\n]{1,60}')
TESTS = "tests/solutions"
FORMULAS = "autograder/checks/explain.py"
MAIN = '\n\nif __name__ == "__main__":'


@dataclass(frozen=True)
class NewQuestion:
    """The arguments of the command: an id like `B6`, a title, a student file, and `name(z1, z2)`, all tensors."""

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
    def module(self) -> str:
        """The student file without its ending."""
        return self.file.removesuffix(".py")

    @property
    def stem(self) -> str:
        """The name of the question's own files: its id may change, the function's name stays."""
        return f"{self.module}_{self.name}"

    @property
    def _parts(self) -> tuple[str, str]:
        match = FUNCTION.fullmatch(self.function)
        if match is None:
            hint = 'Write it like --function "vicreg_loss(z1, z2)"; every argument is a tensor.'
            raise AutograderError(f"{self.function!r} is not a function with its arguments.", hint)
        return match["name"], match["arguments"]


def lay_down(root: Path, question: NewQuestion) -> list[str]:
    """Write the missing files; returns a line for each, and none if the question was begun before.

    Raises AutograderError, with nothing written, if the id, the function's name or a file is taken or is not valid.
    """
    _demand_sense(question)
    if _is_there(root, question):
        return []
    demand_free(root, question.id)
    _demand_free_names(root, question)
    new = {
        f"autograder/cases/{question.stem}.py": "cases.py",
        f"autograder/checks/test_{question.stem}.py": "checks.py",
        f"solutions/mistakes/{question.stem}.py": "mistakes.py",
        f"solutions/equivalents/{question.stem}.py": "equivalents.py",
        f"handouts/source/questions/{question.id}.md": "section.md",
    }
    for path in new:
        if (root / path).exists():
            raise AutograderError(f"{path} is there already.", "Move it away, or take another name.")
    with edited(root, finished=False) as (copy, done):
        for path, template in new.items():
            (copy / path).write_text(_filled(template, question), "utf-8")
        for folder, template in (("solutions", "solution.py"), ("autograder/sandbox/probes", "probe.py")):
            grown = copy / folder / question.file
            grown.write_text(_grown(grown.read_text(encoding="utf-8"), _filled(template, question)), "utf-8")
    return done


def missing(root: Path, question: NewQuestion) -> Iterator[str]:
    """Yield a sentence for each file that must still be written."""
    solution = root / "solutions" / question.file
    if f"reference of question {question.id} {NOT_WRITTEN}" in solution.read_text(encoding="utf-8"):
        yield f"solutions/{question.file}: the reference, between the markers of question {question.id}"
    section = root / "handouts" / "source" / "questions" / f"{question.id}.md"
    if not section.is_file() or TO_WRITE in section.read_text(encoding="utf-8"):
        yield f"handouts/source/questions/{question.id}.md: the places that say {TO_WRITE}"
    language = load_course(root / "solutions" / "course.toml").course.language
    translated = f"handouts/source/{language}/questions/{question.id}.md"
    if language != ENGLISH and not (root / translated).is_file():
        yield f"{translated}: the section in the course's language; the English one stands until it is there"
    if f'"{question.id}": ' not in (root / FORMULAS).read_text(encoding="utf-8"):
        yield f"{FORMULAS}: the formula, which a public check shows next to a wrong value"
    tests = [path.read_text(encoding="utf-8") for path in (root / TESTS).glob("test_*.py")]
    if tests and not any(question.name in text for text in tests):
        yield f"{TESTS}/test_handout_examples.py: a test that works out the section's example on paper"
    for folder, fewest in FEWEST.items():
        read_stand_ins.cache_clear()
        own = [one for one in read_stand_ins(root / "solutions" / folder) if one.question == question.id]
        count = sum(TO_WRITE not in one.hint for one in own)
        if count < fewest or count < len(own):
            path = f"solutions/{folder}/{question.stem}.py"
            yield f'{path}: {count} of at least {fewest} functions @replaces("{question.id}", "{question.name}")'


def _demand_sense(question: NewQuestion) -> None:
    demand_id(question.id)
    if question.file not in STUDENT_FILES:
        hint = f"Give one of {', '.join(STUDENT_FILES)}."
        raise AutograderError(f"{question.file!r} is not a file that students hand in.", hint)
    header = f"### Question {question.id}: {question.title} (5 points)"
    if not TITLE.fullmatch(question.title) or not HEADER.fullmatch(header):
        hint = "Give one line of at most 60 characters, without quotation marks and backslashes."
        raise AutograderError(f"{question.title!r} cannot be a title.", hint)
    names = [question.name, *question.arguments]
    for name in names:
        if keyword.iskeyword(name) or hasattr(builtins, name):
            raise AutograderError(f"`{name}` is a word of Python's own.", "Take another name.")
        if names.count(name) > 1:
            raise AutograderError(f"`{name}` is there twice in {question.function!r}.", "Give each its own name.")


def _demand_free_names(root: Path, question: NewQuestion) -> None:
    """Raise AutograderError for a name that is taken: a second function of that name would replace the first."""
    for folder in ("solutions", "autograder/sandbox/probes"):
        source = (root / folder / question.file).read_text(encoding="utf-8")
        for line, name in _names(source):
            if name == question.name:
                problem = f"{folder}/{question.file}, line {line}, has `{name}` already{_whose(source, line)}."
                raise AutograderError(problem, "Take another name for the function.")


def _names(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of everything defined or imported at the top of a file, and of its classes' methods."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        if isinstance(node, ast.ClassDef):
            yield from ((part.lineno, part.name) for part in node.body if isinstance(part, ast.FunctionDef))
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, (alias.asname or alias.name).partition(".")[0]) for alias in node.names)
        if isinstance(node, ast.Assign):
            yield from ((node.lineno, one.id) for one in node.targets if isinstance(one, ast.Name))


def _whose(source: str, line: int) -> str:
    """The question whose header is in the function that begins at a line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.lineno == line:
            rows = source.splitlines()[line - 1 : node.end_lineno]
            found = [match["id"] for row in rows if (match := HEADER.fullmatch(row.strip()))]
            return f", the function of question {found[0]}" if found else ""
    return ""


def _is_there(root: Path, question: NewQuestion) -> bool:
    """Whether the question has a stub; raises AutograderError if another file or title has the id."""
    for file in STUDENT_FILES:
        for line in (root / "solutions" / file).read_text(encoding="utf-8").splitlines():
            match = HEADER.fullmatch(line.strip())
            if match and match["id"] == question.id:
                if file == question.file and match["title"] == question.title:
                    return True
                problem = f"Question {question.id} is {match['title']!r} in {file} already."
                raise AutograderError(problem, "Take another id, or give its own title and file.")
    return False


def _grown(old: str, text: str) -> str:
    """The file with the text at its end, before the lines that run when it is called as a script."""
    body, main, rest = f"{old.rstrip()}\n".partition(MAIN)
    return f"{body.rstrip()}\n\n\n{text.strip()}\n{main}{rest}"


def _filled(template: str, question: NewQuestion) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(f"{template}.j2").render(
        id=question.id,
        title=question.title,
        file=question.file,
        module=question.module,
        function=question.name,
        arguments=question.arguments,
        points=question.points,
        bonus=question.id.startswith("B"),
    )
