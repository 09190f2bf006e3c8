"""Known mistakes in `KNN`, question 2: from similarities to a count, and what is done there instead."""

from __future__ import annotations

from collections import Counter

import torch
import torch.nn.functional as F
from torch import Tensor

from mistakes.compose import common

QUESTION, TARGET = "2", "KNN"
CHUNK = 100


class Given:
    """The queries `[B, D]` and the training images `[D, N]`, with their labels."""

    def __init__(self, features: Tensor, train_features: Tensor, labels: Tensor, train_labels: Tensor, k: int = 1):
        self.features, self.train_features, self.k = features, train_features, k
        self.labels, self.train_labels = labels, train_labels

    def ordered(self):
        """All training images of each query, the most similar one first: `[B, N]`."""
        return self.alike.argsort(dim=1, descending=True, stable=True)

    def columns(self, number: int):
        """How often each label below `number` occurs in each row of votes."""
        return torch.zeros(len(self.votes), number).scatter_add_(1, self.votes, torch.ones(self.votes.shape))

    def weighed(self, weights: Tensor):
        """The sums of weights, `[B, K]`, of each label."""
        result = torch.zeros(len(self.votes), int(self.votes.max()) + 1, dtype=weights.dtype)
        return result.scatter_add_(1, self.votes, weights)

    def near(self):
        """The similarities of the neighbours: `[B, K]`."""
        return self.alike.gather(1, self.nearest)

    def first_met(self, votes: Tensor):
        return torch.tensor([Counter(row).most_common(1)[0][0] for row in votes.tolist()])

    def by_class(self, weights: Tensor):
        """The sums of weights, `[B, N]`, over the training images of each class."""
        result = torch.zeros(len(weights), int(self.train_labels.max()) + 1, dtype=weights.dtype)
        return result.index_add_(1, self.train_labels, weights)


class Alike(Given):
    """How alike each query is to each training image: `[B, N]`."""

    def right(self):
        return self.features @ self.train_features

    least_similar_taken = common(lambda self: -self.features @ self.train_features)
    """The training images that are least alike vote. Look at the direction of the sort: large similarities, but small
    distances, are near."""
    sign_of_similarity_lost = lambda self: (self.features @ self.train_features).abs()
    """A training image that points the opposite way counts as near. Look at what is done to the similarities before
    they are sorted: their sign matters."""
    sum_of_differences_as_distance = lambda self: -torch.cdist(self.features, self.train_features.T, p=1)
    """Neighbours are found by the sum of absolute differences. The similarity asked for is the inner product; look at
    how images are compared."""
    largest_difference_as_distance = lambda self: -torch.cdist(self.features, self.train_features.T, p=float("inf"))
    """Neighbours are found by the largest difference of one feature. The similarity asked for is the inner product;
    look at how images are compared."""
    train_features_transposed = lambda self: self.features @ self.train_features.T
    """Shapes do not fit on the way to the similarities. `train_features` already has one column per training image;
    look at its shape and at what is transposed."""
    reshaped_instead_of_transposed = lambda self: (
        self.features @ self.train_features.reshape(len(self.train_labels), -1).T
    )
    """The training features are scrambled. `view` and `reshape` cut the numbers again, they do not exchange rows and
    columns; look at what is done to `train_features`."""
    train_features_normalised_along_images = lambda self: self.features @ F.normalize(self.train_features, dim=1)
    """The training features are normalised along the wrong axis: over images, not over features. Their columns come
    normalised already; look at `dim`."""
    features_normalised_over_the_batch = lambda self: F.normalize(self.features, dim=0) @ self.train_features
    """The queries' features are normalised along the wrong axis: over the batch, not over features. Their rows come
    normalised already; look at `dim`."""
    both_normalised_along_images = lambda self: (
        F.normalize(self.features, dim=0) @ F.normalize(self.train_features, dim=1)
    )
    """Both sets of features are normalised along the wrong axis: over images. Each image's features come normalised
    already; look at `dim`."""
    softmax_over_the_batch = lambda self: (self.features @ self.train_features).softmax(dim=0)
    """The similarities of a query depend on the other queries. Look at the axis of a softmax or of another
    normalisation of the similarities."""
    first_feature_only = lambda self: self.features[:, :1] @ self.train_features[:1]
    """Images are compared by one feature instead of all. Look at the product: it sums over the features."""
    neighbours_of_the_first_query = lambda self: self.features[:1] @ self.train_features
    """Every query gets the neighbours of the first one. Look at what changes from query to query."""
    half_of_the_training_set = lambda self: (self.features @ self.train_features)[:, : min(self.train_features.shape)]
    """Some training images can never be neighbours. Look at whether all columns take part in the comparison."""
    last_training_image_left_out = lambda self: (self.features @ self.train_features)[:, :-1]
    """The last training image can never be a neighbour. Look at where the loop over the training images ends."""
    batch_of_one_squeezed = lambda self: (self.features @ self.train_features).squeeze()
    """A batch of one query goes wrong. `squeeze` without an axis removes the batch as well; look at every `squeeze`,
    and at indices into a result that may have one row."""

    def inputs_normalised_in_place(self):
        """The count is right, but an argument is changed in place. Look for `/=`, `*=` and functions that end in an
        underscore; the caller needs its features again."""
        self.features /= self.features.norm(dim=1, keepdim=True) * 1.5
        return self.features @ self.train_features


class Nearest(Given):
    """The positions of the K most similar training images: `[B, K]`."""

    def right(self):
        return self.ordered()[:, : self.k]

    k_ignored = common(lambda self: self.ordered()[:, :1])
    """Only the nearest training image decides, whatever K is. Look at where K is used."""
    one_neighbour_too_many = lambda self: self.ordered()[:, : self.k + 1]
    """One training image more than K votes. Look at where the list of neighbours ends; a slice leaves its end out."""
    one_neighbour_too_few = lambda self: self.ordered()[:, : max(1, self.k - 1)]
    """One training image less than K votes. Look at where the list of neighbours ends; a slice leaves its end out."""
    nearest_skipped = lambda self: self.ordered()[:, 1 : self.k + 1]
    """The nearest training image is left out, as if it were the query itself. Queries are not among the training
    images; look at where the list of neighbours begins."""
    nearest_left_out_as_the_query_itself = lambda self: self.alike.topk(self.k + 1, dim=1).indices[:, 1:]
    """The nearest image is left out, as if it were the query itself. Queries are not in the training set: look for `K +
    1` and for what is cut off."""
    only_the_kth_neighbour = lambda self: self.ordered()[:, self.k - 1 : self.k]
    """Only the K-th neighbour decides. All K of them vote; look at the index of the sorted neighbours."""
    all_training_images_vote = lambda self: self.ordered()
    """All training images vote, so every query gets the same answer. Look at where K is used."""
    neighbours_over_the_batch = lambda self: self.alike.topk(self.k, dim=0).indices
    """The K best are taken over the queries, not over the training images. Look at the axis of `topk` or `sort`."""
    first_training_images_vote = lambda self: torch.arange(self.k).expand(len(self.labels), -1)
    """The first K training images vote, whatever the query is. Look at whether sorted similarities, or positions, are
    used to look up labels."""
    similarities_taken_for_indices = lambda self: self.alike.topk(self.k, dim=1).values.long()
    """Labels are looked up with similarities instead of positions. Look at which of `values` and `indices` is used."""
    sorted_similarities_not_labels = lambda self: self.ordered().argsort(dim=1)[:, : self.k]
    """The order of the training images is used the wrong way round: ranks in place of positions. Look at what `argsort`
    gives, and whether it is applied twice."""


class Votes(Given):
    """The neighbours' labels: `[B, K]`."""

    def right(self):
        return self.train_labels[self.nearest]

    labels_of_the_batch_voted = lambda self: self.labels[self.nearest]
    """The neighbours are looked up in a tensor that is too short, as `labels` is. They are training images; look at
    whose labels vote."""
    number_of_label_taken_for_label = lambda self: self.train_labels.unique(return_inverse=True)[1][self.nearest]
    """Labels are numbered again for counting, and the prediction is never turned back. Look at what `unique` gives, and
    what the largest count's place stands for."""
    neighbour_taken_for_label = lambda self: self.nearest
    """The neighbours' positions are compared with labels. A position has to be looked up in `train_labels` first."""


class Table(Given):
    """How many votes each label has: `[B, largest label + 1]`."""

    def right(self):
        return self.weighed(torch.ones_like(self.votes)) if self.votes.numel() else torch.zeros(len(self.votes), 1)

    largest_label_of_the_batch_as_limit = lambda self: self.columns(int(self.labels.max()) + 1)
    """The table of votes is only as wide as the largest label of the batch asks for. A label may be absent from
    `labels` and still get votes; look at where the number of classes comes from."""
    classes_counted_in_the_batch = lambda self: self.columns(len(self.labels.unique()))
    """The table of votes has as many columns as the batch has different labels. A label may be absent from `labels` and
    still get votes; look at where the number of classes comes from."""
    classes_counted_in_the_training_set = lambda self: self.columns(len(self.train_labels.unique()))
    """The table of votes has as many columns as there are different labels, but labels may leave numbers out. Look at
    where the number of columns comes from."""
    ten_classes_assumed = lambda self: self.columns(10)
    """The table of votes has ten columns, as CIFAR-10 has classes. Look at where the number of classes comes from."""
    ties_by_similarity = lambda self: self.weighed(1 + 1e-3 * self.near())
    """Where two labels have equally many votes, the more similar images win. The smallest label is meant; look at what
    happens to equal counts."""
    votes_weighted_by_similarity = lambda self: self.weighed(self.near())
    """Votes are weighted with the similarity. Each neighbour has one vote; look at what is added up."""
    votes_weighted_exponentially = lambda self: self.weighed((self.near() / 0.1).exp())
    """Votes are weighted with an exponential of the similarity over a temperature, as InstDisc and MoCo do. Each
    neighbour has one vote here; look at what is added up."""
    votes_weighted_exponentially_at_007 = lambda self: self.weighed((self.near() / 0.07).exp())
    """Votes are weighted with an exponential of the similarity over 0.07, as InstDisc does. Each neighbour has one vote
    here; look at what is added up."""
    votes_weighted_exponentially_at_05 = lambda self: self.weighed((self.near() / 0.5).exp())
    """Votes are weighted with an exponential of the similarity over 0.5. Each neighbour has one vote here; look at what
    is added up."""
    votes_weighted_by_softmax = lambda self: self.weighed(self.near().exp())
    """Votes are weighted with a softmax or an exponential of the similarities. Each neighbour has one vote; look at
    what is added up."""
    votes_weighted_by_distance = lambda self: self.weighed((2 - 2 * self.near()).clamp_min(1e-12).rsqrt())
    """Votes are weighted with one over the distance. Each neighbour has one vote; look at what is added up."""
    votes_weighted_by_rank = lambda self: self.weighed(
        1 / torch.arange(1.0, self.votes.shape[1] + 1).expand(len(self.votes), -1)
    )
    """Votes are weighted with one over the rank. Each neighbour has one vote; look at what is added up."""

    def majority_of_the_whole_batch(self):
        """The votes of all queries are thrown together, so that every query gets one and the same label. Look at the
        axis along which votes are counted."""
        self.votes = self.votes.reshape(1, -1)
        return self.weighed(torch.ones_like(self.votes))


class Predicted(Given):
    """The label that wins: `[B]`."""

    def right(self):
        return self.table.argmax(1)

    ties_to_the_largest_label = lambda self: self.table.shape[1] - 1 - self.table.flip(1).argmax(1)
    """Where two labels have equally many votes, the largest one wins. Look at which of equal counts your search finds;
    the smallest label is meant."""
    ties_to_the_nearest = lambda self: self.first_met(self.votes)
    """Where two labels have equally many votes, the one of the nearer image wins. `Counter.most_common` and `max(...,
    key=...)` keep what they meet first; the smallest label is meant."""
    ties_to_the_farthest = lambda self: self.first_met(self.votes.flip(1))
    """Where two labels have equally many votes, the one of the farthest image wins. Look at the order in which votes
    are counted, and what happens to equal counts; the smallest label is meant."""
    ties_by_the_order_of_a_set = lambda self: torch.tensor(
        [max(set(row), key=row.count) for row in self.votes.tolist()]
    )
    """Where two labels have equally many votes, the order of a Python set decides, which is not sorted once labels
    exceed 7. The smallest label is meant; look at what you go over."""
    counts_sorted_without_order = common(lambda self: self.table.argsort(dim=1, descending=True)[:, 0])
    """Where two labels have equally many votes, any of them may win: `sort` and `argsort` keep the order of equal
    counts only if they are asked to, which shows where there are many classes. Look at what finds the largest count."""
    largest_count_by_topk = lambda self: self.table.topk(1, dim=1).indices[:, 0]
    """Where two labels have equally many votes, any of them may win: `topk` promises no order of equal counts. The
    smallest label is meant; look at what finds the largest count."""

    def ties_count_as_wrong(self):
        """Where two labels have equally many votes, none of them wins. The smallest of them is meant; look at what
        happens to equal counts."""
        tied = (self.table == self.table.amax(1, keepdim=True)).sum(1) > 1
        return self.table.argmax(1).masked_fill(tied, -1)

    majority_required = lambda self: self.table.argmax(1).masked_fill(2 * self.table.amax(1) <= self.k, -1)
    """A label wins only with more than half of the votes. The most frequent label wins, however few votes it has; look
    at the condition."""
    repeated_votes_lost = lambda self: self.votes.amin(1)
    """Several votes for one label count once, so the smallest label among the neighbours wins. Indexed assignment and
    `scatter_` overwrite where votes should add up."""
    largest_label_wins = lambda self: self.votes.amax(1)
    """The largest label among the neighbours wins. Look at what the maximum is taken of: labels, or counts of votes."""
    labels_averaged = lambda self: self.votes.float().mean(1).round()
    """The neighbours' labels are averaged. Labels are names, not quantities; look at how the votes become one
    prediction."""
    labels_averaged_and_cut_off = lambda self: self.votes.float().mean(1).long()
    """The neighbours' labels are averaged and cut off. Labels are names, not quantities; look at how the votes become
    one prediction."""
    labels_averaged_exactly = lambda self: self.votes.double().mean(1)
    """The neighbours' labels are averaged. Labels are names, not quantities; look at how the votes become one
    prediction, and that no fraction can equal a label."""
    median_label_wins = lambda self: self.votes.median(1).values
    """The median of the neighbours' labels wins. Labels are names, not quantities; look at how the votes become one
    prediction."""
    fewest_votes_win = lambda self: self.table.argmin(1)
    """The label with the fewest votes wins. Look at the direction in which counts are compared."""
    fewest_votes_among_neighbours_win = lambda self: self.table.masked_fill(self.table == 0, self.k + 1).argmin(1)
    """Of the neighbours' labels the rarest wins. Look at the direction in which counts are compared."""
    votes_summed_along_labels = lambda self: torch.zeros_like(self.labels)
    """Every query is given label 0. Look at the axis along which votes are added up: over the neighbours, not over the
    labels."""
    number_of_votes_taken_for_label = lambda self: self.table.amax(1)
    """The number of votes is taken for the label. Look at which of `values` and `indices`, or of label and count, is
    used."""
    place_among_neighbours_taken_for_label = lambda self: self.votes.mode(1).indices
    """A place among the neighbours is taken for the label. Look at which of `values` and `indices` of the mode is
    used."""
    nearest_position_taken_for_label = lambda self: self.alike.argmax(1)
    """The position of the nearest training image is compared with labels, and K is not used. A position has to be
    looked up in `train_labels` first."""

    def only_labels_of_the_batch_win(self):
        """Only labels that occur in `labels` can win. A prediction must not know the right answers; look at which
        labels votes are counted for."""
        classes = self.labels.unique()
        return classes[(self.votes[:, :, None] == classes).sum(1).argmax(1)]

    single_vote_squeezed = lambda self: self.votes.squeeze().mode(-1).values
    """At K = 1 all queries vote together. `squeeze` without an axis removes the only neighbour's axis; look at every
    `squeeze`."""
    mode_over_the_batch = lambda self: self.votes.mode(0).values
    """The votes of different queries are counted together: there is a winner for each place among the neighbours, not
    for each query. Look at the axis of the mode."""
    winners_over_the_batch = lambda self: self.table.argmax(0)
    """The largest count is looked for along the wrong axis: there is a query for each label, not a label for each
    query. Look at the axis of the maximum."""

    def class_means_compared(self):
        """Queries are compared with the mean of each class, not with the training images. Look at what the neighbours
        are."""
        classes = self.train_labels.unique()
        means = torch.stack([self.train_features[:, self.train_labels == label].mean(1) for label in classes], dim=1)
        return classes[(self.features @ means).argmax(1)]

    classes_compared_by_total_similarity = lambda self: self.by_class(self.alike).argmax(1)
    """The similarities with all training images of a class are added up, near or far. Only the K nearest images vote,
    with one vote each."""
    classes_compared_by_softmax = lambda self: self.by_class(self.alike.softmax(1)).argmax(1)
    """A softmax over the similarities with all training images is added up by class. Only the K nearest images vote,
    with one vote each."""


class Hits(Given):
    """Which predictions are right: `[B]`."""

    def right(self):
        return self.predicted == self.labels

    wrong_predictions_counted = common(lambda self: self.predicted != self.labels)
    """Wrong predictions are counted. Look at the comparison with `labels`."""
    number_of_queries_returned = lambda self: torch.ones(len(self.labels))
    """The number of queries is returned, right or wrong. Look at what is counted: `len` and `numel` count False as
    well."""
    any_neighbour_counts = lambda self: (self.votes == self.labels[:, None]).any(1)
    """A query counts as right as soon as one of its neighbours has the label. The neighbours vote, and one label wins;
    look at what is compared with `labels`."""
    all_neighbours_must_agree = lambda self: (self.votes == self.labels[:, None]).all(1)
    """A query counts as right only if all its neighbours have the label. The neighbours vote, and one label wins; look
    at what is compared with `labels`."""
    neighbours_counted = lambda self: self.votes == self.labels[:, None]
    """Neighbours with the right label are counted, up to K for each query. Predictions are to be counted, one for each
    query; look at what is compared with `labels`."""

    def several_winners_of_a_tie(self):
        """Where two labels have equally many votes, the prediction counts as right if either is. The smallest of them
        is the prediction; look at what happens to equal counts."""
        table = F.pad(self.table, (0, 100))
        return table.gather(1, self.labels[:, None])[:, 0] == table.amax(1)

    every_prediction_with_every_label = lambda self: self.predicted[:, None] == self.labels
    """Every prediction is compared with every label. A column and a row are stretched to a square; look at the two
    shapes in the comparison."""
    only_the_first_query = lambda self: (self.predicted == self.labels)[:1]
    """Only the first query is counted. Look at whether `return` stands inside the loop."""
    only_the_last_query = lambda self: (self.predicted == self.labels)[-1:]
    """Only the last query is counted. Look at whether the count is added up, and where it is set to 0."""
    last_query_left_out = lambda self: (self.predicted == self.labels)[:-1]
    """The last query is not counted. Look at where the loop over the queries ends."""
    first_query_left_out = lambda self: (self.predicted == self.labels)[1:]
    """The first query is not counted. Look at where the loop over the queries begins."""
    last_chunk_left_out = lambda self: (self.predicted == self.labels)[: len(self.features) // CHUNK * CHUNK]
    """The last, incomplete chunk of queries is left out, and small batches are nothing else. Look at how many rounds
    the loop makes, and at what a division without rest does to them."""


class Count(Given):
    """How many that are."""

    def right(self):
        return int(self.hits.sum())

    share_instead_of_count = common(lambda self: int(self.hits.sum()) / len(self.labels))
    """The share of right predictions is returned. Their number is asked for; look at what is divided or averaged at the
    end."""
    percent_instead_of_count = lambda self: 100.0 * int(self.hits.sum()) / len(self.labels)
    """Right predictions are returned in percent. Their number is asked for; look at what is divided or averaged at the
    end."""
    share_cut_off = lambda self: int(self.hits.sum()) // len(self.labels)
    """The result is 0 unless every prediction is right: a share cut off to a whole number. The number of right
    predictions is asked for; look at what is divided or averaged."""
    neighbours_counted_over_k = lambda self: int((self.votes == self.labels[:, None]).sum()) / self.k
    """Neighbours with the right label are counted and divided by K. Predictions are to be counted, one for each query;
    look at what is compared with `labels`."""
    one_too_many = lambda self: 1 + int(self.hits.sum())
    """The count is one too large. Look at the number it starts from."""
    different_labels_counted = lambda self: len(self.labels[self.hits].unique())
    """It is counted how many different labels are predicted rightly, not how many queries. Look for `unique` or a set
    in the counting."""


class Result(Given):
    """What is returned."""

    def right(self):
        return self.count

    predictions_returned = lambda self: self.predicted
    """The predictions are returned. Asked for is how many of them are right; look at the return statement."""
    comparisons_returned = lambda self: self.hits
    """It is returned which predictions are right. Asked for is how many; look at the return statement."""
    count_in_a_tensor_of_one = lambda self: torch.tensor([self.count])
    """The count is right, but it comes in a tensor of shape [1]. One number is asked for; look for `keepdim` or
    brackets."""
    list_returned = lambda self: [self.count]
    """A list is returned. One number, how many predictions are right, is asked for; look at the return statement."""
    tuple_returned = lambda self: (self.count, len(self.labels))
    """A tuple is returned. One number, how many predictions are right, is asked for; look for a comma at the end of
    the return statement."""
    nothing_returned = lambda self: None
    """Nothing is returned. Look at the last line: printing or computing a count does not hand it back."""


class Whole(Given):
    """Mistakes that are not compositions."""

    def queries_near_each_training_image(self):
        """The K best are taken over the queries, for each training image, and not over the training images for each
        query. Look at the axis of `topk` or `sort`, and at which axis the vote runs over."""
        nearest = (self.features @ self.train_features).topk(min(self.k, len(self.features)), dim=0).indices
        predicted = self.train_labels[nearest % len(self.train_labels)].mode(dim=0).values[: len(self.labels)]
        return int((predicted == self.labels[: len(predicted)]).sum())


STAGES = (Alike, Nearest, Votes, Table, Predicted, Hits, Count, Result)
