"""Right in other words: `eigenspace_alignment`, question B5."""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes import replaces


@replaces("B5", "eigenspace_alignment")
def loop_over_eigenvectors(correlation: Tensor, predictor: Tensor) -> Tensor:
    """One eigenvector after the other, from the last column on."""
    vectors = torch.linalg.eigh(correlation)[1]
    result = []
    for i in reversed(range(len(vectors))):
        v = vectors[:, i]
        image = predictor @ v
        length = image.norm()
        result.append(torch.abs(v @ image) / length if length > 0 else torch.zeros_like(length))
    return torch.stack(result)


@replaces("B5", "eigenspace_alignment")
def general_decomposition_sorted(correlation: Tensor, predictor: Tensor) -> Tensor:
    """`eig`, whose order has to be made."""
    values, vectors = torch.linalg.eig(correlation)
    order = values.real.argsort(descending=True)
    v = vectors.real[:, order]
    v = v / v.norm(dim=0, keepdim=True)
    w = torch.einsum("ij,jk->ik", predictor, v)
    cosine = (v * w).sum(0) / w.norm(dim=0)
    return torch.nan_to_num(cosine, nan=0.0).abs()


@replaces("B5", "eigenspace_alignment")
def rows_after_transposing(correlation: Tensor, predictor: Tensor) -> Tensor:
    """Eigenvectors as rows, so the predictor is transposed too; flipped at the end."""
    rows = torch.linalg.eigh(correlation).eigenvectors.T
    images = rows @ predictor.T
    lengths = images.norm(dim=1).clamp(min=1e-30)
    return ((rows * images).sum(1).abs() / lengths).flip(0)
