"""Finds the smallest change of a student's own lines that makes every check of a question pass, and proves it.

This is for a wrong value that no known mistake explains. The proof is a process of its own with the changed file that
passes every check on all inputs, the student's own too. The student reads place and kind of the change, never its text.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.checks import judge
from autograder.checks.demands import Answers
from autograder.collect.blocks import block, stubs
from autograder.collect.tree import Tree
from autograder.collect.walk import open_regular
from autograder.core.errors import SubmissionProblem
from autograder.core.records import STUDENT_FILES, Case, Diagnosis, Question
from autograder.core.settings import SKELETON, Limits
from autograder.diagnose.match import worth_a_look
from autograder.reference.kept import Kept
from autograder.repair.search import Numbers, Search
from autograder.sandbox.edits.file import Edit, apply, joined, pieces
from autograder.sandbox.edits.scope import KINDS
from autograder.sandbox.session import Session
from autograder.sandbox.student import Student

ONE, TWO = "*one edit*", "*two edits*"
"""The names of repairs in lists of mistakes."""
_PROOF = {
    1: (ONE, "One small change there makes every check of this question pass; a search found it."),
    2: (TWO, "Two small changes there make every check of this question pass; a search found them."),
}
"""By number of changes, the name of a repair, and the sentence about it."""
_PROOFS = 2
"""The most changes that are right on the shared cases and then tried in a process of their own."""
_MOST_DIFF = 4000
"""The most characters of a change that are shown."""
_MOST_BYTES = 1024 * 1024
"""The most bytes of a file that is searched."""

Proof = Callable[[dict[str, bytes]], bool]
"""Whether every check passes with other bytes in some of the files."""


class Repairer:
    """Looks for the repairs of one submission."""

    def __init__(self, tree: Tree, student: Student, limits: Limits, kept: Kept) -> None:
        """`kept` has the repairs that the run found for the same code before."""
        self._tree = tree
        self._student = student
        self._limits = limits
        self._kept = kept

    def repair(
        self, question: Question, answers: Answers, shared: Sequence[Case], prove: Proof
    ) -> tuple[Diagnosis, ...]:
        """Find the repair of one question; `shared` are its cases that all students have. Nothing if none is found."""
        compared = judge.compared_by_case(question, answers.expected)
        names = {case.name for case in judge.wrong_cases(answers, compared)} & {case.name for case in shared}
        wrong = worth_a_look(answers, names)
        if not wrong or not self._limits.repair:
            return ()
        part = next(part for part in question.parts if part.file == (wrong[0].file or question.file))
        read = self._read(part)
        if not read:
            return ()
        texts = [text for _, text in read]
        cases = [case for case in shared if (case.file or question.file) == part.file and case.name in compared]
        search = Search(part, texts, cases, answers.given, answers.expected, compared, self._start, self._limits.repair)
        found = self._kept.once(self._key(part, b"\n".join(texts), answers, cases), search.found)
        proved = self._proved(part, read, found, prove) if found else None
        return () if proved is None else (proved,)

    def _proved(
        self, part: Question, read: Sequence[tuple[str, bytes]], found: Sequence[Numbers], prove: Proof
    ) -> Diagnosis | None:
        """The first of the changes with which the file passes everything."""
        path = self._tree.files[part.module]
        with self._start() as session:
            piece, edits = session.edits(part)
        name, text = read[piece] if piece < len(read) else ("", b"")
        for numbers in found[:_PROOFS]:
            chosen = [edits[number] for number in numbers if number < len(edits)]
            changed = _changed(text, chosen) if len(chosen) == len(numbers) else None
            if changed is not None and prove({str(path): joined(path, self._data(path), piece, changed)}):
                return _diagnosis(name, text, changed, chosen)
        return None

    def _start(self) -> Session:
        return self._student.session(replace(self._limits, timeout=max(1.0, self._limits.repair)), questions=1)

    def _read(self, part: Question) -> list[tuple[str, bytes]]:
        """The pieces of a file in which changes are tried, each with its name; none if it is missing or too large."""
        path = self._tree.files.get(part.module)
        data = b"" if path is None else self._data(path)
        return pieces(path, data, part.file) if path is not None and data else []

    def _data(self, path: Path) -> bytes:
        try:
            with open_regular(self._tree.root / path) as file:
                data = file.read(_MOST_BYTES + 1)
        except (OSError, SubmissionProblem):
            return b""
        return data if len(data) <= _MOST_BYTES else b""

    def _key(self, part: Question, data: bytes, answers: Answers, cases: Sequence[Case]) -> tuple[str, str]:
        """A key that differs for searches that may end differently: it depends on the file and those that it imports,
        without the answers to other questions, and on the values that they gave."""
        digest = hashlib.sha256(_plain(data.decode("utf-8", "replace"), part).encode())
        for file in STUDENT_FILES:
            module = file.removesuffix(".py")
            path = self._tree.files.get(module)
            if module != part.module and path is not None and re.search(rb"\b%b\b" % module.encode(), data):
                digest.update((self._tree.root / path).read_bytes())
        for case in cases:
            answer = answers.given[case.name]
            digest.update(f"{case.digest} {answer.error}".encode())
            for name, value in sorted(answer.values.items()):
                digest.update(
                    f"{name} {value.type_name}".encode() + (b"" if value.array is None else value.array.tobytes())
                )
        return part.id, digest.hexdigest()


def _plain(text: str, part: Question) -> str:
    """A file's lines without comments, blank lines, and the answers to other questions."""
    lines = text.split("\n")
    left_out: set[int] = set()
    for question, functions in stubs((SKELETON / part.file).read_text("utf-8")).items():
        for names in functions if question != part.id else ():
            left_out |= {number for number, _ in block(lines, names)}
    kept = (line.rstrip() for number, line in enumerate(lines, 1) if number not in left_out)
    return "\n".join(line for line in kept if line.strip() and not line.lstrip().startswith("#"))


def _changed(data: bytes, edits: Sequence[Edit]) -> bytes | None:
    """A file with changes made; None if they are not of this file."""
    try:
        return apply(data, edits) if all(edit.end <= len(data) for edit in edits) else None
    except ValueError:
        return None


def _diagnosis(file: str, data: bytes, changed: bytes, edits: Sequence[Edit]) -> Diagnosis:
    """The finding: place and kind of each change for the student, and the change itself for the staff."""
    places = sorted((data.count(b"\n", 0, _first_difference(data, edit)) + 1, KINDS[edit.kind]) for edit in edits)
    where = " ".join(f"Line {line} of {file}: look at {what}." for line, what in places)
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (data, changed))
    change = "\n".join(list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:])
    name, proof = _PROOF[len(edits)]
    return Diagnosis(name, f"{where} {proof}", change=change[:_MOST_DIFF])


def _first_difference(data: bytes, edit: Edit) -> int:
    """The first byte at which a change differs from the present text."""
    before, after = data[edit.start : edit.end], edit.text.encode()
    same = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), None)
    return edit.start + (min(len(before), len(after)) if same is None else same)
