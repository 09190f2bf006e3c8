"""Known mistakes in `update_momentum_encoder`, question 1.4: coefficients, parameters and what is written where."""

from __future__ import annotations

from torch import Tensor, nn

from main import Model
from mistakes.compose import common, said

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

    @common("the coefficient is 0.99 whatever m is", "at where it comes from")
    def coefficient_always_099(self):
        """The coefficient is 0.99 whatever m is. Look at where it comes from; the argument decides."""
        return 0.99

    @common("the coefficient is 0.9 whatever m is", "at where it comes from")
    def coefficient_always_09(self):
        """The coefficient is 0.9 whatever m is; that is the optimiser's momentum. Look at where it comes from; the
        argument m decides."""
        return 0.9

    @said("the coefficient is 0.999 whatever m is", "at where it comes from")
    def coefficient_always_0999(self):
        """The coefficient is 0.999 whatever m is. Look at where it comes from; the argument decides."""
        return 0.999

    @said("the coefficient is 0.996 whatever m is", "at where it comes from")
    def coefficient_always_0996(self):
        """The coefficient is 0.996 whatever m is. Look at where it comes from; the argument decides."""
        return 0.996

    def coefficient_cut_to_a_whole_number(self):
        """The coefficient is 0 unless m is 1: it was cut to a whole number. Look for `int` and `//`."""
        return int(self.m)


class Weights(Given):
    """The factors of the momentum encoder and of the encoder."""

    def right(self):
        return self.coefficient, 1 - self.coefficient

    @common("the coefficients are exchanged", "at which factor stands before which network")
    def coefficients_exchanged(self):
        """The two coefficients are exchanged: the momentum encoder keeps the small share and takes the large one from
        the encoder. Look at which factor stands before which network."""
        return 1 - self.coefficient, self.coefficient

    @common("the encoder's share is not scaled", "at the factor before the encoder's parameters")
    def encoder_not_weighted(self):
        """The encoder's share is not scaled. The two shares are to add up to one; look at the factor before the
        encoder's parameters."""
        return self.coefficient, 1

    def momentum_encoder_not_weighted(self):
        """The momentum encoder's own share is not scaled. The two shares are to add up to one; look at the factor
        before its parameters."""
        return 1, 1 - self.coefficient

    def simply_added(self):
        """The encoder is added to the momentum encoder and nothing is scaled. Look at what m is used for."""
        return 1, 1

    def both_weighted_with_m(self):
        """Both shares are scaled by m. They are to add up to one; look at the factor before the encoder's
        parameters."""
        return self.coefficient, self.coefficient

    def both_weighted_with_the_rest(self):
        """Both shares are scaled by one minus m. They are to add up to one; look at the factor before the momentum
        encoder's parameters."""
        return 1 - self.coefficient, 1 - self.coefficient

    def plain_average(self):
        """The two networks are averaged half and half whatever m is. Look at what m is used for."""
        return 0.5, 0.5

    def copied_instead_of_averaged(self):
        """The encoder is copied over the momentum encoder, and m has no effect. Look at what is left of the old
        value."""
        return 0, 1

    def encoder_share_copied(self):
        """The old value is lost: only the encoder's share is written. Look at what is left of the momentum encoder."""
        return 0, 1 - self.coefficient

    def scaled_encoder_copied(self):
        """The old value is lost: the encoder, scaled by m, is written in its place. Look at which network each factor
        belongs to."""
        return 0, self.coefficient

    def only_shrunk(self):
        """The momentum encoder is scaled and gets nothing from the encoder. Look at whether the result of the sum is
        kept."""
        return self.coefficient, 0

    def encoder_subtracted(self):
        """The encoder's share is subtracted. Look at the sign between the two."""
        return self.coefficient, self.coefficient - 1

    def moves_away(self):
        """The momentum encoder moves away from the encoder. Look at which of the two is subtracted from which."""
        return 2 - self.coefficient, self.coefficient - 1

    def moved_by_m(self):
        """The momentum encoder moves away from the encoder, by m times their difference. Look at which of the two is
        subtracted from which, and how large a step is meant."""
        return 1 + self.coefficient, -self.coefficient

    def brackets_forgotten(self):
        """A number that belongs to a coefficient is added by itself. Look at the brackets around one minus m."""
        self.added = 1.0
        return self.coefficient, -self.coefficient

    def brackets_around_the_rest(self):
        """m multiplies the encoder's share as well. Look at the brackets: what does m belong to, and what one minus
        m?"""
        return self.coefficient, self.coefficient * (1 - self.coefficient)

    def coefficient_squared(self):
        """m works twice in one call. Look at whether the update is done twice, in two loops or once more by a
        helper."""
        return self.coefficient**2, 1 - self.coefficient**2

    def old_value_shrunk_twice(self):
        """The momentum encoder's own share is scaled twice. Look at whether it has been scaled in place already when
        the second step uses it."""
        return self.coefficient**2, 1 - self.coefficient

    def encoder_share_scaled_twice(self):
        """The encoder's share is scaled twice. Look at whether the factor stands in two places."""
        return self.coefficient, (1 - self.coefficient) ** 2

    def square_root_weights(self):
        """The coefficients are squares or roots of what is asked for. Look at the power of m."""
        return self.coefficient, (1 - self.coefficient**2) ** 0.5

    def encoder_share_always_001(self):
        """The encoder's share is 0.01 whatever m is. Look at where its factor comes from; both factors follow from
        m."""
        return self.coefficient, 0.01

    def encoder_share_always_01(self):
        """The encoder's share is 0.1 whatever m is. Look at where its factor comes from; both factors follow from m."""
        return self.coefficient, 0.1

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

    @said("only the first parameter is updated", "at what ends the loop")
    def only_the_first_parameter(self):
        """Only the first parameter is updated. Look at what ends the loop."""
        return self.pairs()[:1]

    def only_the_last_parameter(self):
        """Only the last parameter is updated. Look at which lines stand inside the loop."""
        return self.pairs()[-1:]

    def first_parameter_skipped(self):
        """The first parameter is left out. Look at where the loop begins."""
        return self.pairs()[1:]

    def last_parameter_skipped(self):
        """The last parameter is left out. Look at where the loop ends."""
        return self.pairs()[:-1]

    def biases_skipped(self):
        """Only parameters of certain names are updated. Look for a condition on names; every parameter is meant."""
        return [pair for name, pair in self.named() if "weight" in name]

    def names_of_biases_skipped(self):
        """The biases are left out. Look for a condition on names; every parameter is meant."""
        return [pair for name, pair in self.named() if "bias" not in name]

    def vectors_skipped(self):
        """Only matrices are updated; biases and the parameters of batch norm stay. Look for a condition on shapes."""
        return [(old, new) for old, new in self.pairs() if old.dim() > 1]

    def scalars_skipped(self):
        """A parameter that is a single number is left out, or one that is not called weight or bias. Every parameter is
        meant, whatever its shape and name."""
        return [(old, new) for old, new in self.pairs() if old.dim() > 0]

    def frozen_parameters_skipped(self):
        """Parameters that require no gradient are left out; the momentum encoder's never do. Look for a condition on
        `requires_grad`."""
        return [(old, new) for old, new in self.pairs() if old.requires_grad]

    def frozen_encoder_parameters_skipped(self):
        """Where the encoder's parameter requires no gradient, the momentum encoder's is left out. Every parameter is
        meant; look for a condition on `requires_grad`."""
        return [(old, new) for old, new in self.pairs() if new.requires_grad]

    def predictor_changed(self):
        """The momentum encoder is right, but the predictor is changed too. Look at whose parameters the loop goes
        over."""
        for parameter in self.model.predictor.parameters():
            parameter.data.mul_(self.m)
        return self.pairs()

    def only_the_backbone(self):
        """Only the backbone is updated. An encoder is backbone and projector; look at whose parameters the loop goes
        over."""
        return self.pairs(self.model.momentum_encoder.backbone, self.model.encoder.backbone)

    def only_the_projector(self):
        """Only the projector is updated. An encoder is backbone and projector; look at whose parameters the loop goes
        over."""
        return self.pairs(self.model.momentum_encoder.projector, self.model.encoder.projector)

    def nested_parameters_updated_again(self):
        """Parameters deep inside the network are updated several times in one call. Look at the two loops:
        `parameters()` already goes down into every module."""
        return [pair for old, new in self.parts() for pair in self.pairs(old, new)]

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

    @said("it is the encoder that is changed", "at which of the two is written to")
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

    @common("the encoder is scaled in place on the way", "for in-place operations on the encoder")
    def encoder_scaled_in_place(self):
        """The momentum encoder is right, but the encoder has been scaled on the way. Look for in-place operations on
        its parameters."""
        self.write()
        for _, new in self.reached:
            new.data.mul_(self.weights[1])

    def nothing_changed(self):
        """The momentum encoder does not change at all. Look at whether the result is written into its parameters, or
        only bound to a name or to a copy, and whether the loop pairs it with the encoder."""

    def graph_left_behind(self):
        """The update is recorded for a backward pass: the parameters are no leaves any more, or the in-place step is
        refused. Look at what is to stand around an update that nobody differentiates."""
        for old, new in self.reached:
            old.mul_(self.weights[0]).add_(new, alpha=self.weights[1])

    @common("the momentum encoder gets new parameters", "for `nn.Parameter` and `deepcopy`")
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

    @said("the momentum encoder's parameters require no gradient afterwards", "for `requires_grad`")
    def momentum_encoder_frozen(self):
        """The values are right, but the momentum encoder's parameters require no gradient afterwards. Freezing is not
        the update's task; look for `requires_grad`."""
        self.write()
        self.model.momentum_encoder.requires_grad_(False)

    @said("the momentum encoder's parameters require gradients afterwards", "for `requires_grad`")
    def momentum_encoder_unfrozen(self):
        """The values are right, but the momentum encoder's parameters require gradients afterwards. The update leaves
        that as it was; look for `requires_grad`."""
        self.write()
        self.model.momentum_encoder.requires_grad_(True)

    @said("the encoder's parameters require no gradient afterwards", "for `requires_grad`")
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
