"""Holds the word list of CONTRIBUTING.md over what people read."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MENDED = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "autograder/sandbox/README.md"),
    *("handouts/source/*.md", "handouts/source/questions/*.md"),
)
CODE = (
    *("autograder/**/*.py", "autograder/**/*.j2", "solutions/*.py", "solutions/ssl_kit/*.py"),
    *("solutions/mistakes/*.py", "solutions/equivalents/*.py"),
)
"""Pages, and of Python docstrings, comments and messages."""
WORDS = {
    r"\bcan not\b": "cannot",
    r"(?<![Tt]here )\b(?:is|are|was|were) no (?!longer|more\b|later\b|less\b)": "is not a, or: has no",
    r"\b[Hh]omeworks?\b": "assignment",
    r"\banew\b": "again",
    r"(?<![`{(])\bbeside\b(?! are the)": "next to",
    r"\b(?:in|into) the places? of\b": "instead of",
    r"\ball else\b": "everything else",
    r"\b(?:is|are) told\b": "is reported, named or shown",
    r"\bmay as well\b": "or",
}
"""Words that nobody writes, each with the words to write instead."""
ON_PAGES = {r"\bbesides\b": "as well", r"(?:^|\"|[.;:] )Who\b[^?]*[.;]": "Students who, whoever"}
"""And on pages, whose readers do not know the code."""
ALLOWED = {
    "CONTRIBUTING.md": r"^\| .*\| (?:can not|is no|told|beside|anew|homework|in the place|all else|who)\b",  # the list
    "CHANGELOG.md": r"`homework`|called Homework\.",  # the name of a key, and a default
    "handouts/source/instructor_year.md": r"^homework = |`homework`",  # the key
    "handouts/source/assignment.md": r"\{\{ homework \}\}",  # the slot
    "handouts/source/assignment_readme.md": r"\{\{ homework \}\}",
    "handouts/source/ta_canvas.md": r'"Homework \d"',  # what a column of a course is called
    "handouts/source/ta_guide.md": r'"can not confine',  # quotes a message
    "handouts/source/ta_gradescope.md": r"The student is told",  # of a person
}
"""By file, which lines are passed over, and why."""
DESCRIBED = (
    "autograder/**/*.py",
    "solutions/*.py",
    "solutions/ssl_kit/*.py",
    "solutions/equivalents/*.py",
    "tests/**/*.py",
)
"""Python files whose docstrings describe code; those of `solutions/mistakes/` are hints for students."""
RIDDLE = re.compile(r"(?:What(?:ever)?|Who(?:se|m|ever)?|Where)\b")
"""The beginning of a docstring that names nothing: write what the code does or returns, subject or verb first."""


NAMES = "|".join(
    (
        *(
            r"names\.homework",
            "`homework`",
            '"homework"',
            "homework = ",
            "homework: str",
            '^"Homework"$',
            r"Homework \d",
        ),
        *('class="beside"', "`beside` are"),
    )
)
"""Names in code: the key of a course's settings, a style, an argument."""


@cache
def files(pattern: str) -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", f":(glob){pattern}"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def read(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that people read, with numbers: a page without commands, or strings and comments of Python."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        yield from in_python(text)
        return
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= line.startswith("```")
        if not fenced:
            yield number, line


def in_python(text: str) -> Iterator[tuple[int, str]]:
    names = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in names:
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, line


def unwanted(path: Path) -> list[str]:
    """Each place as `file:line: the words there; write: the words instead`."""
    name = path.relative_to(ROOT).as_posix()
    allowed = re.compile(f"{ALLOWED.get(name, r'(?!)')}|{NAMES}")
    words = WORDS if path.suffix in (".py", ".j2") else WORDS | ON_PAGES
    return [
        f"{name}:{number}: {found[0].strip()!r}; write: {instead}"
        for number, line in read(path)
        if not allowed.search(line)
        for word, instead in words.items()
        for found in re.finditer(word, line)
    ]


def riddles(path: Path) -> list[str]:
    """Each docstring of a module, class, function or name that begins as a riddle, as `file:line: its first line`."""
    texts = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Expr)]
    return [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: {node.value.value.splitlines()[0]}"
        for node in texts
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) and RIDDLE.match(node.value.value)
    ]


@pytest.mark.parametrize("pattern", [*MENDED, *CODE])
def test_words_are_those_of_the_list(pattern: str) -> None:
    assert files(pattern), f"no file of the repository is called {pattern}"
    assert [place for path in files(pattern) for place in unwanted(path)] == []


def test_each_word_of_the_list_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_english.ROOT", tmp_path)
    lines = ["It can not.", "It is no dict.", "The homework", "anew", "beside it", "in the place of it", "all else"]
    lines += ["It is told.", "They may as well get it."]
    assert len(lines) == len(WORDS)
    for line in lines:
        (tmp_path / "x.md").write_text(f"{line}\n", "utf-8")
        (tmp_path / "x.py").write_text(f'def f():\n    """{line}"""\n', "utf-8")
        assert len(unwanted(tmp_path / "x.md")) == len(unwanted(tmp_path / "x.py")) == 1, line
    for line in ("Who has no grade is named.", "It is red besides."):
        (tmp_path / "x.md").write_text(f"{line}\n", "utf-8")
        assert len(unwanted(tmp_path / "x.md")) == 1, line


def test_code_is_not_read_as_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_english.ROOT", tmp_path)
    (tmp_path / "x.py").write_text("homework = beside = 1\n", "utf-8")
    (tmp_path / "x.md").write_text("```\nhomework = 1\n```\n", "utf-8")
    assert unwanted(tmp_path / "x.py") == unwanted(tmp_path / "x.md") == []


@pytest.mark.parametrize("pattern", DESCRIBED)
def test_docstrings_begin_with_a_subject_or_a_verb(pattern: str) -> None:
    assert files(pattern), f"no file of the repository is called {pattern}"
    assert [place for path in files(pattern) for place in riddles(path)] == []


def test_a_riddle_is_found_below_every_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_english.ROOT", tmp_path)
    text = '"""What is here."""\nclass A:\n    """Who made it."""\n    b = 1\n    """Where it lies."""\n'
    text += '    def f(self):\n        """Whatever there is."""\n        return "What"\n'
    text += 'def g():\n    """Whole or not."""\n'
    (tmp_path / "x.py").write_text(text, "utf-8")
    assert [place.split(":")[1] for place in riddles(tmp_path / "x.py")] == ["1", "3", "5", "7"]
