"""The rules by which a vote may be decided, and labels whose counts tell the rules apart.

A rule gets similarities `[B, N]`, the labels of the training images `[N]` and K.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograder.core.records import Array

Rule = Callable[[Array, Array, int], Array]
"""The winner of each vote, `[B]`."""
NOBODY = -1
"""The prediction if no label wins."""


def neighbours(similarity: Array, k: int) -> Array:
    """The K most similar training images of each query, the most similar one first: `[B, K]`."""
    nearest: Array = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return nearest


def _votes(nearest: Array, train_labels: Array) -> Array:
    """The label that each neighbour votes for: neighbours `[B, K]` to booleans `[B, K, labels]`."""
    votes: Array = train_labels[nearest][:, :, None] == np.arange(train_labels.max() + 1)
    return votes


def counts(similarity: Array, train_labels: Array, k: int) -> Array:
    """The number of votes of each label, `[B, labels]`."""
    summed: Array = _votes(neighbours(similarity, k), train_labels).sum(axis=1)
    return summed


def most_votes(similarity: Array, train_labels: Array, k: int) -> Array:
    """The rule of the handout: the label with most votes, the smallest of several."""
    winners: Array = counts(similarity, train_labels, k).argmax(axis=1)
    return winners


def _largest(similarity: Array, train_labels: Array, k: int) -> Array:
    """The largest label of several with most votes."""
    votes = counts(similarity, train_labels, k)
    winners: Array = votes.shape[1] - 1 - votes[:, ::-1].argmax(axis=1)
    return winners


def _nearest_one(similarity: Array, train_labels: Array, k: int) -> Array:
    """The label of the nearest image among several labels with most votes."""
    return _first(neighbours(similarity, k), similarity, train_labels, k)


def _farthest_one(similarity: Array, train_labels: Array, k: int) -> Array:
    """The label of the farthest of the K images among several labels with most votes."""
    return _first(neighbours(similarity, k)[:, ::-1], similarity, train_labels, k)


def _more_similar(similarity: Array, train_labels: Array, k: int) -> Array:
    """The label with the more similar images among several labels with most votes."""
    return _weighted(lambda close: 1 + 1e-3 * close, similarity, train_labels, k)


def _exponential(similarity: Array, train_labels: Array, k: int) -> Array:
    """Votes weighted by the exponential of the similarity."""
    return _weighted(np.exp, similarity, train_labels, k)


def _nobody(similarity: Array, train_labels: Array, k: int) -> Array:
    """The label with most votes; no label wins if several have most votes."""
    winners = most_votes(similarity, train_labels, k)
    return np.where(_largest(similarity, train_labels, k) == winners, winners, NOBODY)


RULES = (most_votes, _largest, _nearest_one, _farthest_one, _more_similar, _exponential, _nobody)
"""The rules by which a vote may be decided: the handout's, then those of other code."""
WEIGHED = (most_votes, _exponential)
CLOSER = (_nearest_one, _more_similar)
"""Rules that differ for few queries, so that such queries have to be searched."""


def _first(order: Array, similarity: Array, train_labels: Array, k: int) -> Array:
    """The first label in an order of images, `[B, K]`, among the labels with most votes."""
    votes = counts(similarity, train_labels, k)
    most = votes == votes.max(axis=1, keepdims=True)
    labels = train_labels[order]
    place = np.take_along_axis(most, labels, axis=1).argmax(axis=1)
    winners: Array = np.take_along_axis(labels, place[:, None], axis=1)[:, 0]
    return winners


def _weighted(weight: Callable[[Array], Array], similarity: Array, train_labels: Array, k: int) -> Array:
    """The winners if each neighbour's vote counts by the `weight` of its similarity."""
    nearest = neighbours(similarity, k)
    weights = weight(np.take_along_axis(similarity, nearest, axis=1))
    winners: Array = (weights[:, :, None] * _votes(nearest, train_labels)).sum(axis=1).argmax(axis=1)
    return winners


def told_apart(labels: Array, rules: Array) -> Array:
    """Change some labels to ones that win by another rule, so that more rules give different counts.

    `rules` are the predictions by each, `[rules, B]`. It ends when no single label tells one more rule apart; rules
    that agree on every query stay equal here, and another case has to tell them apart.
    """
    while True:
        changed = max(_changed(labels, rules), key=lambda one: _told(rules, one), default=labels)
        if _told(rules, changed) <= _told(rules, labels):
            return labels
        labels = changed


def _changed(labels: Array, rules: Array) -> Iterator[Array]:
    """Yield the labels with one of them exchanged for that of a rule; every class stays.

    The first and the last query stay right, so that it always shows if one of them is left out.
    """
    for query, label in list(enumerate(labels))[1:-1]:
        for other in sorted({*rules[:, query].tolist()} - {int(label), NOBODY}):
            if (labels == label).sum() > 1:
                changed = labels.copy()
                changed[query] = other
                yield changed


def _told(rules: Array, labels: Array) -> int:
    """The number of different counts that the rules give."""
    return len({*(rules == labels).sum(axis=1).tolist()})
