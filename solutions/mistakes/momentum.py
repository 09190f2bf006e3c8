"""Known mistakes in `update_momentum_encoder`, question 1.4: coefficients, parameters and what is written where."""

from __future__ import annotations

from torch import Tensor, nn

from main import Model
from mistakes.compose import common

QUESTION, TARGET = "1.4", "update_momentum_encoder"


class Given:
    """The model and the coefficient; `added` is a number that is added to each entry."""

    def __init__(self, model: Model, m: float):
        self.model, self.m, self.added = model, m, 0.0

    def pairs(self, old: nn.Module | None = None, new: nn.Module | None = None):
        """Each parameter of a part of the momentum encoder with that of the encoder."""
        old, new = old or self.model.momentum_encoder, new or self.model.encoder
        return list(zip(old.parameters(), new.parameters(), strict=True))

    def named(self):
        names = [name for name, _ in self.model.momentum_encoder.named_parameters()]
        return zip(names, self.pairs(), strict=True)

    def parts(self):
        """Each module of the momentum encoder with that of the encoder."""
        return zip(self.model.momentum_encoder.modules(), self.model.encoder.modules(), strict=True)

    def moved(self, old: Tensor, new: Tensor):
        """What becomes of one parameter's values."""
        first, second = self.weights
        return self.rounded(first * old + second * self.source(new) + self.added)

    def source(self, new: Tensor):
        return new

    def rounded(self, value: Tensor):
        return value

    def write(self):
        for old, new in self.reached:
            old.data = self.moved(old.data, new.data)


class Coefficient(Given):
    """Where m comes from."""

    def right(self):
        return self.m

    coefficient_always_099 = common(lambda self: 0.99)
    """The coefficient is 0.99 whatever m is. Look at where it comes from; the argument decides."""
    coefficient_always_09 = common(lambda self: 0.9)
    """The coefficient is 0.9 whatever m is; that is the optimiser's momentum. Look at where it comes from; the argument
    m decides."""
    coefficient_always_0999 = lambda self: 0.999
    """The coefficient is 0.999 whatever m is. Look at where it comes from; the argument decides."""
    coefficient_always_0996 = lambda self: 0.996
    """The coefficient is 0.996 whatever m is. Look at where it comes from; the argument decides."""
    coefficient_cut_to_a_whole_number = lambda self: int(self.m)
    """The coefficient is 0 unless m is 1: it was cut to a whole number. Look for `int` and `//`."""


class Weights(Given):
    """The factors of the momentum encoder and of the encoder."""

    def right(self):
        return self.coefficient, 1 - self.coefficient

    coefficients_exchanged = common(lambda self: (1 - self.coefficient, self.coefficient))
    """The two coefficients are exchanged: the momentum encoder keeps the small share and takes the large one from the
    encoder. Look at which factor stands before which network."""
    encoder_not_weighted = common(lambda self: (self.coefficient, 1))
    """The encoder's share is not scaled. The two shares are to add up to one; look at the factor before the encoder's
    parameters."""
    momentum_encoder_not_weighted = lambda self: (1, 1 - self.coefficient)
    """The momentum encoder's own share is not scaled. The two shares are to add up to one; look at the factor before
    its parameters."""
    simply_added = lambda self: (1, 1)
    """The encoder is added to the momentum encoder and nothing is scaled. Look at what m is used for."""
    both_weighted_with_m = lambda self: (self.coefficient, self.coefficient)
    """Both shares are scaled by m. They are to add up to one; look at the factor before the encoder's parameters."""
    both_weighted_with_the_rest = lambda self: (1 - self.coefficient, 1 - self.coefficient)
    """Both shares are scaled by one minus m. They are to add up to one; look at the factor before the momentum
    encoder's parameters."""
    plain_average = lambda self: (0.5, 0.5)
    """The two networks are averaged half and half whatever m is. Look at what m is used for."""
    copied_instead_of_averaged = lambda self: (0, 1)
    """The encoder is copied over the momentum encoder, and m has no effect. Look at what is left of the old value."""
    encoder_share_copied = lambda self: (0, 1 - self.coefficient)
    """The old value is lost: only the encoder's share is written. Look at what is left of the momentum encoder."""
    scaled_encoder_copied = lambda self: (0, self.coefficient)
    """The old value is lost: the encoder, scaled by m, is written in its place. Look at which network each factor
    belongs to."""
    only_shrunk = lambda self: (self.coefficient, 0)
    """The momentum encoder is scaled and gets nothing from the encoder. Look at whether the result of the sum is
    kept."""
    encoder_subtracted = lambda self: (self.coefficient, self.coefficient - 1)
    """The encoder's share is subtracted. Look at the sign between the two."""
    moves_away = lambda self: (2 - self.coefficient, self.coefficient - 1)
    """The momentum encoder moves away from the encoder. Look at which of the two is subtracted from which."""
    moved_by_m = lambda self: (1 + self.coefficient, -self.coefficient)
    """The momentum encoder moves away from the encoder, by m times their difference. Look at which of the two is
    subtracted from which, and how large a step is meant."""

    def brackets_forgotten(self):
        """A number that belongs to a coefficient is added by itself. Look at the brackets around one minus m."""
        self.added = 1.0
        return self.coefficient, -self.coefficient

    brackets_around_the_rest = lambda self: (self.coefficient, self.coefficient * (1 - self.coefficient))
    """m multiplies the encoder's share as well. Look at the brackets: what does m belong to, and what one minus m?"""
    coefficient_squared = lambda self: (self.coefficient**2, 1 - self.coefficient**2)
    """m works twice in one call. Look at whether the update is done twice, in two loops or once more by a helper."""
    old_value_shrunk_twice = lambda self: (self.coefficient**2, 1 - self.coefficient)
    """The momentum encoder's own share is scaled twice. Look at whether it has been scaled in place already when the
    second step uses it."""
    encoder_share_scaled_twice = lambda self: (self.coefficient, (1 - self.coefficient) ** 2)
    """The encoder's share is scaled twice. Look at whether the factor stands in two places."""
    square_root_weights = lambda self: (self.coefficient, (1 - self.coefficient**2) ** 0.5)
    """The coefficients are squares or roots of what is asked for. Look at the power of m."""
    encoder_share_always_001 = lambda self: (self.coefficient, 0.01)
    """The encoder's share is 0.01 whatever m is. Look at where its factor comes from; both factors follow from m."""
    encoder_share_always_01 = lambda self: (self.coefficient, 0.1)
    """The encoder's share is 0.1 whatever m is. Look at where its factor comes from; both factors follow from m."""

    def encoder_averaged_over_entries(self):
        """Every entry gets the mean of the encoder's tensor. Look at what is done to the encoder's parameters before
        they are added."""
        self.source = lambda new: new.mean()
        return self.coefficient, 1 - self.coefficient

    def half_precision(self):
        """The values are only about right: they have been through 16 bits or were rounded. Look for `half`, `bfloat16`
        and `round`."""
        self.rounded = lambda value: value.half().to(value.dtype)
        return self.coefficient, 1 - self.coefficient


class Reached(Given):
    """Which parameters are updated, each with the encoder's."""

    def right(self):
        return self.pairs()

    only_the_first_parameter = lambda self: self.pairs()[:1]
    """Only the first parameter is updated. Look at what ends the loop."""
    only_the_last_parameter = lambda self: self.pairs()[-1:]
    """Only the last parameter is updated. Look at which lines stand inside the loop."""
    first_parameter_skipped = lambda self: self.pairs()[1:]
    """The first parameter is left out. Look at where the loop begins."""
    last_parameter_skipped = lambda self: self.pairs()[:-1]
    """The last parameter is left out. Look at where the loop ends."""
    biases_skipped = lambda self: [pair for name, pair in self.named() if "weight" in name]
    """Only parameters of certain names are updated. Look for a condition on names; every parameter is meant."""
    names_of_biases_skipped = lambda self: [pair for name, pair in self.named() if "bias" not in name]
    """The biases are left out. Look for a condition on names; every parameter is meant."""
    vectors_skipped = lambda self: [(old, new) for old, new in self.pairs() if old.dim() > 1]
    """Only matrices are updated; biases and the parameters of batch norm stay. Look for a condition on shapes."""
    scalars_skipped = lambda self: [(old, new) for old, new in self.pairs() if old.dim() > 0]
    """A parameter that is a single number is left out, or one that is not called weight or bias. Every parameter is
    meant, whatever its shape and name."""
    frozen_parameters_skipped = lambda self: [(old, new) for old, new in self.pairs() if old.requires_grad]
    """Parameters that require no gradient are left out; the momentum encoder's never do. Look for a condition on
    `requires_grad`."""
    frozen_encoder_parameters_skipped = lambda self: [(old, new) for old, new in self.pairs() if new.requires_grad]
    """Where the encoder's parameter requires no gradient, the momentum encoder's is left out. Every parameter is meant;
    look for a condition on `requires_grad`."""

    def predictor_changed(self):
        """The momentum encoder is right, but the predictor is changed too. Look at whose parameters the loop goes
        over."""
        for parameter in self.model.predictor.parameters():
            parameter.data.mul_(self.m)
        return self.pairs()

    only_the_backbone = lambda self: self.pairs(self.model.momentum_encoder.backbone, self.model.encoder.backbone)
    """Only the backbone is updated. An encoder is backbone and projector; look at whose parameters the loop goes
    over."""
    only_the_projector = lambda self: self.pairs(self.model.momentum_encoder.projector, self.model.encoder.projector)
    """Only the projector is updated. An encoder is backbone and projector; look at whose parameters the loop goes
    over."""
    nested_parameters_updated_again = lambda self: [pair for old, new in self.parts() for pair in self.pairs(old, new)]
    """Parameters deep inside the network are updated several times in one call. Look at the two loops: `parameters()`
    already goes down into every module."""

    def children_only(self):
        """Not one parameter of the deeper modules is reached. Look at the loop: `recurse=False` and direct children
        stop at the first level."""
        children = zip(self.model.momentum_encoder.children(), self.model.encoder.children(), strict=True)
        own = [(old.parameters(recurse=False), new.parameters(recurse=False)) for old, new in children]
        return [pair for old, new in own for pair in zip(old, new, strict=True)]


class Written(Given):
    """What is written where."""

    def right(self):
        self.write()

    def encoder_updated_instead(self):
        """It is the encoder that is changed, and the momentum encoder stays. Look at which of the two is written to."""
        for old, new in self.reached:
            new.data = self.moved(new.data, old.data)

    def encoder_overwritten_by_the_average(self):
        """It is the encoder that is changed: the average is written to it. Look at which of the two is written to."""
        for old, new in self.reached:
            new.data = self.moved(old.data, new.data)

    def encoder_becomes_momentum_encoder(self):
        """The momentum encoder is copied over the encoder. Look at which of the two is written to."""
        for old, new in self.reached:
            new.data = old.data.clone()

    def both_networks_updated(self):
        """Both networks become the average. Look at which of the two is written to; the encoder is only read."""
        self.write()
        for old, new in self.reached:
            new.data = old.data.clone()

    def networks_exchanged(self):
        """The two networks change places. Look at which of the two is written to."""
        for old, new in self.reached:
            old.data, new.data = new.data, old.data

    @common
    def encoder_scaled_in_place(self):
        """The momentum encoder is right, but the encoder has been scaled on the way. Look for in-place operations on
        its parameters."""
        self.write()
        for _, new in self.reached:
            new.data.mul_(self.weights[1])

    nothing_changed = lambda self: None
    """The momentum encoder does not change at all. Look at whether the result is written into its parameters, or only
    bound to a name or to a copy, and whether the loop pairs it with the encoder."""

    def graph_left_behind(self):
        """The update is recorded for a backward pass: the parameters are no longer leaves, or the in-place step is
        refused. Look at what is to stand around an update that nobody differentiates."""
        for old, new in self.reached:
            old.mul_(self.weights[0]).add_(new, alpha=self.weights[1])

    @common
    def parameters_replaced(self):
        """The momentum encoder gets new parameters, or is replaced by an averaged copy of the encoder. The values
        inside its parameters are to change, not the objects; look for `nn.Parameter`, for `deepcopy` and for
        assignments to `model.momentum_encoder`."""
        for one, other in self.parts():
            for (name, old), new in zip(one._parameters.items(), other._parameters.values(), strict=True):
                one._parameters[name] = nn.Parameter(self.moved(old.data, new.data))

    def encoder_object_assigned(self):
        """After the update both names stand for one network. Look for an assignment to `model.momentum_encoder`."""
        self.model.momentum_encoder = self.model.encoder

    def momentum_encoder_frozen(self):
        """The values are right, but the momentum encoder's parameters require no gradient afterwards. Freezing is not
        the update's task; look for `requires_grad`."""
        self.write()
        self.model.momentum_encoder.requires_grad_(False)

    def momentum_encoder_unfrozen(self):
        """The values are right, but the momentum encoder's parameters require gradients afterwards. The update leaves
        that as it was; look for `requires_grad`."""
        self.write()
        self.model.momentum_encoder.requires_grad_(True)

    def encoder_frozen(self):
        """The values are right, but the encoder's parameters require no gradient afterwards. The update only reads
        them; look for `requires_grad` and `detach_`."""
        self.write()
        self.model.encoder.requires_grad_(False)


class Whole(Given):
    """What ends in an exception."""

    def arguments_of_the_script(self):
        """A name is used that the function does not know. It gets its coefficient as the argument m, not from the
        script's flags."""
        self.m = args.m  # noqa: F821  # that the name is unknown is the mistake

    def integer_buffers_averaged(self):
        """The update stops with a RuntimeError. Parameters of the two encoders belong together one by one; if
        `state_dict` is used, mind that it also holds batch norm's counters, which are integers."""
        old, new = self.model.momentum_encoder.state_dict(), self.model.encoder.state_dict()
        for name in old:
            old[name].mul_(self.m).add_(new[name], alpha=1 - self.m)

    def not_iterable(self):
        """Something has another type than the update expects. `parameters()` has brackets, only a parameter or its
        `.data` can stand in a parameter's place, and a gradient may be None."""
        for old, new in zip(self.model.momentum_encoder.parameters, self.model.encoder.parameters, strict=True):
            old.data = new.data

    def attribute_that_does_not_exist(self):
        """Something is asked for an attribute that it does not have. The model has `encoder` and `momentum_encoder`,
        and their `parameters()` are tensors; look at the names."""
        for old, new in zip(self.model.encoder_m.parameters(), self.model.encoder.parameters(), strict=True):
            old.data = new.data


STAGES = (Coefficient, Weights, Reached, Written)
