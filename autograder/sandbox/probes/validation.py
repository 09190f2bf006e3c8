"""Calls `KNN` of `validation.py` (question 2)."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor


def knn(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """How many predictions are right with `params["K"]` neighbours, and whether the inputs are as they were.

    `arrays`: `features [B, D]`, `train_features [D, N]`, `labels [B]`, `train_labels [N]`.
    """
    names = ("features", "train_features", "labels", "train_labels")
    inputs = [arrays[name].clone() for name in names]
    correct = module.KNN(*inputs, K=params["K"])
    unchanged = all(torch.equal(after, arrays[name]) for name, after in zip(names, inputs, strict=True))
    return {"correct": correct, "inputs unchanged": unchanged}


def knn_one_by_one(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """For each query, as a batch of one, how many predictions are right; `arrays` and `params` as for `knn`."""
    train_features, train_labels = arrays["train_features"], arrays["train_labels"]
    queries = zip(arrays["features"].split(1), arrays["labels"].split(1), strict=True)
    return {
        f"correct for query {number}": module.KNN(
            query.clone(), train_features.clone(), label.clone(), train_labels.clone(), K=params["K"]
        )
        for number, (query, label) in enumerate(queries)
    }
