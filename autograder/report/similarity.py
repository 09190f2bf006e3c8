"""Pairs of submissions that are alike, for a person to read beside each other; it says nothing about why they are.

The comparison is copydetect's (winnowed fingerprints of the code, names and comments left out). What came with the
assignment is discounted, and so is what many in the class write: there are few ways to say some things.
"""

from __future__ import annotations

import io
import itertools
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.records import Excerpt, Result
from autograder.report.pages import render
from autograder.report.text import printable

KGRAM, WINDOW = 20, 5
"""Characters of tokens that count as alike, and how many of their fingerprints are thinned to one."""
IDIOM, LEAST_IDIOM = 0.1, 4
"""A fingerprint is an idiom where this share of the class has it, and at least so many."""
LEAST = 6
"""Fingerprints that both must have in common to be a pair."""
ALIKE = 0.5
"""Share of the shorter one's fingerprints from which a pair is listed."""
MOST = 100

Segment = tuple[str, bool]
"""A piece of code, and whether the other one has it too."""


@dataclass(frozen=True)
class Pair:
    """Two students, the share of the shorter one's own code that the other has too, and both codes in pieces."""

    students: tuple[str, str]
    share: float
    codes: tuple[tuple[Segment, ...], tuple[Segment, ...]]


def similarity_page(results: Sequence[Result], given: Sequence[Excerpt]) -> str:
    """Write the HTML page; `given` are the stubs as handed out."""
    found = alike_pairs(results, given)
    return render("similarity.html.j2", pairs=found[:MOST], more=max(0, len(found) - MOST), share=ALIKE)


def alike_pairs(results: Sequence[Result], given: Sequence[Excerpt]) -> list[Pair]:
    """The pairs whose own code is alike, most alike first."""
    codes = {result.student: _code(result.excerpts) for result in results if result.excerpts}
    plain = {student: _fingerprint(code, None) for student, code in codes.items()}
    known = Counter(itertools.chain.from_iterable(set(one.hashes) for one in plain.values()))
    idioms = {value for value, n in known.items() if n >= max(LEAST_IDIOM, IDIOM * len(codes))}
    discounted = sorted(idioms | set(_fingerprint(_code(given), None).hashes))
    own = {student: _fingerprint(code, discounted) for student, code in codes.items()}
    ranked = sorted(_shares({student: set(one.hashes) for student, one in own.items()}))
    return [
        Pair((a, b), -share, _pieces(own[a], own[b]) if i < MOST else ((), ()))
        for i, (share, a, b) in enumerate(ranked)
    ]


def _shares(hashes: dict[str, set[int]]) -> Iterator[tuple[float, str, str]]:
    """Minus the share, and the two students, of every pair that has enough in common."""
    having = defaultdict(list)
    for student in sorted(hashes):
        for value in hashes[student]:
            having[value].append(student)
    common = Counter(pair for students in having.values() for pair in itertools.combinations(students, 2))
    for (a, b), n in common.items():
        share = n / min(len(hashes[a]), len(hashes[b]))
        if n >= LEAST and share >= ALIKE:
            yield -share, a, b


def _code(excerpts: Sequence[Excerpt]) -> str:
    ordered = sorted(excerpts, key=lambda excerpt: excerpt.question)
    return "\n\n".join(printable("\n".join(text for _, text in one.lines), multiline=True) for one in ordered)


def _fingerprint(code: str, discounted: list[int] | None) -> Any:
    """copydetect's record of one student; imported here because it takes a second and few runs need it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of code that is too short to have fingerprints
        from copydetect import CodeFingerprint

        return CodeFingerprint("student.py", KGRAM, WINDOW, discounted, language="python", fp=io.StringIO(code))


def _pieces(a: Any, b: Any) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    from copydetect import compare_files

    _, _, (ranges_a, ranges_b) = compare_files(a, b)
    return tuple(_cut(a.raw_code, ranges_a)), tuple(_cut(b.raw_code, ranges_b))


def _cut(code: str, ranges: Any) -> Iterator[Segment]:
    at = 0
    for start, end in sorted(zip(*ranges.astype(int).tolist(), strict=True)) if ranges.size else ():
        start, end = max(start, at), min(end, len(code))
        if start < end:
            yield code[at:start], False
            yield code[start:end], True
            at = end
    yield code[at:], False
