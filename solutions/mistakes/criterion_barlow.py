"""Known mistakes in `SSLLoss.barlow_twins_loss` of `criterion.py`, question B2."""

from __future__ import annotations

import torch
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces

EPS = 1e-5


def standardised(z: Tensor, eps: float = EPS) -> Tensor:
    """Each feature with mean 0 and variance 1 over the batch, as batch norm does it."""
    return (z - z.mean(0)) / (z.var(0, unbiased=False) + eps).sqrt()


def correlated(z1: Tensor, z2: Tensor) -> Tensor:
    """The correlation of features that are standardised already, `[D, D]`."""
    return z1.T @ z2 / len(z1)


def right_correlation(z1: Tensor, z2: Tensor) -> Tensor:
    """The correlation as it is meant, `[D, D]`."""
    return correlated(standardised(z1), standardised(z2))


def terms(c: Tensor) -> tuple[Tensor, Tensor]:
    """What the diagonal and what the rest of a correlation adds to the loss, without the weight."""
    rest = c - torch.diag(c.diagonal())
    return (1 - c.diagonal()).square().sum(), rest.square().sum()


def weighed(self: SSLLoss, c: Tensor) -> Tensor:
    """The loss of a correlation."""
    diagonal, rest = terms(c)
    return diagonal + self.lambd * rest


@replaces("B2", "SSLLoss.barlow_twins_loss")
def unbiased_deviation(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The deviation divides by B - 1. Batch norm, and this loss, divide by B; look at the default of the function that
    computes it."""
    z1, z2 = ((z - z.mean(0)) / (z.var(0) + EPS).sqrt() for z in (z1, z2))
    return weighed(self, correlated(z1, z2))


@replaces("B2", "SSLLoss.barlow_twins_loss")
def features_not_centred(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The features keep their means, so a large mean looks like a correlation. Look at what standardising does before
    it divides."""
    z1, z2 = (z / (z.var(0, unbiased=False) + EPS).sqrt() for z in (z1, z2))
    return weighed(self, correlated(z1, z2))


@replaces("B2", "SSLLoss.barlow_twins_loss")
def features_not_scaled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The features are centred and keep their spread: this is a covariance. Look at what makes it a correlation."""
    return weighed(self, correlated(z1 - z1.mean(0), z2 - z2.mean(0)))


@replaces("B2", "SSLLoss.barlow_twins_loss")
def images_standardised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each image is standardised over its features. Each feature is to be standardised over the batch; look at the
    axis."""
    return weighed(self, correlated(standardised(z1.T).T, standardised(z2.T).T))


@replaces("B2", "SSLLoss.barlow_twins_loss", symptom="NaN once a feature is the same for a whole batch")
def eps_left_out(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Nothing is added to the variance, so a feature with little spread weighs too much and a constant one gives NaN.
    Look at what the docstring says of the variance."""
    return weighed(self, correlated(standardised(z1, 0.0), standardised(z2, 0.0)))


@replaces("B2", "SSLLoss.barlow_twins_loss")
def eps_beside_deviation(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """1e-5 is added to the deviation. It belongs to the variance, under the root; where the spread is small that is
    another number."""
    z1, z2 = ((z - z.mean(0)) / (z.std(0, unbiased=False) + EPS) for z in (z1, z2))
    return weighed(self, correlated(z1, z2))


@replaces("B2", "SSLLoss.barlow_twins_loss", symptom="the loss grows with the batch size")
def not_divided_by_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The products are summed over the batch and not divided by B. A correlation lies between -1 and 1; look at the
    largest entry of yours."""
    return weighed(self, right_correlation(z1, z2) * len(z1))


@replaces("B2", "SSLLoss.barlow_twins_loss")
def divided_by_features(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The products are divided by the number of features. Look at what they were summed over."""
    return weighed(self, right_correlation(z1, z2) * len(z1) / z1.shape[1])


@replaces("B2", "SSLLoss.barlow_twins_loss")
def weight_left_out(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The entries beside the diagonal count fully. Look for `self.lambd` in the formula."""
    diagonal, rest = terms(right_correlation(z1, z2))
    return diagonal + rest


@replaces("B2", "SSLLoss.barlow_twins_loss")
def weight_on_diagonal(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`self.lambd` weighs the diagonal instead of the rest. Look at which of the two sums it stands before."""
    diagonal, rest = terms(right_correlation(z1, z2))
    return self.lambd * diagonal + rest


@replaces("B2", "SSLLoss.barlow_twins_loss")
def diagonal_in_both_terms(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The diagonal is part of the second sum as well. Look at what the sum over i ≠ j leaves out."""
    c = right_correlation(z1, z2)
    return terms(c)[0] + self.lambd * c.square().sum()


@replaces("B2", "SSLLoss.barlow_twins_loss")
def terms_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Means stand where sums are meant. Look at both terms of the formula: nothing is divided by D."""
    c = right_correlation(z1, z2)
    diagonal, rest = terms(c)
    return diagonal / len(c) + self.lambd * rest / max(1, c.numel() - len(c))


@replaces("B2", "SSLLoss.barlow_twins_loss")
def one_view_with_itself(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The first view is correlated with itself, and the second is not used. Look at the two factors of C."""
    return weighed(self, right_correlation(z1, z1))


@replaces("B2", "SSLLoss.barlow_twins_loss")
def images_correlated(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The correlation is between images, `[B, B]`. That between features is meant; look at which factor is
    transposed."""
    return weighed(self, standardised(z1) @ standardised(z2).T / len(z1))
