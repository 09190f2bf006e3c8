"""One year's variant, on the trusted side: translates cases and sentences between this year and `solutions/`.

A variant renames arguments, reverses the rule for ties, and sets constants. The trusted side stays as it is written:
inputs and calls are translated when a student's process is asked (`as_asked`, and `Variant.calls` in the sandbox), so
that checks, mistakes and right answers hold for every year. `renaming.py` rewrites the files that students get.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from autograder.core.records import Case, Param, QuestionResult, Variant

VOTE = "KNN"
"""The function whose rule for ties a variant may reverse; the names of its probes begin with its name."""
_TIES = re.compile(r"\b(smallest|largest)(?= (label|of|one)\b)", re.IGNORECASE)
_LABELS = ("labels", "train_labels")
_CONSTANTS = {"barlow": ("lambd",)}
"""By probe, the constants that the reference gets from it."""


def as_asked(case: Case, variant: Variant) -> Case:
    """The case for this year's students: if ties go to the largest label, its labels are mirrored.

    When labels are exchanged one for one, a vote stays the same, except that the smallest label becomes the largest.
    """
    return _mirrored(case) if variant.ties == "largest" and case.probe.startswith(VOTE.lower()) else case


def as_written(case: Case, variant: Variant) -> Case:
    """The same case in the form for the reference in `solutions/`."""
    if case.mirrored:
        case = _mirrored(case)
    known = dict(variant.constants)
    told: dict[str, Param] = {name: known[name] for name in _CONSTANTS.get(case.probe, ()) if name in known}
    return replace(case, params={**case.params, **told}) if told else case


def turned(cases: Iterable[Case]) -> bool:
    """Whether a question's cases are mirrored compared with `solutions/`."""
    return any(case.mirrored for case in cases)


def in_words(text: str, variant: Variant) -> str:
    """Adapt a sentence about a vote that was written for ties to the smallest label."""
    return _TIES.sub(_other_end, text) if variant.ties == "largest" else text


def reworded(result: QuestionResult, variant: Variant) -> QuestionResult:
    """Put the result of a question whose cases are mirrored into this year's words."""
    checks = tuple(
        replace(check, name=in_words(check.name, variant), message=in_words(check.message, variant))
        for check in result.checks
    )
    diagnosis = tuple(replace(one, hint=in_words(one.hint, variant)) for one in result.diagnosis)
    return replace(result, checks=checks, diagnosis=diagnosis)


def legend(text: str, functions: Collection[str], variant: Variant) -> tuple[str, ...]:
    """A sentence for each argument of the functions that a text names as in `solutions/`, and not as this year.

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
