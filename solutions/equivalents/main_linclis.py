"""Right in other words: `freeze_backbone` of `main_linclis.py`, question 3.

As the published linear-probe code has it, with fc left as it comes in: `main_linclis_published.py`.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import nn

from mistakes import replaces


@replaces("3", "freeze_backbone")
def names_compared(model: Any) -> Any:
    """As MoCo's main_lincls.py, with fc switched on as well."""
    for name, param in model.named_parameters():
        param.requires_grad = name in ["fc.weight", "fc.bias"]
    model.fc.weight.data.normal_(mean=0.0, std=0.01)
    model.fc.bias.data.zero_()
    model.eval()
    parameters = list(filter(lambda p: p.requires_grad, model.parameters()))
    assert len(parameters) == 2
    return parameters


@replaces("3", "freeze_backbone")
def tuple_returned(model: Any) -> Any:
    """A tuple, in-place functions under no_grad."""
    for p in model.parameters():
        p.requires_grad_(False)
    for p in model.fc.parameters():
        p.requires_grad_(True)
    with torch.no_grad():
        model.fc.weight.normal_(0, 0.01)
        model.fc.bias.fill_(0)
    model.train(False)
    return model.fc.weight, model.fc.bias


@replaces("3", "freeze_backbone")
def by_identity(model: Any) -> Any:
    """Parameters compared by identity."""
    keep = {id(model.fc.weight), id(model.fc.bias)}
    for p in model.parameters():
        p.requires_grad = id(p) in keep
    nn.init.normal_(model.fc.weight, 0, 1e-2)
    nn.init.constant_(model.fc.bias, 0)
    model = model.eval()
    return list(model.fc.parameters())


@replaces("3", "freeze_backbone")
def names_that_begin_with_fc(model: Any) -> Any:
    """Names that begin with fc."""
    trained = []
    for name, p in model.named_parameters():
        if name.startswith("fc"):
            p.requires_grad = True
            trained.append(p)
        else:
            p.requires_grad = False
    torch.nn.init.normal_(model.fc.weight, std=0.01)
    torch.nn.init.zeros_(model.fc.bias)
    model.eval()
    return trained


@replaces("3", "freeze_backbone")
def fc_as_the_first_part_of_the_name(model: Any) -> Any:
    """Names that begin with fc and a dot."""
    for name, p in model.named_parameters():
        p.requires_grad = name.split(".")[0] == "fc"
    model.fc.weight.data = torch.randn_like(model.fc.weight) * 0.01
    model.fc.bias.data = torch.zeros_like(model.fc.bias)
    model.eval()
    return [p for n, p in model.named_parameters() if n.startswith("fc.")]


@replaces("3", "freeze_backbone")
def new_parameters(model: Any) -> Any:
    """fc gets new parameters, which require gradients by nature."""
    for p in model.parameters():
        p.requires_grad = False
    model.fc.weight = nn.Parameter(0.01 * torch.randn(model.fc.out_features, model.fc.in_features))
    model.fc.bias = nn.Parameter(torch.zeros(model.fc.out_features))
    model.eval()
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def new_layer(model: Any) -> Any:
    """fc is replaced by a new layer of the same shape."""
    model.requires_grad_(False)
    model.fc = nn.Linear(model.fc.in_features, model.fc.out_features)
    torch.nn.init.normal_(model.fc.weight, mean=0, std=0.01)
    torch.nn.init.zeros_(model.fc.bias)
    model.eval()
    return [*model.fc.parameters()]


@replaces("3", "freeze_backbone")
def children_by_name(model: Any) -> Any:
    """Children, one by one."""
    model.eval()
    for name, child in model.named_children():
        child.requires_grad_(name == "fc")
    w, b = model.fc.weight, model.fc.bias
    with torch.no_grad():
        w.copy_(torch.normal(0.0, 0.01, size=w.shape))
        b.mul_(0)
    return [w, b]


@replaces("3", "freeze_backbone")
def drawn_by_numpy(model: Any) -> Any:
    """NumPy draws."""
    for module in model.modules():
        module.training = False
        for p in module.parameters(recurse=False):
            p.requires_grad = module is model.fc
    drawn = np.random.default_rng().normal(0, 0.01, tuple(model.fc.weight.shape))
    model.fc.weight.data.copy_(torch.from_numpy(drawn))
    model.fc.bias.data[:] = 0
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def state_loaded(model: Any) -> Any:
    """The classifier's start comes by load_state_dict."""
    model.fc.load_state_dict({"weight": torch.randn(model.fc.weight.shape) / 100, "bias": model.fc.bias * 0})
    for module in model.modules():
        module.eval()
    for p in chain.from_iterable(module.parameters() for module in model.children()):
        p.requires_grad = False
    model.fc.weight.requires_grad = model.fc.bias.requires_grad = True
    return [getattr(model.fc, name) for name in ("weight", "bias")]


@replaces("3", "freeze_backbone")
def drawn_while_frozen(model: Any) -> Any:
    """A frozen leaf may be changed in place; gradients come back afterwards."""
    for p in model.parameters():
        p.requires_grad = False
        p.grad = None
    model.fc.weight.normal_(0, 0.01)
    model.fc.bias.zero_()
    model.fc.train()
    model.eval()
    model.fc.requires_grad_()
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def helper_functions(model: Any) -> Any:
    """Helpers inside, `apply` for the start, truncation far out in the tails."""

    def start(module: nn.Module) -> None:
        if module is model.fc:
            nn.init.trunc_normal_(module.weight, mean=0.0, std=0.01, a=-2.0, b=2.0)
            nn.init.zeros_(module.bias)

    def freeze(module: nn.Module) -> None:
        for p in module.parameters():
            p.requires_grad = False
        module.eval()

    freeze(model)
    model.apply(start)
    for p in (model.fc.weight, model.fc.bias):
        p.requires_grad = True
    return [model.fc.weight, model.fc.bias]
