"""Known mistakes in the Barlow Twins loss, question B2: from features to a loss, and what is done there instead."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from criterion import SSLLoss
from mistakes.compose import common

QUESTION, TARGET = "B2", "SSLLoss.barlow_twins_loss"
EPS = 1e-5


class Given:
    """Two views, `[B, D]` each."""

    def __init__(self, loss: SSLLoss, z1: Tensor, z2: Tensor):
        self.lambd, self.z1, self.z2, self.size = loss.lambd, z1, z2, len(z1)
        self.unbiased, self.eps = False, EPS

    def spread(self, z: Tensor):
        """The deviation of each feature over the batch."""
        return (z.var(0, unbiased=self.unbiased) + self.eps).sqrt()


class Views(Given):
    """The two views as they enter."""

    def right(self):
        return self.z1, self.z2

    one_view_with_itself = lambda self: (self.z1, self.z1)
    """The first view is correlated with itself, and the second is not used. Look at the two factors of C."""
    second_view_detached = common(lambda self: (self.z1, self.z2.detach()))
    """The value is right, but no gradient reaches `z2`. Look for `detach` or `no_grad` in this function."""


class Deviation(Given):
    """Which deviation it is."""

    def right(self):
        return None

    @common
    def unbiased_deviation(self):
        """The deviation divides by B - 1. Batch norm, and this loss, divide by B; look at the default of the function
        that computes it."""
        self.unbiased = True


class Guarded(Given):
    """What is added to the variance."""

    def right(self):
        return None

    @common
    def eps_left_out(self):
        """Nothing is added to the variance, so a feature with little spread weighs too much and a constant one gives
        NaN. Look at what the docstring says of the variance."""
        self.eps = 0.0

    def eps_beside_deviation(self):
        """1e-5 is added to the deviation. It belongs to the variance, under the root; where the spread is small that is
        another number."""
        self.spread = lambda z: z.std(0, unbiased=self.unbiased) + EPS


class Standard(Given):
    """Both views with mean 0 and variance 1 for each feature, over the batch."""

    def right(self):
        return [(z - z.mean(0)) / self.spread(z) for z in self.views]

    features_not_centred = lambda self: [z / self.spread(z) for z in self.views]
    """The features keep their means, so a large mean looks like a correlation. Look at what standardising does before
    it divides."""
    features_not_scaled = common(lambda self: [z - z.mean(0) for z in self.views])
    """The features are centred and keep their spread: this is a covariance. Look at what makes it a correlation."""
    features_not_standardised = lambda self: self.views
    """The features are multiplied as they come: they are neither centred nor scaled. Look at what makes a product a
    correlation."""
    images_standardised = lambda self: [((z.T - z.mean(1)) / self.spread(z.T)).T for z in self.views]
    """Each image is standardised over its features. Each feature is to be standardised over the batch; look at the
    axis."""


class Correlation(Given):
    """The correlation of the features, `[D, D]`."""

    def right(self):
        return self.standard[0].T @ self.standard[1] / self.size

    not_divided_by_batch = common(lambda self: self.standard[0].T @ self.standard[1])
    """The products are summed over the batch and not divided by B. A correlation lies between -1 and 1; look at the
    largest entry of yours."""
    divided_by_features = lambda self: self.standard[0].T @ self.standard[1] / self.z1.shape[1]
    """The products are divided by the number of features. Look at what they were summed over."""
    divided_by_one_image_fewer = lambda self: self.standard[0].T @ self.standard[1] / (self.size - 1)
    """The products are divided by B - 1. Batch norm, and this loss, divide by B; look at what the sum over the batch is
    divided by."""
    images_correlated = lambda self: self.standard[0] @ self.standard[1].T / self.size
    """The correlation is between images, `[B, B]`. That between features is meant; look at which factor is
    transposed."""


class Terms(Given):
    """What the diagonal adds to the loss, and the rest."""

    def right(self):
        rest = self.correlation - torch.diag(self.correlation.diagonal())
        return (1 - self.correlation.diagonal()).square().sum(), rest.square().sum()

    diagonal_in_both_terms = lambda self: (
        (1 - self.correlation.diagonal()).square().sum(),
        self.correlation.square().sum(),
    )
    """The diagonal is part of the second sum as well. Look at what the sum over i ≠ j leaves out."""

    def diagonal_to_be_zero(self):
        """The diagonal is pulled to 0 like the rest, where 1 is meant. Look at what the first sum of the formula
        compares C_ii with."""
        rest = self.correlation - torch.diag(self.correlation.diagonal())
        return self.correlation.diagonal().square().sum(), rest.square().sum()

    def not_squared(self):
        """The differences are not squared: absolute values are added up. Look at the powers in the formula."""
        rest = self.correlation - torch.diag(self.correlation.diagonal())
        return (1 - self.correlation.diagonal()).abs().sum(), rest.abs().sum()

    def terms_averaged(self):
        """Means stand where sums are meant. Look at both terms of the formula: nothing is divided by D."""
        c, rest = self.correlation, self.correlation - torch.diag(self.correlation.diagonal())
        beside = max(1, c.numel() - len(c))
        return (1 - c.diagonal()).square().mean(), rest.square().sum() / beside

    def terms_averaged_over_matrix(self):
        """Means stand where sums are meant, that of the rest over all D² entries. Look at both terms of the formula:
        nothing is divided by D."""
        rest = self.correlation - torch.diag(self.correlation.diagonal())
        return (1 - self.correlation.diagonal()).square().mean(), rest.square().mean()


class Weighed(Given):
    """The loss."""

    def right(self):
        return self.terms[0] + self.lambd * self.terms[1]

    weight_left_out = common(lambda self: self.terms[0] + self.terms[1])
    """The entries off the diagonal count fully. Look for `self.lambd` in the formula."""
    weight_on_diagonal = common(lambda self: self.lambd * self.terms[0] + self.terms[1])
    """`self.lambd` weighs the diagonal instead of the rest. Look at which of the two sums it stands before."""
    rest_left_out = lambda self: self.terms[0]
    """Only the diagonal counts; what lies off it is missing. Look at the second sum of the formula."""
    divided_by_number_of_features = common(lambda self: (self.terms[0] + self.lambd * self.terms[1]) / self.z1.shape[1])
    """The loss is divided by the number of features. Look for a mean where the formula has sums."""


class Result(Given):
    """What is returned."""

    def right(self):
        return self.weighed

    graph_cut = lambda self: self.weighed.detach()
    """The value is right, but no gradient reaches either view. Look for `detach`, `no_grad`, `item` and new
    tensors."""


class Whole(Given):
    """What ends in an exception."""

    def statistics_of_a_float32_module(self):
        """A module is made inside the loss, and its statistics are float32 whatever the input is. Look for
        `nn.BatchNorm1d`: `F.batch_norm`, or a module that is given the input's dtype, takes any."""
        norm = nn.BatchNorm1d(self.z1.shape[1], affine=False, eps=EPS)
        c = norm(self.z1).T @ norm(self.z2) / self.size
        rest = c.square().sum() - c.diagonal().square().sum()
        return (1 - c.diagonal()).square().sum() + self.lambd * rest


STAGES = (Views, Deviation, Guarded, Standard, Correlation, Terms, Weighed, Result)
