"""Known mistakes in `KNN`, question 2, with what is counted and returned, batches of one, and the inputs."""

# ruff: noqa: N803

from __future__ import annotations

import torch

from mistakes import replaces
from mistakes.validation_parts import counts, predictions, right, voted, votes_of, winners

# What is returned


@replaces("2", "KNN", symptom="knn_accuracy reports less than 1 %")
def share_instead_of_count(features, train_features, labels, train_labels, K=1):
    """The share of right predictions is returned. Their number is asked for; look at what is divided or averaged at the
    end."""
    return right(predictions(features, train_features, train_labels, K), labels) / len(labels)


@replaces("2", "KNN")
def percent_instead_of_count(features, train_features, labels, train_labels, K=1):
    """Right predictions are returned in percent. Their number is asked for; look at what is divided or averaged at the
    end."""
    return 100.0 * right(predictions(features, train_features, train_labels, K), labels) / len(labels)


@replaces("2", "KNN")
def share_cut_off(features, train_features, labels, train_labels, K=1):
    """The result is 0 unless every prediction is right: a share cut off to a whole number. The number of right
    predictions is asked for; look at what is divided or averaged."""
    return right(predictions(features, train_features, train_labels, K), labels) // len(labels)


@replaces("2", "KNN")
def wrong_predictions_counted(features, train_features, labels, train_labels, K=1):
    """Wrong predictions are counted. Look at the comparison with `labels`."""
    return len(labels) - right(predictions(features, train_features, train_labels, K), labels)


@replaces("2", "KNN")
def number_of_queries_returned(features, train_features, labels, train_labels, K=1):
    """The number of queries is returned, right or wrong. Look at what is counted: `len` and `numel` count False as
    well."""
    return len(labels)


@replaces("2", "KNN")
def predictions_returned(features, train_features, labels, train_labels, K=1):
    """The predictions are returned. Asked for is how many of them are right; look at the return statement."""
    return predictions(features, train_features, train_labels, K)


@replaces("2", "KNN")
def comparisons_returned(features, train_features, labels, train_labels, K=1):
    """It is returned which predictions are right. Asked for is how many; look at the return statement."""
    return predictions(features, train_features, train_labels, K) == labels


@replaces("2", "KNN")
def count_in_a_tensor_of_one(features, train_features, labels, train_labels, K=1):
    """The count is right, but in a tensor of shape [1]. One number is asked for; look for `keepdim` or brackets."""
    return torch.tensor([right(predictions(features, train_features, train_labels, K), labels)])


@replaces("2", "KNN")
def list_returned(features, train_features, labels, train_labels, K=1):
    """A list is returned. One number, how many predictions are right, is asked for; look at the return statement."""
    return [right(predictions(features, train_features, train_labels, K), labels)]


@replaces("2", "KNN")
def tuple_returned(features, train_features, labels, train_labels, K=1):
    """A tuple is returned. One number, how many predictions are right, is asked for; look at the return statement, and
    for a comma at its end."""
    return right(predictions(features, train_features, train_labels, K), labels), len(labels)


@replaces("2", "KNN", symptom="TypeError: int() argument must not be 'NoneType'")
def nothing_returned(features, train_features, labels, train_labels, K=1):
    """Nothing is returned. Look at the last line: printing or computing a count does not hand it back."""


# What is counted


@replaces("2", "KNN", symptom="accuracy grows with K")
def any_neighbour_counts(features, train_features, labels, train_labels, K=1):
    """A query counts as right as soon as one of its neighbours has the label. The neighbours vote, and one label wins;
    look at what is compared with `labels`."""
    votes = votes_of(features, train_features, train_labels, K)
    return int((votes == labels[:, None]).any(1).sum())


@replaces("2", "KNN")
def all_neighbours_must_agree(features, train_features, labels, train_labels, K=1):
    """A query counts as right only if all its neighbours have the label. The neighbours vote, and one label wins; look
    at what is compared with `labels`."""
    votes = votes_of(features, train_features, train_labels, K)
    return int((votes == labels[:, None]).all(1).sum())


@replaces("2", "KNN", symptom="counts larger than the batch")
def neighbours_counted(features, train_features, labels, train_labels, K=1):
    """Neighbours with the right label are counted, up to K for each query. Predictions are to be counted, one for each
    query; look at what is compared with `labels`."""
    votes = votes_of(features, train_features, train_labels, K)
    return int((votes == labels[:, None]).sum())


@replaces("2", "KNN")
def neighbours_counted_over_k(features, train_features, labels, train_labels, K=1):
    """Neighbours with the right label are counted and divided by K. Predictions are to be counted, one for each query;
    look at what is compared with `labels`."""
    votes = votes_of(features, train_features, train_labels, K)
    return int((votes == labels[:, None]).sum()) / K


@replaces("2", "KNN", symptom="counts larger than the batch")
def every_prediction_with_every_label(features, train_features, labels, train_labels, K=1):
    """Every prediction is compared with every label. A column and a row are stretched to a square; look at the two
    shapes in the comparison."""
    return right(predictions(features, train_features, train_labels, K)[:, None], labels)


@replaces("2", "KNN")
def only_the_first_query(features, train_features, labels, train_labels, K=1):
    """Only the first query is counted. Look at whether `return` stands inside the loop."""
    return right(predictions(features, train_features, train_labels, K)[:1], labels[:1])


@replaces("2", "KNN")
def only_the_last_query(features, train_features, labels, train_labels, K=1):
    """Only the last query is counted. Look at whether the count is added up, and where it is set to 0."""
    return right(predictions(features, train_features, train_labels, K)[-1:], labels[-1:])


@replaces("2", "KNN")
def last_query_left_out(features, train_features, labels, train_labels, K=1):
    """The last query is not counted. Look at where the loop over the queries ends."""
    return right(predictions(features, train_features, train_labels, K)[:-1], labels[:-1])


@replaces("2", "KNN")
def first_query_left_out(features, train_features, labels, train_labels, K=1):
    """The first query is not counted. Look at where the loop over the queries begins."""
    return right(predictions(features, train_features, train_labels, K)[1:], labels[1:])


@replaces("2", "KNN")
def one_too_many(features, train_features, labels, train_labels, K=1):
    """The count is one too large. Look at the number it starts from."""
    return 1 + right(predictions(features, train_features, train_labels, K), labels)


@replaces("2", "KNN")
def different_labels_counted(features, train_features, labels, train_labels, K=1):
    """It is counted how many different labels are predicted rightly, not how many queries. Look for `unique` or a set
    in the counting."""
    predicted = predictions(features, train_features, train_labels, K)
    return len(labels[predicted == labels].unique())


# Batches of one, and the inputs


@replaces("2", "KNN", symptom="an error on the last batch if it holds one image")
def batch_of_one_squeezed(features, train_features, labels, train_labels, K=1):
    """A batch of one query goes wrong. `squeeze` without an axis removes the batch as well; look at every `squeeze`,
    and at indices into a result that may have one row."""
    return voted((features @ train_features).squeeze(), labels, train_labels, K)


@replaces("2", "KNN", symptom="right for every K but 1")
def single_vote_squeezed(features, train_features, labels, train_labels, K=1):
    """At K = 1 all queries vote together. `squeeze` without an axis removes the only neighbour's axis; look at every
    `squeeze`."""
    return right(votes_of(features, train_features, train_labels, K).squeeze().mode(-1).values, labels)


@replaces("2", "KNN")
def inputs_normalised_in_place(features, train_features, labels, train_labels, K=1):
    """The count is right, but an argument is changed in place. Look for `/=`, `*=` and functions that end in an
    underscore; the caller needs its features again."""
    features /= features.norm(dim=1, keepdim=True) * 1.5
    return right(predictions(features, train_features, train_labels, K), labels)


@replaces("2", "KNN")
def majority_of_the_whole_batch(features, train_features, labels, train_labels, K=1):
    """The votes of all queries are thrown together, so that every query gets one and the same label. Look at the axis
    along which votes are counted."""
    votes = votes_of(features, train_features, train_labels, K)
    return right(winners(votes.reshape(1, -1)), labels)


@replaces("2", "KNN", symptom="a RuntimeError on shapes, but for K = 1")
def mode_over_the_batch(features, train_features, labels, train_labels, K=1):
    """The votes of different queries are counted together: there is a winner for each place among the neighbours, not
    for each query. Look at the axis of the mode."""
    return right(votes_of(features, train_features, train_labels, K).mode(0).values, labels)


@replaces("2", "KNN", symptom="a RuntimeError on shapes")
def winners_over_the_batch(features, train_features, labels, train_labels, K=1):
    """The largest count is looked for along the wrong axis: there is a query for each label, not a label for each
    query. Look at the axis of the maximum."""
    return right(counts(votes_of(features, train_features, train_labels, K)).argmax(0), labels)


# Two at once


@replaces("2", "KNN", combines=("least_similar_taken", "share_instead_of_count"))
def least_similar_and_share(features, train_features, labels, train_labels, K=1):
    """Two things at once: the least similar training images vote, and a share is returned where a number is asked for.
    Look at the direction of the sort, and at the last line."""
    return voted(-features @ train_features, labels, train_labels, K) / len(labels)


@replaces("2", "KNN", combines=("k_ignored", "share_instead_of_count"))
def k_ignored_and_share(features, train_features, labels, train_labels, K=1):
    """Two things at once: only the nearest training image decides, and a share is returned where a number is asked for.
    Look at where K is used, and at the last line."""
    return right(predictions(features, train_features, train_labels, 1), labels) / len(labels)


@replaces("2", "KNN", combines=("wrong_predictions_counted", "share_instead_of_count"))
def error_rate_returned(features, train_features, labels, train_labels, K=1):
    """Two things at once: wrong predictions are counted, and their share is returned. Asked for is the number of right
    ones; look at the comparison with `labels`, and at the last line."""
    return 1 - right(predictions(features, train_features, train_labels, K), labels) / len(labels)
