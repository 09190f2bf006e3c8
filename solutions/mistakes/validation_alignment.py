"""Known mistakes in `eigenspace_alignment` of `validation.py`, question B5."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mistakes import replaces

TINY = 1e-30


def eigenvectors(correlation: Tensor) -> Tensor:
    """One eigenvector per column, that of the largest eigenvalue first."""
    return torch.linalg.eigh(correlation).eigenvectors.flip(1)


def cosines(v: Tensor, w: Tensor) -> Tensor:
    """The cosine of each column of one with that of the other; 0 where one vanishes."""
    return F.cosine_similarity(v, w, dim=0, eps=TINY)


@replaces("B5", "eigenspace_alignment", symptom="the curve of alignments is mirrored")
def smallest_eigenvalue_first(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The alignments come in the order of growing eigenvalues, as `eigh` gives them. The largest one is to be first."""
    v = torch.linalg.eigh(correlation).eigenvectors
    return cosines(v, predictor @ v).abs()


@replaces("B5", "eigenspace_alignment")
def sorted_by_alignment(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The alignments are sorted by their own size. They keep the order of the eigenvalues; look at what is sorted."""
    v = eigenvectors(correlation)
    return cosines(v, predictor @ v).abs().sort(descending=True).values


@replaces("B5", "eigenspace_alignment")
def sign_kept(correlation: Tensor, predictor: Tensor) -> Tensor:
    """A vector that is turned round gets a negative alignment. Look at what stands around the cosine."""
    v = eigenvectors(correlation)
    return cosines(v, predictor @ v)


@replaces("B5", "eigenspace_alignment")
def rows_for_eigenvectors(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The rows of `eigh`'s matrix are taken for eigenvectors. Each column is one; look at how you go through them."""
    v = torch.linalg.eigh(correlation).eigenvectors.flip(1).T
    return cosines(v, predictor @ v).abs()


@replaces("B5", "eigenspace_alignment")
def cosines_of_rows(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The cosines are taken along the wrong axis: eigenvectors are columns. Look at `dim`."""
    v = eigenvectors(correlation)
    return F.cosine_similarity(v, predictor @ v, dim=1, eps=TINY).abs()


@replaces("B5", "eigenspace_alignment")
def product_from_the_left(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The product is v W instead of W v: the predictor is transposed. A symmetric one hides it; look at the order of
    the factors."""
    v = eigenvectors(correlation)
    return cosines(v, predictor.T @ v).abs()


@replaces("B5", "eigenspace_alignment")
def length_kept(correlation: Tensor, predictor: Tensor) -> Tensor:
    """This is v · Wv, which grows with the predictor. Look at what makes it a cosine."""
    v = eigenvectors(correlation)
    return (v * (predictor @ v)).sum(0).abs()


@replaces("B5", "eigenspace_alignment", symptom="NaN where the predictor maps a direction to 0")
def divided_by_zero(correlation: Tensor, predictor: Tensor) -> Tensor:
    """Where W v is 0 this divides 0 by 0. The docstring says what is meant there."""
    v = eigenvectors(correlation)
    image = predictor @ v
    return ((v * image).sum(0) / image.norm(dim=0)).abs()


@replaces("B5", "eigenspace_alignment")
def cosine_squared(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The cosines are squared. Their absolute value is meant."""
    v = eigenvectors(correlation)
    return cosines(v, predictor @ v).square()


@replaces("B5", "eigenspace_alignment")
def distance_instead(correlation: Tensor, predictor: Tensor) -> Tensor:
    """This is 1 minus the alignment: 1 is to mean that the predictor only stretches the vector."""
    v = eigenvectors(correlation)
    return 1 - cosines(v, predictor @ v).abs()


@replaces("B5", "eigenspace_alignment")
def one_number_for_all(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The alignments are averaged. One for each eigenvector is asked for, `[D]`."""
    v = eigenvectors(correlation)
    return cosines(v, predictor @ v).abs().mean()


@replaces("B5", "eigenspace_alignment")
def matrices_exchanged(correlation: Tensor, predictor: Tensor) -> Tensor:
    """The eigenvectors are those of the predictor, and the correlation is applied to them. Look at which of the two
    matrices is taken apart."""
    v = eigenvectors((predictor + predictor.T) / 2)
    return cosines(v, correlation @ v).abs()
