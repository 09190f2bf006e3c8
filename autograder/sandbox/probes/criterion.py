"""Calls the losses of `criterion.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import torch
from torch import Tensor


def loss(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """One loss of `z1` and `z2`, `[B, D]`, called directly: its value, its gradients, and the inputs afterwards.

    `params`: `method` (`contrastive_loss` or `align_loss`), `temperature`, and `constant`, the input that carries
    no gradient (as behind the stop-gradient), `both`, or None. With `earlier` the same object is called before
    with that many of the rows, as in training, where the last batch of an epoch has another size.
    """
    kind = params["method"].removesuffix("_loss")
    criterion = module.SSLLoss(loss_type=kind, temperature=params["temperature"])
    constants = {"both": ("z1", "z2")}.get(params["constant"], (params["constant"],))
    leaves = {name: arrays[name].clone().requires_grad_(name not in constants) for name in ("z1", "z2")}
    # Copies, as in training, where embeddings are not leaves: code that changes them in place runs, and is seen.
    inputs = {name: leaf.clone() for name, leaf in leaves.items()}
    function = getattr(criterion, params["method"])
    if "earlier" in params:
        function(*(arrays[name][: params["earlier"]].clone() for name in ("z1", "z2")))
    value = function(inputs["z1"], inputs["z2"])
    unchanged = all(torch.equal(inputs[name].detach(), leaf.detach()) for name, leaf in leaves.items())
    return {"value": value, **_gradients(value, leaves), "inputs unchanged": unchanged}


def with_predictor(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """The given `forward` with a predictor: value, and gradients of `z1`, `z2`, `p1`, `p2`, each `[B, D]`.

    `params`: `loss_type`, `temperature`, `stop_gradient`.
    """
    criterion = module.SSLLoss(use_predictor=True, **params)
    leaves = {name: arrays[name].clone().requires_grad_() for name in ("z1", "z2", "p1", "p2")}
    # A value that is not a number is reported as it is, not as the exception of adding two of them.
    value = getattr(criterion, f"{params['loss_type']}_loss")(leaves["p1"].clone(), leaves["z2"].detach().clone())
    if isinstance(value, (Tensor, int, float)) or getattr(value, "ndim", None) == 0:
        value = criterion(*(leaf.clone() for leaf in leaves.values()))
    return {"value": value, **_gradients(value, leaves)}


def queue_loss(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """The loss of `q` and `k`, `[B, D]`, against `queue`, `[D, Q]`: value, gradients, and the inputs afterwards.

    All three could carry a gradient, so that the answer shows which of them get one. `params`: `temperature`.
    """
    criterion = module.SSLLoss(temperature=params["temperature"])
    return _called(criterion.queue_contrastive_loss, arrays)


def barlow(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Barlow Twins of `z1` and `z2`, `[B, D]`: value, gradients, and the inputs afterwards.

    `params`: `lambd`, for the reference alone: a student's file has its own.
    """
    criterion = module.SSLLoss()
    if "lambd" in params:
        criterion.lambd = params["lambd"]
    return _called(criterion.barlow_twins_loss, arrays)


def pixels(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """The pixel consistency loss: value, gradients of the four maps, and the inputs afterwards.

    `arrays`: `y1, y2, x1, x2`, `[B, C, H, W]`, and the places `grid1, grid2`, `[B, 2, H, W]`. `params`: `threshold`.
    """
    loss = module.SSLLoss().pixel_consistency_loss
    return _called(lambda *maps: loss(*maps, params["threshold"]), arrays, constants=("grid1", "grid2"))


def _called(
    function: Callable[..., object], arrays: Mapping[str, Tensor], constants: Sequence[str] = ()
) -> dict[str, object]:
    """A loss of all arrays in their order: its value, the gradients of all but the constants, the inputs afterwards."""
    leaves = {name: array.clone().requires_grad_(name not in constants) for name, array in arrays.items()}
    inputs = {name: leaf.clone() for name, leaf in leaves.items()}
    value = function(*inputs.values())
    unchanged = all(torch.equal(inputs[name].detach(), leaf.detach()) for name, leaf in leaves.items())
    return {"value": value, **_gradients(value, leaves), "inputs unchanged": unchanged}


def _gradients(value: object, leaves: Mapping[str, Tensor]) -> dict[str, object]:
    """The gradient of `value` for each leaf; None if there is none."""
    wanted = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    gradients: tuple[Tensor | None, ...] = (None,) * len(wanted)
    if wanted and isinstance(value, Tensor) and value.numel() == 1 and value.requires_grad:
        gradients = torch.autograd.grad(value.sum(), list(wanted.values()), allow_unused=True)
    return {f"gradient of {name}": gradient for name, gradient in zip(wanted, gradients, strict=True)}
