"""Finds the places of a question's id, and replaces it by another.

Code names a question by a whole string, `"1.3"`, and nothing else; prose says `question 1.3`. An id of a bonus question
is a word with no other use, so in prose it may stand alone.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, Question
from autograder.handout.files.annotations import read_stubs

CODE = (
    *("autograder/cases", "autograder/checks", "autograder/diagnose", "autograder/sandbox/probes"),
    *("solutions", "solutions/ssl_kit", "solutions/mistakes", "solutions/equivalents"),
)
"""Folders of Python files that name questions."""
SOURCES = "handouts/source"
DRAWS = Path("autograder/cases/draw.py")
SECTIONS = f"{SOURCES}/questions"
TABLES = "docs/judging.md"
"""The page with a table of figures for each question."""
ANSWERS = f"{SOURCES}/ta_guide.md"
"""The page with a table of good answers to each section's own question."""
METHODS = "docs/methods.md"
"""The page with a table of figures for each method."""
_DRAWN_AS = re.compile(r"^DRAWN_AS: dict\[str, str\] = (\{[^}]*\})$", re.MULTILINE)
_ID = r"(?:\d+(?:\.\d+)*|B\d+)"
_LIST = re.compile(rf"(?:\b[Qq]uestions?|문제) ({_ID}(?:(?:, and |, or |, | and | or ){_ID})*)(?![\w.]*\w)")
"""`question 1.3`, `questions 1.2, 1.3 and B1`: in prose a number is an id only behind this word."""


def questions_of(root: Path) -> dict[str, Question]:
    """The questions that have stubs, by id, each as its first header has it."""
    found: dict[str, Question] = {}
    for file in STUDENT_FILES:
        for stub in read_stubs((root / "solutions" / file).read_text(encoding="utf-8"), file):
            found.setdefault(stub.question.id, stub.question)
    return found


def written_files(root: Path) -> list[Path]:
    """The student files with the reference in them, and the given files, in `solutions/`."""
    return sorted([*(root / "solutions").glob("*.py"), *(root / "solutions" / "ssl_kit").rglob("*.py")])


def python_files(root: Path) -> Iterator[Path]:
    """Yield every Python file in which a question may be named."""
    for folder in CODE:
        yield from (path for path in sorted((root / folder).glob("*.py")) if path != root / DRAWS)


def text_files(root: Path) -> Iterator[Path]:
    """Yield every page in which a question may be named.

    The guide to a new question is left out because its ids are examples, and the list of changes because it is about
    the past, under the old ids.
    """
    aside = ("instructor_guide.md", "changes.md")
    yield from (path for path in sorted((root / SOURCES).rglob("*.md")) if path.name not in aside)


def own_files(root: Path, question: str) -> list[Path]:
    """The files that are named after a question's id: its section in each language, and its expected values."""
    fixtures = root / "autograder" / "fixtures"
    return [*(root / SOURCES).rglob(f"questions/{question}.md"), *fixtures.glob(f"{question}.npz")]


def in_python(source: str, old: str, new: str) -> str:
    """Replace an id in Python: whole strings, and the prose of comments and strings."""
    if old not in source:
        return source
    lines = source.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for token in reversed(tokens):
        if token.type == tokenize.STRING:
            text = _string(token.string, old, new)
        elif token.type == tokenize.COMMENT:
            text = in_prose(token.string, old, new)
        else:
            continue
        if text != token.string:
            (first, start), (last, end) = token.start, token.end
            whole = lines[first - 1][:start] + text + lines[last - 1][end:]
            lines[first - 1 : last] = [whole]
    return "".join(lines)


def in_prose(text: str, old: str, new: str) -> str:
    """Replace an id in prose; the example of a command keeps its own."""
    word = re.compile(rf"(?<![\w.])(?<!rename )(?<!promote )(?<!remove ){re.escape(old)}(?![\w]|\.\d)")
    text = _LIST.sub(lambda found: found[0].replace(found[1], word.sub(new, found[1])), text)
    if not old.startswith("B"):
        return text
    return word.sub(new if new.startswith("B") else f"question {new}", text)


def in_page(text: str, old: str, new: str) -> str:
    """Replace an id in Markdown: prose, slots, links, and rows of tables."""
    text = re.sub(rf'"{re.escape(old)}"', f'"{new}"', in_prose(text, old, new))
    text = re.sub(rf"#question-{re.escape(old.lower())}(?![\w.]*\w)", f"#question-{new.lower()}", text)
    return in_rows(text, old, new)


def in_rows(text: str, old: str, new: str) -> str:
    """Replace an id in Markdown at the beginning of rows of tables."""
    return re.sub(rf"^\| {re.escape(old)} (?=\w)", f"| {new} ", text, flags=re.MULTILINE)


def in_settings(text: str, old: str, new: str) -> str:
    """Replace an id in `course.toml` or `variants.toml`: keys, ids of tables, and paths of sections."""
    text = re.sub(
        rf'^(# *)?"?{re.escape(old)}"?(?= *=)', lambda found: f"{found[1] or ''}{_key(new)}", text, flags=re.MULTILINE
    )
    text = re.sub(rf'^(id *= *)"{re.escape(old)}"', rf'\g<1>"{new}"', text, flags=re.MULTILINE)
    return text.replace(f"questions/{old}.md", f"questions/{new}.md")


def draw_as_before(root: Path, old: str, new: str | None) -> None:
    """Record the id under which a question's inputs are drawn; without `new`, remove the record."""
    path = root / DRAWS
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    match = _DRAWN_AS.search(text)
    if match is None:
        raise AutograderError(f"{DRAWS} has no table DRAWN_AS.", "Write `DRAWN_AS: dict[str, str] = {}` again.")
    table = ast.literal_eval(match[1])
    first = table.pop(old, old)
    if new is not None and new != first:
        table[new] = first
    entries = ", ".join(f'"{question}": "{before}"' for question, before in sorted(table.items()))
    path.write_text(text[: match.start(1)] + f"{{{entries}}}" + text[match.end(1) :], encoding="utf-8")


def drop_rows(path: Path, question: str) -> None:
    """Remove the rows that begin with the question from a page's tables."""
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(rf"^\| {re.escape(question)} (?=\w).*\n", "", text, flags=re.MULTILINE), "utf-8")


def named_in(root: Path, question: str) -> Iterator[str]:
    """Yield path and line of every place that still names a question."""
    other = "B0" if question.startswith("B") else "0"
    for path in (*python_files(root), *text_files(root)):
        text = path.read_text(encoding="utf-8")
        changed = in_python(text, question, other) if path.suffix == ".py" else in_page(text, question, other)
        for number, (before, after) in enumerate(zip(text.splitlines(), changed.splitlines(), strict=True), 1):
            if before != after:
                yield f"{path.relative_to(root).as_posix()}:{number}: {before.strip()}"


def with_word(root: Path, word: str) -> Iterator[str]:
    """Yield path and line of every place in code and pages with a word, such as a method's name."""
    standing = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    for path in (*python_files(root), *text_files(root), root / METHODS):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.is_file() else (), 1):
            if standing.search(line):
                yield f"{path.relative_to(root).as_posix()}:{number}: {line.strip()}"


def _key(question: str) -> str:
    return question if question.isalnum() else f'"{question}"'


def _string(text: str, old: str, new: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    if not isinstance(value, str):
        return text
    if value == old:
        return text.replace(old, new)
    return in_prose(text, old, new)
