"""The steps of `freeze_backbone` one by one, so that a wrong variant names only what it does otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

Step = Callable[[Any], Any]


def nothing(model: Any) -> None:
    """Leave a step out."""


def only_fc_learns(model: Any) -> None:
    """Freeze everything, then switch the classifier on."""
    model.requires_grad_(False)
    model.fc.requires_grad_(True)


def draw(model: Any) -> None:
    """The classifier's weight from N(0, 0.01^2)."""
    nn.init.normal_(model.fc.weight, std=0.01)


def zero(model: Any) -> None:
    """The classifier's bias."""
    nn.init.zeros_(model.fc.bias)


def still(model: Any) -> None:
    """Eval mode."""
    model.eval()


def weight_and_bias(model: Any) -> Any:
    """What is returned."""
    return [model.fc.weight, model.fc.bias]


def done(
    model: Any,
    freeze: Step = only_fc_learns,
    weight: Step = draw,
    bias: Step = zero,
    mode: Step = still,
    returned: Step = weight_and_bias,
) -> Any:
    """All steps in order, some of them wrong; each is given the model."""
    freeze(model)
    weight(model)
    bias(model)
    mode(model)
    return returned(model)


def freeze_if(wanted: Callable[[str, Tensor], bool]) -> Step:
    """A step that freezes the parameters of which `wanted` says so, and switches the others on."""

    def freeze(model: Any) -> None:
        for name, parameter in model.named_parameters():
            parameter.requires_grad = not wanted(name, parameter)

    return freeze


def weight_by(fill: Callable[[Tensor], Any]) -> Step:
    """A step that fills the classifier's weight in another way."""

    def fill_weight(model: Any) -> None:
        with torch.no_grad():
            fill(model.fc.weight)

    return fill_weight


def bias_by(fill: Callable[[Tensor], Any]) -> Step:
    """A step that fills the classifier's bias in another way."""

    def fill_bias(model: Any) -> None:
        with torch.no_grad():
            fill(model.fc.bias)

    return fill_bias


def learning(model: Any) -> list[nn.Parameter]:
    """What is returned by those who look for what requires gradients."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def all_but_fc_frozen(model: Any) -> None:
    """Freeze the backbone and leave the classifier as it is, frozen or not."""
    for name, parameter in model.named_parameters():
        if not name.startswith("fc."):
            parameter.requires_grad = False
