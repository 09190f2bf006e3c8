"""Lists the faults of a question that are searched together: two of different stages, or three common ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, groupby
from pathlib import Path

from autograder.reference.catalogue import StandIn, at_once, read_stand_ins


@lru_cache
def known(folder: Path, question: str) -> tuple[StandIn, ...]:
    """A question's known faults and their combinations, fewest faults first."""
    alone = tuple(stand_in for stand_in in read_stand_ins(folder) if stand_in.question == question)
    return (*alone, *compositions(folder, question))


@lru_cache
def known_by_size(folder: Path, question: str) -> tuple[tuple[StandIn, ...], ...]:
    """The same in groups of equally many faults, fewest first."""
    every = sorted(known(folder, question), key=lambda stand_in: stand_in.size)
    return tuple(tuple(group) for _, group in groupby(every, key=lambda stand_in: stand_in.size))


@lru_cache
def compositions(folder: Path, question: str) -> tuple[StandIn, ...]:
    """Pairs of faults of which at least one is common, and triples of common ones, each on stages of its own."""
    faults = [stand_in for stand_in in read_stand_ins(folder) if stand_in.question == question and stand_in.stage]
    return tuple(at_once(chosen) for size in (2, 3) for chosen in _chosen(faults, size))


def _chosen(faults: list[StandIn], size: int) -> Iterator[tuple[StandIn, ...]]:
    for chosen in combinations(faults if size == 2 else [one for one in faults if one.common], size):
        stages = {(fault.file, fault.stage) for fault in chosen}
        if len(stages) == size and len({file for file, _ in stages}) == 1 and any(fault.common for fault in chosen):
            yield chosen
