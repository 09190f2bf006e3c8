"""Searches for the smallest change of a student's own lines that makes every check of a question pass.

The student's process lists the changes that its function could have (`sandbox/edits/`) and tries them; this side
decides which ones are right. A change that is right on all shared inputs is a repair only after the proof in
`repairer.py`. The number of changes is limited, so that the search ends the same on any machine; its CPU time is
limited too, for functions that are slow.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

import numpy as np

from autograder.checks import judge
from autograder.checks.compare import Comparator
from autograder.core.records import Answer, Array, Case, Question
from autograder.sandbox.edits.file import Edit
from autograder.sandbox.session import Session

MOST_PAIRS = 2000
"""The most pairs of changes that are tried."""
_NEAR = 4
"""The number of first changes of a pair: those that come nearest to the right values."""
_AT_ONCE = 300
"""The number of changes that are tried before their answers are compared."""
_QUICK = 0.1
"""The most seconds of an answer: a slower one is left to the proof."""
_UNCOUNTED = re.compile(r"[()\s]")
_ASLEEP = 2.0
"""The factor by which the time of a process on the clock may exceed its CPU time."""
_STARTS = 10
"""The most processes of one search: a change may end the process that it is tried in."""

Numbers: TypeAlias = tuple[int, ...]
"""The numbers of listed changes that are made together."""
Compared: TypeAlias = Mapping[str, Sequence[tuple[str, Comparator]]]
"""By case, the values that the checks look at, with their comparators."""


class Search:
    """One search, for one question in one file; `seconds` is the CPU time of its processes together."""

    def __init__(
        self,
        question: Question,
        pieces: Sequence[bytes],
        cases: Sequence[Case],
        given: Mapping[str, Answer],
        wanted: Mapping[str, Answer],
        compared: Compared,
        start: Callable[[], Session],
        seconds: float,
    ) -> None:
        """`pieces` are the file's, `cases` the shared ones; `start` opens a process that was asked nothing."""
        self._question = question
        self._pieces, self._data = pieces, b""
        quick = [case for case in cases if given[case.name].seconds <= _QUICK]
        self._cases = sorted(quick, key=lambda case: (sum(array.size for array in case.arrays.values()), case.name))
        self._given, self._wanted, self._compared = given, wanted, compared
        self._start = start
        self._left, self._reserve = 0.8 * seconds, 0.2 * seconds
        self._starts = 0
        self._session: Session | None = None

    def found(self) -> tuple[Numbers, ...]:
        """Changes that are right on every shared case, the smallest first; pairs if no single one is."""
        wrong = [case for case in self._cases if not self._right(case, self._given[case.name])]
        try:
            edits = self._open() if wrong else []

            def size(numbers: Numbers) -> tuple[int, Numbers]:
                return sum(_size(self._data, edits[number]) for number in numbers), numbers

            return tuple(sorted(self._found(edits, wrong[0]), key=size)) if edits else ()
        finally:
            self._close()

    def _found(self, edits: Sequence[Edit], first: Case) -> list[Numbers]:
        answers: dict[Numbers, Answer] = {}
        some: list[Numbers] = []
        for at in range(0, len(edits), _AT_ONCE):
            new = self._try(first, [(number,) for number in range(at, min(at + _AT_ONCE, len(edits)))])
            right_too = [numbers for numbers, answer in new.items() if self._right(first, answer)]
            if found := self._right_everywhere(right_too, first):
                return found
            answers |= new
            some += right_too
        tried = 0
        for base in [*some[:_NEAR], *self._nearest(first, answers)]:
            pairs = [(*base, number) for number in range(len(edits)) if _apart(edits[base[0]], edits[number])]
            pairs = pairs[: MOST_PAIRS - tried]
            if not pairs or self._left <= 0:
                break
            tried += len(pairs)
            case = self._next_wrong(base, first) if base in some else first
            right_too = [numbers for numbers, answer in self._try(case, pairs).items() if self._right(case, answer)]
            if found := self._right_everywhere(right_too, case):
                return found
        return []

    def _right_everywhere(self, candidates: Sequence[Numbers], but: Case) -> list[Numbers]:
        """The candidates that are wrong on none of the other cases; some time is reserved for this.

        Candidates for which the time is too short are left to the proof.
        """
        self._left += self._reserve
        for case in self._cases:
            if case is not but and candidates:
                answers = self._try(case, candidates)
                candidates = [one for one in candidates if one not in answers or self._right(case, answers[one])]
        self._reserve = max(0.0, min(self._reserve, self._left))
        self._left -= self._reserve
        return list(candidates)

    def _next_wrong(self, base: Numbers, first: Case) -> Case:
        """The first case whose answer is still wrong after a change."""
        for case in self._cases:
            answers = self._try(case, [base])
            if base in answers and not self._right(case, answers[base]):
                return case
        return first

    def _nearest(self, case: Case, answers: Mapping[Numbers, Answer]) -> list[Numbers]:
        """The changes after which the values are nearest to the right ones: by size, and by direction, in turn."""
        with np.errstate(all="ignore"):
            return self._ranked(case, answers)

    def _ranked(self, case: Case, answers: Mapping[Numbers, Answer]) -> list[Numbers]:
        seen = {self._digest(case, self._given[case.name])}
        different = []
        for numbers, answer in answers.items():
            digest = self._digest(case, answer)
            if answer.error is None and digest not in seen:
                seen.add(digest)
                different.append((*self._distance(case, answer), numbers))
        by_size = [row[2] for row in sorted(different, key=lambda row: (row[0], row[2]))]
        by_direction = [row[2] for row in sorted(different, key=lambda row: (row[1], row[2]))]
        return list(dict.fromkeys(one for pair in zip(by_size, by_direction, strict=True) for one in pair))[:_NEAR]

    def _digest(self, case: Case, answer: Answer) -> bytes:
        digest = hashlib.sha256(str(answer.error).encode())
        for name, _ in self._compared[case.name]:
            if (value := answer.values.get(name)) is not None and value.array is not None:
                digest.update(np.round(value.array.astype("float64"), 5).tobytes())
        return digest.digest()

    def _distance(self, case: Case, answer: Answer) -> tuple[float, float]:
        """The distance of the values from the right ones, and that of their directions; each at most 1."""
        sizes, directions = [], []
        for name, _ in self._compared[case.name]:
            given, wanted = answer.values.get(name), self._wanted[case.name].values.get(name)
            if wanted is not None and wanted.array is not None:
                one = None if given is None else given.array
                size, direction = _apart_by(one, wanted.array)
                sizes.append(size)
                directions.append(direction)
        return float(np.mean(sizes or [1.0])), float(np.mean(directions or [1.0]))

    def _right(self, case: Case, answer: Answer) -> bool:
        return judge.right(answer, self._wanted[case.name], self._compared[case.name])

    def _try(self, case: Case, candidates: Sequence[Numbers]) -> dict[Numbers, Answer]:
        """The answers of the function with each candidate, without those that ended the process or came too late."""
        answers: dict[Numbers, Answer] = {}
        left = list(candidates)
        while left and self._left > 0 and (self._session is not None or self._open()):
            assert self._session is not None
            patience = self._session.process.patience(_ASLEEP * self._left)
            outcome = self._session.try_edits(self._question, [case] * len(left), left, patience)
            self._left -= patience.spent()
            answers |= dict(zip(left, outcome.answers, strict=False))
            left = left[len(outcome.answers) + 1 :]
            if not self._session.alive or outcome.failed:
                self._close()
        return answers

    def _open(self) -> list[Edit]:
        """Start a process and let it list the changes; none if it cannot, or if enough were started."""
        if self._starts == _STARTS:
            return []
        self._starts += 1
        self._session = self._start()
        piece, edits = self._session.edits(self._question)
        self._data = self._pieces[piece] if piece < len(self._pieces) else b""
        return edits

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def _size(data: bytes, edit: Edit) -> int:
    """The number of removed letters, plus twice that of added ones; brackets and blanks are not counted."""
    before, after = (
        _UNCOUNTED.sub("", text) for text in (data[edit.start : edit.end].decode("utf-8", "replace"), edit.text)
    )
    same = sum(block.size for block in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks())
    return len(before) - same + 2 * (len(after) - same)


def _apart(one: Edit, other: Edit) -> bool:
    return one.end <= other.start or other.end <= one.start


def _apart_by(given: Array | None, wanted: Array) -> tuple[float, float]:
    if given is None or given.shape != wanted.shape or not wanted.size:
        return 1.0, 1.0
    one, other = given.astype("float64").ravel(), wanted.astype("float64").ravel()
    if not np.isfinite(one).all():
        return 1.0, 1.0
    length, right = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    away = float(np.linalg.norm(one - other)) / max(right, 1e-12)
    cosine = float(one @ other) / max(length * right, 1e-12)
    return min(1.0, away), (1.0 - cosine) / 2 if one.size > 1 else min(1.0, away)
