"""Inputs for `KNN` and `eigenspace_alignment` of `validation.py`: 2 and B5.

Rows are normalised, as the callers do. Around the K-th place the similarities of a query differ by more than
`_MARGIN`, so that no rounding and no order of equal elements decides who votes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograder.cases.draw import Draw
from autograder.records import Array, Case

_MARGIN = 2e-3


def _public() -> Iterator[Case]:
    draw = Draw("public/2")
    for k in range(1, 6):
        yield _knn(f"public K = {k}", draw, k, batch=5, features=3, train=8, classes=range(3), decimals=4)


def _term(draw: Draw) -> Iterator[Case]:
    yield _knn("K = 1, wide", draw, 1, batch=16, features=24, train=12, classes=range(6), dtype="float64")
    yield _knn("K = 3", draw, 3, batch=32, features=6, train=20, classes=range(3))
    yield _knn("K = 9, float64", draw, 9, batch=24, features=8, train=40, classes=range(3), dtype="float64")
    yield _knn("K = N", draw, 13, batch=8, features=4, train=13, classes=range(3))
    yield _knn("ties K = 2", draw, 2, batch=32, features=6, train=24, classes=range(5))
    yield _knn("ties K = 6", draw, 6, batch=32, features=7, train=30, classes=range(4))
    # Python's sets hold small integers in order and these not: who votes with a set gets other winners.
    yield _knn("ties, labels to 99", draw, 4, batch=40, features=6, train=30, classes=(3, 8, 17, 40, 64, 99))
    yield _absent("absent label 0", draw, 1, (0, 1, 2), present=(1, 2))
    yield _absent("labels to 99", draw, 5, (11, 42, 98, 99), present=(42, 99))
    yield from _together_and_alone(draw, 1, batch=4, features=6, train=25, classes=(0, 3))
    yield _knn("K = 1", draw, 1, batch=24, features=6, train=30, classes=range(5))
    yield _knn("ties, many classes", draw, 8, batch=40, features=6, train=60, classes=range(20))
    yield from _together_and_alone(draw, 3, batch=6, features=6, train=25, classes=(2, 7, 40))


def _own(draw: Draw) -> Iterator[Case]:
    yield _knn("K = 5", draw, 5, batch=32, features=5, train=31, classes=range(4))
    yield _knn("ties K = 4", draw, 4, batch=32, features=6, train=24, classes=range(4))
    yield _absent("absent label", draw, 3, (2, 5, 9), present=(2,))


def _public_alignment() -> Iterator[Case]:
    yield _alignment("public", np.diag([3.0, 1.0]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    yield _alignment("public turned round", np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[-1.0, 2.0], [0.5, -3.0]]))


def _term_alignment(draw: Draw) -> Iterator[Case]:
    yield _alignment("float64 D=5", draw.symmetric((4.0, 2.5, 1.4, 0.7, 0.2)), 0.05 * _square(draw, 5), "float64")
    # Exactly 0, which rounding would spoil: the eigenvectors of a diagonal matrix are the axes.
    predictor = _square(draw, 3)
    predictor[:, 1] = 0
    yield _alignment("a direction that vanishes", np.diag([1.0, 3.0, 2.0]), predictor)


def _own_alignment(draw: Draw) -> Iterator[Case]:
    yield _alignment("float32 D=4", draw.symmetric((3.0, 1.6, 0.9, 0.3)), _square(draw, 4))


PUBLIC = {"2": _public, "B5": _public_alignment}
TERM = {"2": _term, "B5": _term_alignment}
OWN = {"2": _own, "B5": _own_alignment}


def _alignment(name: str, correlation: Array, predictor: Array, dtype: str = "float32") -> Case:
    arrays = {"correlation": correlation.astype(dtype), "predictor": predictor.astype(dtype)}
    return Case("B5", name, "alignment", arrays)


def _square(draw: Draw, features: int) -> Array:
    return draw.normal(features, features, dtype="float64")


def _together_and_alone(
    draw: Draw, k: int, batch: int, features: int, train: int, classes: Sequence[int]
) -> Iterator[Case]:
    """Some queries as one batch, and each of them as a batch of its own."""
    together = _knn(f"all queries at once, K = {k}", draw, k, batch, features, train, classes)
    yield together
    yield replace(together, name=f"one query at a time, K = {k}", probe="knn_one_by_one")


def _absent(name: str, draw: Draw, k: int, classes: Sequence[int], present: Sequence[int], batch: int = 16) -> Case:
    """A batch of queries whose own labels are only some of the labels of the training set."""
    case = _knn(name, draw, k, batch, features=6, train=25, classes=classes)
    labels = draw.random.choice(np.array(present), batch).astype("int64")
    return replace(case, arrays={**case.arrays, "labels": labels})


def _knn(
    name: str,
    draw: Draw,
    k: int,
    batch: int,
    features: int,
    train: int,
    classes: Sequence[int],
    dtype: str = "float32",
    decimals: int | None = None,
) -> Case:
    """Queries and a training set.

    Every class is the label of a query: what happens where one is absent is a check of its own. Most queries have
    the label that wins, so that a wrong prediction lowers the count and two can not cancel out; one at least has
    another, so that the number of queries is never the answer.
    """
    random = draw.random
    columns = _unit(random.standard_normal((train, features)), decimals).T
    train_labels = random.permutation(np.resize(np.array(classes), train)).astype("int64")
    queries = _unit(random.standard_normal((batch, features)), decimals)
    while (narrow := _too_narrow(queries @ columns, k)).any():
        queries[narrow] = _unit(random.standard_normal((int(narrow.sum()), features)), decimals)
    winners = _vote(queries @ columns, train_labels, k)
    labels = _labels(winners, classes)
    arrays: dict[str, Array] = {"features": queries.astype(dtype), "train_features": columns.astype(dtype)}
    return Case("2", name, "knn", {**arrays, "labels": labels, "train_labels": train_labels}, {"K": k})


def _too_narrow(similarity: Array, k: int) -> Array:
    """For which queries the K-th and the next neighbour are about equally similar, `[B]`."""
    ordered = np.sort(similarity, axis=1)[:, ::-1]
    if k == ordered.shape[1]:
        return np.zeros(len(ordered), bool)
    narrow: Array = ordered[:, k - 1] - ordered[:, k] <= _MARGIN
    return narrow


def _labels(winners: Array, classes: Sequence[int]) -> Array:
    """The winners, but that a query whose label another has too gets a class that is still missing."""
    labels: Array = winners.copy()
    missing = [label for label in classes if label not in labels] or [min(set(classes) - {labels[0]})]
    for label in missing[: len(labels) - 1]:
        kept = labels[labels == winners]
        values, counts = np.unique(kept, return_counts=True)
        labels[np.flatnonzero((labels == values[np.argmax(counts)]) & (labels == winners))[0]] = label
    return labels


def _vote(similarity: Array, train_labels: Array, k: int) -> Array:
    """Which label wins each query, int64 `[B]`: only to give the queries labels that make the count say something."""
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    votes = train_labels[nearest][:, :, None] == np.arange(train_labels.max() + 1)
    winners: Array = votes.sum(axis=1).argmax(axis=1)
    return winners


def _unit(rows: Array, decimals: int | None) -> Array:
    unit: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit if decimals is None else np.round(unit, decimals)
