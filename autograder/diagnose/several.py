"""Finds two or three known mistakes that were made at once, if each shows in outputs of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import combinations

from autograder.reference.catalogue import StandIn

Place = tuple[str, str]
"""A compared value: case and name."""
_MOST = 3


def cover(places: Set[Place], shown: Mapping[StandIn, Set[Place]]) -> list[tuple[StandIn, ...]]:
    """The smallest sets of mistakes that together explain all `places` where the student's values are wrong.

    `shown` holds the mistakes whose wrong values the student has as well, with their places. Two mistakes that show in
    the same places would explain each other away, so each must explain a place that the others do not.
    """
    fitting = {stand_in: part for stand_in, part in shown.items() if part and part <= places}
    for size in range(2, _MOST + 1):
        if found := list(_covers(places, fitting, size)):
            return found
    return []


def _covers(places: Set[Place], fitting: Mapping[StandIn, Set[Place]], size: int) -> Iterator[tuple[StandIn, ...]]:
    for chosen in combinations(fitting, size):
        parts: Sequence[Set[Place]] = [fitting[stand_in] for stand_in in chosen]
        if frozenset().union(*parts) == places:
            yield chosen
