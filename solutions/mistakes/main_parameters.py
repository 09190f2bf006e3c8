"""Known mistakes in `update_momentum_encoder`, question 1.4: which parameters are reached and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor, nn

from main import Model
from mistakes import replaces


def pairs(model: Model) -> Iterator[tuple[nn.Parameter, nn.Parameter]]:
    """Each parameter of the momentum encoder with that of the encoder."""
    return zip(model.momentum_encoder.parameters(), model.encoder.parameters(), strict=True)


def set_each(model: Model, rule: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Put in the place of each of the momentum encoder's values what `rule` makes of it and of the encoder's."""
    for old, new in pairs(model):
        old.data = rule(old.data, new.data).clone()


def average(old: nn.Parameter, new: nn.Parameter, m: float) -> None:
    """The right update of one parameter."""
    old.data = m * old.data + (1 - m) * new.data


def averaged(model: Model, m: float) -> None:
    """The right update of all."""
    for old, new in pairs(model):
        average(old, new, m)


# Which parameters


@replaces("1.4", "update_momentum_encoder")
def only_the_first_parameter(model: Model, m: float) -> None:
    """Only the first parameter is updated. Look at what ends the loop."""
    average(*next(iter(pairs(model))), m)


@replaces("1.4", "update_momentum_encoder")
def only_the_last_parameter(model: Model, m: float) -> None:
    """Only the last parameter is updated. Look at which lines stand inside the loop."""
    average(*list(pairs(model))[-1], m)


@replaces("1.4", "update_momentum_encoder")
def first_parameter_skipped(model: Model, m: float) -> None:
    """The first parameter is left out. Look at where the loop begins."""
    for old, new in list(pairs(model))[1:]:
        average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def last_parameter_skipped(model: Model, m: float) -> None:
    """The last parameter is left out. Look at where the loop ends."""
    for old, new in list(pairs(model))[:-1]:
        average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def biases_skipped(model: Model, m: float) -> None:
    """Only parameters of certain names are updated. Look for a condition on names; every parameter is meant."""
    names = [name for name, _ in model.momentum_encoder.named_parameters()]
    for name, (old, new) in zip(names, pairs(model), strict=True):
        if "weight" in name:
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def names_of_biases_skipped(model: Model, m: float) -> None:
    """The biases are left out. Look for a condition on names; every parameter is meant."""
    names = [name for name, _ in model.momentum_encoder.named_parameters()]
    for name, (old, new) in zip(names, pairs(model), strict=True):
        if "bias" not in name:
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def vectors_skipped(model: Model, m: float) -> None:
    """Only matrices are updated; biases and the parameters of batch norm stay. Look for a condition on shapes."""
    for old, new in pairs(model):
        if old.dim() > 1:
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def scalars_skipped(model: Model, m: float) -> None:
    """A parameter that is a single number is left out, or one that is not called weight or bias. Every parameter is
    meant, whatever its shape and name."""
    for old, new in pairs(model):
        if old.dim() > 0:
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder", symptom="the momentum encoder, being frozen, never moves")
def frozen_parameters_skipped(model: Model, m: float) -> None:
    """Parameters that require no gradient are left out; the momentum encoder's never do. Look for a condition on
    `requires_grad`."""
    for old, new in pairs(model):
        if old.requires_grad:
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def frozen_encoder_parameters_skipped(model: Model, m: float) -> None:
    """Where the encoder's parameter requires no gradient, the momentum encoder's is left out. Every parameter is meant;
    look for a condition on `requires_grad`."""
    for old, new in pairs(model):
        if new.requires_grad:
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def predictor_changed(model: Model, m: float) -> None:
    """The momentum encoder is right, but the predictor is changed too. Look at whose parameters the loop goes over."""
    averaged(model, m)
    for parameter in model.predictor.parameters():
        parameter.data.mul_(m)


@replaces("1.4", "update_momentum_encoder")
def only_the_backbone(model: Model, m: float) -> None:
    """Only the backbone is updated. An encoder is backbone and projector; look at whose parameters the loop goes
    over."""
    old, new = model.momentum_encoder.backbone, model.encoder.backbone
    for one, other in zip(old.parameters(), new.parameters(), strict=True):
        average(one, other, m)


@replaces("1.4", "update_momentum_encoder")
def only_the_projector(model: Model, m: float) -> None:
    """Only the projector is updated. An encoder is backbone and projector; look at whose parameters the loop goes
    over."""
    old, new = model.momentum_encoder.projector, model.encoder.projector
    for one, other in zip(old.parameters(), new.parameters(), strict=True):
        average(one, other, m)


@replaces("1.4", "update_momentum_encoder")
def nested_parameters_updated_again(model: Model, m: float) -> None:
    """Parameters deep inside the network are updated several times in one call. Look at the two loops: `parameters()`
    already goes down into every module."""
    for one, other in zip(model.momentum_encoder.modules(), model.encoder.modules(), strict=True):
        for old, new in zip(one.parameters(), other.parameters(), strict=True):
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder")
def children_only(model: Model, m: float) -> None:
    """Not one parameter of the deeper modules is reached. Look at the loop: `recurse=False` and direct children stop at
    the first level."""
    for one, other in zip(model.momentum_encoder.children(), model.encoder.children(), strict=True):
        for old, new in zip(one.parameters(recurse=False), other.parameters(recurse=False), strict=True):
            average(old, new, m)


@replaces("1.4", "update_momentum_encoder", symptom="RuntimeError: result type Float can't be cast to Long")
def integer_buffers_averaged(model: Model, m: float) -> None:
    """The update stops with a RuntimeError. Parameters of the two encoders belong together one by one; if `state_dict`
    is used, mind that it also holds batch norm's counters, which are integers."""
    old, new = model.momentum_encoder.state_dict(), model.encoder.state_dict()
    for name in old:
        old[name].mul_(m).add_(new[name], alpha=1 - m)


# What is done to the parameters


@replaces("1.4", "update_momentum_encoder", symptom="memory grows with every step")
def graph_left_behind(model: Model, m: float) -> None:
    """The update is recorded for a backward pass: the parameters are no leaves any more, or the in-place step is
    refused. Look at what is to stand around an update that nobody differentiates."""
    for old, new in pairs(model):
        old.mul_(m).add_(new, alpha=1 - m)


@replaces("1.4", "update_momentum_encoder", symptom="the optimiser and the checkpoint keep the old parameters")
def parameters_replaced(model: Model, m: float) -> None:
    """The momentum encoder gets new parameters, or is replaced by an averaged copy of the encoder. The values inside
    its parameters are to change, not the objects; look for `nn.Parameter`, for `deepcopy` and for assignments to
    `model.momentum_encoder`."""
    modules = zip(model.momentum_encoder.modules(), model.encoder.modules(), strict=True)
    for one, other in modules:
        for (name, old), new in zip(one._parameters.items(), other._parameters.values(), strict=True):
            one._parameters[name] = nn.Parameter(m * old.data + (1 - m) * new.data)


@replaces("1.4", "update_momentum_encoder", symptom="the momentum encoder is the encoder")
def encoder_object_assigned(model: Model, m: float) -> None:
    """After the update both names stand for one network. Look for an assignment to `model.momentum_encoder`."""
    model.momentum_encoder = model.encoder


@replaces("1.4", "update_momentum_encoder")
def momentum_encoder_frozen(model: Model, m: float) -> None:
    """The values are right, but the momentum encoder's parameters require no gradient afterwards. Freezing is not the
    update's task; look for `requires_grad`."""
    averaged(model, m)
    model.momentum_encoder.requires_grad_(False)


@replaces("1.4", "update_momentum_encoder", symptom="the optimiser moves the momentum encoder as well")
def momentum_encoder_unfrozen(model: Model, m: float) -> None:
    """The values are right, but the momentum encoder's parameters require gradients afterwards. The update leaves that
    as it was; look for `requires_grad`."""
    averaged(model, m)
    model.momentum_encoder.requires_grad_(True)


@replaces("1.4", "update_momentum_encoder", symptom="the encoder stops learning after the first step")
def encoder_frozen(model: Model, m: float) -> None:
    """The values are right, but the encoder's parameters require no gradient afterwards. The update only reads them;
    look for `requires_grad` and `detach_`."""
    averaged(model, m)
    model.encoder.requires_grad_(False)


@replaces("1.4", "update_momentum_encoder", symptom="the values are right to three digits only")
def half_precision(model: Model, m: float) -> None:
    """The values are only about right: they have been through 16 bits or were rounded. Look for `half`, `bfloat16` and
    `round`."""
    set_each(model, lambda old, new: (m * old + (1 - m) * new).half().to(old.dtype))


@replaces("1.4", "update_momentum_encoder", symptom="TypeError")
def not_iterable(model: Model, m: float) -> None:
    """Something has another type than the update expects. `parameters()` has brackets, only a parameter or its `.data`
    can stand in a parameter's place, and a gradient may be None."""
    for old, new in zip(model.momentum_encoder.parameters, model.encoder.parameters, strict=True):
        average(old, new, m)


@replaces("1.4", "update_momentum_encoder", symptom="AttributeError")
def attribute_that_does_not_exist(model: Model, m: float) -> None:
    """Something is asked for an attribute that it does not have. The model has `encoder` and `momentum_encoder`, and
    their `parameters()` are tensors; look at the names."""
    for old, new in zip(model.encoder_m.parameters(), model.encoder.parameters(), strict=True):
        average(old, new, m)
