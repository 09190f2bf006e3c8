"""Calls `Model.forward` of `model_factory.py` (question 1.1) with small networks in the places of the large ones."""

from __future__ import annotations

from argparse import Namespace
from collections import OrderedDict
from collections.abc import Mapping
from types import ModuleType
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

_OUTPUTS = ("z1", "z2", "p1", "p2")


class _Backbone(nn.Module):
    """Images `[B, 3, H, W]`, or features `[B, D]`, times a weight; counts how often it is called."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x.flatten(1) @ self.weight


class _Small(nn.Sequential):
    """A stand-in for an encoder or a predictor: one linear layer, tanh, and batch norm if asked for.

    Its parts have the names of an encoder's, so that running one after the other is the same as running the whole.
    """

    def __init__(self, weight: Tensor, batch_norm: bool) -> None:
        backbone = _Backbone(weight)
        layers: list[nn.Module] = [nn.Tanh()]
        if batch_norm:
            layers.append(nn.BatchNorm1d(weight.shape[1], affine=False).to(weight.dtype))
        super().__init__(OrderedDict(backbone=backbone, projector=nn.Sequential(*layers)))
        self.linear = [backbone]  # in a list, so that it is registered once

    def weight(self) -> Tensor:
        """The only parameter."""
        return self.linear[0].weight

    def calls(self) -> int:
        """How often the network ran."""
        return self.linear[0].calls


def forward(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """One forward pass: the four outputs, the gradients that each carries, and how often each network ran.

    `arrays`: the views `im_aug1` and `im_aug2`, `[B, 3, H, W]`; `encoder` and `momentum_encoder` `[3HW, D]` and
    `predictor` `[D, D]`, the stand-ins' weights. `params`: `use_momentum_encoder`, `use_predictor`, `batch_norm`.
    A gradient is that of the output's sum of squares over the weights of one network.
    """
    bare = module.Model.__new__(module.Model)
    nn.Module.__init__(bare)
    try:
        return _run(bare, arrays, params)
    except AttributeError:
        # A model that keeps something of its own from __init__ is built by it, then given the small networks.
        return _run(_build(module, params), arrays, params)


def _run(model: nn.Module, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    networks = _networks(arrays, params)
    for name, network in networks.items():
        setattr(model, name, network)
    for flag in ("use_momentum_encoder", "use_predictor"):
        setattr(model, flag, params[flag])
    views = [arrays["im_aug1"].clone(), arrays["im_aug2"].clone()]
    output = model.train()(*views)
    if not isinstance(output, dict):
        return {"output": output, "returned value": None if output is None else False}
    result: dict[str, object] = {
        "returned value": True,
        "keys": all(name in output for name in _OUTPUTS),
        "inputs unchanged": torch.equal(views[0], arrays["im_aug1"]) and torch.equal(views[1], arrays["im_aug2"]),
        "weights unchanged": all(torch.equal(network.weight(), arrays[name]) for name, network in networks.items()),
    }
    for name in _OUTPUTS:
        result[name] = output.get(name)
        for source in [name for name in networks if name != "momentum_encoder"]:
            result[f"gradient of {name} for {source}"] = _gradient(output.get(name), networks[source].weight())
    return {**result, **{f"passes of {name}": network.calls() for name, network in networks.items()}}


def _networks(arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, _Small]:
    """What the model is given: a momentum encoder and a predictor only where it uses them."""
    networks = {"encoder": _Small(arrays["encoder"], params["batch_norm"])}
    if params["use_momentum_encoder"]:
        networks["momentum_encoder"] = _Small(arrays["momentum_encoder"], params["batch_norm"])
        networks["momentum_encoder"].requires_grad_(False)
    if params["use_predictor"]:
        networks["predictor"] = _Small(arrays["predictor"], params["batch_norm"])
    return networks


def _build(module: ModuleType, params: Mapping[str, Any]) -> nn.Module:
    """A model by its own `__init__`, without paying for a ResNet."""
    flags = {name: params[name] for name in ("use_momentum_encoder", "use_predictor")}
    builders = {name: lambda *_: nn.Linear(1, 1) for name in ("build_encoder", "build_predictor")}
    with mock.patch.multiple(module, **{name: make for name, make in builders.items() if hasattr(module, name)}):
        model: nn.Module = module.Model(Namespace(arch="resnet18", feat_dim=8, num_proj_layers=2, **flags))
    return model


def _gradient(output: object, weight: Tensor) -> Tensor | None:
    if not isinstance(output, Tensor) or not output.requires_grad:
        return None
    return torch.autograd.grad(output.square().sum(), weight, retain_graph=True, allow_unused=True)[0]
