"""Known mistakes in `freeze_backbone` of `main_linclis.py`, question 3: what is frozen, and in which mode.

The classifier's start, and two mistakes at once, are in `main_linclis_start.py`, what is returned in
`main_linclis_returns.py`.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from mistakes import replaces
from mistakes.main_linclis_parts import done, freeze_if, learning, nothing, zero

# What is frozen


@replaces("3", "freeze_backbone", symptom="fine-tuning instead of linear evaluation")
def nothing_frozen(model: Any) -> Any:
    """No parameter is frozen. Look at what `requires_grad` is set on, each parameter or something else, at the value
    that it is set to, and whether it is more than `no_grad` around a few lines."""
    return done(model, freeze=nothing)


@replaces("3", "freeze_backbone", symptom="the optimiser changes nothing: element 0 does not require grad")
def classifier_frozen_too(model: Any) -> Any:
    """The classifier is frozen with the rest, so nothing can learn. Look at what happens to fc after everything has
    been frozen."""
    return done(model, freeze=freeze_if(lambda name, _: True))


@replaces("3", "freeze_backbone")
def classifier_frozen_instead(model: Any) -> Any:
    """The wrong half is frozen: the classifier, and not the backbone. Look at the condition on the names."""
    return done(model, freeze=freeze_if(lambda name, _: name.startswith("fc.")))


@replaces("3", "freeze_backbone")
def classifier_bias_frozen(model: Any) -> Any:
    """fc.bias is frozen with the backbone. Look at which names are spared: the classifier has two parameters."""
    return done(model, freeze=freeze_if(lambda name, _: name != "fc.weight"))


@replaces("3", "freeze_backbone")
def classifier_weight_frozen(model: Any) -> Any:
    """fc.weight is frozen with the backbone. Look at which names are spared, and whether its `requires_grad` survives
    how it is filled."""
    return done(model, freeze=freeze_if(lambda name, _: name != "fc.bias"))


@replaces("3", "freeze_backbone", symptom="right only where no other layer's name holds fc")
def layers_with_fc_in_the_name_spared(model: Any) -> Any:
    """Layers of the backbone whose names hold `fc` still require gradients. Look at the condition on the names: only
    two names are the classifier's."""
    return done(model, freeze=freeze_if(lambda name, _: "fc" not in name))


@replaces("3", "freeze_backbone", symptom="right only where no layer inside the backbone is named fc")
def layers_named_fc_spared(model: Any) -> Any:
    """Layers of the backbone that are named `fc` themselves still require gradients: `gate.fc.weight` ends like the
    classifier's name and holds it. Look at the condition on the names, which must hold for the whole name."""
    return done(model, freeze=freeze_if(lambda name, _: "fc" not in name.split(".")))


@replaces("3", "freeze_backbone", symptom="right only where no other layer's name holds fc")
def layers_with_fc_in_the_name_returned(model: Any) -> Any:
    """Layers of the backbone whose names hold `fc` still require gradients and are returned. Look at the condition on
    the names: only two names are the classifier's."""
    return done(model, freeze=freeze_if(lambda name, _: "fc" not in name), returned=learning)


@replaces("3", "freeze_backbone", symptom="right only where no layer inside the backbone is named fc")
def layers_named_fc_returned(model: Any) -> Any:
    """Layers of the backbone that are named `fc` themselves still require gradients and are returned. Look at the
    condition on the names, which must hold for the whole name."""
    return done(model, freeze=freeze_if(lambda name, _: "fc" not in name.split(".")), returned=learning)


@replaces("3", "freeze_backbone", symptom="right only where the classifier is registered last")
def layer_named_fc_taken_for_the_classifier(model: Any) -> Any:
    """The condition on the names lets layers of the backbone through, and the list holds the first two that it finds,
    not the classifier's. Look at the condition, and at what the list is made of."""
    return done(model, returned=lambda model: [p for name, p in model.named_parameters() if "fc" in name][:2])


@replaces("3", "freeze_backbone")
def only_weights_frozen(model: Any) -> Any:
    """Biases of the backbone still require gradients. Look for a condition on names; every parameter but the
    classifier's is meant."""
    return done(model, freeze=freeze_if(lambda name, _: "weight" in name and not name.startswith("fc.")))


@replaces("3", "freeze_backbone")
def only_biases_frozen(model: Any) -> Any:
    """Weights of the backbone still require gradients. Look for a condition on names; every parameter but the
    classifier's is meant."""
    return done(model, freeze=freeze_if(lambda name, _: "bias" in name and not name.startswith("fc.")))


@replaces("3", "freeze_backbone")
def all_weights_frozen(model: Any) -> Any:
    """The weights are frozen, the classifier's too, and all the biases learn. Look for a condition on names."""
    return done(model, freeze=freeze_if(lambda name, _: "weight" in name))


@replaces("3", "freeze_backbone", symptom="batch norm's scale and shift move while fc trains")
def batch_norm_left_learning(model: Any) -> Any:
    """Batch norm's parameters still require gradients. Look at which kinds of layers are frozen; every parameter but
    the classifier's is meant."""
    done(model)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.requires_grad_(True)
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def only_batch_norm_frozen(model: Any) -> Any:
    """Only batch norm's parameters are frozen. Look at which kinds of layers are frozen; every parameter but the
    classifier's is meant."""
    done(model, freeze=freeze_if(lambda name, _: False))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.requires_grad_(False)
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def vectors_left_learning(model: Any) -> Any:
    """Only matrices are frozen: biases and batch norm's parameters still require gradients. Look for a condition on
    shapes."""
    return done(model, freeze=freeze_if(lambda name, value: value.dim() > 1 and not name.startswith("fc.")))


@replaces("3", "freeze_backbone")
def nested_layers_left_learning(model: Any) -> Any:
    """Layers inside other modules still require gradients. Look at how far down the loop goes; `children()` stops at
    the first level."""
    return done(model, freeze=freeze_if(lambda name, _: name.count(".") == 1 and not name.startswith("fc.")))


@replaces("3", "freeze_backbone")
def only_the_first_parameter_frozen(model: Any) -> Any:
    """Only one parameter is frozen. Look at what ends the loop."""
    done(model, freeze=freeze_if(lambda name, _: False))
    next(parameter for name, parameter in model.named_parameters() if not name.startswith("fc.")).requires_grad = False
    return [model.fc.weight, model.fc.bias]


@replaces("3", "freeze_backbone")
def only_layers_of_certain_names_frozen(model: Any) -> Any:
    """Only layers with certain names are frozen. Names differ between networks; look at which names are spared
    instead."""
    return done(model, freeze=freeze_if(lambda name, _: name.startswith("layer")))


@replaces("3", "freeze_backbone", symptom="right only where fc is registered last")
def last_two_parameters_spared(model: Any) -> Any:
    """The last two parameters are spared, which are the classifier's only where it is registered last. Look at how fc
    is found."""
    spared = [id(parameter) for parameter in list(model.parameters())[-2:]]
    return done(model, freeze=freeze_if(lambda _, value: id(value) not in spared))


@replaces("3", "freeze_backbone", symptom="right only where fc is registered last")
def last_child_spared(model: Any) -> Any:
    """The last child is spared, which is the classifier only where it is registered last. Look at how fc is found."""
    spared = [id(parameter) for parameter in list(model.children())[-1].parameters()]
    return done(model, freeze=freeze_if(lambda _, value: id(value) not in spared))


@replaces("3", "freeze_backbone", symptom="right for 512 features and 10 classes only")
def classifier_of_a_fixed_size(model: Any) -> Any:
    """fc is replaced by a layer of a fixed size. Networks and data sets differ in theirs; look for numbers in your code
    that should come from fc itself."""
    model.fc = nn.Linear(512, 10)
    return done(model)


@replaces("3", "freeze_backbone", symptom="the backbone's features are lost")
def backbone_drawn_anew(model: Any) -> Any:
    """The backbone's weights are drawn anew too, and what it has learnt is gone. Look at which layers the
    initialisation reaches."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)
            zero(model)
    return done(model)


# The mode


@replaces("3", "freeze_backbone", symptom="the accuracy drifts: batch norm's statistics move")
def eval_mode_forgotten(model: Any) -> Any:
    """The mode is left as it was, so batch norm's statistics go on moving. Look at whether the whole model is put in
    eval mode, not only fc."""
    return done(model, mode=nothing)


@replaces("3", "freeze_backbone", symptom="the accuracy drifts: batch norm's statistics move")
def put_in_training_mode(model: Any) -> Any:
    """The model is put in training mode, so batch norm's statistics move. Look for `train()`; frozen means their
    standing still, too."""
    return done(model, mode=lambda model: model.train())


@replaces("3", "freeze_backbone")
def only_parts_in_eval_mode(model: Any) -> Any:
    """Parts of the model are in eval mode, the model itself is not. Look at what `eval` is called on."""
    return done(model, mode=lambda model: [child.eval() for child in model.children()])


@replaces("3", "freeze_backbone", symptom="the accuracy drifts: batch norm's statistics move")
def mode_set_by_hand(model: Any) -> Any:
    """The model says that it is in eval mode, but its layers are not. An attribute set by hand does not reach them;
    look for `training =`."""
    return done(model, mode=lambda model: setattr(model, "training", False))
