"""Known mistakes in `freeze_backbone`, question 3: step by step, and what is done there instead."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from mistakes.compose import common, said

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

    @common("no parameter is frozen", "at what `requires_grad` is set on")
    def nothing_frozen(self):
        """No parameter is frozen. Look at what `requires_grad` is set on, each parameter or something else, at the
        value that it is set to, and whether it is more than `no_grad` around a few lines."""

    def classifier_frozen_too(self):
        """The classifier is frozen with the rest, so nothing can learn. Look at what happens to fc after everything has
        been frozen."""
        self.freeze_if(lambda name, _: True)

    def classifier_frozen_instead(self):
        """The wrong half is frozen: the classifier, and not the backbone. Look at the condition on the names."""
        self.freeze_if(lambda name, _: name.startswith("fc."))

    def classifier_bias_frozen(self):
        """fc.bias is frozen with the backbone. Look at which names are spared: the classifier has two parameters."""
        self.freeze_if(lambda name, _: name != "fc.weight")

    def classifier_weight_frozen(self):
        """fc.weight is frozen with the backbone. Look at which names are spared, and whether its `requires_grad`
        survives how it is filled."""
        self.freeze_if(lambda name, _: name != "fc.bias")

    def layers_with_fc_in_the_name_spared(self):
        """Layers of the backbone whose names hold `fc` still require gradients. Look at the condition on the names:
        only two names are the classifier's."""
        self.freeze_if(lambda name, _: "fc" not in name)

    def layers_named_fc_spared(self):
        """Layers of the backbone that are named `fc` themselves still require gradients: `gate.fc.weight` ends like the
        classifier's name and holds it. Look at the condition on the names, which must hold for the whole name."""
        self.freeze_if(lambda name, _: "fc" not in name.split("."))

    def layers_with_fc_in_the_name_returned(self):
        """Layers of the backbone whose names hold `fc` still require gradients and are returned. Look at the condition
        on the names: only two names are the classifier's."""
        self.freeze_if(lambda name, _: "fc" not in name, learning=True)

    def layers_named_fc_returned(self):
        """Layers of the backbone that are named `fc` themselves still require gradients and are returned. Look at the
        condition on the names, which must hold for the whole name."""
        self.freeze_if(lambda name, _: "fc" not in name.split("."), learning=True)

    def nothing_left_to_train(self):
        """The classifier is frozen with the rest, so the list of what can learn is empty. Look at what happens to fc
        after everything has been frozen."""
        self.freeze_if(lambda name, _: True, learning=True)

    def all_learn_and_are_returned(self):
        """No parameter is frozen, so the list of what can learn holds them all. Look at what `requires_grad` is set
        on."""
        self.learning = True

    def only_weights_frozen(self):
        """Biases of the backbone still require gradients. Look for a condition on names; every parameter but the
        classifier's is meant."""
        self.freeze_if(lambda name, _: "weight" in name and not name.startswith("fc."))

    def only_biases_frozen(self):
        """Weights of the backbone still require gradients. Look for a condition on names; every parameter but the
        classifier's is meant."""
        self.freeze_if(lambda name, _: "bias" in name and not name.startswith("fc."))

    def all_weights_frozen(self):
        """The weights are frozen, the classifier's too, and all the biases learn. Look for a condition on names."""
        self.freeze_if(lambda name, _: "weight" in name)

    def batch_norm_left_learning(self):
        """Batch norm's parameters still require gradients. Look at which kinds of layers are frozen; every parameter
        but the classifier's is meant."""
        self.only_fc_learns()
        self.switch(nn.BatchNorm1d, on=True)

    def only_batch_norm_frozen(self):
        """Only batch norm's parameters are frozen. Look at which kinds of layers are frozen; every parameter but the
        classifier's is meant."""
        self.switch(nn.BatchNorm1d, on=False)

    def vectors_left_learning(self):
        """Only matrices are frozen: biases and batch norm's parameters still require gradients. Look for a condition on
        shapes."""
        self.freeze_if(lambda name, value: value.dim() > 1 and not name.startswith("fc."))

    def nested_layers_left_learning(self):
        """Layers inside other modules still require gradients. Look at how far down the loop goes; `children()` stops
        at the first level."""
        self.freeze_if(lambda name, _: name.count(".") == 1 and not name.startswith("fc."))

    def only_the_first_parameter_frozen(self):
        """Only one parameter is frozen. Look at what ends the loop."""
        first = next(name for name, _ in self.model.named_parameters() if not name.startswith("fc."))
        self.freeze_if(lambda name, _: name == first)

    def only_layers_of_certain_names_frozen(self):
        """Only layers with certain names are frozen. Names differ between networks; look at which names are spared
        instead."""
        self.freeze_if(lambda name, _: name.startswith("layer"))

    def last_two_parameters_spared(self):
        """The last two parameters are spared, which are the classifier's only where it is registered last. Look at how
        fc is found."""
        self.spare(list(self.model.parameters())[-2:])

    def last_child_spared(self):
        """The last child is spared, which is the classifier only where it is registered last. Look at how fc is
        found."""
        self.spare(list(list(self.model.children())[-1].parameters()))

    def classifier_of_a_fixed_size(self):
        """fc is replaced by a layer of a fixed size. Networks and data sets differ in theirs; look for numbers in your
        code that should come from fc itself."""
        self.fc = self.model.fc = nn.Linear(512, 10)
        self.only_fc_learns()


class Weight(Given):
    """The start of fc.weight, N(0, 0.01²)."""

    def right(self):
        self.weight(lambda weight: weight.normal_(0, 0.01))

    @common("fc.weight keeps the start that every linear layer gets", "at whether it is drawn anew")
    def weight_not_drawn(self):
        """fc.weight still has the start that every linear layer gets, uniform and wider. Look at whether it is drawn
        anew, and in place."""

    def deviation_of_one(self):
        """fc.weight is drawn with standard deviation 1. Look at the arguments of the normal distribution: the mean
        comes first, and a number alone is the mean."""
        self.weight(lambda weight: weight.normal_())

    def deviation_of_a_tenth(self):
        """fc.weight is drawn with standard deviation 0.1. Look at the number, and whether it stands for the deviation
        or its square."""
        self.weight(lambda weight: weight.normal_(0, 0.1))

    def deviation_of_a_thousandth(self):
        """fc.weight is drawn with standard deviation 0.001. Look at the number."""
        self.weight(lambda weight: weight.normal_(0, 0.001))

    def variance_given_for_deviation(self):
        """fc.weight is drawn with standard deviation 0.0001. 0.01² is the variance; look at what the function's
        argument means."""
        self.weight(lambda weight: weight.normal_(0, 0.0001))

    def deviation_of_two_hundredths(self):
        """fc.weight is drawn with standard deviation 0.02. Look at the number."""
        self.weight(lambda weight: weight.normal_(0, 0.02))

    def deviation_by_width(self):
        """fc.weight is drawn with one over the square root of its width as standard deviation. Look at the number that
        the question names."""
        self.weight(lambda weight: weight.normal_(0, weight.shape[1] ** -0.5))

    def normal_by_xavier(self):
        """fc.weight is normal, but its standard deviation is that of Xavier. Look at the number that the question
        names."""
        self.weight(nn.init.xavier_normal_)

    def uniform_by_xavier(self):
        """fc.weight is uniform, as Xavier has it. Look at the distribution that the question names."""
        self.weight(nn.init.xavier_uniform_)

    def normal_by_kaiming(self):
        """fc.weight is normal, but its standard deviation is that of Kaiming. Look at the number that the question
        names."""
        self.weight(nn.init.kaiming_normal_)

    def uniform_by_kaiming(self):
        """fc.weight is uniform, as Kaiming has it. Look at the distribution that the question names."""
        self.weight(nn.init.kaiming_uniform_)

    def mean_of_one(self):
        """fc.weight has mean 1. Look at the arguments of the normal distribution: mean, then standard deviation."""
        self.weight(lambda weight: weight.normal_(1, 0.01))

    def mean_of_a_hundredth(self):
        """fc.weight has mean 0.01. Look at the arguments of the normal distribution: mean, then standard deviation."""
        self.weight(lambda weight: weight.normal_(0.01, 0.01))

    def weight_constant(self):
        """Every entry of fc.weight is 0.01. Look at the arguments of the normal distribution, and at which of them is
        the mean."""
        self.weight(lambda weight: weight.fill_(0.01))

    def weight_zero(self):
        """fc.weight is zero. Look at which of the two parameters starts at zero."""
        self.weight(lambda weight: weight.zero_())

    def weight_one(self):
        """fc.weight is one everywhere. Look at what it is filled with."""
        self.weight(lambda weight: weight.fill_(1))

    def uniform_around_zero(self):
        """fc.weight is uniform between -0.01 and 0.01. Look at the distribution that the question names."""
        self.weight(lambda weight: weight.uniform_(-0.01, 0.01))

    def uniform_and_positive(self):
        """fc.weight is uniform between 0 and 0.01. Look at the name of the function that draws it: normal is meant."""
        self.weight(lambda weight: weight.uniform_(0, 0.01))

    def tails_cut_off(self):
        """The largest entries are missing from fc.weight: it was cut off near 0.01 or 0.02. Look for a truncation or a
        clamp."""
        self.weight(lambda weight: weight.normal_(0, 0.01).clamp_(-0.01, 0.01))

    def old_weight_scaled(self):
        """The old fc.weight is scaled by 0.01, not drawn anew. Look at what is multiplied by what."""
        self.weight(lambda weight: weight.mul_(0.01))

    def classifier_reset(self):
        """fc has the start that every linear layer gets. Look for `reset_parameters` or a new layer; the weight is to
        be normal and the bias zero."""
        self.fc.reset_parameters()
        self.filled = True

    def backbone_drawn_anew(self):
        """The backbone's weights are drawn anew too, and what it has learnt is gone. Look at which layers the
        initialisation reaches."""
        for module in self.model.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)


class Bias(Given):
    """The start of fc.bias, zero."""

    def right(self):
        return None if self.filled else self.bias(lambda bias: bias.zero_())

    @common("fc.bias keeps what it had instead of zero", "at what is done to it")
    def bias_left(self):
        """fc.bias keeps what it had. Look at what is done to it; it starts at zero."""

    @common("fc.bias is drawn like the weight", "at what is done to it")
    def bias_drawn_too(self):
        """fc.bias is drawn like the weight. Look at what is done to it; it starts at zero."""
        self.bias(lambda bias: bias.normal_(0, 0.01))

    def bias_one(self):
        """fc.bias is one. Look at what it is filled with; it starts at zero."""
        self.bias(lambda bias: bias.fill_(1))

    def bias_a_hundredth(self):
        """fc.bias is 0.01. Look at what it is filled with; it starts at zero."""
        self.bias(lambda bias: bias.fill_(0.01))


class Mode(Given):
    """Eval mode, so that batch norm's statistics do not move."""

    def right(self):
        self.model.eval()

    @common("the model is not put in eval mode", "at the mode in which it is left")
    def eval_mode_forgotten(self):
        """The mode is left as it was, so batch norm's statistics go on moving. Look at whether the whole model is put
        in eval mode, not only fc."""

    @said("the model is put in training mode", "for `train()`")
    def put_in_training_mode(self):
        """The model is put in training mode, so batch norm's statistics move. Look for `train()`; frozen means their
        standing still, too."""
        self.model.train()

    def only_parts_in_eval_mode(self):
        """Parts of the model are in eval mode, the model itself is not. Look at what `eval` is called on."""
        return [child.eval() for child in self.model.children()]

    def mode_set_by_hand(self):
        """The model says that it is in eval mode, but its layers are not. An attribute set by hand does not reach them;
        look for `training =`."""
        self.model.training = False


class Returned(Given):
    """What the optimiser is to get."""

    def right(self):
        learning = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        return learning if self.learning else [self.fc.weight, self.fc.bias]

    @common("nothing is returned", "at the last line")
    def nothing_returned(self):
        """Nothing is returned. Look at the last line; the caller hands what it gets to the optimiser."""

    def bias_returned_first(self):
        """The two parameters are returned in the wrong order. Look at the return statement: the weight comes first."""
        return [self.fc.bias, self.fc.weight]

    def only_weight_returned(self):
        """Only fc.weight is returned, so the bias never learns. Look at the return statement."""
        return [self.fc.weight]

    def only_bias_returned(self):
        """Only fc.bias is returned, so the weight never learns. Look at the return statement."""
        return [self.fc.bias]

    def classifier_returned(self):
        """The layer is returned instead of its parameters. A list of the two is asked for; look at the return
        statement."""
        return self.fc

    def model_returned(self):
        """The model is returned. A list of fc's two parameters is asked for; look at the return statement."""
        return self.model

    def generator_returned(self):
        """A generator is returned, which can be read only once. A list is asked for; look at the return statement."""
        return self.fc.parameters()

    def filter_returned(self):
        """A filter is returned, which can be read only once. A list is asked for; look at the return statement."""
        return filter(lambda parameter: parameter.requires_grad, self.model.parameters())

    def dict_returned(self):
        """A dict is returned. A list of fc's two parameters is asked for; look at the return statement."""
        return dict(self.fc.named_parameters())

    def weight_itself_returned(self):
        """One parameter is returned, and not in a list. A list of fc's two is asked for; look at the return
        statement."""
        return self.fc.weight

    def parameter_group_returned(self):
        """The list holds something else than fc's two parameters, a group for an optimiser for instance. Look at the
        return statement."""
        return [{"params": [self.fc.weight, self.fc.bias]}]

    def copies_returned(self):
        """The list holds two things that are not fc's parameters: copies, their data, or their names. The optimiser
        needs the parameters themselves; look at the return statement."""
        return [self.fc.weight.data, self.fc.bias.detach()]

    @common("all parameters are returned, the frozen ones too", "at the return statement")
    def all_parameters_returned(self):
        """All parameters are returned, the frozen ones too. Look at the return statement; the optimiser is to get fc's.
        A list of what requires a gradient is made after freezing, not before."""
        return list(self.model.parameters())

    def last_two_parameters_returned(self):
        """The last two parameters are returned, which are the classifier's only where it is registered last. Look at
        how fc is found."""
        return list(self.model.parameters())[-2:]

    def layer_named_fc_taken_for_the_classifier(self):
        """The condition on the names lets layers of the backbone through, and the list holds the first two that it
        finds, not the classifier's. Look at the condition, and at what the list is made of."""
        return [value for name, value in self.model.named_parameters() if "fc" in name][:2]


class Whole(Given):
    """What ends in an exception."""

    def attribute_that_does_not_exist(self):
        """Something is asked for an attribute that it does not have. A model is sure to have `fc` and nothing else; and
        what fills a tensor needs the tensor, not the layer."""
        self.model.backbone.requires_grad_(False)

    def filled_in_place_with_gradients(self):
        """A parameter that requires a gradient is changed in place, which PyTorch refuses. Look at what is to stand
        around such lines, or at the functions of `nn.init`."""
        self.fc.weight.normal_(0, 0.01)

    def tensor_assigned_to_parameter(self):
        """Something of the wrong type is assigned or called. A plain tensor can not take a parameter's place; look at
        what fills fc.weight and fc.bias."""
        self.fc.weight = torch.randn(self.fc.weight.shape) * 0.01


STAGES = (Frozen, Weight, Bias, Mode, Returned)
