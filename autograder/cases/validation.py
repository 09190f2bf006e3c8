"""Inputs for `KNN` and `eigenspace_alignment` of `validation.py`.

Rows are normalised, as the callers do. Around the K-th place the similarities of a query differ by more than
`_MARGIN`, so that no rounding and no order of equal elements decides which images vote. Each input holds only what its
check is about: equal counts, labels absent from the batch, and batches of one occur only in their own checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograder.cases.draw import Draw
from autograder.cases.votes import CLOSER, RULES, WEIGHED, Rule, counts, most_votes, neighbours, told_apart
from autograder.core.records import Array, Case

_MARGIN = 2e-2
"""More than half precision changes a similarity, so that such an answer gets the same grade from every student."""


def _public() -> Iterator[Case]:
    draw = Draw("public/2")
    for k in range(1, 6):
        yield _knn(f"public K = {k}", draw, k, batch=5, features=3, train=8, classes=range(3), decimals=4)


def _term(draw: Draw) -> Iterator[Case]:
    yield _knn("K = 1, wide", draw, 1, batch=16, features=24, train=12, classes=range(6), dtype="float64")
    yield _knn("K = 3", draw, 3, batch=32, features=6, train=20, classes=range(3))
    yield _knn("K = 9", draw, 9, batch=24, features=8, train=40, classes=range(3), dtype="float64", apart=WEIGHED)
    yield _knn("K = N", draw, 13, batch=8, features=4, train=13, classes=range(3))
    yield _knn("ties K = 2", draw, 2, batch=32, features=6, train=24, classes=range(5), ties=True)
    yield _knn("ties K = 6", draw, 6, batch=32, features=7, train=30, classes=range(4), ties=True, apart=CLOSER)
    # Python's sets hold 0 to 7 in order, and 8 and 9 before them: a vote with a set gives other winners.
    yield _knn("ties, ten classes", draw, 4, batch=40, features=6, train=40, classes=range(10), ties=True)
    yield _absent("absent label 0", draw, 3, (0, 1, 2), present=(1, 2))
    yield _absent("labels to 99", draw, 5, (11, 42, 98, 99), present=(42, 99))
    yield _alone("one query at a time, K = 1", draw, 1)
    yield _knn("K = 1", draw, 1, batch=24, features=6, train=30, classes=range(5))
    # From 17 classes on, sorting does not keep the order of equal counts unless it is asked to.
    yield _knn("ties, many classes", draw, 8, batch=40, features=6, train=60, classes=range(20), ties=True)
    yield _alone("one query at a time, K = 3", draw, 3)
    yield _absent("absent label", draw, 3, (2, 5, 9), present=(2,))


def _own(draw: Draw) -> Iterator[Case]:
    yield _knn("K = 5", draw, 5, batch=32, features=5, train=31, classes=range(4))
    yield _knn("ties K = 4", draw, 4, batch=32, features=6, train=24, classes=range(4), ties=True)


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


def _alone(name: str, draw: Draw, k: int) -> Case:
    """Queries that are asked one at a time. All neighbours have their label 0, so any sensible vote is right."""
    columns, train_labels = _training(draw, features=6, train=24, classes=(0, 3), decimals=None)

    def agreed(similarity: Array) -> Array:
        wanted: Array = (train_labels[neighbours(similarity, k)] == 0).all(axis=1)
        return wanted

    queries = _queries(draw, 5, columns, None, lambda similarity: agreed(similarity) & _wide(similarity, k))
    arrays = {"features": queries.astype("float32"), "train_features": columns.astype("float32")}
    labels = {"labels": np.zeros(len(queries), "int64"), "train_labels": train_labels}
    return Case("2", name, "knn_one_by_one", {**arrays, **labels}, {"K": k})


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
    ties: bool = False,
    apart: tuple[Rule, Rule] | None = None,
) -> Case:
    """Queries and a training set; without `ties` one label has more votes than any other, whatever the query.

    The last two queries have one winner by one rule of `apart` and another by the other.

    Every class is the label of a query: another check is about absent classes. Most queries have the label that wins,
    so that a wrong prediction lowers the count and two cannot cancel out. At least one has another label, so that the
    number of queries is never the answer.
    """
    columns, train_labels = _training(draw, features, train, classes, decimals)

    def wanted(similarity: Array) -> Array:
        kept = _wide(similarity, k)
        if not ties:
            kept &= _decided(similarity, train_labels, k)
        if apart is not None:
            one, other = (rule(similarity, train_labels, k) for rule in apart)
            kept[-2:] &= one[-2:] != other[-2:]
        return kept

    queries = _queries(draw, batch, columns, decimals, wanted)
    similarity = queries @ columns
    labels = _labels(most_votes(similarity, train_labels, k), classes)
    if ties:
        labels = told_apart(labels, np.stack([rule(similarity, train_labels, k) for rule in RULES]))
    arrays: dict[str, Array] = {"features": queries.astype(dtype), "train_features": columns.astype(dtype)}
    return Case("2", name, "knn", {**arrays, "labels": labels, "train_labels": train_labels}, {"K": k})


def _training(
    draw: Draw, features: int, train: int, classes: Sequence[int], decimals: int | None
) -> tuple[Array, Array]:
    """Training images, a column each, and their labels: equally many of each class, except for one."""
    columns = _unit(draw.random.standard_normal((train, features)), decimals).T
    return columns, draw.random.permutation(np.resize(np.array(classes), train)).astype("int64")


def _queries(draw: Draw, batch: int, columns: Array, decimals: int | None, wanted: Callable[[Array], Array]) -> Array:
    """Queries `[batch, features]`, each drawn again until `wanted` accepts its similarities to the columns."""
    queries = np.zeros((batch, len(columns)))
    missing = np.ones(batch, bool)
    while missing.any():
        queries[missing] = _unit(draw.random.standard_normal((int(missing.sum()), len(columns))), decimals)
        missing = ~wanted(queries @ columns)
    return queries


def _wide(similarity: Array, k: int) -> Array:
    """Whether the K-th and the next neighbour of each query differ enough in similarity, `[B]`."""
    ordered = np.sort(similarity, axis=1)[:, ::-1]
    if k == ordered.shape[1]:
        return np.ones(len(ordered), bool)
    wide: Array = ordered[:, k - 1] - ordered[:, k] > _MARGIN
    return wide


def _decided(similarity: Array, train_labels: Array, k: int) -> Array:
    """Whether one label of each query has more votes than any other, `[B]`."""
    ordered = np.sort(counts(similarity, train_labels, k), axis=1)
    decided: Array = ordered[:, -1] > ordered[:, -2]
    return decided


def _labels(winners: Array, classes: Sequence[int]) -> Array:
    """The winners; classes that win nothing replace the label of a query each, taken from the most frequent label."""
    labels: Array = winners.copy()
    missing = [label for label in classes if label not in labels] or [min(set(classes) - {labels[0]})]
    for label in missing[: len(labels) - 1]:
        kept = labels[labels == winners]
        values, counts = np.unique(kept, return_counts=True)
        labels[np.flatnonzero((labels == values[np.argmax(counts)]) & (labels == winners))[0]] = label
    return labels


def _unit(rows: Array, decimals: int | None) -> Array:
    unit: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit if decimals is None else np.round(unit, decimals)
