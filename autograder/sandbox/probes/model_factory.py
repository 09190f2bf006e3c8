"""Calls `Model.forward` of `model_factory.py` (question 1.1) with small networks in the places of the large ones."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

_OUTPUTS = ("z1", "z2", "p1", "p2")


class _Small(nn.Module):
    """A stand-in for an encoder or a predictor: one linear layer, batch norm if asked for, and a count of its calls."""

    def __init__(self, weight: Tensor, batch_norm: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.norm = nn.BatchNorm1d(weight.shape[1], affine=False).to(weight.dtype) if batch_norm else nn.Identity()
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        result: Tensor = self.norm(torch.tanh(x.flatten(1) @ self.weight))
        return result


def forward(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """One forward pass: the four outputs, the gradients that each carries, and how often each network ran.

    `arrays`: the views `im_aug1` and `im_aug2`, `[B, 3, H, W]`; `encoder` and `momentum_encoder` `[3HW, D]` and
    `predictor` `[D, D]`, the stand-ins' weights. `params`: `use_momentum_encoder`, `use_predictor`, `batch_norm`.
    A gradient is that of the output's sum of squares over the weights of one network.
    """
    networks = {"encoder": _Small(arrays["encoder"], params["batch_norm"])}
    if params["use_momentum_encoder"]:
        momentum_encoder = _Small(arrays["momentum_encoder"], params["batch_norm"])
        networks["momentum_encoder"] = momentum_encoder.requires_grad_(False)
    if params["use_predictor"]:
        networks["predictor"] = _Small(arrays["predictor"], params["batch_norm"])
    views = (arrays["im_aug1"], arrays["im_aug2"])
    given = [view.clone() for view in views]
    output = _run(module, networks, params, given)
    if not isinstance(output, dict):
        return {"output": output}
    unchanged = all(torch.equal(before, after) for before, after in zip(views, given, strict=True))
    calls = {f"passes of {name}": network.calls for name, network in networks.items()}
    result: dict[str, object] = {"keys": all(name in output for name in _OUTPUTS), "inputs unchanged": unchanged}
    for name in _OUTPUTS:
        result[name] = output.get(name)
        for source in ("encoder", "predictor"):
            if source in networks:
                result[f"gradient of {name} for {source}"] = _gradient(output.get(name), networks[source].weight)
    return {**result, **calls}


def _run(
    module: ModuleType, networks: Mapping[str, nn.Module], params: Mapping[str, Any], views: list[Tensor]
) -> object:
    """Build the model around the small networks, without paying for a ResNet, and run it once."""
    model = module.Model.__new__(module.Model)
    nn.Module.__init__(model)
    try:
        return _place(model, networks, params)(*views)
    except AttributeError:
        # A model that keeps something of its own from __init__ is built in full, then given the small networks.
        args = {name: params[name] for name in ("use_momentum_encoder", "use_predictor")}
        whole = module.Model(Namespace(arch="resnet18", feat_dim=8, num_proj_layers=2, **args))
        return _place(whole, networks, params)(*views)


def _place(model: nn.Module, networks: Mapping[str, nn.Module], params: Mapping[str, Any]) -> nn.Module:
    model.use_momentum_encoder, model.use_predictor = params["use_momentum_encoder"], params["use_predictor"]
    for name, network in networks.items():
        setattr(model, name, network)
    return model.train()


def _gradient(output: object, weight: Tensor) -> Tensor | None:
    if not isinstance(output, Tensor) or not output.requires_grad:
        return None
    return torch.autograd.grad(output.square().sum(), weight, retain_graph=True, allow_unused=True)[0]
