"""Right in other words: `update_momentum_encoder` of `main.py`, question 1.4."""

# ruff: noqa: B905, E741  (written as students write)

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.optim.swa_utils import get_ema_multi_avg_fn

from main import Model
from mistakes import replaces


@replaces("1.4", "update_momentum_encoder")
def data_assigned(model: Model, m: float) -> None:
    """`.data =`, as the 2021 skeleton's students, MoCo and lightly write it."""
    for param_q, param_k in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
        param_k.data = param_k.data * m + param_q.data * (1.0 - m)


@replaces("1.4", "update_momentum_encoder")
@torch.no_grad()
def decorated(model: Model, m: float) -> None:
    """`no_grad` as a decorator, copy_."""
    for online, target in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
        target.copy_(m * target + (1 - m) * online)


@replaces("1.4", "update_momentum_encoder")
def difference_form(model: Model, m: float) -> None:
    """The difference form, in place on `.data`."""
    for online, target in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
        target.data -= (1 - m) * (target.data - online.data)


@replaces("1.4", "update_momentum_encoder")
def interpolated(model: Model, m: float) -> None:
    """`lerp_` towards the encoder."""
    with torch.no_grad():
        for online, target in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
            target.lerp_(online, 1 - m)


@replaces("1.4", "update_momentum_encoder")
def all_at_once(model: Model, m: float) -> None:
    """The `_foreach` functions, as timm and torch's optimisers use them."""
    old, new = list(model.momentum_encoder.parameters()), list(model.encoder.parameters())
    with torch.no_grad():
        torch._foreach_mul_(old, m)
        torch._foreach_add_(old, new, alpha=1 - m)


@replaces("1.4", "update_momentum_encoder")
def by_torch_itself(model: Model, m: float) -> None:
    """The moving average that torch.optim.swa_utils has."""
    get_ema_multi_avg_fn(m)(list(model.momentum_encoder.parameters()), list(model.encoder.parameters()), None)


@replaces("1.4", "update_momentum_encoder")
def by_state_dict(model: Model, m: float) -> None:
    """State dicts, buffers and all; integers are cut off as they come."""
    old, new = model.momentum_encoder.state_dict(), model.encoder.state_dict()
    model.momentum_encoder.load_state_dict({name: m * old[name] + (1 - m) * new[name] for name in old})


@replaces("1.4", "update_momentum_encoder")
def by_state_dict_in_place(model: Model, m: float) -> None:
    """Entries of the state dict share memory with the parameters; integers are copied."""
    new = model.encoder.state_dict()
    for name, value in model.momentum_encoder.state_dict().items():
        value.copy_(value * m + new[name] * (1 - m) if value.is_floating_point() else new[name])


@replaces("1.4", "update_momentum_encoder")
def by_name(model: Model, m: float) -> None:
    """Named parameters, looked up by name."""
    online = dict(model.encoder.named_parameters())
    with torch.no_grad():
        for name, target in model.momentum_encoder.named_parameters():
            target.set_(target.mul(m).add(online[name], alpha=1 - m))


@replaces("1.4", "update_momentum_encoder")
def module_by_module(model: Model, m: float) -> None:
    """Modules, each with its own parameters only."""
    for one, other in zip(model.momentum_encoder.modules(), model.encoder.modules()):
        for old, new in zip(one.parameters(recurse=False), other.parameters(recurse=False)):
            old.data.mul_(m).add_(new.data, alpha=1.0 - m)


@replaces("1.4", "update_momentum_encoder")
def as_one_vector(model: Model, m: float) -> None:
    """All parameters as one vector."""
    old = parameters_to_vector(model.momentum_encoder.parameters())
    new = parameters_to_vector(model.encoder.parameters())
    vector_to_parameters((m * old + (1 - m) * new).detach(), model.momentum_encoder.parameters())


@replaces("1.4", "update_momentum_encoder")
def by_numpy(model: Model, m: float) -> None:
    """NumPy does the sums, in float64."""
    for l, r in zip(model.momentum_encoder.parameters(), model.encoder.parameters()):
        mean = m * l.detach().numpy().astype(np.float64) + (1 - m) * r.detach().numpy().astype(np.float64)
        l.data.copy_(torch.from_numpy(np.asarray(mean)))


@replaces("1.4", "update_momentum_encoder")
def helper_class(model: Model, m: float) -> None:
    """A helper with the rule, as in byol-pytorch."""

    class EMA:
        def __init__(self, beta: float) -> None:
            self.beta = beta

        def update_average(self, old: torch.Tensor | None, new: torch.Tensor) -> torch.Tensor:
            return new if old is None else old * self.beta + (1 - self.beta) * new

    updater = EMA(m)
    for current, moving in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
        moving.data = updater.update_average(moving.data, current.data)


@replaces("1.4", "update_momentum_encoder")
def graph_dropped_by_data(model: Model, m: float) -> None:
    """The encoder's parameters enter with their gradients, but `.data` takes the values only."""
    for online, target in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
        target.data = m * target.data + (1 - m) * online


@replaces("1.4", "update_momentum_encoder")
def a_copy_of_the_encoder_is_read(model: Model, m: float) -> None:
    """Reads a deep copy of the encoder, which is wasteful and right."""
    encoder = copy.deepcopy(model.encoder)
    m_t = torch.tensor(m, dtype=torch.float64)
    with torch.no_grad():
        for old, new in zip(model.momentum_encoder.parameters(), encoder.parameters()):
            old.copy_((m_t * old.double() + (1 - m_t) * new.double()).to(old.dtype))


@replaces("1.4", "update_momentum_encoder")
def gradients_switched_off(model: Model, m: float) -> None:
    """`set_grad_enabled` in place of `no_grad`, guarded by the model's flag."""
    if not model.use_momentum_encoder:
        return
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for old, new in zip(model.momentum_encoder.parameters(), model.encoder.parameters()):
        old *= m
        old += (1 - m) * new
    torch.set_grad_enabled(enabled)


@replaces("1.4", "update_momentum_encoder")
def inference_mode(model: Model, m: float) -> None:
    """Inference mode allows changing ordinary parameters in place."""
    with torch.inference_mode():
        for old, new in zip(model.momentum_encoder.parameters(), model.encoder.parameters()):
            old.mul_(m).add_(new, alpha=1 - m)


@replaces("1.4", "update_momentum_encoder")
def updated_by_recursion(model: Model, m: float) -> None:
    """Walks down the modules by hand."""

    def walk(old: nn.Module, new: nn.Module) -> None:
        for one, other in zip(old._parameters.values(), new._parameters.values()):
            if one is not None:
                one.data.copy_(one.data * m + other.data * (1 - m))
        for one, other in zip(old.children(), new.children()):
            walk(one, other)

    walk(model.momentum_encoder, model.encoder)
