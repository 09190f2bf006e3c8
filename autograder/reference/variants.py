"""One year's variant of the assignment, on the trusted side: cases and sentences, between this year and `solutions/`.

A variant renames arguments, turns the rule for ties round, and sets constants. The trusted side stays as it is written:
inputs and calls are translated where a student's process is asked (`as_asked`, and `Variant.calls` in the sandbox), so
that checks, mistakes and right answers hold for every year. `renaming.py` rewrites what students are given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from autograder.core.records import Case, Param, QuestionResult, Variant

VOTE = "KNN"
"""The function whose rule for ties a variant may turn round; the names of its probes begin with its name."""
_TIES = re.compile(r"\b(smallest|largest)(?= (label|of|one)\b)", re.IGNORECASE)
_LABELS = ("labels", "train_labels")
_CONSTANTS = {"barlow": ("lambd",)}
"""Which constants the reference gets from the probe that calls it."""


def as_asked(case: Case, variant: Variant) -> Case:
    """The case as this year's students are asked it: where ties go to the largest label, labels are mirrored.

    A vote does not change when labels are exchanged one for one, but that the smallest becomes the largest.
    """
    return _mirrored(case) if variant.ties == "largest" and case.probe.startswith(VOTE.lower()) else case


def as_written(case: Case, variant: Variant) -> Case:
    """The same case as the reference of `solutions/` is to be asked it."""
    if case.mirrored:
        case = _mirrored(case)
    known = dict(variant.constants)
    told: dict[str, Param] = {name: known[name] for name in _CONSTANTS.get(case.probe, ()) if name in known}
    return replace(case, params={**case.params, **told}) if told else case


def turned(cases: Iterable[Case]) -> bool:
    """Whether a question's cases are asked the other way round than `solutions/` has them."""
    return any(case.mirrored for case in cases)


def in_words(text: str, variant: Variant) -> str:
    """A sentence about a vote that was written for ties to the smallest label."""
    return _TIES.sub(_other_end, text) if variant.ties == "largest" else text


def reworded(result: QuestionResult, variant: Variant) -> QuestionResult:
    """A result of a question whose cases are mirrored, in this year's words."""
    checks = tuple(
        replace(check, name=in_words(check.name, variant), message=in_words(check.message, variant))
        for check in result.checks
    )
    diagnosis = tuple(replace(one, hint=in_words(one.hint, variant)) for one in result.diagnosis)
    return replace(result, checks=checks, diagnosis=diagnosis)


def legend(text: str, functions: Collection[str], variant: Variant) -> tuple[str, ...]:
    """A sentence for each argument of the functions that a text calls by its name in `solutions/`, and not by today's.

    Titles, formulas and inputs are written once for all years.
    """
    pairs = {old: new for function, names in variant.calls if function in functions for old, new in names if old != new}
    named = [old for old in pairs if re.search(rf"(?<![\w.]){re.escape(old)}(?![A-Za-z0-9])", text)]
    return tuple(f"`{old}` stands here for the argument `{pairs[old]}`." for old in named)


def _mirrored(case: Case) -> Case:
    """The labels of a case counted from the other end of their range; twice is the case itself."""
    labels = np.concatenate([case.arrays[name] for name in _LABELS])
    ends = labels.min() + labels.max()
    turned = {name: ends - case.arrays[name] for name in _LABELS}
    return replace(case, arrays={**case.arrays, **turned}, mirrored=not case.mirrored)


def _other_end(found: re.Match[str]) -> str:
    other = "largest" if found[0].lower() == "smallest" else "smallest"
    return other.capitalize() if found[0][0].isupper() else other
