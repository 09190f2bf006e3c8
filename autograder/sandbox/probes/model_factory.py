"""Calls the functions of `model_factory.py`: `Model.forward` with small networks instead of the
large ones, `KeyQueue.enqueue`, and `direct_predictor`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
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


class _Projector(nn.Module):
    """tanh, and batch norm without an affine part if asked for."""

    running_mean: Tensor | None
    running_var: Tensor | None

    def __init__(self, mean: Tensor | None) -> None:
        super().__init__()
        self.register_buffer("running_mean", mean)
        self.register_buffer("running_var", None if mean is None else torch.ones_like(mean))

    def forward(self, x: Tensor) -> Tensor:
        if self.running_mean is None:
            return x.tanh()
        return F.batch_norm(x.tanh(), self.running_mean, self.running_var, training=self.training)


class _Small(nn.Module):
    """A stand-in for an encoder or a predictor: one linear layer, tanh, and batch norm if asked for.

    Its parts have the names of an encoder's, so that running one after the other is the same as running the whole.
    """

    def __init__(self, weight: Tensor, batch_norm: bool) -> None:
        super().__init__()
        self.backbone = _Backbone(weight)
        self.projector = _Projector(weight.new_zeros(weight.shape[1]) if batch_norm else None)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.projector(self.backbone(x))
        return result


def forward(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Run one forward pass; returns the four outputs, the gradients that each carries, and each network's runs.

    `arrays`: the views `im_aug1` and `im_aug2`, `[B, 3, H, W]`; `encoder` and `momentum_encoder` `[3HW, D]` and
    `predictor` `[D, D]`, the stand-ins' weights. `params`: `use_momentum_encoder`, `use_predictor`, `batch_norm`,
    `gradients` (whether to compute them: that of the output's sum of squares over the weight of one network).
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
        "weights unchanged": all(
            torch.equal(network.backbone.weight, arrays[name]) for name, network in networks.items()
        ),
    }
    result.update((name, output.get(name)) for name in _OUTPUTS)
    if params["gradients"]:
        result.update(_gradients(output, networks))
    return {**result, **{f"passes of {name}": network.backbone.calls for name, network in networks.items()}}


def _networks(arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, _Small]:
    """The networks for the model: a momentum encoder and a predictor only if it uses them."""
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
    builders = {name: vars(module)[name] for name in ("build_encoder", "build_predictor") if hasattr(module, name)}
    try:
        vars(module).update(dict.fromkeys(builders, lambda *_, **__: nn.Linear(1, 1)))
        model: nn.Module = module.Model(Namespace(arch="resnet18", feat_dim=8, num_proj_layers=2, **flags))
        return model
    finally:
        vars(module).update(builders)


def _gradients(output: Mapping[str, object], networks: Mapping[str, _Small]) -> Iterator[tuple[str, Tensor | None]]:
    """The gradient of each output's sum of squares over the weight of each network that learns."""
    weights = {name: network.backbone.weight for name, network in networks.items() if name != "momentum_encoder"}
    for name in _OUTPUTS:
        found: Sequence[Tensor | None] = [None] * len(weights)
        value = output.get(name)
        if isinstance(value, Tensor) and value.requires_grad:
            total = value.square().sum()
            found = torch.autograd.grad(total, list(weights.values()), retain_graph=True, allow_unused=True)
        yield from ((f"gradient of {name} for {source}", one) for source, one in zip(weights, found, strict=True))


def enqueue(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Give a queue several batches of keys, one after the other; returns its contents, and where it goes on.

    `arrays`: `queue [dim, size]`, its contents before, and `keys`, the rows of all batches. `params`: `ptr`, its
    position before, and `batches`, the sizes of the batches as a text.
    """
    before, rows = arrays["queue"], arrays["keys"]
    dictionary = module.KeyQueue(*before.shape)
    dictionary.queue.copy_(before)
    dictionary.ptr.fill_(params["ptr"])
    batches = torch.split(rows.clone(), [int(size) for size in params["batches"].split()])
    refused = False
    try:
        for keys in batches:
            dictionary.enqueue(keys)
    except ValueError:
        refused = True
    except NotImplementedError:
        raise  # a stub, which is a RuntimeError too
    except RuntimeError:
        # More keys than columns fail somewhere in PyTorch as well, by luck; in any other batch that is an error.
        if len(rows) <= before.shape[1]:
            raise
    unchanged = torch.equal(torch.cat(batches), rows)
    return {"refused": refused, "queue": dictionary.queue, "ptr": int(dictionary.ptr), "keys unchanged": unchanged}


def direct(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """The predictor for a `correlation`, `[D, D]`; `params`: `method`, `eps`. No predictor if the method is refused."""
    correlation = arrays["correlation"].clone()
    try:
        predictor = module.direct_predictor(correlation, params["method"], params["eps"])
    except ValueError:
        return {"refused": True, "predictor": None}
    unchanged = torch.equal(correlation, arrays["correlation"])
    return {"refused": False, "predictor": predictor, "inputs unchanged": unchanged}


def encode(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Features `[N, D]` of `images`, uint8 `[N, 3, H, W]`, by the backbone whose weights are in `params["file"]`.

    The file's own metadata name the architecture and the accuracy that the student claims.
    """
    from safetensors import safe_open
    from safetensors.torch import load_file

    from ssl_kit.networks import Backbone
    from ssl_kit.views import normalise

    with safe_open(params["file"], "pt") as file:
        told = file.metadata() or {}
    backbone = Backbone(told["arch"])
    backbone.net.load_state_dict(load_file(params["file"]))
    backbone.eval()
    with torch.no_grad():
        pixels = normalise(arrays["images"].float() / 255)
        features = torch.cat([backbone(batch) for batch in pixels.split(250)])
    return {"features": features, "claimed": float(told["knn"]) if "knn" in told else None}
