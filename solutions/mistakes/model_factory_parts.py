"""The steps of `Model.forward` one by one, so that a wrong variant needs to say only what it does differently."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from model_factory import Model

Outputs = dict[str, Any]


def second(self: Model, view: Tensor) -> Tensor:
    """The embedding of a view by the momentum encoder where the model has one."""
    return self.momentum_encoder(view) if self.use_momentum_encoder else self.encoder(view)


def as_dict(self: Model, z1: Tensor, z2: Tensor) -> Outputs:
    """Two embeddings and their predictions, as forward returns them."""
    p1, p2 = (self.predictor(z1), self.predictor(z2)) if self.use_predictor else (None, None)
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}


def right(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """What forward is to return."""
    return as_dict(self, self.encoder(im_aug1), second(self, im_aug2))


def detached(outputs: Outputs, *names: str) -> Outputs:
    """The outputs, with some of them cut off from their gradients."""
    return {name: out.detach() if name in names and out is not None else out for name, out in outputs.items()}
