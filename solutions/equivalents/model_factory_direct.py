"""Right in other words: `direct_predictor`, question B3."""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes import replaces


@replaces("B3", "direct_predictor")
def diagonal_matrices(correlation: Tensor, method: str, eps: float) -> Tensor:
    """The formulas, with matrices written out."""
    identity = torch.eye(correlation.shape[0], dtype=correlation.dtype)
    if method == "directpred":
        values, vectors = torch.linalg.eigh(correlation)
        values = torch.maximum(values, torch.zeros_like(values))
        roots = torch.diag(torch.sqrt(values / values[-1]))
        return vectors @ (roots + eps * identity) @ vectors.transpose(0, 1)
    if method == "directcopy":
        return correlation / torch.linalg.svdvals(correlation)[0] + eps * identity
    raise ValueError(f"unknown method {method}")


@replaces("B3", "direct_predictor")
def sum_of_outer_products(correlation: Tensor, method: str, eps: float) -> Tensor:
    """A rank-one matrix for each eigenvector; the general decomposition, whose imaginary parts are 0."""
    if method not in {"directpred", "directcopy"}:
        raise ValueError
    values, vectors = torch.linalg.eig(correlation)
    values, vectors = values.real, vectors.real
    largest = values.abs().max()
    result = torch.zeros_like(correlation)
    for value, vector in zip(values, vectors.T, strict=True):
        stretch = max(value.item() / largest.item(), 0.0) ** 0.5 if method == "directpred" else value / largest
        result += (stretch + eps) * torch.outer(vector, vector)
    return result


@replaces("B3", "direct_predictor")
def relu_for_clipping(correlation: Tensor, method: str, eps: float) -> Tensor:
    """Roots of both before the division; `torch.norm` with the spectral norm's name."""
    if method == "directcopy":
        scaled = correlation.div(torch.linalg.norm(correlation, 2))
        scaled.diagonal().add_(eps)
        return scaled
    elif method == "directpred":
        values, vectors = torch.linalg.eigh(correlation, UPLO="U")
        roots = values.relu().sqrt()
        return torch.einsum("ik,k,jk->ij", vectors, roots / roots.max() + eps, vectors)
    else:
        raise ValueError("method")
