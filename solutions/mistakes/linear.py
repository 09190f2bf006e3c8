"""Known mistakes in `freeze_backbone`, question 3: step by step, and what is done there instead."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from mistakes.compose import common

QUESTION, TARGET = "3", "freeze_backbone"


class Given:
    """The model; `learning` says that what still requires gradients is returned, `filled` that fc has its start."""

    def __init__(self, model: nn.Module):
        self.model, self.fc = model, model.fc
        self.learning = self.filled = False

    def freeze_if(self, wanted: Callable[[str, Tensor], bool], learning: bool = False):
        """Freeze the parameters of which `wanted` says so, and switch the others on."""
        self.learning = learning
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad = not wanted(name, parameter)

    def spare(self, spared: list[Tensor]):
        self.freeze_if(lambda _, parameter: all(parameter is not one for one in spared))

    def only_fc_learns(self):
        self.freeze_if(lambda name, _: not name.startswith("fc."))

    def switch(self, kind: type[nn.Module], on: bool):
        """Let all layers of a kind learn, or none."""
        for module in self.model.modules():
            if isinstance(module, kind):
                module.requires_grad_(on)

    def weight(self, fill: Callable[[Tensor], object]):
        with torch.no_grad():
            fill(self.fc.weight)

    def bias(self, fill: Callable[[Tensor], object]):
        with torch.no_grad():
            fill(self.fc.bias)


class Frozen(Given):
    """What stops learning."""

    def right(self):
        self.only_fc_learns()

    nothing_frozen = common("no parameter is frozen", "at what `requires_grad` is set on")(lambda self: None)
    """No parameter is frozen. Look at what `requires_grad` is set on, each parameter or something else, at the value
    that it is set to, and whether it is more than `no_grad` around a few lines."""
    classifier_frozen_too = lambda self: self.freeze_if(lambda name, _: True)
    """The classifier is frozen with the rest, so nothing can learn. Look at what happens to fc after everything has
    been frozen."""
    classifier_frozen_instead = lambda self: self.freeze_if(lambda name, _: name.startswith("fc."))
    """The wrong half is frozen: the classifier, and not the backbone. Look at the condition on the names."""
    classifier_bias_frozen = lambda self: self.freeze_if(lambda name, _: name != "fc.weight")
    """fc.bias is frozen with the backbone. Look at which names are spared: the classifier has two parameters."""
    classifier_weight_frozen = lambda self: self.freeze_if(lambda name, _: name != "fc.bias")
    """fc.weight is frozen with the backbone. Look at which names are spared, and whether its `requires_grad` survives
    how it is filled."""
    layers_with_fc_in_the_name_spared = lambda self: self.freeze_if(lambda name, _: "fc" not in name)
    """Layers of the backbone whose names hold `fc` still require gradients. Look at the condition on the names: only
    two names are the classifier's."""
    layers_named_fc_spared = lambda self: self.freeze_if(lambda name, _: "fc" not in name.split("."))
    """Layers of the backbone that are named `fc` themselves still require gradients: `gate.fc.weight` ends like the
    classifier's name and holds it. Look at the condition on the names, which must hold for the whole name."""
    layers_with_fc_in_the_name_returned = lambda self: self.freeze_if(lambda name, _: "fc" not in name, learning=True)
    """Layers of the backbone whose names hold `fc` still require gradients and are returned. Look at the condition on
    the names: only two names are the classifier's."""
    layers_named_fc_returned = lambda self: self.freeze_if(lambda name, _: "fc" not in name.split("."), learning=True)
    """Layers of the backbone that are named `fc` themselves still require gradients and are returned. Look at the
    condition on the names, which must hold for the whole name."""
    nothing_left_to_train = lambda self: self.freeze_if(lambda name, _: True, learning=True)
    """The classifier is frozen with the rest, so the list of what can learn is empty. Look at what happens to fc after
    everything has been frozen."""

    def all_learn_and_are_returned(self):
        """No parameter is frozen, so the list of what can learn holds them all. Look at what `requires_grad` is set
        on."""
        self.learning = True

    only_weights_frozen = lambda self: self.freeze_if(lambda name, _: "weight" in name and not name.startswith("fc."))
    """Biases of the backbone still require gradients. Look for a condition on names; every parameter but the
    classifier's is meant."""
    only_biases_frozen = lambda self: self.freeze_if(lambda name, _: "bias" in name and not name.startswith("fc."))
    """Weights of the backbone still require gradients. Look for a condition on names; every parameter but the
    classifier's is meant."""
    all_weights_frozen = lambda self: self.freeze_if(lambda name, _: "weight" in name)
    """The weights are frozen, the classifier's too, and all the biases learn. Look for a condition on names."""

    def batch_norm_left_learning(self):
        """Batch norm's parameters still require gradients. Look at which kinds of layers are frozen; every parameter
        but the classifier's is meant."""
        self.only_fc_learns()
        self.switch(nn.BatchNorm1d, on=True)

    only_batch_norm_frozen = lambda self: self.switch(nn.BatchNorm1d, on=False)
    """Only batch norm's parameters are frozen. Look at which kinds of layers are frozen; every parameter but the
    classifier's is meant."""
    vectors_left_learning = lambda self: self.freeze_if(
        lambda name, value: value.dim() > 1 and not name.startswith("fc.")
    )
    """Only matrices are frozen: biases and batch norm's parameters still require gradients. Look for a condition on
    shapes."""
    nested_layers_left_learning = lambda self: self.freeze_if(
        lambda name, _: name.count(".") == 1 and not name.startswith("fc.")
    )
    """Layers inside other modules still require gradients. Look at how far down the loop goes; `children()` stops at
    the first level."""

    def only_the_first_parameter_frozen(self):
        """Only one parameter is frozen. Look at what ends the loop."""
        first = next(name for name, _ in self.model.named_parameters() if not name.startswith("fc."))
        self.freeze_if(lambda name, _: name == first)

    only_layers_of_certain_names_frozen = lambda self: self.freeze_if(lambda name, _: name.startswith("layer"))
    """Only layers with certain names are frozen. Names differ between networks; look at which names are spared
    instead."""
    last_two_parameters_spared = lambda self: self.spare(list(self.model.parameters())[-2:])
    """The last two parameters are spared, which are the classifier's only where it is registered last. Look at how fc
    is found."""
    last_child_spared = lambda self: self.spare(list(list(self.model.children())[-1].parameters()))
    """The last child is spared, which is the classifier only where it is registered last. Look at how fc is found."""

    def classifier_of_a_fixed_size(self):
        """fc is replaced by a layer of a fixed size. Networks and data sets differ in theirs; look for numbers in your
        code that should come from fc itself."""
        self.fc = self.model.fc = nn.Linear(512, 10)
        self.only_fc_learns()


class Weight(Given):
    """The start of fc.weight, N(0, 0.01²)."""

    def right(self):
        self.weight(lambda weight: weight.normal_(0, 0.01))

    weight_not_drawn = common(lambda self: None)
    """fc.weight still has the start that every linear layer gets, uniform and wider. Look at whether it is drawn again,
    and in place."""
    deviation_of_one = lambda self: self.weight(lambda weight: weight.normal_())
    """fc.weight is drawn with standard deviation 1. Look at the arguments of the normal distribution: the mean comes
    first, and a number alone is the mean."""
    deviation_of_a_tenth = lambda self: self.weight(lambda weight: weight.normal_(0, 0.1))
    """fc.weight is drawn with standard deviation 0.1. Look at the number, and whether it stands for the deviation or
    its square."""
    deviation_of_a_thousandth = lambda self: self.weight(lambda weight: weight.normal_(0, 0.001))
    """fc.weight is drawn with standard deviation 0.001. Look at the number."""
    variance_given_for_deviation = lambda self: self.weight(lambda weight: weight.normal_(0, 0.0001))
    """fc.weight is drawn with standard deviation 0.0001. 0.01² is the variance; look at what the function's argument
    means."""
    deviation_of_two_hundredths = lambda self: self.weight(lambda weight: weight.normal_(0, 0.02))
    """fc.weight is drawn with standard deviation 0.02. Look at the number."""
    deviation_by_width = lambda self: self.weight(lambda weight: weight.normal_(0, weight.shape[1] ** -0.5))
    """fc.weight is drawn with one over the square root of its width as standard deviation. Look at the number that the
    question names."""
    normal_by_xavier = lambda self: self.weight(nn.init.xavier_normal_)
    """fc.weight is normal, but its standard deviation is that of Xavier. Look at the number that the question names."""
    uniform_by_xavier = lambda self: self.weight(nn.init.xavier_uniform_)
    """fc.weight is uniform, as Xavier has it. Look at the distribution that the question names."""
    normal_by_kaiming = lambda self: self.weight(nn.init.kaiming_normal_)
    """fc.weight is normal, but its standard deviation is that of Kaiming. Look at the number that the question
    names."""
    uniform_by_kaiming = lambda self: self.weight(nn.init.kaiming_uniform_)
    """fc.weight is uniform, as Kaiming has it. Look at the distribution that the question names."""
    mean_of_one = lambda self: self.weight(lambda weight: weight.normal_(1, 0.01))
    """fc.weight has mean 1. Look at the arguments of the normal distribution: mean, then standard deviation."""
    mean_of_a_hundredth = lambda self: self.weight(lambda weight: weight.normal_(0.01, 0.01))
    """fc.weight has mean 0.01. Look at the arguments of the normal distribution: mean, then standard deviation."""
    weight_constant = lambda self: self.weight(lambda weight: weight.fill_(0.01))
    """Every entry of fc.weight is 0.01. Look at the arguments of the normal distribution, and at which of them is the
    mean."""
    weight_zero = lambda self: self.weight(lambda weight: weight.zero_())
    """fc.weight is zero. Look at which of the two parameters starts at zero."""
    weight_one = lambda self: self.weight(lambda weight: weight.fill_(1))
    """fc.weight is one everywhere. Look at what it is filled with."""
    uniform_around_zero = lambda self: self.weight(lambda weight: weight.uniform_(-0.01, 0.01))
    """fc.weight is uniform between -0.01 and 0.01. Look at the distribution that the question names."""
    uniform_and_positive = lambda self: self.weight(lambda weight: weight.uniform_(0, 0.01))
    """fc.weight is uniform between 0 and 0.01. Look at the name of the function that draws it: normal is meant."""
    tails_cut_off = lambda self: self.weight(lambda weight: weight.normal_(0, 0.01).clamp_(-0.01, 0.01))
    """The largest entries are missing from fc.weight: it was cut off near 0.01 or 0.02. Look for a truncation or a
    clamp."""
    old_weight_scaled = lambda self: self.weight(lambda weight: weight.mul_(0.01))
    """The old fc.weight is scaled by 0.01, not drawn again. Look at what is multiplied by what."""

    def classifier_reset(self):
        """fc has the start that every linear layer gets. Look for `reset_parameters` or a new layer; the weight is to
        be normal and the bias zero."""
        self.fc.reset_parameters()
        self.filled = True

    def backbone_drawn_anew(self):
        """The backbone's weights are drawn again too, and what it has learnt is gone. Look at which layers the
        initialisation reaches."""
        for module in self.model.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)


class Bias(Given):
    """The start of fc.bias, zero."""

    def right(self):
        return None if self.filled else self.bias(lambda bias: bias.zero_())

    bias_left = common(lambda self: None)
    """fc.bias keeps what it had. Look at what is done to it; it starts at zero."""
    bias_drawn_too = common(lambda self: self.bias(lambda bias: bias.normal_(0, 0.01)))
    """fc.bias is drawn like the weight. Look at what is done to it; it starts at zero."""
    bias_one = lambda self: self.bias(lambda bias: bias.fill_(1))
    """fc.bias is one. Look at what it is filled with; it starts at zero."""
    bias_a_hundredth = lambda self: self.bias(lambda bias: bias.fill_(0.01))
    """fc.bias is 0.01. Look at what it is filled with; it starts at zero."""


class Mode(Given):
    """Eval mode, so that batch norm's statistics do not move."""

    def right(self):
        self.model.eval()

    eval_mode_forgotten = common(lambda self: None)
    """The mode is left as it was, so batch norm's statistics go on moving. Look at whether the whole model is put in
    eval mode, not only fc."""
    put_in_training_mode = lambda self: self.model.train()
    """The model is put in training mode, so batch norm's statistics move. Look for `train()`; frozen means their
    standing still, too."""
    only_parts_in_eval_mode = lambda self: [child.eval() for child in self.model.children()]
    """Parts of the model are in eval mode, the model itself is not. Look at what `eval` is called on."""

    def mode_set_by_hand(self):
        """The model says that it is in eval mode, but its layers are not. An attribute set by hand does not reach them;
        look for `training =`."""
        self.model.training = False


class Returned(Given):
    """What the optimiser is to get."""

    def right(self):
        learning = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        return learning if self.learning else [self.fc.weight, self.fc.bias]

    nothing_returned = common(lambda self: None)
    """Nothing is returned. Look at the last line; the caller hands what it gets to the optimiser."""
    bias_returned_first = lambda self: [self.fc.bias, self.fc.weight]
    """The two parameters are returned in the wrong order. Look at the return statement: the weight comes first."""
    only_weight_returned = lambda self: [self.fc.weight]
    """Only fc.weight is returned, so the bias never learns. Look at the return statement."""
    only_bias_returned = lambda self: [self.fc.bias]
    """Only fc.bias is returned, so the weight never learns. Look at the return statement."""
    classifier_returned = lambda self: self.fc
    """The layer is returned instead of its parameters. A list of the two is asked for; look at the return statement."""
    model_returned = lambda self: self.model
    """The model is returned. A list of fc's two parameters is asked for; look at the return statement."""
    generator_returned = lambda self: self.fc.parameters()
    """A generator is returned, which can be read only once. A list is asked for; look at the return statement."""
    filter_returned = lambda self: filter(lambda parameter: parameter.requires_grad, self.model.parameters())
    """A filter is returned, which can be read only once. A list is asked for; look at the return statement."""
    dict_returned = lambda self: dict(self.fc.named_parameters())
    """A dict is returned. A list of fc's two parameters is asked for; look at the return statement."""
    weight_itself_returned = lambda self: self.fc.weight
    """One parameter is returned, and not in a list. A list of fc's two is asked for; look at the return statement."""
    parameter_group_returned = lambda self: [{"params": [self.fc.weight, self.fc.bias]}]
    """The list holds something else than fc's two parameters, a group for an optimiser for instance. Look at the return
    statement."""
    copies_returned = lambda self: [self.fc.weight.data, self.fc.bias.detach()]
    """The list holds two things that are not fc's parameters: copies, their data, or their names. The optimiser needs
    the parameters themselves; look at the return statement."""
    all_parameters_returned = common(lambda self: list(self.model.parameters()))
    """All parameters are returned, the frozen ones too. Look at the return statement; the optimiser is to get fc's. A
    list of what requires a gradient is made after freezing, not before."""
    last_two_parameters_returned = lambda self: list(self.model.parameters())[-2:]
    """The last two parameters are returned, which are the classifier's only where it is registered last. Look at how fc
    is found."""
    layer_named_fc_taken_for_the_classifier = lambda self: [
        value for name, value in self.model.named_parameters() if "fc" in name
    ][:2]
    """The condition on the names lets layers of the backbone through, and the list holds the first two that it finds,
    not the classifier's. Look at the condition, and at what the list is made of."""


class Whole(Given):
    """What ends in an exception."""

    attribute_that_does_not_exist = lambda self: self.model.backbone.requires_grad_(False)
    """Something is asked for an attribute that it does not have. A model is sure to have `fc` and nothing else; and
    what fills a tensor needs the tensor, not the layer."""
    filled_in_place_with_gradients = lambda self: self.fc.weight.normal_(0, 0.01)
    """A parameter that requires a gradient is changed in place, which PyTorch refuses. Look at what is to stand around
    such lines, or at the functions of `nn.init`."""

    def tensor_assigned_to_parameter(self):
        """Something of the wrong type is assigned or called. A plain tensor cannot take a parameter's place; look at
        what fills fc.weight and fc.bias."""
        self.fc.weight = torch.randn(self.fc.weight.shape) * 0.01


STAGES = (Frozen, Weight, Bias, Mode, Returned)
