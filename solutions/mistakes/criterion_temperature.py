"""Known mistakes in question 1.2's temperature, logarithm and exponential."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    denominators,
    index,
    negatives,
    others,
    own,
    positives,
    products,
    scaled,
    terms,
    twin,
    unit,
)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss is the same at every temperature")
def temperature_without_effect(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The temperature has no effect. Either it is not used, or it cancels: check whether you divide before the
    normalisation, or after the exponentials, where numerator and denominator share it."""
    return terms(products(unit(z1, z2))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="a lower temperature gives a flatter loss")
def multiplied_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities are multiplied by the temperature. Look at what a lower temperature should do to them."""
    return terms(products(unit(z1, z2)) * self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="right at temperature 0.5 only")
def temperature_fixed_at_0_5(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The temperature is always 0.5, whatever the loss was built with. Look for a number in your code that should be an
    attribute."""
    return terms(products(unit(z1, z2)) / 0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="right at temperature 0.1 only")
def temperature_fixed_at_0_1(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The temperature is always 0.1, whatever the loss was built with. Look for a number in your code that should be an
    attribute."""
    return terms(products(unit(z1, z2)) / 0.1).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="right at temperature 0.07 only")
def temperature_fixed_at_0_07(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The temperature is always 0.07, whatever the loss was built with. Look for a number in your code that should be
    an attribute."""
    return terms(products(unit(z1, z2)) / 0.07).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="right at temperature 0.2 only")
def temperature_fixed_at_0_2(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The temperature is always 0.2, whatever the loss was built with. Look for a number in your code that should be an
    attribute."""
    return terms(products(unit(z1, z2)) / 0.2).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def temperature_on_positives_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the positive's similarity is divided by the temperature; the denominator's are not. Look at both places
    where similarities are used."""
    s = products(unit(z1, z2))
    return (denominators(s) - positives(s) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def temperature_on_denominator_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the denominator's similarities are divided by the temperature; the positive's is not. Look at both places
    where similarities are used."""
    s = products(unit(z1, z2))
    return (denominators(s / self.temperature) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="as at temperature 0.25 when it is 0.5")
def divided_by_temperature_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The temperature divides twice. If each view is divided by it before the inner product, look at how often it then
    occurs in a product of two views."""
    return terms(scaled(self, z1, z2) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_root_of_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Similarities are divided by the square root of the temperature. Look at which power of it reaches a product of
    two views."""
    return terms(products(unit(z1, z2)) / self.temperature**0.5).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="softmax as at temperature 1")
def temperature_on_the_loss(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The temperature divides the finished loss, not the similarities. Look at where it stands in the formula."""
    return terms(products(unit(z1, z2))).mean() / self.temperature


@replaces("1.2", "SSLLoss.contrastive_loss")
def temperature_multiplies_the_loss(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The finished loss is multiplied by the temperature once more, as some variants do. Look for a factor outside the
    logarithm that the formula does not have."""
    return terms(scaled(self, z1, z2)).mean() * self.temperature


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="right at temperature 0.5 only")
def twice_temperature_multiplies_the_loss(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The finished loss is multiplied by twice the temperature, as MoCo v3 does. Look for a factor outside the
    logarithm that this formula does not have."""
    return terms(scaled(self, z1, z2)).mean() * 2 * self.temperature


@replaces("1.2", "SSLLoss.contrastive_loss")
def loss_divided_by_temperature_too(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities are divided by the temperature, and then the finished loss is divided by it again. Look at how
    often it stands in the formula."""
    return terms(scaled(self, z1, z2)).mean() / self.temperature


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss lies between 0 and -1")
def logarithm_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The logarithm is missing: the result is minus the mean share of the positive. Look at what stands between the
    fraction and the mean; some PyTorch losses expect logarithms as input."""
    return -(-terms(scaled(self, z1, z2))).exp().mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def logarithm_missing_one_minus(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is 1 minus the mean share of the positive. Look at what the formula takes of that share."""
    return 1 - (-terms(scaled(self, z1, z2))).exp().mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def logarithm_of_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The mean over views is taken first and the logarithm afterwards. Look at the order of the two: the logarithm of a
    mean is not the mean of logarithms."""
    return -(-terms(scaled(self, z1, z2))).exp().mean().log()


@replaces("1.2", "SSLLoss.contrastive_loss")
def logarithm_of_sum(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The fractions of all views are added up and one logarithm is taken of the sum. Look at the order of sum and
    logarithm."""
    return -(-terms(scaled(self, z1, z2))).exp().sum().log()


@replaces("1.2", "SSLLoss.contrastive_loss")
def ratio_of_sums(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """All numerators and all denominators are added up before one is divided by the other. Each view has a fraction of
    its own: look at the axes of the sums."""
    s = scaled(self, z1, z2)
    return others(s).flatten().logsumexp(0) - positives(s).logsumexp(0)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss is negative and training drives pairs apart")
def sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sign of the loss is the wrong way round: it is smallest where pairs are least alike. Look for a minus that
    got lost or stands twice."""
    return -terms(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="1.44 times the right value")
def logarithm_of_base_2(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The logarithm has base 2. Look at which logarithm undoes the exponentials in the formula."""
    return terms(scaled(self, z1, z2)).mean() / 0.6931471805599453


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="0.43 times the right value")
def logarithm_of_base_10(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The logarithm has base 10. Look at which logarithm undoes the exponentials in the formula."""
    return terms(scaled(self, z1, z2)).mean() / 2.302585092994046


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="NaN as soon as a similarity is negative")
def exponential_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities go into the fraction as they are, so the logarithm meets negative numbers. Look at what the
    formula does to each similarity before it is summed."""
    s = scaled(self, z1, z2)
    return -(positives(s) / s.masked_fill(own(s), 0).sum(1)).log().mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positive_not_exponentiated(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The numerator is the positive's similarity itself, while the denominator holds exponentials. Look at what stands
    above the fraction line."""
    s = scaled(self, z1, z2)
    return -(positives(s) / denominators(s).exp()).log().mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def exponentials_into_cross_entropy(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`F.cross_entropy` gets exponentials. Look at what it does to its input itself before it takes the logarithm."""
    s = scaled(self, z1, z2)
    return F.cross_entropy(others(s.exp()), index(s))


@replaces("1.2", "SSLLoss.contrastive_loss")
def exponentials_and_zeros_into_cross_entropy(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`F.cross_entropy` gets exponentials, and a 0 for the view itself. Look at what it does to its input itself, and
    what becomes of that 0."""
    s = scaled(self, z1, z2)
    return F.cross_entropy(s.exp().masked_fill(own(s), 0), index(s))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss hardly moves")
def softmax_before_cross_entropy(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`F.cross_entropy` gets probabilities: a softmax has been taken already. Look at what it does to its input
    itself."""
    s = scaled(self, z1, z2)
    return F.cross_entropy(others(s).softmax(1), index(s))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the same value as minus the mean similarity of pairs")
def negatives_ignored(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only positive pairs enter the result; nothing is divided by the sum over the other views. Look at whether the
    normaliser of the softmax is there (`nll_loss` does not compute it)."""
    return -positives(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def align_loss_for_contrastive(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is the align loss: it has neither negatives nor a temperature. Look at which of the two losses this function
    is to return."""
    return -F.cosine_similarity(z1, z2, dim=1).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def negatives_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positive's similarity is subtracted from the mean similarity of the negatives, without exponentials and
    logarithm. Look at how the formula combines the negatives."""
    s = scaled(self, z1, z2)
    rest = s.masked_fill(own(s) | twin(s), 0).sum(1) / (len(s) - 2)
    return (rest - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def hardest_negative_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Of all negatives only the most similar one is in the denominator. Look at whether you take a maximum where the
    formula has a sum."""
    s = scaled(self, z1, z2)
    return (torch.logaddexp(negatives(s).amax(1), positives(s)) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def binary_cross_entropy_of_pairs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every pair of views is judged by itself, positive or not, by a binary cross-entropy. In the formula the other
    views compete in one denominator: look at that."""
    s = scaled(self, z1, z2)
    return F.binary_cross_entropy_with_logits(s[~own(s)], twin(s)[~own(s)].to(s.dtype))


@replaces("1.2", "SSLLoss.contrastive_loss")
def maximum_subtracted_in_denominator_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The largest similarity is subtracted in the denominator but not in the numerator, so it does not cancel. Look at
    both parts of the fraction."""
    s = scaled(self, z1, z2)
    return (denominators(s - s.amax(1, keepdim=True).detach()) - positives(s)).mean()
