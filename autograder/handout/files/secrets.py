"""Searches everything that a student downloads for parts of the reference."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from autograder.core.records import STUDENT_FILES, Array
from autograder.handout.course import State, load_course
from autograder.handout.edit.naming import written_files
from autograder.handout.files.annotations import read_stubs
from autograder.handout.files.regions import regions
from autograder.handout.files.report_notebook import SCHEME
from autograder.handout.files.stubs import solved_lines
from autograder.reference.frozen import PATH as FIXTURES

SHORTEST = 24
"""The length of a line from which on it is secret; shorter ones (`return loss`) may be anywhere."""
FEW = 3
"""The fewest numbers of one array that are not together by accident."""
DIGITS = 9
"""The fewest characters of a number that is unique."""
NUMBER = re.compile(r"-?\d+\.\d+(?:e-\d+)?")
COMMENT = re.compile(r"\s+#.*")


def leaks(root: Path, files: Mapping[str, bytes], seed: str) -> Iterator[str]:
    """Yield a sentence for each part of `files` (by their names in the download) that students must not see.

    It searches for lines between the markers of questions that are not given this term, all lines of absent ones, lines
    of mistakes and equivalents, the seed, and mark schemes.
    """
    solved, skeletons = _solved_lines(root)
    stand_ins = _stand_in_lines(root) - skeletons
    for name, content in sorted(files.items()):
        text = content.decode("utf-8", errors="replace")
        lines = _lines(text)
        for line in sorted(solved & lines):
            yield f"{name} holds a line of a solution: {line}"
        for line in sorted(stand_ins & lines):
            yield f"{name} holds a line of a known mistake: {line}"
        if seed in text or seed.encode() in content:
            yield f"{name} holds the seed of the hidden inputs"
        if any(word in text for word in SCHEME):
            yield f"{name} holds a mark scheme"


def hidden_values(root: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield fixtures in `files`, or several numbers of one array of a hidden case, written out or as bytes."""
    hidden = list(_hidden_arrays(root))
    whose = {text: name for name, array in hidden for text in map(str, array.flat) if len(text) >= DIGITS}
    for path, content in sorted(files.items()):
        if path.endswith(".npz") or b"\x93NUMPY" in content:
            yield f"{path} holds NumPy arrays, as fixtures do"
        for name, array in hidden:
            if array.nbytes >= DIGITS and array.tobytes() in content:
                yield f"{path} holds {name} of a fixture"
        numbers = set(NUMBER.findall(content.decode("utf-8", errors="replace")))
        found = Counter(whose[number] for number in numbers & whose.keys())
        yield from (f"{path} holds numbers of {name} of a fixture" for name, count in found.items() if count >= FEW)


def _hidden_arrays(root: Path) -> Iterator[tuple[str, Array]]:
    """Yield inputs and expected values of hidden cases: arrays of fractions, except those of public cases."""
    for path in sorted((root / FIXTURES).glob("*.npz")):
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                array = arrays[name]
                if array.dtype.kind == "f" and "/public" not in name and len(np.unique(array)) > FEW:
                    yield f"{path.stem} {name}", array


def _solved_lines(root: Path) -> tuple[set[str], set[str]]:
    """The lines that this term's students must not see, and all other lines of those files.

    The lines between the markers of a question that is asked or absent are secret, and so are all lines of an absent
    one. Students get the lines of a question that is given.
    """
    course = load_course(root / "solutions" / "course.toml")
    solved: set[str] = set()
    open_lines: set[str] = set()
    for path in written_files(root):
        source = path.read_text(encoding="utf-8")
        inside = solved_lines(source)
        for stub in read_stubs(source, path.name) if path.name in STUDENT_FILES else ():
            if course.state(stub.question) is not State.GIVEN:
                inside |= {*range(stub.start + 1, stub.end)}
        absent = {question for question, state in course.bonus.items() if state is State.ABSENT}
        inside |= {number for number, _, region in regions(source, path.name) if region in absent}
        rows = list(enumerate(source.splitlines(), start=1))
        solved |= _lines("\n".join(row for number, row in rows if number in inside))
        open_lines |= _lines("\n".join(row for number, row in rows if number not in inside))
    return solved - open_lines, open_lines


def _stand_in_lines(root: Path) -> set[str]:
    """The code of mistakes and equivalents; their docstrings are hints that students may read."""
    found: set[str] = set()
    for path in [*root.glob("solutions/mistakes/*.py"), *root.glob("solutions/equivalents/*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        methods = [node for part in tree.body if isinstance(part, ast.ClassDef) for node in part.body]
        for node in [*methods, *(node for node in tree.body if getattr(node, "decorator_list", ()))]:
            if isinstance(node, ast.Assign):
                found |= _lines(ast.unparse(node))
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                found |= _lines("\n".join(ast.unparse(statement) for statement in body))
    return found


def _lines(text: str) -> set[str]:
    stripped = {COMMENT.sub("", line).strip() for line in text.splitlines()}
    return {line for line in stripped if len(line) >= SHORTEST and not line.startswith(("#", '"""'))}
