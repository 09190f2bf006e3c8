"""Right in other words: `KNN` of `validation.py`, question 2."""

# ruff: noqa: B905, N803  (written as students write)

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import torch
import torch.nn.functional as F

from mistakes import replaces


@replaces("2", "KNN")
def mode_of_labels(features, train_features, labels, train_labels, K=1):
    """torch.mode, which takes the smallest of equally frequent values; a 0-d tensor is returned."""
    nearest = torch.mm(features, train_features).topk(K, dim=1, largest=True, sorted=True)[1]
    return train_labels[nearest].mode(dim=1).values.eq(labels).sum()


@replaces("2", "KNN")
def bincount_per_query(features, train_features, labels, train_labels, K=1):
    """A loop over the queries, each with a bincount."""
    correct = 0
    for i in range(features.shape[0]):
        similarity = features[i] @ train_features
        _, index = torch.sort(similarity, descending=True)
        votes = torch.bincount(train_labels[index[:K]])
        if votes.argmax() == labels[i]:
            correct += 1
    return correct


@replaces("2", "KNN")
def one_hot_votes(features, train_features, labels, train_labels, K=1):
    """One-hot votes added up, as SimSiam-91.9 and lightly do."""
    similarity = torch.einsum("bd,dn->bn", features, train_features)
    _, indices = similarity.topk(k=K, dim=-1)
    expanded = train_labels.view(1, -1).expand(features.size(0), -1)
    votes = F.one_hot(expanded.gather(1, indices), int(train_labels.max()) + 1).sum(dim=1)
    _, predictions = votes.max(dim=1)
    return (predictions == labels).float().sum().item()


@replaces("2", "KNN")
def scattered_votes(features, train_features, labels, train_labels, K=1):
    """The 2021 skeleton's way, with as many classes as both sets of labels need."""
    classes = max(train_labels.max().item(), labels.max().item()) + 1
    _yd, yi = features.mm(train_features).topk(K, dim=1, largest=True, sorted=True)
    retrieval = torch.gather(train_labels.view(1, -1).expand(features.size(0), -1), 1, yi)
    one_hot = torch.zeros(features.size(0) * K, classes)
    one_hot.scatter_(1, retrieval.view(-1, 1), 1)
    probabilities = one_hot.view(features.size(0), -1, classes).sum(1)
    return (probabilities.argmax(1) == labels).sum().item()


@replaces("2", "KNN")
def numpy_throughout(features, train_features, labels, train_labels, K=1):
    """NumPy, a stable sort, and np.unique for the votes; a NumPy integer is returned."""
    x, columns = features.detach().cpu().numpy(), train_features.detach().cpu().numpy()
    nearest = np.argsort(-(x @ columns), axis=1, kind="stable")[:, :K]
    predicted = []
    for row in train_labels.numpy()[nearest]:
        values, counts = np.unique(row, return_counts=True)
        predicted.append(values[np.argmax(counts)])
    return np.sum(np.array(predicted) == labels.numpy())


@replaces("2", "KNN")
def euclidean_distance(features, train_features, labels, train_labels, K=1):
    """On normalised features the smallest distance is the largest inner product."""
    distance = torch.cdist(features, train_features.t())
    nearest = distance.argsort(dim=1)[:, :K]
    return int(torch.sum(torch.mode(train_labels[nearest], 1)[0] == labels))


@replaces("2", "KNN")
def normalised_again(features, train_features, labels, train_labels, K=1):
    """Normalising what is normalised changes nothing."""
    similarity = F.normalize(features, dim=1) @ F.normalize(train_features, dim=0)
    neighbours = train_labels[similarity.argsort(1, descending=True)[:, :K]]
    return torch.mode(neighbours).values.eq(labels).sum().item()


@replaces("2", "KNN")
def cosine_similarity_of_all_pairs(features, train_features, labels, train_labels, K=1):
    """F.cosine_similarity of every query with every training image."""
    similarity = F.cosine_similarity(features[:, None], train_features.T[None], dim=-1)
    votes = train_labels[similarity.topk(K).indices]
    counts = (votes[:, :, None] == torch.arange(100)).sum(1)
    return np.float64((counts.argmax(1) == labels).sum())


@replaces("2", "KNN")
def smallest_of_most_common(features, train_features, labels, train_labels, K=1):
    """Python lists and a Counter, ties settled by hand."""
    count = 0
    for query, label in zip(features, labels):
        similarity = (query @ train_features).tolist()
        order = sorted(range(len(similarity)), key=lambda i: -similarity[i])
        votes = Counter(train_labels[i].item() for i in order[:K])
        most = max(votes.values())
        count += min(name for name, number in votes.items() if number == most) == label.item()
    return count


@replaces("2", "KNN")
def dictionary_with_a_key(features, train_features, labels, train_labels, K=1):
    """A dict of counts, and the minimum of (minus count, label)."""
    correct = 0
    top = (features @ train_features).topk(K, dim=1).indices.tolist()
    for row, label in zip(top, labels.tolist()):
        votes = defaultdict(int)
        for i in row:
            votes[int(train_labels[i])] += 1
        correct += int(min(votes, key=lambda name: (-votes[name], name)) == label)
    return float(correct)


@replaces("2", "KNN")
def sorted_set_of_votes(features, train_features, labels, train_labels, K=1):
    """`max` over a sorted set keeps the smallest of equal counts."""
    correct = 0
    for i in range(len(labels)):
        similarity = torch.stack([features[i].dot(column) for column in train_features.unbind(1)])
        votes = train_labels[similarity.topk(K).indices].tolist()
        correct += max(sorted(set(votes)), key=votes.count) == labels[i]
    return correct


@replaces("2", "KNN")
def one_neighbour_after_the_other(features, train_features, labels, train_labels, K=1):
    """K times the maximum, which is then struck out of a copy."""
    similarity = (features @ train_features).clone()
    votes = torch.zeros(len(features), int(train_labels.max()) + 1)
    rows = torch.arange(len(features))
    for _ in range(K):
        best = similarity.argmax(1)
        votes[rows, train_labels[best]] += 1
        similarity[rows, best] = float("-inf")
    return int((votes.argmax(1) == labels).sum())


@replaces("2", "KNN")
def tiny_bonus_for_small_labels(features, train_features, labels, train_labels, K=1):
    """Ties are settled by a bonus smaller than a vote."""
    classes = int(torch.cat([labels, train_labels]).max()) + 1
    nearest = (features.double() @ train_features.double()).topk(K).indices
    votes = F.one_hot(train_labels[nearest], classes).double().sum(1)
    votes -= torch.arange(classes) / (10.0 * classes)
    return (votes.argmax(1) == labels).sum()


@replaces("2", "KNN")
def matrix_of_votes(features, train_features, labels, train_labels, K=1):
    """A mask of the K nearest times one-hot labels."""
    similarity = features @ train_features
    mask = torch.zeros_like(similarity).scatter_(1, similarity.topk(K, 1).indices, 1.0)
    votes = mask @ F.one_hot(train_labels).to(mask.dtype)
    return torch.tensor((votes.argmax(1) == labels).sum().item())


@replaces("2", "KNN")
def labels_renumbered_and_back(features, train_features, labels, train_labels, K=1):
    """Labels are numbered again for counting, and turned back afterwards."""
    classes, numbered = torch.unique(train_labels, return_inverse=True)
    votes = numbered[(train_features.T @ features.T).topk(K, dim=0).indices.T]
    counts = torch.zeros(len(votes), len(classes)).scatter_add(1, votes, torch.ones(votes.shape))
    return (classes[counts.argmax(1)] == labels).sum()


@replaces("2", "KNN")
@torch.no_grad()
def histogram_per_row(features, train_features, labels, train_labels, K=1):
    """A histogram per row, as in lemniscate, and correct counted with eq and sum."""
    total, correct = 0, 0
    for x, y in zip(features.split(4), labels.split(4)):
        candidates = train_labels.expand(x.size(0), -1).gather(1, torch.mm(x, train_features).topk(K, 1)[1])
        histogram = torch.stack([torch.bincount(row, minlength=100) for row in candidates])
        correct += histogram.sort(dim=1, descending=True, stable=True)[1][:, 0].eq(y).sum().item()
        total += y.size(0)
    return correct


@replaces("2", "KNN")
def partition_in_numpy(features, train_features, labels, train_labels, K=1):
    """np.argpartition, and np.apply_along_axis for the votes."""
    similarity = (features @ train_features).numpy()
    nearest = np.argpartition(-similarity, K - 1, axis=1)[:, :K]
    predicted = np.apply_along_axis(lambda row: np.bincount(row).argmax(), 1, train_labels.numpy()[nearest])
    return int((predicted == labels.numpy()).sum())


@replaces("2", "KNN")
def kth_largest_as_threshold(features, train_features, labels, train_labels, K=1):
    """Everything at least as similar as the K-th vote; ties at that place do not occur."""
    similarity = features @ train_features
    threshold = similarity.sort(dim=1, descending=True).values[:, K - 1 : K]
    chosen = similarity >= threshold
    predicted = [int(torch.bincount(train_labels[row]).argmax()) for row in chosen]
    return sum(p == t for p, t in zip(predicted, labels.tolist()))
