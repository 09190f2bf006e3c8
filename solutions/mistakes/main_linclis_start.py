"""Known mistakes in `freeze_backbone`, question 3, with the classifier's start, and two mistakes at once."""

from __future__ import annotations

from typing import Any

from torch import nn

from mistakes import replaces
from mistakes.main_linclis_parts import bias_by, done, freeze_if, learning, nothing, weight_by

# fc.weight


@replaces("3", "freeze_backbone")
def weight_not_drawn(model: Any) -> Any:
    """fc.weight still has the start that every linear layer gets, uniform and wider. Look at whether it is drawn anew,
    and in place."""
    return done(model, weight=nothing)


@replaces("3", "freeze_backbone")
def deviation_of_one(model: Any) -> Any:
    """fc.weight is drawn with standard deviation 1. Look at the arguments of the normal distribution: the mean comes
    first, and a number alone is the mean."""
    return done(model, weight=weight_by(lambda weight: weight.normal_()))


@replaces("3", "freeze_backbone")
def deviation_of_a_tenth(model: Any) -> Any:
    """fc.weight is drawn with standard deviation 0.1. Look at the number, and whether it stands for the deviation or
    its square."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(0, 0.1)))


@replaces("3", "freeze_backbone")
def deviation_of_a_thousandth(model: Any) -> Any:
    """fc.weight is drawn with standard deviation 0.001. Look at the number."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(0, 0.001)))


@replaces("3", "freeze_backbone")
def variance_given_for_deviation(model: Any) -> Any:
    """fc.weight is drawn with standard deviation 0.0001. 0.01² is the variance; look at what the function's argument
    means."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(0, 0.0001)))


@replaces("3", "freeze_backbone")
def deviation_of_two_hundredths(model: Any) -> Any:
    """fc.weight is drawn with standard deviation 0.02. Look at the number."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(0, 0.02)))


@replaces("3", "freeze_backbone")
def deviation_by_width(model: Any) -> Any:
    """fc.weight is drawn with one over the square root of its width as standard deviation. Look at the number that the
    question names."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(0, weight.shape[1] ** -0.5)))


@replaces("3", "freeze_backbone")
def normal_by_xavier(model: Any) -> Any:
    """fc.weight is normal, but its standard deviation is that of Xavier. Look at the number that the
    question names."""
    return done(model, weight=weight_by(nn.init.xavier_normal_))


@replaces("3", "freeze_backbone")
def uniform_by_xavier(model: Any) -> Any:
    """fc.weight is uniform, as Xavier has it. Look at the distribution that the question names."""
    return done(model, weight=weight_by(nn.init.xavier_uniform_))


@replaces("3", "freeze_backbone")
def normal_by_kaiming(model: Any) -> Any:
    """fc.weight is normal, but its standard deviation is that of Kaiming. Look at the number that the question
    names."""
    return done(model, weight=weight_by(nn.init.kaiming_normal_))


@replaces("3", "freeze_backbone")
def uniform_by_kaiming(model: Any) -> Any:
    """fc.weight is uniform, as Kaiming has it. Look at the distribution that the question names."""
    return done(model, weight=weight_by(nn.init.kaiming_uniform_))


@replaces("3", "freeze_backbone")
def mean_of_one(model: Any) -> Any:
    """fc.weight has mean 1. Look at the arguments of the normal distribution: mean, then standard deviation."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(1, 0.01)))


@replaces("3", "freeze_backbone")
def mean_of_a_hundredth(model: Any) -> Any:
    """fc.weight has mean 0.01. Look at the arguments of the normal distribution: mean, then standard deviation."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(0.01, 0.01)))


@replaces("3", "freeze_backbone")
def weight_constant(model: Any) -> Any:
    """Every entry of fc.weight is 0.01. Look at the arguments of the normal distribution, and at which of them is the
    mean."""
    return done(model, weight=weight_by(lambda weight: weight.fill_(0.01)))


@replaces("3", "freeze_backbone")
def weight_zero(model: Any) -> Any:
    """fc.weight is zero. Look at which of the two parameters starts at zero."""
    return done(model, weight=weight_by(lambda weight: weight.zero_()))


@replaces("3", "freeze_backbone")
def weight_one(model: Any) -> Any:
    """fc.weight is one everywhere. Look at what it is filled with."""
    return done(model, weight=weight_by(lambda weight: weight.fill_(1)))


@replaces("3", "freeze_backbone")
def uniform_around_zero(model: Any) -> Any:
    """fc.weight is uniform between -0.01 and 0.01. Look at the distribution that the question names."""
    return done(model, weight=weight_by(lambda weight: weight.uniform_(-0.01, 0.01)))


@replaces("3", "freeze_backbone", symptom="torch.rand for torch.randn")
def uniform_and_positive(model: Any) -> Any:
    """fc.weight is uniform between 0 and 0.01. Look at the name of the function that draws it: normal is meant."""
    return done(model, weight=weight_by(lambda weight: weight.uniform_(0, 0.01)))


@replaces("3", "freeze_backbone")
def tails_cut_off(model: Any) -> Any:
    """The largest entries are missing from fc.weight: it was cut off near 0.01 or 0.02. Look for a truncation or a
    clamp."""
    return done(model, weight=weight_by(lambda weight: weight.normal_(0, 0.01).clamp_(-0.01, 0.01)))


@replaces("3", "freeze_backbone")
def old_weight_scaled(model: Any) -> Any:
    """The old fc.weight is scaled by 0.01, not drawn anew. Look at what is multiplied by what."""
    return done(model, weight=weight_by(lambda weight: weight.mul_(0.01)))


# fc.bias


@replaces("3", "freeze_backbone")
def bias_left(model: Any) -> Any:
    """fc.bias keeps what it had. Look at what is done to it; it starts at zero."""
    return done(model, bias=nothing)


@replaces("3", "freeze_backbone")
def bias_drawn_too(model: Any) -> Any:
    """fc.bias is drawn like the weight. Look at what is done to it; it starts at zero."""
    return done(model, bias=bias_by(lambda bias: bias.normal_(0, 0.01)))


@replaces("3", "freeze_backbone")
def bias_one(model: Any) -> Any:
    """fc.bias is one. Look at what it is filled with; it starts at zero."""
    return done(model, bias=bias_by(lambda bias: bias.fill_(1)))


@replaces("3", "freeze_backbone")
def bias_a_hundredth(model: Any) -> Any:
    """fc.bias is 0.01. Look at what it is filled with; it starts at zero."""
    return done(model, bias=bias_by(lambda bias: bias.fill_(0.01)))


@replaces("3", "freeze_backbone", combines=("weight_zero", "bias_drawn_too"))
def weight_and_bias_exchanged(model: Any) -> Any:
    """The two starts are exchanged: fc.weight is zero and fc.bias is drawn. Look at which of them gets what."""
    weight, bias = weight_by(lambda weight: weight.zero_()), bias_by(lambda bias: bias.normal_(0, 0.01))
    return done(model, weight=weight, bias=bias)


@replaces("3", "freeze_backbone", combines=("weight_not_drawn", "bias_left"))
def start_left_out(model: Any) -> Any:
    """Neither fc.weight nor fc.bias gets the start that is asked for: both keep what they had. Look at whether they are
    filled at all, and in place."""
    return done(model, weight=nothing, bias=nothing)


@replaces("3", "freeze_backbone")
def classifier_reset(model: Any) -> Any:
    """fc has the start that every linear layer gets. Look for `reset_parameters` or a new layer; the weight is to be
    normal and the bias zero."""
    return done(model, weight=lambda model: model.fc.reset_parameters(), bias=nothing)


# Two at once


@replaces("3", "freeze_backbone", combines=("nothing_frozen", "eval_mode_forgotten"))
def not_frozen_nor_eval_mode(model: Any) -> Any:
    """Two things at once: no parameter is frozen, and the model is not put in eval mode. Look at what `requires_grad`
    is set on, and at the mode."""
    return done(model, freeze=nothing, mode=nothing)


@replaces("3", "freeze_backbone", combines=("eval_mode_forgotten", "start_left_out"))
def only_frozen(model: Any) -> Any:
    """Two things at once: the classifier's start is left out, and so is eval mode. Freezing is only one of the steps;
    look at the docstring for the others."""
    return done(model, weight=nothing, bias=nothing, mode=nothing)


@replaces("3", "freeze_backbone", combines=("eval_mode_forgotten", "weight_not_drawn"))
def weight_not_drawn_nor_eval_mode(model: Any) -> Any:
    """Two things at once: fc.weight keeps the start that every linear layer gets, and the model is not put in eval
    mode."""
    return done(model, weight=nothing, mode=nothing)


@replaces("3", "freeze_backbone", combines=("eval_mode_forgotten", "bias_left"))
def bias_left_nor_eval_mode(model: Any) -> Any:
    """Two things at once: fc.bias keeps what it had instead of zero, and the model is not put in eval mode."""
    return done(model, bias=nothing, mode=nothing)


@replaces("3", "freeze_backbone", combines=("eval_mode_forgotten", "nothing_returned"))
def nothing_returned_nor_eval_mode(model: Any) -> Any:
    """Two things at once: nothing is returned, and the model is not put in eval mode. Look at the last lines."""
    return done(model, mode=nothing, returned=nothing)


@replaces("3", "freeze_backbone", combines=("eval_mode_forgotten", "all_parameters_returned"))
def all_returned_nor_eval_mode(model: Any) -> Any:
    """Two things at once: all parameters are returned, the frozen ones too, and the model is not put in eval mode."""
    return done(model, mode=nothing, returned=lambda model: list(model.parameters()))


@replaces("3", "freeze_backbone", combines=("deviation_of_one", "bias_left"))
def deviation_of_one_and_bias_left(model: Any) -> Any:
    """Two things at once: fc.weight is drawn with standard deviation 1, and fc.bias keeps what it had instead of
    zero."""
    return done(model, weight=weight_by(lambda weight: weight.normal_()), bias=nothing)


@replaces("3", "freeze_backbone")
def nothing_left_to_train(model: Any) -> Any:
    """The classifier is frozen with the rest, so the list of what can learn is empty. Look at what happens to fc after
    everything has been frozen."""
    return done(model, freeze=freeze_if(lambda name, _: True), returned=learning)


@replaces("3", "freeze_backbone")
def all_learn_and_are_returned(model: Any) -> Any:
    """No parameter is frozen, so the list of what can learn holds them all. Look at what `requires_grad` is set on."""
    return done(model, freeze=nothing, returned=learning)
