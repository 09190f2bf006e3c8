"""Calls `update_momentum_encoder` of `main.py` on a small model."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn


def momentum_update(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Update a momentum encoder `times` times with `m`; returns every parameter of the model, and its state.

    `arrays`: `encoder.NAME` and `momentum.NAME` of equal shapes, the parameters of both. `params`: `m`, `times`,
    `frozen` (whether the momentum encoder's parameters require no gradient), `part_frozen` (whether the encoder's first
    does not).
    """
    model: Any = nn.Module()
    model.encoder = _network(arrays, "encoder.")
    model.momentum_encoder = _network(arrays, "momentum.").requires_grad_(not params["frozen"])
    next(model.encoder.parameters()).requires_grad_(not params["part_frozen"])
    model.predictor = nn.Module()
    model.predictor.weight = nn.Parameter(torch.ones(2, 2))
    model.use_momentum_encoder = model.use_predictor = True
    before = dict(model.named_parameters())
    required = [parameter.requires_grad for parameter in before.values()]
    for _ in range(params["times"]):
        module.update_momentum_encoder(model, params["m"])
    after = dict(model.named_parameters())
    result: dict[str, object] = {
        "same parameters": list(after) == list(before) and all(after[name] is before[name] for name in before),
        "same requires_grad": [parameter.requires_grad for parameter in before.values()] == required,
        "leaves": all(parameter.is_leaf and parameter.grad_fn is None for parameter in before.values()),
    }
    result.update((name, parameter.detach().clone()) for name, parameter in after.items())
    return result


def _network(arrays: Mapping[str, Tensor], prefix: str) -> nn.Module:
    """Modules with the given parameters, and buffers as batch norm has them.

    `backbone.0.weight` becomes the parameter `weight` of a module `0` in a module `backbone`.
    """
    network = nn.Module()
    modules = {"": network}
    for name, value in arrays.items():
        if name.startswith(prefix):
            *path, parameter = name.removeprefix(prefix).split(".")
            for depth, part in enumerate(path):
                place = ".".join(path[: depth + 1])
                if place not in modules:
                    modules[place] = nn.Module()
                    modules[".".join(path[:depth])].add_module(part, modules[place])
            modules[".".join(path)].register_parameter(parameter, nn.Parameter(value.clone()))
    statistics = modules["backbone.1"]
    statistics.register_buffer("running_mean", torch.zeros(len(arrays[f"{prefix}backbone.1.bias"])))
    statistics.register_buffer("num_batches_tracked", torch.tensor(0))
    return network
