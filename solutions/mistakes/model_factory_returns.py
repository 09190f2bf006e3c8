"""Known mistakes in `Model.forward`, question 1.1, with batch norm, names and the returned dict."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mistakes import replaces
from mistakes.model_factory_parts import Outputs, as_dict, right, second
from model_factory import Model

# Batch norm, and what else is done to inputs and outputs


@replaces("1.1", "Model.forward", symptom="batch norm sees both views at once")
def views_in_one_pass(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Both views go through the encoder in one concatenated batch, so batch norm mixes their statistics. Look at how
    many passes there are; each view has one of its own."""
    if self.use_momentum_encoder:
        return right(self, im_aug1, im_aug2)
    return as_dict(self, *self.encoder(torch.cat([im_aug1, im_aug2])).chunk(2))


@replaces("1.1", "Model.forward", symptom="batch norm in the predictor sees both views at once")
def embeddings_predicted_in_one_pass(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 and z2 go through the predictor in one concatenated batch, so its batch norm mixes their statistics. Look at
    how often the predictor is called."""
    outputs = right(self, im_aug1, im_aug2)
    if self.use_predictor:
        outputs["p1"], outputs["p2"] = self.predictor(torch.cat([outputs["z1"], outputs["z2"]])).chunk(2)
    return outputs


@replaces("1.1", "Model.forward", symptom="batch norm in encoder and predictor sees both views at once")
def everything_in_one_pass(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Both views go through encoder and predictor in one concatenated batch, so batch norm mixes their statistics. Each
    view is a pass of its own."""
    if self.use_momentum_encoder:
        return embeddings_predicted_in_one_pass(self, im_aug1, im_aug2)
    z = self.encoder(torch.cat([im_aug1, im_aug2]))
    p1, p2 = self.predictor(z).chunk(2) if self.use_predictor else (None, None)
    return {"z1": z.chunk(2)[0], "z2": z.chunk(2)[1], "p1": p1, "p2": p2}


@replaces("1.1", "Model.forward", symptom="the targets are scaled by statistics that are never right")
def momentum_encoder_in_eval_mode(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The momentum encoder is put in eval mode, so its batch norm uses running statistics instead of the batch's. Look
    for `eval`; forward leaves the mode alone."""
    if self.use_momentum_encoder:
        self.momentum_encoder.eval()
    return right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward")
def model_in_eval_mode(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The model is put in eval mode, so batch norm uses running statistics instead of the batch's. Look for `eval`;
    forward leaves the mode alone."""
    self.eval()
    return right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward")
def embeddings_normalised(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 and z2 are scaled to length 1 before they are used. The losses normalise for themselves; look at what happens
    after the encoder."""
    return as_dict(self, F.normalize(self.encoder(im_aug1), dim=1), F.normalize(second(self, im_aug2), dim=1))


@replaces("1.1", "Model.forward")
def outputs_normalised(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The outputs are scaled to length 1. The losses normalise for themselves; look at what is returned."""
    outputs = right(self, im_aug1, im_aug2)
    return {name: out if out is None else F.normalize(out, dim=1) for name, out in outputs.items()}


@replaces("1.1", "Model.forward")
def embeddings_normalised_on_return(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 and z2 are scaled to length 1 where they are returned, and the predictor gets them before. The losses
    normalise for themselves; look at the dict."""
    outputs = right(self, im_aug1, im_aug2)
    return {**outputs, **{name: F.normalize(outputs[name], dim=1) for name in ("z1", "z2")}}


@replaces("1.1", "Model.forward", symptom="three digits are right")
def autocast_in_forward(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The outputs have bfloat16's three digits. Look for `autocast`: it belongs around a training step, not into
    forward."""
    with torch.autocast(im_aug1.device.type, dtype=torch.bfloat16):
        return right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward")
def batch_averaged(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The outputs are averaged over the batch; one row per image is asked for. Look at what happens after the
    encoder."""
    outputs = right(self, im_aug1, im_aug2)
    return {name: out if out is None else out.mean(0) for name, out in outputs.items()}


# What is returned, and names


@replaces("1.1", "Model.forward", symptom="TypeError: 'NoneType' object is not subscriptable, in the training loop")
def nothing_returned(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> None:
    """forward returns nothing. Look at its last line, and at whether every branch reaches a `return`."""
    right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward", symptom="TypeError: tuple indices must be integers, in the training loop")
def no_dict_returned(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Any:
    """forward returns something else than a dict. Look at the return statement; the outputs are found by the keys z1,
    z2, p1 and p2."""
    return tuple(right(self, im_aug1, im_aug2).values())


@replaces("1.1", "Model.forward", symptom="KeyError: 'p1', in the training loop of SimCLR and MoCo")
def unused_keys_left_out(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Without a predictor the dict has no keys p1 and p2. All four keys are always there; look at what they hold when
    there is nothing to predict."""
    return {name: out for name, out in right(self, im_aug1, im_aug2).items() if out is not None}


@replaces("1.1", "Model.forward", symptom="TypeError: 'NoneType' object is not subscriptable, with SimCLR and MoCo")
def nothing_returned_without_predictor(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Any:
    """Without a predictor forward returns nothing. Look at whether every branch reaches a `return`."""
    return right(self, im_aug1, im_aug2) if self.use_predictor else None


@replaces("1.1", "Model.forward", symptom="TypeError: 'NoneType' object is not subscriptable, with SimSiam and BYOL")
def nothing_returned_with_predictor(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Any:
    """With a predictor forward returns nothing. Look at whether every branch reaches a `return`."""
    return None if self.use_predictor else right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward", symptom="UnboundLocalError: cannot access local variable 'p1'")
def predictions_not_set_without_predictor(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Without a predictor a variable is used that was never set. Look at what p1 and p2 are where `use_predictor` is
    false."""
    if not self.use_predictor:
        raise UnboundLocalError("cannot access local variable 'p1' where it is not associated with a value")
    return right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward", symptom="UnboundLocalError: cannot access local variable 'z2'")
def second_embedding_not_set_without_momentum_encoder(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Without a momentum encoder a variable is used that was never set. Look at what z2 is where `use_momentum_encoder`
    is false."""
    if not self.use_momentum_encoder:
        raise UnboundLocalError("cannot access local variable 'z2' where it is not associated with a value")
    return right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward", symptom="TypeError: 'bool' object is not …, in the loss")
def false_instead_of_none(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Without a predictor p1 and p2 are False. `flag and value` gives the flag where it is false; the loss asks for
    None."""
    outputs = right(self, im_aug1, im_aug2)
    return outputs if self.use_predictor else {**outputs, "p1": False, "p2": False}


@replaces("1.1", "Model.forward")
def other_keys(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The dict has none of the keys z1, z2, p1 and p2. Look at their spelling."""
    return {name.upper(): out for name, out in right(self, im_aug1, im_aug2).items()}


@replaces("1.1", "Model.forward")
def prediction_keys_missing(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The dict never holds p1 and p2, not even where there is a predictor. Look at the keys of the returned dict."""
    z1, z2 = self.encoder(im_aug1), second(self, im_aug2)
    return {"z1": z1, "z2": z2}


@replaces("1.1", "Model.forward")
def embedding_keys_missing_beside_predictions(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With a predictor the dict holds no embeddings. The loss needs all four; look at the keys of the returned dict."""
    outputs = right(self, im_aug1, im_aug2)
    return {"p1": outputs["p1"], "p2": outputs["p2"]} if self.use_predictor else outputs


@replaces("1.1", "Model.forward", symptom="NameError")
def self_left_out(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """A name is used that does not exist inside forward. The networks and flags belong to the model; look at how a
    method reaches them."""
    return encoder(im_aug1)  # noqa: F821


@replaces("1.1", "Model.forward", symptom="AttributeError")
def attribute_that_does_not_exist(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The model is asked for something that it does not have. It has `encoder`, `momentum_encoder`, `predictor` and the
    two flags; look at their spelling."""
    return as_dict(self, self.online_encoder(im_aug1), second(self, im_aug2))


@replaces("1.1", "Model.forward", symptom="TypeError: forward() takes 2 positional arguments but 3 were given")
def both_views_in_one_call(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """A network is called with arguments that it does not take. Each takes one tensor, and there is one call for each
    view."""
    z1, z2 = self.encoder(im_aug1, im_aug2)
    return as_dict(self, z1, z2)
