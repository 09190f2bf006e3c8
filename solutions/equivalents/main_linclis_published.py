"""Right in other words: `freeze_backbone`, question 3, as MoCo's `main_lincls.py` and its relatives have it.

They switch the backbone off and leave the classifier as it comes in, fresh.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from mistakes import replaces


def _frozen_and_started(model: Any) -> None:
    for name, p in model.named_parameters():
        if name not in ["fc.weight", "fc.bias"]:
            p.requires_grad = False
    model.fc.weight.data.normal_(mean=0.0, std=0.01)
    model.fc.bias.data.zero_()
    model.eval()


@replaces("3", "freeze_backbone")
def published_filter(model: Any) -> Any:
    """The list is what still requires a gradient."""
    _frozen_and_started(model)
    return list(filter(lambda p: p.requires_grad, model.parameters()))


@replaces("3", "freeze_backbone")
def published_assert(model: Any) -> Any:
    """That list, and the assertion that it holds two."""
    _frozen_and_started(model)
    parameters = list(filter(lambda p: p.requires_grad, model.parameters()))
    assert len(parameters) == 2  # fc.weight, fc.bias
    return parameters


@replaces("3", "freeze_backbone")
def published_named(model: Any) -> Any:
    """The two by name."""
    _frozen_and_started(model)
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def published_named_and_counted(model: Any) -> Any:
    """The two by name, and the assertion that no other learns."""
    _frozen_and_started(model)
    assert sum(p.requires_grad for p in model.parameters()) == 2
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def published_of_the_layer(model: Any) -> Any:
    """The parameters of the layer itself."""
    _frozen_and_started(model)
    return list(model.fc.parameters())


@replaces("3", "freeze_backbone")
def published_by_nn_init(model: Any) -> Any:
    """By `nn.init`, and a list by what requires a gradient."""
    for name, parameter in model.named_parameters():
        if name not in ("fc.weight", "fc.bias"):
            parameter.requires_grad = False
    nn.init.normal_(model.fc.weight, std=0.01)
    nn.init.zeros_(model.fc.bias)
    model.eval()
    return [p for p in model.parameters() if p.requires_grad]
