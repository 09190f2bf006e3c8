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
