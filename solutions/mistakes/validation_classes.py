"""Known mistakes in `KNN`, question 2, with which labels can win: those of the training set."""

# ruff: noqa: N803

from __future__ import annotations

import torch

from mistakes import replaces
from mistakes.validation_parts import right, votes_of, winners


@replaces("2", "KNN")
def number_of_label_taken_for_label(features, train_features, labels, train_labels, K=1):
    """Labels are numbered anew for counting, and the prediction is never turned back. Look at what `unique` gives, and
    what the largest count's place stands for."""
    numbered = train_labels.unique(return_inverse=True)[1]
    return right(winners(votes_of(features, train_features, numbered, K)), labels)


@replaces("2", "KNN")
def only_labels_of_the_batch_win(features, train_features, labels, train_labels, K=1):
    """Only labels that occur in `labels` can win. A prediction must not know the right answers; look at which labels
    votes are counted for."""
    votes = votes_of(features, train_features, train_labels, K)
    classes = labels.unique()
    return right(classes[(votes[:, :, None] == classes).sum(1).argmax(1)], labels)


@replaces("2", "KNN", symptom="an error on a batch that lacks a class: 84 % of evaluations at batch size 64")
def largest_label_of_the_batch_as_limit(features, train_features, labels, train_labels, K=1):
    """The table of votes is only as wide as the largest label of the batch asks for. A label may be absent from
    `labels` and still get votes; look at where the number of classes comes from."""
    votes = votes_of(features, train_features, train_labels, K)
    table = torch.zeros(len(votes), int(labels.max()) + 1).scatter_add_(1, votes, torch.ones(votes.shape))
    return right(table.argmax(1), labels)


@replaces("2", "KNN", symptom="an error on a batch that lacks a class: 84 % of evaluations at batch size 64")
def classes_counted_in_the_batch(features, train_features, labels, train_labels, K=1):
    """The table of votes has as many columns as the batch has different labels. A label may be absent from `labels` and
    still get votes; look at where the number of classes comes from."""
    votes = votes_of(features, train_features, train_labels, K)
    table = torch.zeros(len(votes), len(labels.unique())).scatter_add_(1, votes, torch.ones(votes.shape))
    return right(table.argmax(1), labels)


@replaces("2", "KNN", symptom="an error where labels are not 0, 1, 2 …")
def classes_counted_in_the_training_set(features, train_features, labels, train_labels, K=1):
    """The table of votes has as many columns as there are different labels, but labels may leave numbers out. Look at
    where the number of columns comes from."""
    votes = votes_of(features, train_features, train_labels, K)
    table = torch.zeros(len(votes), len(train_labels.unique())).scatter_add_(1, votes, torch.ones(votes.shape))
    return right(table.argmax(1), labels)


@replaces("2", "KNN", symptom="works on CIFAR-10 only")
def ten_classes_assumed(features, train_features, labels, train_labels, K=1):
    """The table of votes has ten columns, as CIFAR-10 has classes. Look at where the number of classes comes from."""
    votes = votes_of(features, train_features, train_labels, K)
    table = torch.zeros(len(votes), 10).scatter_add_(1, votes, torch.ones(votes.shape))
    return right(table.argmax(1), labels)


def _by_scatter(votes, classes):
    return torch.zeros(len(votes), classes).scatter_add_(1, votes, torch.ones(votes.shape))


@replaces("2", "KNN", combines=("classes_counted_in_the_batch", "counts_sorted_without_order"))
def batch_classes_sorted_without_order(features, train_features, labels, train_labels, K=1):
    """Two things at once: the table of votes is only as wide as the batch has different labels, and equal counts are
    sorted in no order. A label may be absent from `labels` and still win, and the smallest of equal ones is meant."""
    table = _by_scatter(votes_of(features, train_features, train_labels, K), len(labels.unique()))
    return right(table.argsort(dim=1, descending=True)[:, 0], labels)


@replaces("2", "KNN", combines=("largest_label_of_the_batch_as_limit", "counts_sorted_without_order"))
def limited_and_sorted_without_order(features, train_features, labels, train_labels, K=1):
    """Two things at once: the table of votes is only as wide as the largest label of the batch asks for, and equal
    counts are sorted in no order. A label may be absent from `labels` and still win, and the smallest of equal ones is
    meant."""
    table = _by_scatter(votes_of(features, train_features, train_labels, K), int(labels.max()) + 1)
    return right(table.argsort(dim=1, descending=True)[:, 0], labels)
