"""Known mistakes in `freeze_backbone`, question 3, with what is returned, and exceptions."""

from __future__ import annotations

from typing import Any

import torch

from mistakes import replaces
from mistakes.main_linclis_parts import all_but_fc_frozen, done


@replaces("3", "freeze_backbone", symptom="TypeError: the optimiser gets None")
def nothing_returned(model: Any) -> None:
    """Nothing is returned. Look at the last line; the caller hands what it gets to the optimiser."""
    done(model)


@replaces("3", "freeze_backbone")
def bias_returned_first(model: Any) -> Any:
    """The two parameters are returned in the wrong order. Look at the return statement: the weight comes first."""
    return done(model)[::-1]


@replaces("3", "freeze_backbone")
def only_weight_returned(model: Any) -> Any:
    """Only fc.weight is returned, so the bias never learns. Look at the return statement."""
    return done(model)[:1]


@replaces("3", "freeze_backbone")
def only_bias_returned(model: Any) -> Any:
    """Only fc.bias is returned, so the weight never learns. Look at the return statement."""
    return done(model)[1:]


@replaces("3", "freeze_backbone")
def classifier_returned(model: Any) -> Any:
    """The layer is returned instead of its parameters. A list of the two is asked for; look at the return statement."""
    return done(model, returned=lambda model: model.fc)


@replaces("3", "freeze_backbone")
def model_returned(model: Any) -> Any:
    """The model is returned. A list of fc's two parameters is asked for; look at the return statement."""
    return done(model, returned=lambda model: model)


@replaces("3", "freeze_backbone", symptom="an optimiser takes it; whoever reads it a second time finds nothing")
def generator_returned(model: Any) -> Any:
    """A generator is returned, which can be read only once. A list is asked for; look at the return statement."""
    return done(model, returned=lambda model: model.fc.parameters())


@replaces("3", "freeze_backbone")
def filter_returned(model: Any) -> Any:
    """A filter is returned, which can be read only once. A list is asked for; look at the return statement."""
    return done(model, returned=lambda model: filter(lambda parameter: parameter.requires_grad, model.parameters()))


@replaces("3", "freeze_backbone")
def dict_returned(model: Any) -> Any:
    """A dict is returned. A list of fc's two parameters is asked for; look at the return statement."""
    return done(model, returned=lambda model: dict(model.fc.named_parameters()))


@replaces("3", "freeze_backbone")
def weight_itself_returned(model: Any) -> Any:
    """One parameter is returned, and not in a list. A list of fc's two is asked for; look at the return statement."""
    return done(model, returned=lambda model: model.fc.weight)


@replaces("3", "freeze_backbone")
def parameter_group_returned(model: Any) -> Any:
    """The list holds something else than fc's two parameters, a group for an optimiser for instance. Look at the return
    statement."""
    return done(model, returned=lambda model: [{"params": [model.fc.weight, model.fc.bias]}])


@replaces("3", "freeze_backbone", symptom="the optimiser trains copies; the accuracy stays at chance")
def copies_returned(model: Any) -> Any:
    """The list holds two things that are not fc's parameters: copies, their data, or their names. The optimiser needs
    the parameters themselves; look at the return statement."""
    return done(model, returned=lambda model: [model.fc.weight.data, model.fc.bias.detach()])


@replaces("3", "freeze_backbone")
def all_parameters_returned(model: Any) -> Any:
    """All parameters are returned, the frozen ones too. Look at the return statement; the optimiser is to get fc's. A
    list of what requires a gradient is made after freezing, not before."""
    return done(model, returned=lambda model: list(model.parameters()))


@replaces("3", "freeze_backbone", symptom="right only where fc is registered last")
def last_two_parameters_returned(model: Any) -> Any:
    """The last two parameters are returned, which are the classifier's only where it is registered last. Look at how fc
    is found."""
    return done(model, returned=lambda model: list(model.parameters())[-2:])


# Exceptions


@replaces("3", "freeze_backbone", symptom="AttributeError")
def attribute_that_does_not_exist(model: Any) -> Any:
    """Something is asked for an attribute that it does not have. A model is sure to have `fc` and nothing else; and
    what fills a tensor needs the tensor, not the layer."""
    model.backbone.requires_grad_(False)


@replaces(
    "3",
    "freeze_backbone",
    symptom="RuntimeError: a leaf Variable that requires grad is being used in-place",
)
def filled_in_place_with_gradients(model: Any) -> Any:
    """A parameter that requires a gradient is changed in place, which PyTorch refuses. Look at what is to stand around
    such lines, or at the functions of `nn.init`."""
    all_but_fc_frozen(model)
    model.fc.weight.normal_(0, 0.01)
    return done(model)


@replaces("3", "freeze_backbone", symptom="TypeError: cannot assign 'torch.FloatTensor' as parameter 'weight'")
def tensor_assigned_to_parameter(model: Any) -> Any:
    """Something of the wrong type is assigned or called. A plain tensor can not take a parameter's place; look at what
    fills fc.weight and fc.bias."""
    model.fc.weight = torch.randn(model.fc.weight.shape) * 0.01
