"""Calls `freeze_backbone` of `main_linclis.py` on a small network with a classifier `fc`."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn


class _Gate(nn.Module):
    """Scales features by a layer of its own that is named `fc`, as squeeze-and-excitation has them."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.fc = nn.Linear(features, features)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x * self.fc(x).sigmoid()
        return result


class Unusable(Exception):
    """The model that the function left behind cannot be looked at; the text says why."""


class _Network(nn.Module):
    """A backbone with batch norm, and a classifier `fc`, registered first or last.

    The backbone has `gate.fc.weight` and `gate.fc.bias`, and a layer `prefc`: only the classifier's names are
    `fc.weight` and `fc.bias`.
    """

    def __init__(self, features: int, classes: int, fc_first: bool) -> None:
        super().__init__()
        if fc_first:
            self.fc = nn.Linear(features, classes)
        self.stem = nn.Linear(6, 16)
        self.gate = _Gate(16)
        self.prefc = nn.Linear(16, 16)
        self.norm = nn.BatchNorm1d(16)
        self.layer = nn.Sequential(nn.Linear(16, features), nn.BatchNorm1d(features), nn.ReLU())
        if not fc_first:
            self.fc = nn.Linear(features, classes)

    def features(self, x: Tensor) -> Tensor:
        result: Tensor = self.layer(self.norm(self.prefc(self.gate(self.stem(x)))))
        return result

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.fc(self.features(x))
        return result


def freeze(module: ModuleType, arrays: Mapping[str, Tensor], params: Mapping[str, Any]) -> dict[str, object]:
    """Freeze a backbone; returns what the function returned, the parameters that learn, the start, and the mode.

    `arrays`: `x [B, 6]`, a batch to run afterwards. `params`: `features`, `classes`, `fc_first`, `training`
    (the mode before). The classifier comes in fresh: both of its parameters require gradients.
    """
    model = _Network(params["features"], params["classes"], params["fc_first"])
    nn.init.normal_(model.fc.bias)
    model.train(params["training"])
    backbone = {name: value.clone() for name, value in model.state_dict().items() if not name.startswith("fc.")}
    returned = _freeze(module, model)
    learning = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    outside = [name for name in learning if not name.startswith("fc.")]
    after = model.state_dict()  # shares its memory with the model
    listed = isinstance(returned, (list, tuple))
    result: dict[str, object] = {
        "returned": len(returned) == 2 if listed else returned,
        "returned length": len(returned) if listed else None,
        "weight first": listed and len(returned) > 0 and returned[0] is model.fc.weight,
        "bias second": listed and len(returned) > 1 and returned[1] is model.fc.bias,
        "backbone frozen": not outside,
        "backbone frozen but for": len(outside),
        "fc learns (weight)": "fc.weight" in learning,
        "fc learns (bias)": "fc.bias" in learning,
        "training": model.training,
        "fc.weight": model.fc.weight.detach().clone(),
        "fc.bias": model.fc.bias.detach().clone(),
        "backbone unchanged": _equal(after, backbone),
    }
    with torch.no_grad():
        model.features(arrays["x"])  # whatever fc has become
    return {
        **result,
        "backbone unchanged by a pass": _equal(after, backbone),
        # Last, because they only say more about what is said above.
        "bias first": listed and len(returned) > 0 and returned[0] is model.fc.bias,
        "weight second": listed and len(returned) > 1 and returned[1] is model.fc.weight,
        "learning parameters": torch.tensor([float(name in learning) for name in sorted(backbone)]),
    }


def _freeze(module: ModuleType, model: _Network) -> Any:
    returned = module.freeze_backbone(model)
    if not isinstance(model.fc, nn.Linear):
        raise Unusable(f"fc was replaced by a {type(model.fc).__name__}, which is not an nn.Linear. Leave it in place.")
    return returned


def _equal(now: Mapping[str, Tensor], before: Mapping[str, Tensor]) -> bool:
    """Whether weights and statistics outside `fc` are still what they were."""
    return all(torch.equal(now[name], value) for name, value in before.items())
