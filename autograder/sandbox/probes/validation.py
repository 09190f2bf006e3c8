"""Calls `KNN` and `eigenspace_alignment` of `validation.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor


def knn(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Count right predictions with `params["K"]` neighbours; returns also whether the inputs are as they were.

    `arrays`: `features [B, D]`, `train_features [D, N]`, `labels [B]`, `train_labels [N]`.
    """
    names = ("features", "train_features", "labels", "train_labels")
    inputs = [arrays[name].clone() for name in names]
    correct = module.KNN(*inputs, params["K"])
    unchanged = all(torch.equal(after, arrays[name]) for name, after in zip(names, inputs, strict=True))
    return {"correct": correct, "inputs unchanged": unchanged}


def knn_one_by_one(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Count right predictions for each query as a batch of one; `arrays` and `params` as for `knn`."""
    result: dict[str, object] = {}
    for row in range(len(arrays["features"])):
        query, label = arrays["features"][row : row + 1].clone(), arrays["labels"][row : row + 1].clone()
        columns, train_labels = arrays["train_features"].clone(), arrays["train_labels"].clone()
        result[f"correct for query {row}"] = module.KNN(query, columns, label, train_labels, params["K"])
    return result


def alignment(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """The alignment of a `predictor` with the eigenvectors of a `correlation`, `[D, D]` each."""
    inputs = {name: array.clone() for name, array in arrays.items()}
    value = module.eigenspace_alignment(inputs["correlation"], inputs["predictor"])
    unchanged = all(torch.equal(inputs[name], array) for name, array in arrays.items())
    return {"alignment": value, "inputs unchanged": unchanged}
