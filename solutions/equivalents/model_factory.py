"""Right in other words: `Model.forward` of `model_factory.py`, question 1.1."""

# ruff: noqa: C408, SIM108  (written as students write)

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor

from mistakes import replaces
from model_factory import Model

Outputs = dict[str, Any]


@replaces("1.1", "Model.forward")
def branches_written_out(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """As the 2021 skeleton's students write it: if and else, and None set first."""
    p1, p2 = None, None
    z1 = self.encoder(im_aug1)
    if self.use_momentum_encoder:
        z2 = self.momentum_encoder(im_aug2)
    else:
        z2 = self.encoder(im_aug2)
    if self.use_predictor:
        p1 = self.predictor(z1)
        p2 = self.predictor(z2)
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}


@replaces("1.1", "Model.forward")
def momentum_encoder_without_gradients(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """`no_grad` around the momentum encoder only, as in MoCo's code."""
    z1 = self.encoder(im_aug1)
    if self.use_momentum_encoder:
        with torch.no_grad():
            z2 = self.momentum_encoder(im_aug2)
    else:
        z2 = self.encoder(im_aug2)
    return dict(
        z1=z1,
        z2=z2,
        p1=self.predictor(z1) if self.use_predictor else None,
        p2=self.predictor(z2) if self.use_predictor else None,
    )


@replaces("1.1", "Model.forward")
def momentum_output_detached(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The frozen momentum encoder's output detached, which changes nothing."""
    z1 = self.encoder(im_aug1)
    z2 = self.momentum_encoder(im_aug2).detach() if self.use_momentum_encoder else self.encoder(im_aug2)
    p1, p2 = (self.predictor(z1), self.predictor(z2)) if self.use_predictor else (None, None)
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}


@replaces("1.1", "Model.forward")
def wasted_pass(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The online encoder runs on the second view too, and its output is overwritten."""
    z1, z2 = self.encoder(im_aug1), self.encoder(im_aug2)
    if self.use_momentum_encoder:
        z2 = self.momentum_encoder(im_aug2)
    out: Outputs = {"z1": z1, "z2": z2, "p1": None, "p2": None}
    if self.use_predictor:
        out["p1"], out["p2"] = self.predictor(z1), self.predictor(z2)
    return out


@replaces("1.1", "Model.forward")
def keys_by_a_loop(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """A loop over the two views."""
    outputs: Outputs = {}
    networks = [self.encoder, self.momentum_encoder if self.use_momentum_encoder else self.encoder]
    for i, (network, view) in enumerate(zip(networks, (im_aug1, im_aug2), strict=True), start=1):
        outputs[f"z{i}"] = network(view)
        outputs[f"p{i}"] = self.predictor(outputs[f"z{i}"]) if self.use_predictor else None
    return outputs


@replaces("1.1", "Model.forward")
def second_view_first(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The second view goes first, the keys stand in another order."""
    target = self.momentum_encoder if self.use_momentum_encoder else self.encoder
    z2 = target(im_aug2)
    z1 = self.encoder(im_aug1)
    predict = self.predictor if self.use_predictor else lambda _: None
    return OrderedDict(p2=predict(z2), p1=predict(z1), z2=z2, z1=z1)


@replaces("1.1", "Model.forward")
def four_methods(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """A branch for each method."""
    z1 = self.encoder(im_aug1)
    if not self.use_momentum_encoder and not self.use_predictor:
        return {"z1": z1, "z2": self.encoder(im_aug2), "p1": None, "p2": None}
    if self.use_momentum_encoder and not self.use_predictor:
        return {"z1": z1, "z2": self.momentum_encoder(im_aug2), "p1": None, "p2": None}
    if not self.use_momentum_encoder:
        z2 = self.encoder(im_aug2)
        return {"z1": z1, "z2": z2, "p1": self.predictor(z1), "p2": self.predictor(z2)}
    z2 = self.momentum_encoder(im_aug2)
    return {"z1": z1, "z2": z2, "p1": self.predictor(z1), "p2": self.predictor(z2)}


@replaces("1.1", "Model.forward")
def attributes_by_name(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The model's attributes decide, not the flags; absent ones by getattr."""
    z1 = self.encoder(im_aug1)
    z2 = getattr(self, "momentum_encoder", self.encoder)(im_aug2)
    predictor = getattr(self, "predictor", None)
    return {"z1": z1, "z2": z2, "p1": predictor(z1) if predictor else None, "p2": predictor(z2) if predictor else None}


@replaces("1.1", "Model.forward")
def helper_inside(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """A helper function inside, as in byol-pytorch."""

    def embed(network: Any, view: Tensor) -> tuple[Tensor, Tensor | None]:
        embedding = network(view)
        return embedding, self.predictor(embedding) if self.use_predictor else None

    z1, p1 = embed(self.encoder, im_aug1)
    z2, p2 = embed(self.momentum_encoder if self.use_momentum_encoder else self.encoder, im_aug2)
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}


@replaces("1.1", "Model.forward")
def further_keys(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Further keys in the dict."""
    z1 = self.encoder.forward(im_aug1)
    z2 = (self.momentum_encoder if self.use_momentum_encoder else self.encoder).forward(im_aug2)
    out: Outputs = {"z1": z1, "z2": z2, "p1": None, "p2": None, "x1": im_aug1, "x2": im_aug2}
    if self.use_predictor is True:
        out.update(p1=self.predictor(z1), p2=self.predictor(z2))
    return out


@replaces("1.1", "Model.forward")
def backbone_then_projector(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The parts of the encoder one after the other, as the official SimSiam has them."""
    z1 = self.encoder.projector(self.encoder.backbone(im_aug1))
    second = self.momentum_encoder if self.use_momentum_encoder else self.encoder
    z2 = second.projector(second.backbone(im_aug2))
    p1, p2 = [self.predictor(z) for z in (z1, z2)] if self.use_predictor else [None] * 2
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}


@replaces("1.1", "Model.forward")
def images_copied_and_flattened(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Contiguous clones go in, and come out through a view that changes nothing."""
    z1 = self.encoder(im_aug1.clone().contiguous()).flatten(1)
    encoder = self.momentum_encoder if bool(self.use_momentum_encoder) else self.encoder
    z2 = encoder(im_aug2.clone().contiguous()).flatten(1)
    p1, p2 = (self.predictor(z1.clone()), self.predictor(z2.clone())) if self.use_predictor else (None, None)
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
