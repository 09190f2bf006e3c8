"""Known mistakes in `eigenspace_alignment`, question B5: from eigenvectors to alignments."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mistakes.compose import common

QUESTION, TARGET = "B5", "eigenspace_alignment"
TINY = 1e-30


class Given:
    """The correlation and the predictor, `[D, D]` each."""

    def __init__(self, correlation: Tensor, predictor: Tensor):
        self.correlation, self.predictor, self.axis = correlation, predictor, 0

    def found(self):
        return torch.linalg.eigh(self.apart).eigenvectors


class Apart(Given):
    """Which matrix is taken apart."""

    def right(self):
        return self.correlation

    @common
    def matrices_exchanged(self):
        """The eigenvectors are those of the predictor, and the correlation is applied to them. Look at which of the two
        matrices is taken apart."""
        self.correlation, self.predictor = self.predictor, self.correlation
        return (self.correlation + self.correlation.T) / 2


class Vectors(Given):
    """The eigenvectors, one in each column, that of the largest eigenvalue first."""

    def right(self):
        return self.found().flip(1)

    smallest_eigenvalue_first = common(lambda self: self.found())
    """The alignments come in the order of growing eigenvalues, as `eigh` gives them. The largest one is to be first."""
    rows_for_eigenvectors = common(lambda self: self.found().flip(1).T)
    """The rows of `eigh`'s matrix are taken for eigenvectors. Each column is one; look at how you go through them."""
    rows_for_eigenvectors_smallest_first = lambda self: self.found().T
    """Rows of `eigh`'s matrix are taken for eigenvectors, in the order in which they come. Each column is one, and the
    largest eigenvalue is to be first."""


class Image(Given):
    """What the predictor makes of them."""

    def right(self):
        return self.predictor @ self.vectors

    product_from_the_left = common(lambda self: self.predictor.T @ self.vectors)
    """The product is v W instead of W v: the predictor is transposed. A symmetric one hides it; look at the order of
    the factors."""


class Cosines(Given):
    """How far each is only stretched."""

    def right(self):
        return F.cosine_similarity(self.vectors, self.image, dim=0, eps=TINY)

    cosines_of_rows = common(lambda self: F.cosine_similarity(self.vectors, self.image, dim=1, eps=TINY))
    """The cosines are taken along the wrong axis: eigenvectors are columns. Look at `dim`."""
    length_kept = common(lambda self: (self.vectors * self.image).sum(0))
    """This is v · Wv, which grows with the predictor. Look at what makes it a cosine."""
    divided_by_zero = lambda self: (self.vectors * self.image).sum(0) / self.image.norm(dim=0)
    """Where W v is 0 this divides 0 by 0. The docstring says what is meant there."""
    length_of_the_whole_image = lambda self: (self.vectors * self.image).sum(0) / self.image.norm()
    """The products are divided by the norm of the whole matrix W V. Each column has a length of its own; look at the
    arguments of the norm."""


class Size(Given):
    """Without the sign."""

    def right(self):
        return self.cosines.abs()

    sign_kept = common(lambda self: self.cosines)
    """A vector that is turned round gets a negative alignment. Look at what stands around the cosine."""
    cosine_squared = common(lambda self: self.cosines.square())
    """The cosines are squared. Their absolute value is meant."""
    distance_instead = lambda self: 1 - self.cosines.abs()
    """This is 1 minus the alignment: 1 is to mean that the predictor only stretches the vector."""


class Result(Given):
    """What is returned."""

    def right(self):
        return self.size

    sorted_by_alignment = lambda self: self.size.sort(descending=True).values
    """The alignments are sorted by their own size. They keep the order of the eigenvalues; look at what is sorted."""
    one_number_for_all = lambda self: self.size.mean()
    """The alignments are averaged. One for each eigenvector is asked for, `[D]`."""
    alignments_summed = lambda self: self.size.sum()
    """The alignments are added up. One for each eigenvector is asked for, `[D]`."""


STAGES = (Apart, Vectors, Image, Cosines, Size, Result)
