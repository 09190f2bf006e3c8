"""Known mistakes in `Model.forward`, question 1.1, with gradients: outputs that are cut off from the networks."""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes import replaces
from mistakes.model_factory_parts import Outputs, as_dict, detached, right, second
from model_factory import Model


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


@replaces("1.1", "Model.forward", symptom="the loss has no gradient: backward() raises a RuntimeError")
def arrays_returned(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The outputs are NumPy arrays, which carry no gradient. Look for `numpy()`; tensors are asked for."""
    return {name: out if out is None else out.detach().numpy() for name, out in right(self, im_aug1, im_aug2).items()}
