"""Known mistakes in `KNN` of `validation.py`, question 2: which training images are near, and which of them vote.

How votes are counted is in `validation_votes.py`, which labels can win in `validation_classes.py`, what is counted
and returned in `validation_results.py`.
"""

# ruff: noqa: N803

from __future__ import annotations

import torch
import torch.nn.functional as F

from mistakes import replaces
from mistakes.validation_parts import ordered, predictions, right, voted, votes_of, winners

# Similarity


@replaces("2", "KNN", symptom="accuracy below chance")
def least_similar_taken(features, train_features, labels, train_labels, K=1):
    """The training images that are least alike vote. Look at the direction of the sort: large similarities, but small
    distances, are near."""
    return voted(-features @ train_features, labels, train_labels, K)


@replaces("2", "KNN")
def sign_of_similarity_lost(features, train_features, labels, train_labels, K=1):
    """A training image that points the opposite way counts as near. Look at what is done to the similarities before
    they are sorted: their sign matters."""
    return voted((features @ train_features).abs(), labels, train_labels, K)


@replaces("2", "KNN")
def sum_of_differences_as_distance(features, train_features, labels, train_labels, K=1):
    """Neighbours are found by the sum of absolute differences. The similarity asked for is the inner product; look at
    how images are compared."""
    return voted(-torch.cdist(features, train_features.T, p=1), labels, train_labels, K)


@replaces("2", "KNN")
def largest_difference_as_distance(features, train_features, labels, train_labels, K=1):
    """Neighbours are found by the largest difference of one feature. The similarity asked for is the inner product;
    look at how images are compared."""
    return voted(-torch.cdist(features, train_features.T, p=float("inf")), labels, train_labels, K)


@replaces("2", "KNN", symptom="a RuntimeError on shapes")
def train_features_transposed(features, train_features, labels, train_labels, K=1):
    """Shapes do not fit on the way to the similarities. `train_features` already has one column per training image;
    look at its shape and at what is transposed."""
    return voted(features @ train_features.T, labels, train_labels, K)


@replaces("2", "KNN")
def reshaped_instead_of_transposed(features, train_features, labels, train_labels, K=1):
    """The training features are scrambled. `view` and `reshape` cut the numbers anew, they do not exchange rows and
    columns; look at what is done to `train_features`."""
    return voted(features @ train_features.reshape(len(train_labels), -1).T, labels, train_labels, K)


@replaces("2", "KNN")
def train_features_normalised_along_images(features, train_features, labels, train_labels, K=1):
    """The training features are normalised along the wrong axis: over images, not over features. Their columns come
    normalised already; look at `dim`."""
    return voted(features @ F.normalize(train_features, dim=1), labels, train_labels, K)


@replaces("2", "KNN")
def features_normalised_over_the_batch(features, train_features, labels, train_labels, K=1):
    """The queries' features are normalised along the wrong axis: over the batch, not over features. Their rows come
    normalised already; look at `dim`."""
    return voted(F.normalize(features, dim=0) @ train_features, labels, train_labels, K)


@replaces("2", "KNN")
def both_normalised_along_images(features, train_features, labels, train_labels, K=1):
    """Both sets of features are normalised along the wrong axis: over images. Each image's features come normalised
    already; look at `dim`."""
    return voted(F.normalize(features, dim=0) @ F.normalize(train_features, dim=1), labels, train_labels, K)


@replaces("2", "KNN")
def softmax_over_the_batch(features, train_features, labels, train_labels, K=1):
    """The similarities of a query depend on the other queries. Look at the axis of a softmax or of another
    normalisation of the similarities."""
    return voted((features @ train_features).softmax(dim=0), labels, train_labels, K)


@replaces("2", "KNN")
def first_feature_only(features, train_features, labels, train_labels, K=1):
    """Images are compared by one feature instead of all. Look at the product: it sums over the features."""
    return voted(features[:, :1] @ train_features[:1], labels, train_labels, K)


@replaces("2", "KNN")
def half_of_the_training_set(features, train_features, labels, train_labels, K=1):
    """Some training images can never be neighbours. Look at whether all columns take part in the comparison."""
    size = min(train_features.shape)
    return voted((features @ train_features)[:, :size], labels, train_labels[:size], min(K, size))


@replaces("2", "KNN")
def last_training_image_left_out(features, train_features, labels, train_labels, K=1):
    """The last training image can never be a neighbour. Look at where the loop over the training images ends."""
    return voted((features @ train_features)[:, :-1], labels, train_labels[:-1], K)


# Who votes


@replaces("2", "KNN", symptom="the same accuracy for every K")
def k_ignored(features, train_features, labels, train_labels, K=1):
    """Only the nearest training image decides, whatever K is. Look at where K is used."""
    return right(predictions(features, train_features, train_labels, 1), labels)


@replaces("2", "KNN")
def one_neighbour_too_many(features, train_features, labels, train_labels, K=1):
    """One training image more than K votes. Look at where the list of neighbours ends; a slice leaves its end out."""
    return right(predictions(features, train_features, train_labels, K + 1), labels)


@replaces("2", "KNN")
def one_neighbour_too_few(features, train_features, labels, train_labels, K=1):
    """One training image less than K votes. Look at where the list of neighbours ends; a slice leaves its end out."""
    return right(predictions(features, train_features, train_labels, max(1, K - 1)), labels)


@replaces("2", "KNN")
def nearest_skipped(features, train_features, labels, train_labels, K=1):
    """The nearest training image is left out, as if it were the query itself. Queries are not among the training
    images; look at where the list of neighbours begins."""
    return right(winners(train_labels[ordered(features @ train_features)[:, 1 : K + 1]]), labels)


@replaces("2", "KNN")
def only_the_kth_neighbour(features, train_features, labels, train_labels, K=1):
    """Only the K-th neighbour decides. All K of them vote; look at the index of the sorted neighbours."""
    return right(votes_of(features, train_features, train_labels, K)[:, K - 1], labels)


@replaces("2", "KNN")
def all_training_images_vote(features, train_features, labels, train_labels, K=1):
    """All training images vote, so every query gets the same answer. Look at where K is used."""
    return right(predictions(features, train_features, train_labels, len(train_labels)), labels)


@replaces("2", "KNN", symptom="a nearest-centroid classifier")
def class_means_compared(features, train_features, labels, train_labels, K=1):
    """Queries are compared with the mean of each class, not with the training images. Look at what the neighbours
    are."""
    classes = train_labels.unique()
    means = torch.stack([train_features[:, train_labels == label].mean(1) for label in classes], dim=1)
    return right(classes[(features @ means).argmax(1)], labels)


@replaces("2", "KNN")
def classes_compared_by_total_similarity(features, train_features, labels, train_labels, K=1):
    """The similarities with all training images of a class are added up, near or far. Only the K nearest images vote,
    with one vote each."""
    totals = torch.zeros(len(features), int(train_labels.max()) + 1, dtype=features.dtype)
    return right(totals.index_add_(1, train_labels, features @ train_features).argmax(1), labels)


@replaces("2", "KNN")
def classes_compared_by_softmax(features, train_features, labels, train_labels, K=1):
    """A softmax over the similarities with all training images is added up by class. Only the K nearest images vote,
    with one vote each."""
    totals = torch.zeros(len(features), int(train_labels.max()) + 1, dtype=features.dtype)
    return right(totals.index_add_(1, train_labels, (features @ train_features).softmax(1)).argmax(1), labels)


@replaces("2", "KNN", symptom="IndexError: index out of bounds")
def labels_of_the_batch_voted(features, train_features, labels, train_labels, K=1):
    """The neighbours are looked up in a tensor that is too short, as `labels` is. They are training images; look at
    whose labels vote."""
    return right(winners(labels[ordered(features @ train_features)[:, :K]]), labels)


@replaces("2", "KNN")
def neighbours_over_the_batch(features, train_features, labels, train_labels, K=1):
    """The K best are taken over the queries, not over the training images. Look at the axis of `topk` or `sort`."""
    nearest = (features @ train_features).topk(K, dim=0).indices
    return right(winners(train_labels[nearest]), labels)


@replaces("2", "KNN")
def first_training_images_vote(features, train_features, labels, train_labels, K=1):
    """The first K training images vote, whatever the query is. Look at whether sorted similarities, or positions, are
    used to look up labels."""
    return right(winners(train_labels[:K].expand(len(labels), -1)), labels)


@replaces("2", "KNN")
def similarities_taken_for_indices(features, train_features, labels, train_labels, K=1):
    """Labels are looked up with similarities instead of positions. Look at which of `values` and `indices` is used."""
    values = (features @ train_features).topk(K, dim=1).values
    return right(winners(train_labels[values.long()]), labels)


@replaces("2", "KNN")
def sorted_similarities_not_labels(features, train_features, labels, train_labels, K=1):
    """The order of the training images is used the wrong way round: ranks in place of positions. Look at what `argsort`
    gives, and whether it is applied twice."""
    ranks = ordered(features @ train_features).argsort(dim=1)
    return right(winners(train_labels[ranks[:, :K]]), labels)


@replaces("2", "KNN")
def neighbours_of_the_first_query(features, train_features, labels, train_labels, K=1):
    """Every query gets the neighbours of the first one. Look at what changes from query to query."""
    return right(predictions(features[:1], train_features, train_labels, K), labels)
