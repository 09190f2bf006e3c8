"""Known mistakes in `direct_predictor` of `model_factory.py`, question B3."""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes import replaces


def directcopy(f: Tensor, eps: float) -> Tensor:
    """What DirectCopy sets the predictor to."""
    return f / torch.linalg.matrix_norm(f, ord=2) + eps * torch.eye(len(f), dtype=f.dtype)


def directpred(f: Tensor, eps: float) -> Tensor:
    """What DirectPred sets the predictor to."""
    s, u = torch.linalg.eigh(f)
    s = s.clamp(min=0)
    return (u * ((s / s.max()).sqrt() + eps)) @ u.T


def demand_known(method: str) -> None:
    """Refuse any other method."""
    if method not in ("directpred", "directcopy"):
        raise ValueError(method)


@replaces("B3", "direct_predictor")
def root_left_out(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectPred takes the eigenvalues themselves. Look at what the formula takes of s / s_max."""
    demand_known(method)
    if method == "directcopy":
        return directcopy(correlation, eps)
    s, u = torch.linalg.eigh(correlation)
    s = s.clamp(min=0)
    return (u * (s / s.max() + eps)) @ u.T


@replaces("B3", "direct_predictor")
def not_divided_by_largest(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectPred's eigenvalues are not divided by the largest one. Look at what stands under the root."""
    demand_known(method)
    if method == "directcopy":
        return directcopy(correlation, eps)
    s, u = torch.linalg.eigh(correlation)
    return (u * (s.clamp(min=0).sqrt() + eps)) @ u.T


@replaces("B3", "direct_predictor")
def eps_under_root(correlation: Tensor, method: str, eps: float) -> Tensor:
    """In DirectPred ε stands under the root. Look at where the formula adds it."""
    demand_known(method)
    if method == "directcopy":
        return directcopy(correlation, eps)
    s, u = torch.linalg.eigh(correlation)
    s = s.clamp(min=0)
    return (u * (s / s.max() + eps).sqrt()) @ u.T


@replaces("B3", "direct_predictor")
def directpred_without_eps(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectPred does without ε, so directions with no variance are closed for good. Look at what is added to the
    roots."""
    demand_known(method)
    return directcopy(correlation, eps) if method == "directcopy" else directpred(correlation, 0.0)


@replaces("B3", "direct_predictor", symptom="NaN once an eigenvalue is a little below 0")
def negative_eigenvalues_kept(correlation: Tensor, method: str, eps: float) -> Tensor:
    """The root of a negative eigenvalue is NaN, and rounding makes small ones negative. Look at what the formula does
    to them first."""
    demand_known(method)
    if method == "directcopy":
        return directcopy(correlation, eps)
    s, u = torch.linalg.eigh(correlation)
    return (u * ((s / s.max()).sqrt() + eps)) @ u.T


@replaces("B3", "direct_predictor")
def absolute_eigenvalues(correlation: Tensor, method: str, eps: float) -> Tensor:
    """Negative eigenvalues change their sign, or singular values stand in for eigenvalues. They are to count as 0; look
    at what happens to them."""
    demand_known(method)
    if method == "directcopy":
        return directcopy(correlation, eps)
    s, u = torch.linalg.eigh(correlation)
    s = s.abs()
    return (u * ((s / s.max()).sqrt() + eps)) @ u.T


@replaces("B3", "direct_predictor")
def eigenvectors_as_rows(correlation: Tensor, method: str, eps: float) -> Tensor:
    """The eigenvectors are taken as rows. `eigh` gives one in each column; look at which of the two factors is
    transposed."""
    demand_known(method)
    if method == "directcopy":
        return directcopy(correlation, eps)
    s, u = torch.linalg.eigh(correlation)
    s = s.clamp(min=0)
    return u.T @ torch.diag((s / s.max()).sqrt() + eps) @ u


@replaces("B3", "direct_predictor")
def frobenius_norm(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectCopy divides by the Frobenius norm, the default of several functions. The spectral norm is meant; look at
    the norm's arguments."""
    demand_known(method)
    if method == "directpred":
        return directpred(correlation, eps)
    return correlation / correlation.norm() + eps * torch.eye(len(correlation), dtype=correlation.dtype)


@replaces("B3", "direct_predictor")
def divided_by_largest_entry(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectCopy divides by the largest entry of the correlation. The spectral norm is meant, the largest stretch of
    any vector; look at which norm is taken."""
    demand_known(method)
    if method == "directpred":
        return directpred(correlation, eps)
    return correlation / correlation.abs().max() + eps * torch.eye(len(correlation), dtype=correlation.dtype)


@replaces("B3", "direct_predictor")
def copied_without_norm(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectCopy takes the correlation as it is. Look at what it is divided by."""
    demand_known(method)
    if method == "directpred":
        return directpred(correlation, eps)
    return correlation + eps * torch.eye(len(correlation), dtype=correlation.dtype)


@replaces("B3", "direct_predictor")
def eps_everywhere(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectCopy adds ε to every entry. It belongs to the diagonal alone; look at the matrix that ε is multiplied
    with."""
    demand_known(method)
    if method == "directpred":
        return directpred(correlation, eps)
    return correlation / torch.linalg.matrix_norm(correlation, ord=2) + eps


@replaces("B3", "direct_predictor")
def eps_divided_too(correlation: Tensor, method: str, eps: float) -> Tensor:
    """DirectCopy divides ε by the norm as well. Look at where the bracket ends."""
    demand_known(method)
    if method == "directpred":
        return directpred(correlation, eps)
    identity = torch.eye(len(correlation), dtype=correlation.dtype)
    return (correlation + eps * identity) / torch.linalg.matrix_norm(correlation, ord=2)


@replaces("B3", "direct_predictor")
def methods_exchanged(correlation: Tensor, method: str, eps: float) -> Tensor:
    """The two methods are exchanged. Look at which branch belongs to which name."""
    demand_known(method)
    return directpred(correlation, eps) if method == "directcopy" else directcopy(correlation, eps)


@replaces("B3", "direct_predictor")
def unknown_method_accepted(correlation: Tensor, method: str, eps: float) -> Tensor:
    """Any other `method` is taken for one of the two. Look at what the docstring says is raised."""
    return directcopy(correlation, eps) if method == "directcopy" else directpred(correlation, eps)
