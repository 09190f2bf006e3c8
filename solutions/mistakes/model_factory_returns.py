"""Known mistakes in `Model.forward`, 1.1, with gradients, batch norm, names and the returned dict."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from model_factory import Model
from torch import Tensor

from mistakes import replaces

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


# Gradients


@replaces("1.1", "Model.forward", symptom="the loss has no gradient: backward() raises a RuntimeError")
def no_gradients(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """None of the outputs carries a gradient, so nothing can learn. Look for `no_grad`, `detach`, `.data`, `.item` or
    `torch.tensor(...)` around the passes."""
    with torch.no_grad():
        return right(self, im_aug1, im_aug2)


@replaces("1.1", "Model.forward", symptom="with stop_gradient false nothing changes")
def embeddings_detached_on_return(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 and z2 are detached when they are returned. The stop-gradient is the loss's task, which has a flag for it;
    look for `detach` in the returned dict."""
    return detached(right(self, im_aug1, im_aug2), "z1", "z2")


@replaces("1.1", "Model.forward", symptom="with stop_gradient false nothing changes")
def embeddings_detached_beside_predictions(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With a predictor z1 and z2 are detached when they are returned, as in the official SimSiam. Here the stop-
    gradient is the loss's task, which has a flag for it."""
    outputs = right(self, im_aug1, im_aug2)
    return detached(outputs, "z1", "z2") if self.use_predictor else outputs


@replaces("1.1", "Model.forward", symptom="the encoder learns from one view only")
def second_embedding_detached(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z2 is detached when it is returned, although the encoder made it. The stop-gradient is the loss's task, not this
    function's."""
    return detached(right(self, im_aug1, im_aug2), "z2")


@replaces("1.1", "Model.forward", symptom="the encoder learns from one view only")
def first_embedding_detached(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 is detached when it is returned. The stop-gradient is the loss's task, not this function's."""
    return detached(right(self, im_aug1, im_aug2), "z1")


@replaces("1.1", "Model.forward", symptom="the encoder learns from one view only")
def second_view_without_gradients(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The second view always goes through without gradients, even where the online encoder makes z2. Look at what
    stands inside `no_grad`, or is detached before the predictor."""
    return as_dict(self, self.encoder(im_aug1), second(self, im_aug2).detach())


@replaces("1.1", "Model.forward", symptom="the encoder learns from one view only")
def first_view_without_gradients(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 carries no gradient, and neither p1 one into the encoder. Look at what stands inside `no_grad`, or is detached
    before the predictor."""
    return as_dict(self, self.encoder(im_aug1).detach(), second(self, im_aug2))


@replaces("1.1", "Model.forward", symptom="the predictor learns, the encoder does not")
def both_views_without_gradients(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 and z2 are cut off from the encoder before anything else happens, so that only the predictor can learn. Look
    for `no_grad` or `detach` around the encoder's passes."""
    return as_dict(self, self.encoder(im_aug1).detach(), second(self, im_aug2).detach())


@replaces("1.1", "Model.forward", symptom="the predictor learns, the encoder does not")
def predictor_given_detached_embeddings(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The predictor is given detached embeddings, so no prediction has a gradient into the encoder. Look at the
    predictor's arguments."""
    z1, z2 = self.encoder(im_aug1), second(self, im_aug2)
    return {**as_dict(self, z1.detach(), z2.detach()), "z1": z1, "z2": z2}


@replaces("1.1", "Model.forward")
def predictor_given_detached_second_embedding(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p2 is made from a detached z2, so it has no gradient into the encoder. Look at the predictor's second
    argument."""
    z1, z2 = self.encoder(im_aug1), second(self, im_aug2)
    return {**as_dict(self, z1, z2.detach()), "z2": z2}


@replaces("1.1", "Model.forward", symptom="the predictor never learns")
def predictions_detached(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The predictions carry no gradient, so the predictor can not learn. Look for `detach` or `no_grad` on the way of
    p1 and p2."""
    return detached(right(self, im_aug1, im_aug2), "p1", "p2")


@replaces("1.1", "Model.forward")
def second_prediction_detached(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p2 carries no gradient; the predictor is to learn from both views. Look for `detach` or `no_grad` on the way of
    p2."""
    return detached(right(self, im_aug1, im_aug2), "p2")


@replaces("1.1", "Model.forward")
def momentum_branch_predicted_without_gradients(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With a momentum encoder p2 carries no gradient. `no_grad` may stand around the momentum encoder, but not around
    the predictor; look at which lines it covers."""
    outputs = right(self, im_aug1, im_aug2)
    return detached(outputs, "p2") if self.use_momentum_encoder else outputs


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
