"""Known mistakes in `Model.forward`, question 1.1: which network sees what, gradients, and what is returned."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mistakes.compose import common
from model_factory import Model

QUESTION, TARGET = "1.1", "Model.forward"


class Given:
    """The model and two views, `[B, 3, H, W]`."""

    def __init__(self, model: Model, im_aug1: Tensor, im_aug2: Tensor):
        self.model, self.encoder, self.im_aug1, self.im_aug2 = model, model.encoder, im_aug1, im_aug2
        self.momentum, self.prediction = model.use_momentum_encoder, model.use_predictor

    def second(self, view: Tensor):
        """The embedding by the momentum encoder where the model has one."""
        return self.model.momentum_encoder(view) if self.momentum else self.encoder(view)

    def predict(self, z1: Tensor, z2: Tensor):
        return (self.model.predictor(z1), self.model.predictor(z2)) if self.prediction else (None, None)

    def outputs(self):
        return dict(zip(("z1", "z2", "p1", "p2"), (*self.changed, *self.predicted), strict=True))

    def detached(self, *names: str):
        """The outputs, with some of them cut off from their gradients."""
        return self.each(lambda name, out: out.detach() if name in names else out)

    def each(self, change):
        """The outputs, each changed where it is there."""
        return {name: None if out is None else change(name, out) for name, out in self.outputs().items()}


class Before(Given):
    """What happens to the networks first."""

    def right(self):
        return None

    def momentum_update_in_forward(self):
        """forward moves the momentum encoder before it uses it. The momentum update is question 1.4 and happens once a
        step, outside; forward only reads the networks."""
        if self.momentum:
            pairs = zip(self.model.momentum_encoder.parameters(), self.encoder.parameters(), strict=True)
            for momentum_parameter, parameter in pairs:
                momentum_parameter.data.mul_(0.99).add_(parameter.data, alpha=0.01)

    def encoder_copied_in_forward(self):
        """forward overwrites the momentum encoder's weights with the encoder's. The momentum update is question 1.4 and
        happens outside; forward only reads the networks."""
        if self.momentum:
            self.model.momentum_encoder.load_state_dict(self.encoder.state_dict())

    def momentum_encoder_in_eval_mode(self):
        """The momentum encoder is put in eval mode, so its batch norm uses running statistics instead of the batch's.
        Look for `eval`; forward leaves the mode alone."""
        if self.momentum:
            self.model.momentum_encoder.eval()

    model_in_eval_mode = lambda self: self.model.eval()
    """The model is put in eval mode, so batch norm uses running statistics instead of the batch's. Look for `eval`;
    forward leaves the mode alone."""


class Views(Given):
    """What goes into the networks."""

    def right(self):
        return self.im_aug1, self.im_aug2

    first_view_twice = common(lambda self: (self.im_aug1, self.im_aug1))
    """Both embeddings are made from the first view, so there is nothing to tell apart. Look at the arguments of the two
    encoder calls."""
    second_view_twice = lambda self: (self.im_aug2, self.im_aug2)
    """Both embeddings are made from the second view, so there is nothing to tell apart. Look at the arguments of the
    two encoder calls."""
    views_swapped = common(lambda self: (self.im_aug2, self.im_aug1))
    """The two views are exchanged: z1 is made from the second one. Look at the arguments of the two encoder calls."""


class Embedded(Given):
    """The two embeddings."""

    def right(self):
        return self.encoder(self.views[0]), self.second(self.views[1])

    momentum_encoder_never_used = common(lambda self: (self.encoder(self.views[0]), self.encoder(self.views[1])))
    """The second view goes through the online encoder even where the model has a momentum encoder. Look at which
    network makes z2, and on what that depends."""
    momentum_encoder_always_used = lambda self: (
        self.encoder(self.views[0]),
        self.model.momentum_encoder(self.views[1]),
    )
    """The momentum encoder is asked for although SimCLR and SimSiam have none. Look at what z2 depends on."""
    momentum_flag_inverted = lambda self: (
        self.encoder(self.views[0]),
        (self.encoder if self.momentum else self.model.momentum_encoder)(self.views[1]),
    )
    """The two branches for z2 are exchanged: the momentum encoder is taken exactly where the model has none. Look at
    the condition on `use_momentum_encoder`."""
    momentum_encoder_on_first_view = lambda self: (self.second(self.views[0]), self.encoder(self.views[1]))
    """The momentum encoder is given the first view; the online encoder is the one that always sees it. Look at which
    network makes z1 and which makes z2."""
    momentum_encoder_for_both_views = lambda self: (self.second(self.views[0]), self.second(self.views[1]))
    """With a momentum encoder both views go through it, and the encoder that is to be trained sees none. Look at which
    network makes z1."""
    embeddings_exchanged = lambda self: (self.second(self.views[1]), self.encoder(self.views[0]))
    """z1 and z2 are exchanged, and p1 and p2 with them: each view went through the right network and got the wrong
    name. Look at which output belongs to which view."""

    def encoder_in_place_of_momentum_encoder(self):
        """Where the momentum encoder is due, z2 is the online encoder's output without its gradient. A copy of the
        encoder, or the encoder under `no_grad`, is not the momentum encoder."""
        z1, z2 = self.encoder(self.views[0]), self.encoder(self.views[1])
        return z1, z2.detach() if self.momentum else z2

    def projector_skipped(self):
        """The views go through the backbone only. An encoder is backbone and projector together; look at what is
        called."""
        other = self.model.momentum_encoder if self.momentum else self.encoder
        return self.encoder.backbone(self.views[0]), other.backbone(self.views[1])

    same_encoder_in_a_chain = lambda self: (
        self.encoder(self.views[0]),
        (self.encoder if self.prediction else self.second)(self.views[1]),
    )
    """With both momentum encoder and predictor (BYOL) the momentum encoder is left out. Look at which branch a model
    with both flags takes."""

    @common
    def views_in_one_pass(self):
        """Both views go through the encoder in one concatenated batch, so batch norm mixes their statistics. Look at
        how many passes there are; each view has one of its own."""
        if self.momentum:
            return self.encoder(self.views[0]), self.second(self.views[1])
        return self.encoder(torch.cat(self.views)).chunk(2)

    def views_in_one_pass_beside_momentum_encoder(self):
        """Both views go through the encoder in one concatenated batch even where z2 comes from the momentum encoder, so
        batch norm mixes their statistics. Look at how many views each pass of the encoder sees."""
        z1, z2 = self.encoder(torch.cat(self.views)).chunk(2)
        return z1, self.second(self.views[1]) if self.momentum else z2

    def second_embedding_not_set_without_momentum_encoder(self):
        """Without a momentum encoder a variable is used that was never set. Look at what z2 is where
        `use_momentum_encoder` is false."""
        if not self.momentum:
            raise UnboundLocalError("cannot access local variable 'z2' where it is not associated with a value")
        return self.encoder(self.views[0]), self.second(self.views[1])

    def both_views_through_both_networks(self):
        """With a momentum encoder z1 and z2 come from it and p1 and p2 from the online encoder, as the BYOL paper does.
        In this assignment view 1 goes through the encoder and view 2 through the momentum encoder; look at the
        handout's wiring."""
        z1, z2 = self.encoder(self.views[0]), self.encoder(self.views[1])
        self.targets = [self.second(view) for view in self.views]
        return z1, z2


class Changed(Given):
    """What is done to the embeddings on the way."""

    def right(self):
        return self.embedded

    embeddings_normalised = common(lambda self: [F.normalize(z, dim=1) for z in self.embedded])
    """z1 and z2 are scaled to length 1 before they are used. The losses normalise for themselves; look at what happens
    after the encoder."""
    predictor_applied_twice = lambda self: self.predict(*self.embedded) if self.prediction else self.embedded
    """The predictor has gone over the embeddings before p1 and p2 are made from them. Look at whether z1 and z2 are
    overwritten on the way."""
    second_view_without_gradients = lambda self: (self.embedded[0], self.embedded[1].detach())
    """The second view always goes through without gradients, even where the online encoder makes z2. Look at what
    stands inside `no_grad`, or is detached before the predictor."""
    first_view_without_gradients = lambda self: (self.embedded[0].detach(), self.embedded[1])
    """z1 carries no gradient, and neither p1 one into the encoder. Look at what stands inside `no_grad`, or is detached
    before the predictor."""
    both_views_without_gradients = lambda self: [z.detach() for z in self.embedded]
    """z1 and z2 are cut off from the encoder before anything else happens, so that only the predictor can learn. Look
    for `no_grad` or `detach` around the encoder's passes."""


class Predicted(Given):
    """The two predictions."""

    def right(self):
        return self.predict(*self.changed)

    predictor_never_used = common(lambda self: (None, None))
    """p1 and p2 are missing although the model has a predictor. Look at what happens where `use_predictor` is true."""
    predictor_always_used = lambda self: (self.model.predictor(self.changed[0]), self.model.predictor(self.changed[1]))
    """The predictor is asked for although SimCLR and MoCo have none. Look at what p1 and p2 depend on."""
    predictor_flag_inverted = lambda self: (
        (None, None) if self.prediction else [self.model.predictor(z) for z in self.changed]
    )
    """The predictor is taken exactly where the model has none. Look at the condition on `use_predictor`."""
    predictor_left_out_with_momentum_encoder = lambda self: (
        (None, None) if self.momentum else self.predict(*self.changed)
    )
    """With both momentum encoder and predictor (BYOL) there are no predictions. Look at which branch a model with both
    flags takes."""
    predictor_needs_momentum_encoder = lambda self: self.predict(*self.changed) if self.momentum else (None, None)
    """Without a momentum encoder (SimSiam) there are no predictions. Look at whether the predictor's lines stand inside
    the branch of the momentum encoder."""
    first_prediction_missing = lambda self: (None, self.predict(*self.changed)[1])
    """p2 is made and p1 is not. Each embedding has a prediction of its own; look at what p1 is."""
    second_prediction_missing = lambda self: (self.predict(*self.changed)[0], None)
    """p1 is made and p2 is not. Each embedding has a prediction of its own; look at what p2 is."""

    def momentum_branch_not_predicted(self):
        """With a momentum encoder p2 is missing. In this assignment both embeddings are predicted, whichever encoder
        made them."""
        p1, p2 = self.predict(*self.changed)
        return p1, None if self.momentum else p2

    predictions_swapped = common(lambda self: self.predict(*self.changed)[::-1])
    """p1 and p2 are exchanged. Look at which embedding each prediction is made from."""
    first_embedding_predicted_twice = lambda self: self.predict(self.changed[0], self.changed[0])
    """p2 is the same as p1. Look at what the predictor is given the second time."""
    second_embedding_predicted_twice = lambda self: self.predict(self.changed[1], self.changed[1])
    """p1 is the same as p2. Look at what the predictor is given the first time."""

    def prediction_of_the_prediction(self):
        """p2 is a prediction of p1. Look at what the predictor is given the second time."""
        p1, _ = self.predict(*self.changed)
        return p1, self.model.predictor(p1) if self.prediction else None

    prediction_from_the_online_encoder = lambda self: self.predict(self.changed[0], self.encoder(self.views[1]))
    """p2 is made from the online encoder's output for the second view, as the BYOL paper does. In this assignment p2 is
    made from the z2 that is returned; look at the handout's wiring."""
    predictor_given_the_images = lambda self: self.predict(*self.views)
    """Shapes do not fit where a predictor is used. It takes embeddings; look at whether it is given the images, or
    something of another shape."""
    predictor_given_detached_embeddings = lambda self: self.predict(*[z.detach() for z in self.changed])
    """The predictor is given detached embeddings, so no prediction has a gradient into the encoder. Look at the
    predictor's arguments."""
    predictor_given_detached_second_embedding = lambda self: self.predict(self.changed[0], self.changed[1].detach())
    """p2 is made from a detached z2, so it has no gradient into the encoder. Look at the predictor's second
    argument."""
    predictions_detached = lambda self: [p if p is None else p.detach() for p in self.predict(*self.changed)]
    """The predictions carry no gradient, so the predictor cannot learn. Look for `detach` or `no_grad` on the way of
    p1 and p2."""

    def second_prediction_detached(self):
        """p2 carries no gradient; the predictor is to learn from both views. Look for `detach` or `no_grad` on the way
        of p2."""
        p1, p2 = self.predict(*self.changed)
        return p1, p2 if p2 is None else p2.detach()

    def momentum_branch_predicted_without_gradients(self):
        """With a momentum encoder p2 carries no gradient. `no_grad` may stand around the momentum encoder, but not
        around the predictor; look at which lines it covers."""
        p1, p2 = self.predict(*self.changed)
        return p1, p2.detach() if self.momentum and p2 is not None else p2

    embeddings_predicted_in_one_pass = common(
        lambda self: self.model.predictor(torch.cat(tuple(self.changed))).chunk(2) if self.prediction else (None, None)
    )
    """z1 and z2 go through the predictor in one concatenated batch, so its batch norm mixes their statistics. Look at
    how often the predictor is called."""
    embeddings_instead_of_none = lambda self: self.predict(*self.changed) if self.prediction else self.changed
    """Without a predictor p1 and p2 are copies of z1 and z2. Look at what stands there where `use_predictor` is false;
    the loss asks for None."""
    zeros_instead_of_none = lambda self: (
        self.predict(*self.changed) if self.prediction else [torch.zeros_like(self.changed[0])] * 2
    )
    """Without a predictor p1 and p2 are tensors of zeros. Look at what stands there where `use_predictor` is false; the
    loss asks for None."""
    false_instead_of_none = lambda self: self.predict(*self.changed) if self.prediction else (False, False)
    """Without a predictor p1 and p2 are False. `flag and value` gives the flag where it is false; the loss asks for
    None."""

    def predictions_not_set_without_predictor(self):
        """Without a predictor a variable is used that was never set. Look at what p1 and p2 are where `use_predictor`
        is false."""
        if not self.prediction:
            raise UnboundLocalError("cannot access local variable 'p1' where it is not associated with a value")
        return self.predict(*self.changed)


class Named(Given):
    """The outputs by their names."""

    def right(self):
        outputs = self.outputs()
        return (
            {**outputs, **dict(zip(("z1", "z2"), self.targets, strict=True))} if hasattr(self, "targets") else outputs
        )

    embeddings_exchanged_on_return = lambda self: {**self.outputs(), "z1": self.changed[1], "z2": self.changed[0]}
    """z1 and z2 are exchanged when they are returned. Look at the returned dict."""
    predictions_returned_as_embeddings = lambda self: (
        dict(zip(self.outputs(), (*self.predicted, *self.predicted), strict=True))
        if self.prediction
        else self.outputs()
    )
    """Where there is a predictor, z1 and z2 are its outputs. The dict holds both; look at whether z1 and z2 are
    overwritten."""
    embeddings_and_predictions_exchanged = lambda self: dict(
        zip(self.outputs(), (*self.predicted, *self.changed), strict=True)
    )
    """The embeddings are under the keys of the predictions and the other way round. Look at the order of the returned
    dict."""
    outputs_normalised = lambda self: self.each(lambda _, out: F.normalize(out, dim=1))
    """The outputs are scaled to length 1. The losses normalise for themselves; look at what is returned."""
    embeddings_normalised_on_return = lambda self: self.each(
        lambda name, out: F.normalize(out, dim=1) if name[0] == "z" else out
    )
    """z1 and z2 are scaled to length 1 where they are returned, and the predictor gets them before. The losses
    normalise for themselves; look at the dict."""
    batch_averaged = lambda self: self.each(lambda _, out: out.mean(0))
    """The outputs are averaged over the batch; one row per image is asked for. Look at what happens after the
    encoder."""
    no_gradients = lambda self: self.detached("z1", "z2", "p1", "p2")
    """None of the outputs carries a gradient, so nothing can learn. Look for `no_grad`, `detach`, `.data`, `.item` or
    `torch.tensor(...)` around the passes."""
    embeddings_detached_on_return = lambda self: self.detached("z1", "z2")
    """z1 and z2 are detached when they are returned. The stop-gradient is the loss's task, which has a flag for it;
    look for `detach` in the returned dict."""
    embeddings_detached_beside_predictions = lambda self: (
        self.detached("z1", "z2") if self.prediction else self.outputs()
    )
    """With a predictor z1 and z2 are detached when they are returned, as in the official SimSiam. Here the stop-
    gradient is the loss's task, which has a flag for it."""
    second_embedding_detached = lambda self: self.detached("z2")
    """z2 is detached when it is returned, although the encoder made it. The stop-gradient is the loss's task, not this
    function's."""
    first_embedding_detached = lambda self: self.detached("z1")
    """z1 is detached when it is returned. The stop-gradient is the loss's task, not this function's."""
    arrays_returned = lambda self: self.each(lambda _, out: out.detach().numpy())
    """The outputs are NumPy arrays, which carry no gradient. Look for `numpy()`; tensors are asked for."""


class Returned(Given):
    """What is returned."""

    def right(self):
        return self.named

    nothing_returned = lambda self: None
    """forward returns nothing. Look at its last line, and at whether every branch reaches a `return`."""
    no_dict_returned = lambda self: tuple(self.named.values())
    """forward returns something else than a dict. Look at the return statement; the outputs are found by the keys z1,
    z2, p1 and p2."""
    unused_keys_left_out = lambda self: {name: out for name, out in self.named.items() if out is not None}
    """Without a predictor the dict has no keys p1 and p2. All four keys are always there; look at what they hold when
    there is nothing to predict."""
    nothing_returned_without_predictor = lambda self: self.named if self.prediction else None
    """Without a predictor forward returns nothing. Look at whether every branch reaches a `return`."""
    nothing_returned_with_predictor = lambda self: None if self.prediction else self.named
    """With a predictor forward returns nothing. Look at whether every branch reaches a `return`."""
    other_keys = lambda self: {name.upper(): out for name, out in self.named.items()}
    """The dict has none of the keys z1, z2, p1 and p2. Look at their spelling."""
    prediction_keys_missing = lambda self: {name: out for name, out in self.named.items() if name[0] == "z"}
    """The dict never holds p1 and p2, not even where there is a predictor. Look at the keys of the returned dict."""
    embedding_keys_missing_beside_predictions = lambda self: {
        name: out for name, out in self.named.items() if not self.prediction or name[0] == "p"
    }
    """With a predictor the dict holds no embeddings. The loss needs all four; look at the keys of the returned dict."""


class Whole(Given):
    """Mistakes that are not compositions."""

    def flags_confused(self):
        """The two flags are mixed up: MoCo, which has a momentum encoder, is asked for a predictor, and SimSiam the
        other way round. Look at which flag stands before which network."""
        z1 = self.encoder(self.im_aug1)
        z2 = (self.model.momentum_encoder if self.prediction else self.encoder)(self.im_aug2)
        p1, p2 = [self.model.predictor(z) for z in (z1, z2)] if self.momentum else (None, None)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}

    def autocast_in_forward(self):
        """The outputs have bfloat16's three digits. Look for `autocast`: it belongs around a training step, not into
        forward."""
        with torch.autocast(self.im_aug1.device.type, dtype=torch.bfloat16):
            z1, z2 = self.encoder(self.im_aug1), self.second(self.im_aug2)
            p1, p2 = self.predict(z1, z2)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}

    self_left_out = lambda self: encoder(self.im_aug1)  # noqa: F821  # that the name is unknown is the mistake
    """A name is used that does not exist inside forward. The networks and flags belong to the model; look at how a
    method reaches them."""
    attribute_that_does_not_exist = lambda self: self.model.online_encoder(self.im_aug1)
    """The model is asked for something that it does not have. It has `encoder`, `momentum_encoder`, `predictor` and the
    two flags; look at their spelling."""
    both_views_in_one_call = lambda self: self.encoder(self.im_aug1, self.im_aug2)
    """A network is called with arguments that it does not take. Each takes one tensor, and there is one call for each
    view."""


STAGES = (Before, Views, Embedded, Changed, Predicted, Named, Returned)
