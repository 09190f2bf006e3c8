"""Features of whole data sets: how they are computed, and what they are worth by k-NN and in their spread. Given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import validation
from ssl_kit.engine import on_cpu

KS = (1, 2, 3, 4, 5, 10, 20, 50, 70, 100, 200, 500, 1000)
"""The K of `knn_sweep`."""
QUERIES_AT_ONCE = 400
"""Rows of the similarity matrix held at a time: 10,000 x 50,000 of them would take 2 GB."""


@torch.no_grad()
def extract_features(
    network: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device, normalise: bool = True
) -> tuple[Tensor, Tensor]:
    """Run `network` over all batches in eval mode.

    Args:
        network: maps images `[B, 3, H, W]` to features `[B, D]`; its mode (training or not) is put back afterwards.
        batches: pairs of images and labels. Nothing is dropped: the features are as many as the images.
        device: the device of the network.
        normalise: divide each image's features by their norm.

    Returns:
        Features `[N, D]`, float32, and labels `[N]`, int64, both on `device`.
    """
    was_training = network.training
    network.eval()
    try:
        features, labels = [], []
        for images, batch_labels in batches:
            output = network(images.to(device, non_blocking=True)).float()
            features.append(F.normalize(output, dim=1) if normalise else output)
            labels.append(batch_labels.long().to(device, non_blocking=True))
        return torch.cat(features), torch.cat(labels)
    finally:
        network.train(was_training)


def knn_accuracy(
    network: nn.Module,
    train_batches: Iterable[tuple[Tensor, Tensor]],
    test_batches: Iterable[tuple[Tensor, Tensor]],
    device: torch.device,
    K: int = 1,  # noqa: N803
) -> float:
    """Share of the test images, in percent, that `KNN` labels rightly by the features of `network`.

    Both sets should come with the test transform: an augmented training image is not the image.
    """
    known, queries = (extract_features(network, batches, device) for batches in (train_batches, test_batches))
    return accuracy_by_vote(*queries, *known, K)


def accuracy_by_vote(
    features: Tensor,
    labels: Tensor,
    train_features: Tensor,
    train_labels: Tensor,
    K: int = 1,  # noqa: N803
) -> float:
    """The same for features that are there already, L2-normalised, one row per image in both halves."""
    columns = train_features.T.contiguous()  # [D, N]
    correct = sum(
        int(validation.KNN(rows, columns, rows_labels, train_labels, min(K, len(train_labels))))
        for rows, rows_labels in zip(features.split(QUERIES_AT_ONCE), labels.split(QUERIES_AT_ONCE), strict=True)
    )
    return 100.0 * correct / len(labels)


def nearest_images(features: Tensor, train_features: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The `k` most similar training images of each image, best first: similarities and row numbers, `[B, k]` each.

    Both inputs have L2-normalised rows, `[B, D]` and `[N, D]`. No more than 400 rows of the similarities are held at a
    time, and the best are found in two stages: a group of columns whose largest entry is not among the k largest such
    entries cannot hold one of the k best, so only k groups are searched.
    """
    pairs = [_best_of(rows @ train_features.T, k) for rows in features.split(QUERIES_AT_ONCE)]
    return torch.cat([values for values, _ in pairs]), torch.cat([indices for _, indices in pairs])


def _best_of(similarity: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The `k` largest entries of each row `[B, N]` and their columns, best first."""
    count, size = similarity.shape[1], 16
    groups = count // size
    if groups <= 2 * k:
        best = similarity.topk(k, dim=1)
        return best.values, best.indices
    whole = similarity[:, : groups * size]  # group g has the columns g, g + groups, g + 2 groups, ...
    group = whole.view(-1, size, groups).amax(dim=1).topk(k, dim=1, sorted=False).indices  # [B, k]
    columns = (group[:, :, None] + groups * torch.arange(size, device=group.device)).flatten(1)  # [B, 16k]
    last = torch.arange(groups * size, count, device=group.device).expand(len(similarity), -1)
    columns = torch.cat([columns, last], dim=1)
    best = similarity.gather(1, columns).topk(k, dim=1)
    return best.values, columns.gather(1, best.indices)


def weighted_knn(
    features: Tensor,
    train_features: Tensor,
    labels: Tensor,
    train_labels: Tensor,
    K: int = 200,  # noqa: N803
    temperature: float = 0.1,
) -> int:
    """`KNN` with votes that weigh exp(cosine / temperature) (Wu et al., 2018, https://arxiv.org/abs/1805.01978).

    Arguments and result are those of `KNN`, but for the features, which are divided by their norms here. K = 200 and
    temperature 0.1 are what published tables of CIFAR-10 use. Raises ValueError for a temperature that is not above 0
    and at most 1.
    """
    k = min(K, len(train_labels))
    return int((_weighted_winners(features, train_features.T, train_labels, [k], temperature)[k] == labels).sum())


def _weighted_winners(
    features: Tensor, train_features: Tensor, train_labels: Tensor, ks: Sequence[int], temperature: float
) -> dict[int, Tensor]:
    """For each k the label `[B]` that wins the weighted vote; the neighbours are looked for once, for the largest k."""
    if not 0 < temperature <= 1:
        raise ValueError(f"temperature must be above 0 and at most 1, and is {temperature}")
    cosine, indices = nearest_images(F.normalize(features, dim=1), F.normalize(train_features, dim=1), max(ks))
    weights, votes = (cosine / temperature).exp(), train_labels[indices].long()
    scores = {k: weights.new_zeros(len(votes), int(train_labels.max()) + 1) for k in ks}
    return {k: scores[k].scatter_add_(1, votes[:, :k], weights[:, :k]).argmax(dim=1) for k in ks}


def knn_sweep(
    features: Tensor,
    labels: Tensor,
    train_features: Tensor,
    train_labels: Tensor,
    ks: Sequence[int] = KS,
    temperature: float = 0.1,
) -> dict[int, tuple[float, float]]:
    """Accuracy in percent for each K by `KNN` and by the weighted vote; a K larger than the data set is left out.

    Rows are L2-normalised in both halves.
    """
    ks = [k for k in ks if k <= len(train_labels)]
    weighted = _weighted_winners(features, train_features, train_labels, ks, temperature)
    return {
        k: (
            accuracy_by_vote(features, labels, train_features, train_labels, k),
            100.0 * float((weighted[k] == labels).float().mean()),
        )
        for k in ks
    }


def std_sqrt_d(features: Tensor) -> float:
    """How far L2-normalised features `[N, D]` spread: their standard deviation, a mean over the D channels, times √D.

    1 is healthy, 0 is complete collapse: all images have one embedding (SimSiam, https://arxiv.org/abs/2011.10566,
    section 4.1). Dimensional collapse does not show in it, but in `effective_rank`.
    """
    return float(F.normalize(features.float(), dim=1).std(dim=0).mean()) * features.shape[1] ** 0.5


def effective_rank(features: Tensor) -> float:
    """In how many directions features `[N, D]` spread: exp of the entropy of their singular values (Roy & Vetterli).

    1 means that all lie on a line, D that they spread evenly. Far below what it was before training is dimensional
    collapse. The features are centred first.
    """
    values = on_cpu(torch.linalg.svdvals, features.float() - features.float().mean(dim=0))
    share = values / values.sum().clamp(min=1e-12)
    return float(torch.exp(-(share * share.clamp(min=1e-12).log()).sum()))


### With question B1
@torch.no_grad()
def finds_its_key(q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
    """Whether each query is more similar to the key of its own image than to every key of a queue.

    Args:
        q: queries, `[B, D]`, rows not normalised.
        k: keys of the same images, `[B, D]`, rows not normalised.
        queue: L2-normalised keys of other images, one per column, `[D, Q]` with Q at least 1.

    Returns:
        `[B]`, bool. An equal similarity is not enough.
    """
    return F.cosine_similarity(q, k) > (F.normalize(q, dim=1) @ queue).amax(dim=1)


@torch.no_grad()
def against_queue(
    q: Tensor, k: Tensor, size: int, batch_size: int, loss_of: Callable[[Tensor, Tensor, Tensor], Tensor]
) -> dict[str, float]:
    """The loss and the accuracy of images against a queue of keys of other images, as MoCo trains.

    The queue of a batch holds the keys of the images before it, and goes on at the end of the set. So no image's own
    key is a negative. It has fewer keys than `size` if there are fewer images outside the batch.

    Args:
        q: queries, `[directions, N, D]` with N at least 2, rows not normalised.
        k: keys of the same images, of the same shape.
        size: the most keys of the queue.
        batch_size: images of a batch; half of the images if they are less than two batches.
        loss_of: the mean loss of queries `[B, D]`, their keys `[B, D]` and a queue `[D, Q]`.

    Returns:
        `queue_loss_test`, the sum over the directions, and `queue_accuracy_test` in percent, the mean over them.
    """
    keys = F.normalize(k, dim=2).transpose(0, 1)  # [N, directions, D]
    count, loss, right = len(keys), 0.0, 0.0
    step = min(batch_size, count // 2)
    for start in range(0, count, step):
        queue = torch.cat([keys[start + step :], keys[:start]]).flatten(0, 1)[-size:].T  # [D, Q]
        for own_q, own_k in zip(q[:, start : start + step], k[:, start : start + step], strict=True):
            loss += len(own_q) * float(loss_of(own_q, own_k, queue))
            right += float(finds_its_key(own_q, own_k, queue).sum())
    return {"queue_loss_test": loss / count, "queue_accuracy_test": 100.0 * right / (count * len(q))}


### End of question B1
def asymmetry(predictor: Tensor) -> float:
    """Sum |W - W^T| / sum |W| of a predictor `[D, D]`: 0 when it is symmetric."""
    return float((predictor - predictor.T).abs().sum() / predictor.abs().sum().clamp(min=1e-12))
