"""Known mistakes in `KNN`, question 2, with how votes are counted and who wins."""

# ruff: noqa: N803

from __future__ import annotations

from collections import Counter

import torch
import torch.nn.functional as F

from mistakes import replaces
from mistakes.validation_parts import counts, right, votes_of, weighted, winners

# Equal counts


@replaces("2", "KNN")
def ties_to_the_largest_label(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, the largest one wins. Look at which of equal counts your search finds;
    the smallest label is meant."""
    votes = votes_of(features, train_features, train_labels, K)
    return right(99 - winners(99 - votes), labels)


@replaces("2", "KNN")
def ties_to_the_nearest(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, the one of the nearer image wins. `Counter.most_common` and `max(...,
    key=...)` keep what they meet first; the smallest label is meant."""
    votes = votes_of(features, train_features, train_labels, K).tolist()
    return right(torch.tensor([Counter(row).most_common(1)[0][0] for row in votes]), labels)


@replaces("2", "KNN")
def ties_to_the_farthest(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, the one of the farthest image wins. Look at the order in which votes
    are counted, and what happens to equal counts; the smallest label is meant."""
    votes = votes_of(features, train_features, train_labels, K).flip(1).tolist()
    return right(torch.tensor([Counter(row).most_common(1)[0][0] for row in votes]), labels)


@replaces("2", "KNN")
def ties_by_similarity(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, the more similar images win. The smallest label is meant; look at what
    happens to equal counts."""
    similarity, nearest = (features @ train_features).topk(K, dim=1)
    return right(weighted(train_labels[nearest], 1 + 1e-3 * similarity), labels)


@replaces("2", "KNN")
def ties_by_the_order_of_a_set(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, the order of a Python set decides, which is not sorted once labels
    exceed 7. The smallest label is meant; look at what you go over."""
    votes = votes_of(features, train_features, train_labels, K).tolist()
    return right(torch.tensor([max(set(row), key=row.count) for row in votes]), labels)


@replaces("2", "KNN", symptom="right on CIFAR-10; wrong from 17 classes on")
def counts_sorted_without_order(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, any of them may win: `sort` and `argsort` keep the order of equal
    counts only if they are asked to, which shows where there are many classes. Look at what finds the largest count."""
    table = counts(votes_of(features, train_features, train_labels, K))
    return right(table.argsort(dim=1, descending=True)[:, 0], labels)


@replaces("2", "KNN")
def largest_count_by_topk(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, any of them may win: `topk` promises no order of equal counts. The
    smallest label is meant; look at what finds the largest count."""
    return right(counts(votes_of(features, train_features, train_labels, K)).topk(1, dim=1).indices[:, 0], labels)


@replaces("2", "KNN")
def ties_count_as_wrong(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, none of them wins. The smallest of them is meant; look at what happens
    to equal counts."""
    table = counts(votes_of(features, train_features, train_labels, K))
    tied = (table == table.amax(1, keepdim=True)).sum(1) > 1
    return right(table.argmax(1).masked_fill(tied, -1), labels)


@replaces("2", "KNN")
def majority_required(features, train_features, labels, train_labels, K=1):
    """A label wins only with more than half of the votes. The most frequent label wins, however few votes it has; look
    at the condition."""
    table = counts(votes_of(features, train_features, train_labels, K))
    return right(table.argmax(1).masked_fill(2 * table.amax(1) <= K, -1), labels)


@replaces("2", "KNN")
def several_winners_of_a_tie(features, train_features, labels, train_labels, K=1):
    """Where two labels have equally many votes, the prediction counts as right if either is. The smallest of them is
    the prediction; look at what happens to equal counts."""
    table = F.pad(counts(votes_of(features, train_features, train_labels, K)), (0, 100))
    return int((table.gather(1, labels[:, None])[:, 0] == table.amax(1)).sum())


# Weights


@replaces("2", "KNN")
def votes_weighted_by_similarity(features, train_features, labels, train_labels, K=1):
    """Votes are weighted with the similarity. Each neighbour has one vote; look at what is added up."""
    similarity, nearest = (features @ train_features).topk(K, dim=1)
    return right(weighted(train_labels[nearest], similarity), labels)


@replaces("2", "KNN", symptom="the weighted vote of InstDisc and MoCo")
def votes_weighted_exponentially(features, train_features, labels, train_labels, K=1):
    """Votes are weighted with an exponential of the similarity over a temperature, as InstDisc and MoCo do. Each
    neighbour has one vote here; look at what is added up."""
    similarity, nearest = (features @ train_features).topk(K, dim=1)
    return right(weighted(train_labels[nearest], (similarity / 0.1).exp()), labels)


@replaces("2", "KNN", symptom="the weighted vote of InstDisc, at its temperature")
def votes_weighted_exponentially_at_007(features, train_features, labels, train_labels, K=1):
    """Votes are weighted with an exponential of the similarity over 0.07, as InstDisc does. Each neighbour has one vote
    here; look at what is added up."""
    similarity, nearest = (features @ train_features).topk(K, dim=1)
    return right(weighted(train_labels[nearest], (similarity / 0.07).exp()), labels)


@replaces("2", "KNN")
def votes_weighted_exponentially_at_05(features, train_features, labels, train_labels, K=1):
    """Votes are weighted with an exponential of the similarity over 0.5. Each neighbour has one vote here; look at what
    is added up."""
    similarity, nearest = (features @ train_features).topk(K, dim=1)
    return right(weighted(train_labels[nearest], (similarity / 0.5).exp()), labels)


@replaces("2", "KNN")
def votes_weighted_by_softmax(features, train_features, labels, train_labels, K=1):
    """Votes are weighted with a softmax or an exponential of the similarities. Each neighbour has one vote; look at
    what is added up."""
    similarity, nearest = (features @ train_features).topk(K, dim=1)
    return right(weighted(train_labels[nearest], similarity.exp()), labels)


@replaces("2", "KNN")
def votes_weighted_by_distance(features, train_features, labels, train_labels, K=1):
    """Votes are weighted with one over the distance. Each neighbour has one vote; look at what is added up."""
    similarity, nearest = (features @ train_features).topk(K, dim=1)
    return right(weighted(train_labels[nearest], (2 - 2 * similarity).clamp_min(1e-12).rsqrt()), labels)


@replaces("2", "KNN")
def votes_weighted_by_rank(features, train_features, labels, train_labels, K=1):
    """Votes are weighted with one over the rank. Each neighbour has one vote; look at what is added up."""
    votes = votes_of(features, train_features, train_labels, K)
    weights = 1 / torch.arange(1.0, K + 1).expand(len(votes), -1)
    return right(weighted(votes, weights), labels)


# Counting


@replaces("2", "KNN")
def repeated_votes_lost(features, train_features, labels, train_labels, K=1):
    """Several votes for one label count once, so the smallest label among the neighbours wins. Indexed assignment and
    `scatter_` overwrite where votes should add up."""
    return right(votes_of(features, train_features, train_labels, K).amin(1), labels)


@replaces("2", "KNN")
def largest_label_wins(features, train_features, labels, train_labels, K=1):
    """The largest label among the neighbours wins. Look at what the maximum is taken of: labels, or counts of votes."""
    return right(votes_of(features, train_features, train_labels, K).amax(1), labels)


@replaces("2", "KNN")
def labels_averaged(features, train_features, labels, train_labels, K=1):
    """The neighbours' labels are averaged. Labels are names, not quantities; look at how the votes become one
    prediction."""
    return right(votes_of(features, train_features, train_labels, K).float().mean(1).round(), labels)


@replaces("2", "KNN")
def labels_averaged_and_cut_off(features, train_features, labels, train_labels, K=1):
    """The neighbours' labels are averaged and cut off. Labels are names, not quantities; look at how the votes become
    one prediction."""
    return right(votes_of(features, train_features, train_labels, K).float().mean(1).long(), labels)


@replaces("2", "KNN")
def labels_averaged_exactly(features, train_features, labels, train_labels, K=1):
    """The neighbours' labels are averaged. Labels are names, not quantities; look at how the votes become one
    prediction, and that no fraction can equal a label."""
    return right(votes_of(features, train_features, train_labels, K).double().mean(1), labels)


@replaces("2", "KNN")
def median_label_wins(features, train_features, labels, train_labels, K=1):
    """The median of the neighbours' labels wins. Labels are names, not quantities; look at how the votes become one
    prediction."""
    return right(votes_of(features, train_features, train_labels, K).median(1).values, labels)


@replaces("2", "KNN")
def fewest_votes_win(features, train_features, labels, train_labels, K=1):
    """The label with the fewest votes wins. Look at the direction in which counts are compared."""
    table = counts(votes_of(features, train_features, train_labels, K))
    return right(table.argmin(1), labels)


@replaces("2", "KNN")
def fewest_votes_among_neighbours_win(features, train_features, labels, train_labels, K=1):
    """Of the neighbours' labels the rarest wins. Look at the direction in which counts are compared."""
    table = counts(votes_of(features, train_features, train_labels, K))
    return right(table.masked_fill(table == 0, K + 1).argmin(1), labels)


@replaces("2", "KNN")
def votes_summed_along_labels(features, train_features, labels, train_labels, K=1):
    """Every query is given label 0. Look at the axis along which votes are added up: over the neighbours, not over the
    labels."""
    return right(torch.zeros_like(labels), labels)


@replaces("2", "KNN")
def number_of_votes_taken_for_label(features, train_features, labels, train_labels, K=1):
    """The number of votes is taken for the label. Look at which of `values` and `indices`, or of label and count, is
    used."""
    return right(counts(votes_of(features, train_features, train_labels, K)).amax(1), labels)


@replaces("2", "KNN")
def place_among_neighbours_taken_for_label(features, train_features, labels, train_labels, K=1):
    """A place among the neighbours is taken for the label. Look at which of `values` and `indices` of the mode is
    used."""
    return right(votes_of(features, train_features, train_labels, K).mode(1).indices, labels)


@replaces("2", "KNN")
def neighbour_taken_for_label(features, train_features, labels, train_labels, K=1):
    """The neighbours' positions are compared with labels. A position has to be looked up in `train_labels` first."""
    nearest = (features @ train_features).topk(K, dim=1).indices
    return right(nearest.mode(1).values, labels)


@replaces("2", "KNN")
def nearest_position_taken_for_label(features, train_features, labels, train_labels, K=1):
    """The position of the nearest training image is compared with labels, and K is not used. A position has to be
    looked up in `train_labels` first."""
    return right((features @ train_features).argmax(1), labels)
