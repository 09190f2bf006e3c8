"""Edits the kit in a copy, proves that the copy still fits together, and then puts the changed files into the kit.

An edit that cannot be finished, or that would leave a course that cannot be built, changes nothing.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from autograder.core.errors import AutograderError, demand
from autograder.core.store import write_whole
from autograder.handout.build import facts_of, texts_of
from autograder.handout.edit.naming import TABLES

PARTS = (
    *("solutions", "handouts/source", "autograder/cases", "autograder/checks", "autograder/diagnose"),
    *("autograder/sandbox/probes", "autograder/fixtures"),
)
"""The folders that know about questions."""
FILES = (TABLES, "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*")


@contextmanager
def edited(root: Path, finished: bool = True) -> Iterator[tuple[Path, list[str]]]:
    """Yield a copy to edit, and a list that has the lines on the changes when the context ends.

    Raises AutograderError, and leaves everything as it was, if the edited copy is not a valid course; a question that
    is not `finished` may lack its section.
    """
    done: list[str] = []
    with tempfile.TemporaryDirectory(prefix="handout-") as name:
        copy = Path(name)
        for part in PARTS:
            if (root / part).is_dir():
                shutil.copytree(root / part, copy / part, ignore=LEFT_OUT)
        for file in FILES:
            if (root / file).is_file():
                (copy / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / file, copy / file)
        yield copy, done
        before = _content(root)
        tidy(copy, [path for path, content in _content(copy).items() if before.get(path) != content])
        after = _content(copy)
        facts_of(copy)
        if finished:
            texts_of(copy)
        changes = {path: after.get(path) for path in sorted({*before, *after}) if before.get(path) != after.get(path)}
        _put_in_place(root, before, changes)
        for path, content in changes.items():
            done.append(f"{path}: {'removed' if content is None else 'changed' if path in before else 'written'}")


def _content(root: Path) -> dict[str, bytes]:
    """The content of every file of those folders, by path."""
    found = [path for part in PARTS for path in (root / part).rglob("*")]
    kept = [path for path in found if path.is_file() and not {"__pycache__"} & {*path.parts} and path.name[0] != "."]
    paths = [*kept, *(root / file for file in FILES if (root / file).is_file())]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def tidy(copy: Path, paths: list[str]) -> None:
    """Remove unused imports, sort imports, and format lines as `make lint` wants them."""
    python = [path for path in paths if path.endswith(".py")]
    if not python:
        return
    for path in python:
        try:
            ast.parse((copy / path).read_text(encoding="utf-8"))
        except SyntaxError as error:
            problem = f"{path} would not be valid Python any more (line {error.lineno}: {error.msg})."
            raise AutograderError(problem, "Nothing was changed; edit that place by hand first.") from error
    demand("ruff", "handout", "Putting the changed files in order")
    for arguments in (("check", "--select", "F401,I", "--fix", "--exit-zero"), ("format",)):
        command = [sys.executable, "-m", "ruff", *arguments, "--quiet", "--no-cache", *python]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
        if done.returncode:
            problem = f"ruff could not put the files in order: {(done.stderr or done.stdout).strip()}."
            raise AutograderError(problem, "Nothing was changed; `make lint` sets up what is needed.")


def _put_in_place(root: Path, before: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> None:
    """Write all changes, or restore the earlier files."""
    try:
        for path, content in changes.items():
            _put(root / path, content)
    except BaseException:  # Ctrl-C as well as a full disk
        for path in changes:
            _put(root / path, before.get(path))
        raise


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
