"""k-NN against a plain loop, its ties and its labels; features of every image."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from ssl_kit.measures import extract_features, knn_accuracy
from validation import KNN


def knn_by_loops(features: Tensor, train_features: Tensor, labels: Tensor, train_labels: Tensor, k: int) -> int:
    correct = 0
    for row, label in zip(features, labels, strict=True):
        similarity = [float(row @ column) for column in train_features.T]
        nearest = sorted(range(len(similarity)), key=lambda index: -similarity[index])[:k]
        votes = Counter(int(train_labels[index]) for index in nearest)
        correct += min(votes, key=lambda candidate: (-votes[candidate], candidate)) == int(label)
    return correct


@pytest.mark.parametrize("k", [1, 2, 5, 20, 40])
@pytest.mark.parametrize("num_labels", [3, 17, 100])
def test_knn_equals_the_loops(k: int, num_labels: int) -> None:
    generator = torch.Generator().manual_seed(k + num_labels)
    features = torch.randn(30, 8, generator=generator)
    train_features = torch.randn(8, 40, generator=generator)
    labels = torch.randint(num_labels, (30,), generator=generator)
    train_labels = torch.randint(num_labels, (40,), generator=generator)
    expected = knn_by_loops(features, train_features, labels, train_labels, k)
    assert KNN(features, train_features, labels, train_labels, k) == expected


def test_a_label_absent_from_the_batch_may_win() -> None:
    train_features = torch.tensor([[1.0, 0.9, 0.1]])
    assert KNN(torch.ones(1, 1), train_features, torch.tensor([0]), torch.tensor([99, 99, 0]), 3) == 0


def test_equal_counts_go_to_the_smallest_label() -> None:
    train_labels = torch.arange(39, -1, -1)
    assert KNN(torch.ones(1, 1), torch.linspace(1, 2, 40)[None], torch.tensor([0]), train_labels, 40) == 1


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8])
def test_any_whole_number_is_a_label(dtype: torch.dtype) -> None:
    labels = torch.tensor([1, 2], dtype=dtype)
    assert KNN(torch.eye(2), torch.eye(2), labels, labels) == 2


def loader(count: int, batch_size: int) -> DataLoader[tuple[Tensor, ...]]:
    images = torch.randn(count, 4, generator=torch.Generator().manual_seed(count))
    return DataLoader(TensorDataset(images, (images[:, 0] > 0).int()), batch_size)


def test_extraction_drops_nothing_and_puts_the_mode_back() -> None:
    network = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    features, labels = extract_features(network, loader(11, 4), torch.device("cpu"))
    assert features.shape == (11, 3) and labels.shape == (11,) and labels.dtype == torch.int64
    torch.testing.assert_close(features.norm(dim=1), torch.ones(11))
    assert network.training and network[1].num_batches_tracked == 0
    assert not features.requires_grad


def test_accuracy_counts_every_image() -> None:
    assert knn_accuracy(nn.Identity(), loader(600, 7), loader(600, 13), torch.device("cpu")) == 100.0
    few = knn_accuracy(nn.Identity(), loader(5, 7), loader(3, 2), torch.device("cpu"), K=200)
    assert round(few * 3 / 100, 6) in {0, 1, 2, 3}
