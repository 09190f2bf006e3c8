"""k-NN evaluation: how good the features are, without training anything on them.

`python validation.py` runs this file's public checks.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

QUERIES_AT_ONCE = 256
"""Rows of the similarity matrix held at a time: 10,000 x 50,000 of them would take 2 GB."""


def KNN(features: Tensor, train_features: Tensor, labels: Tensor, train_labels: Tensor, K: int = 1) -> int:  # noqa: N802, N803
    """Count the images whose K most similar training images vote for the right label (Wu et al., 2018, section 3.4).

    Args:
        features: one row per image to classify, float `[B, D]`.
        train_features: one column per training image, float `[D, N]`.
        labels: the right answers, integers >= 0, `[B]`.
        train_labels: the training images' labels, integers >= 0, `[N]`.
        K: how many training images vote, 1 <= K <= N.

    Returns:
        How many predictions equal `labels`, from 0 to B.

    Similarity is the inner product; callers normalise. The label with the most votes wins, the smallest one where
    counts are equal. Any label of the training images may win, whether or not it occurs in `labels`.
    """
    ### Question 2: k-NN evaluation (10 points)
    ### YOUR CODE HERE (~ 6 lines)
    raise NotImplementedError("Question 2 is not implemented yet")
    ### END OF YOUR CODE


@torch.no_grad()
def extract_features(
    network: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Run `network` over all batches in eval mode.

    Args:
        network: maps images `[B, 3, H, W]` to features `[B, D]`; its mode (training or not) is put back afterwards.
        batches: pairs of images and labels. Nothing is dropped: the features are as many as the images.
        device: where the network is.

    Returns:
        L2-normalised features `[N, D]`, float32, and labels `[N]`, int64, both on `device`.
    """
    was_training = network.training
    network.eval()
    try:
        features, labels = [], []
        for images, batch_labels in batches:
            output = network(images.to(device, non_blocking=True))
            features.append(F.normalize(output.float(), dim=1))
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
    train_features, train_labels = extract_features(network, train_batches, device)
    features, labels = extract_features(network, test_batches, device)
    columns = train_features.T.contiguous()  # [D, N]
    correct = sum(
        int(KNN(rows, columns, rows_labels, train_labels, min(K, len(train_labels))))
        for rows, rows_labels in zip(features.split(QUERIES_AT_ONCE), labels.split(QUERIES_AT_ONCE), strict=True)
    )
    return 100.0 * correct / len(labels)


if __name__ == "__main__":
    import check

    raise SystemExit(check.main(["validation"]))
