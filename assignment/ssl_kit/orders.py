"""Whether the order of a table's rows repeats: by seeds, and next to published numbers. Given."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence

Rows = Mapping[str, Mapping[int, float]]
"""By the name of a row, one measure by seed."""
MOST = 6
"""Pairs that are named; more are counted."""


def repeated(rows: Rows, seeds: Sequence[int], measure: str) -> str:
    """A sentence or two: which pairs of rows come out in the same order with every seed.

    Rows that lack a seed are left out; two rows that are equal with a seed have no order there. If order were noise
    alone, a pair would repeat over S seeds with probability 2^(1 - S).
    """
    whole = {name: [values[seed] for seed in seeds] for name, values in rows.items() if {*seeds} <= {*values}}
    if len(whole) < 2:
        return ""
    ask = "Does the ordering repeat?"
    if len(seeds) < 2:
        return f"{ask} One seed cannot tell: give more, `--seeds 0 1 2`; what is done is not run again."
    same, other = [], []
    for (one, values), (two, others) in itertools.combinations(whole.items(), 2):
        signs = {(a > b) - (a < b) for a, b in zip(values, others, strict=True)}
        if signs == {1} or signs == {-1}:
            same.append(f"{one} > {two}" if signs == {1} else f"{two} > {one}")
        else:
            other.append(f"{one} and {two}")
    count = len(same) + len(other)
    noise = count * 2.0 ** (1 - len(seeds))
    text = f"{ask} By {measure}, {len(same)} of {_pairs(count)} of rows come out in the same order with each of "
    text += f"{len(seeds)} seeds; noise alone would give about {noise:.2g}."
    text += f" The same: {_listed(same)}." if same else ""
    return text + (f" Not the same: {_listed(other)}." if other else "")


def as_published(rows: Rows, published: Mapping[str, float], measure: str, column: str) -> str:
    """A sentence: how many pairs of rows have, in our means, the order of the published numbers; empty without pairs.

    Pairs that are equal there are not counted.
    """
    means = {name: statistics.mean(values.values()) for name, values in rows.items() if values and name in published}
    pairs = [(one, two) for one, two in itertools.combinations(means, 2) if published[one] != published[two]]
    if not pairs:
        return ""
    agree = sum((means[one] - means[two]) * (published[one] - published[two]) > 0 for one, two in pairs)
    return f"Of {_pairs(len(pairs))}, {agree} are in the published order: our {measure}, the published {column}."


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count} pairs"


def _listed(pairs: Sequence[str]) -> str:
    more = f"; and {len(pairs) - MOST} more" if len(pairs) > MOST else ""
    return "; ".join(pairs[:MOST]) + more
