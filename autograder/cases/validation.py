"""Inputs for `KNN` of `validation.py`: 2.

Rows are normalised, as the callers do. Around the K-th place the similarities of a query differ by more than
`_MARGIN`, so that no rounding and no order of equal elements decides who votes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograder.cases.draw import Draw
from autograder.records import Array, Case

_MARGIN = 2e-3


def _public() -> Iterator[Case]:
    draw = Draw("public/2")
    for k in range(1, 6):
        yield _knn(f"public K = {k}", draw, k, batch=5, features=3, train=8, classes=range(3), decimals=4)


def _hidden(term: Draw, own: Draw) -> Iterator[Case]:
    yield _knn("K = 1", own, 1, batch=8, features=6, train=20, classes=range(4))
    yield _knn("K = 1, wide", term, 1, batch=16, features=24, train=12, classes=range(10), dtype="float64")
    yield _knn("K = 3", own, 3, batch=8, features=6, train=20, classes=range(3))
    yield _knn("K = 5", own, 5, batch=12, features=5, train=31, classes=range(4))
    yield _knn("K = 9, float64", term, 9, batch=10, features=8, train=40, classes=range(3), dtype="float64")
    yield _knn("K = N", term, 12, batch=6, features=4, train=12, classes=range(5))
    yield _knn("ties K = 2", own, 2, batch=14, features=6, train=24, classes=range(6))
    yield _knn("ties K = 4", own, 4, batch=14, features=6, train=24, classes=range(4))
    yield _knn("ties K = 6", term, 6, batch=14, features=7, train=30, classes=(3, 0, 8, 5))
    yield _knn("ties, many classes", own, 8, batch=12, features=6, train=40, classes=range(0, 100, 3))
    yield _knn("one query", own, 3, batch=1, features=5, train=15, classes=(2, 7, 40))
    yield _knn("one query, label 0", own, 1, batch=1, features=5, train=9, classes=(0, 3))
    yield _absent("absent label", own, 3, (2, 5, 9), present=(2,))
    yield _absent("absent label 0", own, 1, (0, 1, 2), present=(1, 2))
    yield _absent("labels to 99", term, 5, (11, 42, 98, 99), present=(42, 99))


PUBLIC = {"2": _public}
HIDDEN = {"2": _hidden}


def _absent(name: str, draw: Draw, k: int, classes: Sequence[int], present: Sequence[int]) -> Case:
    """A batch of queries whose own labels are only some of the labels of the training set."""
    case = _knn(name, draw, k, batch=9, features=6, train=25, classes=classes)
    labels = draw.random.choice(np.array(present), 9).astype("int64")
    return Case(case.question, case.name, case.probe, {**case.arrays, "labels": labels}, case.params)


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

    Most queries have the label that wins, so that a wrong prediction lowers the count and two can not cancel out; the
    second query and a few more have another label, so that the number of queries is never the answer.
    """
    random = draw.random
    columns = _unit(random.standard_normal((train, features)), decimals).T
    train_labels = random.permutation(np.resize(np.array(classes), train)).astype("int64")
    queries = np.empty((batch, features))
    for row in range(batch):
        while True:
            queries[row] = _unit(random.standard_normal((1, features)), decimals)[0]
            similarity = np.sort(queries[row] @ columns)[::-1]
            if k == train or similarity[k - 1] - similarity[k] > _MARGIN:
                break
    winners = _vote(queries @ columns, train_labels, k)
    wrong = random.random(batch) < 0.2
    wrong[:2] = [False, True][:batch]
    others = np.array([random.choice([label for label in classes if label != winner]) for winner in winners])
    labels = np.where(wrong, others, winners).astype("int64")
    arrays: dict[str, Array] = {"features": queries.astype(dtype), "train_features": columns.astype(dtype)}
    return Case("2", name, "knn", {**arrays, "labels": labels, "train_labels": train_labels}, {"K": k})


def _vote(similarity: Array, train_labels: Array, k: int) -> Array:
    """Which label wins each query: only to give the queries labels that make the count say something."""
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return np.array([np.bincount(train_labels[row]).argmax() for row in nearest])


def _unit(rows: Array, decimals: int | None) -> Array:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit if decimals is None else unit.round(decimals)
