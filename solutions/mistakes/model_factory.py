"""Known mistakes in `Model.forward` of `model_factory.py`, question 1.1: which network sees which view.

What goes wrong with gradients is in `model_factory_gradients.py`, with batch norm and the return statement in
`model_factory_returns.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes import replaces
from mistakes.model_factory_parts import Outputs, as_dict, second
from model_factory import Model


@replaces("1.1", "Model.forward", symptom="MoCo and BYOL train like SimCLR and SimSiam")
def momentum_encoder_never_used(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The second view goes through the online encoder even where the model has a momentum encoder. Look at which
    network makes z2, and on what that depends."""
    return as_dict(self, self.encoder(im_aug1), self.encoder(im_aug2))


@replaces("1.1", "Model.forward", symptom="SimCLR and SimSiam stop with an AttributeError")
def momentum_encoder_always_used(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The momentum encoder is asked for although SimCLR and SimSiam have none. Look at what z2 depends on."""
    return as_dict(self, self.encoder(im_aug1), self.momentum_encoder(im_aug2))


@replaces("1.1", "Model.forward")
def momentum_flag_inverted(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The two branches for z2 are exchanged: the momentum encoder is taken exactly where the model has none. Look at
    the condition on `use_momentum_encoder`."""
    z2 = self.encoder(im_aug2) if self.use_momentum_encoder else self.momentum_encoder(im_aug2)
    return as_dict(self, self.encoder(im_aug1), z2)


@replaces("1.1", "Model.forward")
def momentum_encoder_on_first_view(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The momentum encoder is given the first view; the online encoder is the one that always sees it. Look at which
    network makes z1 and which makes z2."""
    return as_dict(self, second(self, im_aug1), self.encoder(im_aug2))


@replaces("1.1", "Model.forward", symptom="with MoCo and BYOL the encoder never learns")
def momentum_encoder_for_both_views(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With a momentum encoder both views go through it, and the encoder that is to be trained sees none. Look at which
    network makes z1."""
    return as_dict(self, second(self, im_aug1), second(self, im_aug2))


@replaces("1.1", "Model.forward")
def embeddings_exchanged(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 and z2 are exchanged, and p1 and p2 with them: each view went through the right network and got the wrong
    name. Look at which output belongs to which view."""
    return as_dict(self, second(self, im_aug2), self.encoder(im_aug1))


@replaces("1.1", "Model.forward")
def embeddings_exchanged_on_return(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """z1 and z2 are exchanged when they are returned. Look at the returned dict."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "z1": outputs["z2"], "z2": outputs["z1"]}


@replaces("1.1", "Model.forward", symptom="BYOL as its paper has it, not as this homework wires it")
def both_views_through_both_networks(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With a momentum encoder z1 and z2 come from it and p1 and p2 from the online encoder, as the BYOL paper does.
    In this homework view 1 goes through the encoder and view 2 through the momentum encoder; look at the handout's
    wiring."""
    outputs = as_dict(self, self.encoder(im_aug1), self.encoder(im_aug2))
    return {**outputs, "z1": second(self, im_aug1), "z2": second(self, im_aug2)}


@replaces("1.1", "Model.forward", symptom="the loss is at its best from the first step")
def first_view_twice(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Both embeddings are made from the first view, so there is nothing to tell apart. Look at the arguments of the two
    encoder calls."""
    return as_dict(self, self.encoder(im_aug1), second(self, im_aug1))


@replaces("1.1", "Model.forward", symptom="the loss is at its best from the first step")
def second_view_twice(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Both embeddings are made from the second view, so there is nothing to tell apart. Look at the arguments of the
    two encoder calls."""
    return as_dict(self, self.encoder(im_aug2), second(self, im_aug2))


@replaces("1.1", "Model.forward")
def views_swapped(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The two views are exchanged: z1 is made from the second one. Look at the arguments of the two encoder calls."""
    return as_dict(self, self.encoder(im_aug2), second(self, im_aug1))


@replaces("1.1", "Model.forward")
def encoder_in_place_of_momentum_encoder(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Where the momentum encoder is due, z2 is the online encoder's output without its gradient. A copy of the encoder,
    or the encoder under `no_grad`, is not the momentum encoder."""
    z2 = self.encoder(im_aug2).detach() if self.use_momentum_encoder else self.encoder(im_aug2)
    return as_dict(self, self.encoder(im_aug1), z2)


@replaces("1.1", "Model.forward", symptom="the momentum encoder follows the encoder faster than --m says")
def momentum_update_in_forward(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """forward moves the momentum encoder before it uses it. The momentum update is question 1.4 and happens once a
    step, outside; forward only reads the networks."""
    if self.use_momentum_encoder:
        pairs = zip(self.momentum_encoder.parameters(), self.encoder.parameters(), strict=True)
        for momentum_parameter, parameter in pairs:
            momentum_parameter.data.mul_(0.99).add_(parameter.data, alpha=0.01)
    return as_dict(self, self.encoder(im_aug1), second(self, im_aug2))


@replaces("1.1", "Model.forward", symptom="the momentum encoder follows the encoder faster than --m says")
def encoder_copied_in_forward(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """forward overwrites the momentum encoder's weights with the encoder's. The momentum update is question 1.4 and
    happens outside; forward only reads the networks."""
    if self.use_momentum_encoder:
        self.momentum_encoder.load_state_dict(self.encoder.state_dict())
    return as_dict(self, self.encoder(im_aug1), second(self, im_aug2))


@replaces("1.1", "Model.forward", symptom="the features are those of the backbone, of another width")
def projector_skipped(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The views go through the backbone only. An encoder is backbone and projector together; look at what is called."""
    second_encoder = self.momentum_encoder if self.use_momentum_encoder else self.encoder
    return as_dict(self, self.encoder.backbone(im_aug1), second_encoder.backbone(im_aug2))


@replaces("1.1", "Model.forward")
def same_encoder_in_a_chain(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With both momentum encoder and predictor (BYOL) the momentum encoder is left out. Look at which branch a model
    with both flags takes."""
    if self.use_predictor:
        return as_dict(self, self.encoder(im_aug1), self.encoder(im_aug2))
    return as_dict(self, self.encoder(im_aug1), second(self, im_aug2))


# What the predictor is given


@replaces("1.1", "Model.forward")
def predictor_left_out_with_momentum_encoder(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With both momentum encoder and predictor (BYOL) there are no predictions. Look at which branch a model with both
    flags takes."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "p1": None, "p2": None} if self.use_momentum_encoder else outputs


@replaces("1.1", "Model.forward", symptom="the loss reports None where it expects predictions")
def predictor_never_used(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p1 and p2 are missing although the model has a predictor. Look at what happens where `use_predictor` is true."""
    return {"z1": self.encoder(im_aug1), "z2": second(self, im_aug2), "p1": None, "p2": None}


@replaces("1.1", "Model.forward", symptom="SimCLR and MoCo stop with an AttributeError")
def predictor_always_used(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The predictor is asked for although SimCLR and MoCo have none. Look at what p1 and p2 depend on."""
    z1, z2 = self.encoder(im_aug1), second(self, im_aug2)
    return {"z1": z1, "z2": z2, "p1": self.predictor(z1), "p2": self.predictor(z2)}


@replaces("1.1", "Model.forward")
def predictor_flag_inverted(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The predictor is taken exactly where the model has none. Look at the condition on `use_predictor`."""
    z1, z2 = self.encoder(im_aug1), second(self, im_aug2)
    if not self.use_predictor:
        return {"z1": z1, "z2": z2, "p1": self.predictor(z1), "p2": self.predictor(z2)}
    return {"z1": z1, "z2": z2, "p1": None, "p2": None}


@replaces("1.1", "Model.forward")
def flags_confused(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The two flags are mixed up: MoCo, which has a momentum encoder, is asked for a predictor, and SimSiam the other
    way round. Look at which flag stands before which network."""
    z1 = self.encoder(im_aug1)
    z2 = self.momentum_encoder(im_aug2) if self.use_predictor else self.encoder(im_aug2)
    predictor = self.predictor if self.use_momentum_encoder else None
    return {"z1": z1, "z2": z2, "p1": predictor and predictor(z1), "p2": predictor and predictor(z2)}


@replaces("1.1", "Model.forward", symptom="BYOL works, SimSiam has no predictions")
def predictor_needs_momentum_encoder(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Without a momentum encoder (SimSiam) there are no predictions. Look at whether the predictor's lines stand inside
    the branch of the momentum encoder."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return outputs if self.use_momentum_encoder else {**outputs, "p1": None, "p2": None}


@replaces("1.1", "Model.forward")
def first_prediction_missing(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p2 is made and p1 is not. Each embedding has a prediction of its own; look at what p1 is."""
    return {**as_dict(self, self.encoder(im_aug1), second(self, im_aug2)), "p1": None}


@replaces("1.1", "Model.forward")
def second_prediction_missing(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p1 is made and p2 is not. Each embedding has a prediction of its own; look at what p2 is."""
    return {**as_dict(self, self.encoder(im_aug1), second(self, im_aug2)), "p2": None}


@replaces("1.1", "Model.forward", symptom="as in lucidrains' BYOL, where targets are not predicted")
def momentum_branch_not_predicted(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """With a momentum encoder p2 is missing. In this homework both embeddings are predicted, whichever encoder made
    them."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "p2": None} if self.use_momentum_encoder else outputs


@replaces("1.1", "Model.forward", symptom="each prediction is compared with its own view")
def predictions_swapped(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p1 and p2 are exchanged. Look at which embedding each prediction is made from."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "p1": outputs["p2"], "p2": outputs["p1"]}


@replaces("1.1", "Model.forward")
def first_embedding_predicted_twice(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p2 is the same as p1. Look at what the predictor is given the second time."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "p2": outputs["p1"]}


@replaces("1.1", "Model.forward")
def second_embedding_predicted_twice(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p1 is the same as p2. Look at what the predictor is given the first time."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "p1": outputs["p2"]}


@replaces("1.1", "Model.forward")
def prediction_of_the_prediction(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p2 is a prediction of p1. Look at what the predictor is given the second time."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "p2": self.predictor(outputs["p1"]) if self.use_predictor else None}


@replaces("1.1", "Model.forward", symptom="BYOL as its paper has it, not as this homework wires it")
def prediction_from_the_online_encoder(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """p2 is made from the online encoder's output for the second view, as the BYOL paper does. In this homework p2 is
    made from the z2 that is returned; look at the handout's wiring."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "p2": self.predictor(self.encoder(im_aug2)) if self.use_predictor else None}


@replaces("1.1", "Model.forward")
def predictions_returned_as_embeddings(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Where there is a predictor, z1 and z2 are its outputs. The dict holds both; look at whether z1 and z2 are
    overwritten."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {**outputs, "z1": outputs["p1"], "z2": outputs["p2"]} if self.use_predictor else outputs


@replaces("1.1", "Model.forward")
def predictor_applied_twice(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The predictor has gone over the embeddings before p1 and p2 are made from them. Look at whether z1 and z2 are
    overwritten on the way."""
    z1, z2 = self.encoder(im_aug1), second(self, im_aug2)
    if self.use_predictor:
        z1, z2 = self.predictor(z1), self.predictor(z2)
    return as_dict(self, z1, z2)


@replaces("1.1", "Model.forward")
def embeddings_and_predictions_exchanged(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """The embeddings are under the keys of the predictions and the other way round. Look at the order of the returned
    dict."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return {"z1": outputs["p1"], "z2": outputs["p2"], "p1": outputs["z1"], "p2": outputs["z2"]}


@replaces("1.1", "Model.forward", symptom="a RuntimeError on shapes")
def predictor_given_the_images(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Shapes do not fit where a predictor is used. It takes embeddings; look at whether it is given the images, or
    something of another shape."""
    p1, p2 = (self.predictor(im_aug1), self.predictor(im_aug2)) if self.use_predictor else (None, None)
    return {"z1": self.encoder(im_aug1), "z2": second(self, im_aug2), "p1": p1, "p2": p2}


@replaces("1.1", "Model.forward")
def embeddings_instead_of_none(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Without a predictor p1 and p2 are copies of z1 and z2. Look at what stands there where `use_predictor` is false;
    the loss asks for None."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    return outputs if self.use_predictor else {**outputs, "p1": outputs["z1"], "p2": outputs["z2"]}


@replaces("1.1", "Model.forward")
def zeros_instead_of_none(self: Model, im_aug1: Tensor, im_aug2: Tensor) -> Outputs:
    """Without a predictor p1 and p2 are tensors of zeros. Look at what stands there where `use_predictor` is false; the
    loss asks for None."""
    outputs = as_dict(self, self.encoder(im_aug1), second(self, im_aug2))
    if self.use_predictor:
        return outputs
    return {**outputs, "p1": torch.zeros_like(outputs["z1"]), "p2": torch.zeros_like(outputs["z2"])}
