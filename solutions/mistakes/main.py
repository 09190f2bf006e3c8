"""Known mistakes in `update_momentum_encoder` of `main.py`, question 1.4: formula, coefficient and direction.

Which parameters are reached, and what is done to them beside their values, is in `main_parameters.py`.
"""

from __future__ import annotations

from main import Model
from mistakes import replaces
from mistakes.main_parameters import averaged, pairs, set_each

# The formula


@replaces("1.4", "update_momentum_encoder", symptom="the momentum encoder is nearly the encoder: the targets chase it")
def coefficients_exchanged(model: Model, m: float) -> None:
    """The two coefficients are exchanged: the momentum encoder keeps the small share and takes the large one from the
    encoder. Look at which factor stands before which network."""
    set_each(model, lambda old, new: (1 - m) * old + m * new)


@replaces("1.4", "update_momentum_encoder", symptom="the weights grow a hundredfold at m = 0.99")
def encoder_not_weighted(model: Model, m: float) -> None:
    """The encoder's share is not scaled. The two shares are to add up to one; look at the factor before the encoder's
    parameters."""
    set_each(model, lambda old, new: m * old + new)


@replaces("1.4", "update_momentum_encoder", symptom="the weights grow with every step")
def momentum_encoder_not_weighted(model: Model, m: float) -> None:
    """The momentum encoder's own share is not scaled. The two shares are to add up to one; look at the factor before
    its parameters."""
    set_each(model, lambda old, new: old + (1 - m) * new)


@replaces("1.4", "update_momentum_encoder", symptom="the weights grow with every step")
def simply_added(model: Model, m: float) -> None:
    """The encoder is added to the momentum encoder and nothing is scaled. Look at what m is used for."""
    set_each(model, lambda old, new: old + new)


@replaces("1.4", "update_momentum_encoder", symptom="the weights double their size")
def both_weighted_with_m(model: Model, m: float) -> None:
    """Both shares are scaled by m. They are to add up to one; look at the factor before the encoder's parameters."""
    set_each(model, lambda old, new: m * old + m * new)


@replaces("1.4", "update_momentum_encoder", symptom="the weights shrink to nothing")
def both_weighted_with_the_rest(model: Model, m: float) -> None:
    """Both shares are scaled by one minus m. They are to add up to one; look at the factor before the momentum
    encoder's parameters."""
    set_each(model, lambda old, new: (1 - m) * (old + new))


@replaces("1.4", "update_momentum_encoder")
def plain_average(model: Model, m: float) -> None:
    """The two networks are averaged half and half whatever m is. Look at what m is used for."""
    set_each(model, lambda old, new: (old + new) / 2)


@replaces("1.4", "update_momentum_encoder", symptom="SimSiam instead of BYOL: there is no momentum")
def copied_instead_of_averaged(model: Model, m: float) -> None:
    """The encoder is copied over the momentum encoder, and m has no effect. Look at what is left of the old value."""
    set_each(model, lambda old, new: new)


@replaces("1.4", "update_momentum_encoder")
def encoder_share_copied(model: Model, m: float) -> None:
    """The old value is lost: only the encoder's share is written. Look at what is left of the momentum encoder."""
    set_each(model, lambda old, new: (1 - m) * new)


@replaces("1.4", "update_momentum_encoder")
def scaled_encoder_copied(model: Model, m: float) -> None:
    """The old value is lost: the encoder, scaled by m, is written in its place. Look at which network each factor
    belongs to."""
    set_each(model, lambda old, new: m * new)


@replaces("1.4", "update_momentum_encoder", symptom="the momentum encoder's weights go to 0")
def only_shrunk(model: Model, m: float) -> None:
    """The momentum encoder is scaled and gets nothing from the encoder. Look at whether the result of the sum is
    kept."""
    set_each(model, lambda old, new: m * old)


@replaces("1.4", "update_momentum_encoder")
def encoder_subtracted(model: Model, m: float) -> None:
    """The encoder's share is subtracted. Look at the sign between the two."""
    set_each(model, lambda old, new: m * old - (1 - m) * new)


@replaces("1.4", "update_momentum_encoder")
def moves_away(model: Model, m: float) -> None:
    """The momentum encoder moves away from the encoder. Look at which of the two is subtracted from which."""
    set_each(model, lambda old, new: old + (1 - m) * (old - new))


@replaces("1.4", "update_momentum_encoder")
def moved_by_m(model: Model, m: float) -> None:
    """The momentum encoder moves away from the encoder, by m times their difference. Look at which of the two is
    subtracted from which, and how large a step is meant."""
    set_each(model, lambda old, new: old + m * (old - new))


@replaces("1.4", "update_momentum_encoder", symptom="every weight moves by about one")
def brackets_forgotten(model: Model, m: float) -> None:
    """A number that belongs to a coefficient is added by itself. Look at the brackets around one minus m."""
    set_each(model, lambda old, new: m * old + 1 - m * new)


@replaces("1.4", "update_momentum_encoder")
def brackets_around_the_rest(model: Model, m: float) -> None:
    """m multiplies the encoder's share as well. Look at the brackets: what does m belong to, and what one minus m?"""
    set_each(model, lambda old, new: m * (old + (1 - m) * new))


@replaces("1.4", "update_momentum_encoder")
def coefficient_squared(model: Model, m: float) -> None:
    """m works twice in one call. Look at whether the update is done twice, in two loops or once more by a helper."""
    set_each(model, lambda old, new: m * m * old + (1 - m * m) * new)


@replaces("1.4", "update_momentum_encoder")
def old_value_shrunk_twice(model: Model, m: float) -> None:
    """The momentum encoder's own share is scaled twice. Look at whether it has been scaled in place already when the
    second step uses it."""
    set_each(model, lambda old, new: m * m * old + (1 - m) * new)


@replaces("1.4", "update_momentum_encoder")
def encoder_share_scaled_twice(model: Model, m: float) -> None:
    """The encoder's share is scaled twice. Look at whether the factor stands in two places."""
    set_each(model, lambda old, new: m * old + (1 - m) ** 2 * new)


@replaces("1.4", "update_momentum_encoder")
def square_root_weights(model: Model, m: float) -> None:
    """The coefficients are squares or roots of what is asked for. Look at the power of m."""
    set_each(model, lambda old, new: m * old + (1 - m * m) ** 0.5 * new)


@replaces("1.4", "update_momentum_encoder")
def encoder_averaged_over_entries(model: Model, m: float) -> None:
    """Every entry gets the mean of the encoder's tensor. Look at what is done to the encoder's parameters before they
    are added."""
    set_each(model, lambda old, new: m * old + (1 - m) * new.mean())


# The coefficient


@replaces("1.4", "update_momentum_encoder", symptom="--m has no effect")
def coefficient_always_099(model: Model, m: float) -> None:
    """The coefficient is 0.99 whatever m is. Look at where it comes from; the argument decides."""
    averaged(model, 0.99)


@replaces("1.4", "update_momentum_encoder", symptom="--m has no effect")
def coefficient_always_09(model: Model, m: float) -> None:
    """The coefficient is 0.9 whatever m is; that is the optimiser's momentum. Look at where it comes from; the argument
    m decides."""
    averaged(model, 0.9)


@replaces("1.4", "update_momentum_encoder", symptom="--m has no effect")
def coefficient_always_0999(model: Model, m: float) -> None:
    """The coefficient is 0.999 whatever m is. Look at where it comes from; the argument decides."""
    averaged(model, 0.999)


@replaces("1.4", "update_momentum_encoder", symptom="--m has no effect")
def coefficient_always_0996(model: Model, m: float) -> None:
    """The coefficient is 0.996 whatever m is. Look at where it comes from; the argument decides."""
    averaged(model, 0.996)


@replaces("1.4", "update_momentum_encoder", symptom="--m has no effect")
def coefficient_cut_to_a_whole_number(model: Model, m: float) -> None:
    """The coefficient is 0 unless m is 1: it was cut to a whole number. Look for `int` and `//`."""
    averaged(model, int(m))


@replaces("1.4", "update_momentum_encoder", symptom="right for m = 0.99 only")
def encoder_share_always_001(model: Model, m: float) -> None:
    """The encoder's share is 0.01 whatever m is. Look at where its factor comes from; both factors follow from m."""
    set_each(model, lambda old, new: m * old + 0.01 * new)


@replaces("1.4", "update_momentum_encoder", symptom="right for m = 0.9 only")
def encoder_share_always_01(model: Model, m: float) -> None:
    """The encoder's share is 0.1 whatever m is. Look at where its factor comes from; both factors follow from m."""
    set_each(model, lambda old, new: m * old + 0.1 * new)


@replaces("1.4", "update_momentum_encoder", symptom="NameError: name 'args' is not defined")
def arguments_of_the_script(model: Model, m: float) -> None:
    """A name is used that the function does not know. It gets its coefficient as the argument m, not from the script's
    flags."""
    averaged(model, args.m)  # noqa: F821  # that the name is unknown is the mistake


# The direction


@replaces("1.4", "update_momentum_encoder", symptom="the encoder is pulled back to its start")
def encoder_updated_instead(model: Model, m: float) -> None:
    """It is the encoder that is changed, and the momentum encoder stays. Look at which of the two is written to."""
    for old, new in pairs(model):
        new.data = m * new.data + (1 - m) * old.data


@replaces("1.4", "update_momentum_encoder")
def encoder_overwritten_by_the_average(model: Model, m: float) -> None:
    """It is the encoder that is changed: the average is written to it. Look at which of the two is written to."""
    for old, new in pairs(model):
        new.data = m * old.data + (1 - m) * new.data


@replaces("1.4", "update_momentum_encoder")
def encoder_becomes_momentum_encoder(model: Model, m: float) -> None:
    """The momentum encoder is copied over the encoder. Look at which of the two is written to."""
    for old, new in pairs(model):
        new.data = old.data.clone()


@replaces("1.4", "update_momentum_encoder")
def both_networks_updated(model: Model, m: float) -> None:
    """Both networks become the average. Look at which of the two is written to; the encoder is only read."""
    for old, new in pairs(model):
        old.data = m * old.data + (1 - m) * new.data
        new.data = old.data.clone()


@replaces("1.4", "update_momentum_encoder")
def networks_exchanged(model: Model, m: float) -> None:
    """The two networks change places. Look at which of the two is written to."""
    for old, new in pairs(model):
        old.data, new.data = new.data, old.data


@replaces("1.4", "update_momentum_encoder", symptom="the encoder's weights shrink at every step")
def encoder_scaled_in_place(model: Model, m: float) -> None:
    """The momentum encoder is right, but the encoder has been scaled on the way. Look for in-place operations on its
    parameters."""
    for old, new in pairs(model):
        old.data.mul_(m).add_(new.data.mul_(1 - m))


@replaces("1.4", "update_momentum_encoder", combines=("coefficients_exchanged", "encoder_scaled_in_place"))
def exchanged_and_scaled_in_place(model: Model, m: float) -> None:
    """Two things at once: the coefficients are exchanged, and the encoder is scaled in place on the way. Look at which
    factor stands before which network, and for in-place operations on the encoder."""
    for old, new in pairs(model):
        old.data.mul_(1 - m).add_(new.data.mul_(m))


@replaces("1.4", "update_momentum_encoder", symptom="no effect on the targets")
def nothing_changed(model: Model, m: float) -> None:
    """The momentum encoder does not change at all. Look at whether the result is written into its parameters, or only
    bound to a name or to a copy, and whether the loop pairs it with the encoder."""
    for old, new in pairs(model):
        old = m * old + (1 - m) * new


@replaces("1.4", "update_momentum_encoder", combines=("coefficients_exchanged", "coefficient_always_099"))
def exchanged_and_always_099(model: Model, m: float) -> None:
    """Two things at once: the coefficients are exchanged, and they are those of 0.99 whatever m is. Look at which
    factor stands before which network, and where it comes from."""
    averaged(model, 0.01)


@replaces("1.4", "update_momentum_encoder", combines=("coefficients_exchanged", "coefficient_always_09"))
def exchanged_and_always_09(model: Model, m: float) -> None:
    """Two things at once: the coefficients are exchanged, and they are those of 0.9 whatever m is. Look at which factor
    stands before which network, and where it comes from."""
    averaged(model, 0.1)
