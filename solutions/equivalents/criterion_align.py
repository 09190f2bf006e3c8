"""Right in other words: the align loss, question 1.3."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from criterion import SSLLoss
from mistakes import replaces


@replaces("1.3", "SSLLoss.align_loss")
def normalised_product(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Normalise, multiply, sum over features, mean over images."""
    return -(F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).sum(dim=1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def cosine_module(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`nn.CosineSimilarity`, made on the spot, as in SimSiam's code."""
    return -nn.CosineSimilarity(dim=1)(z1, z2).mean()


@replaces("1.3", "SSLLoss.align_loss")
def cosine_with_default_axis(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The default axis is 1; lightly's eps and order."""
    return -F.cosine_similarity(z2, z1, eps=1e-8).mean()


@replaces("1.3", "SSLLoss.align_loss")
def loop_over_images(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A Python loop with dot products."""
    total = 0
    for a, b in zip(z1, z2, strict=True):
        total -= torch.dot(a, b) / (a.norm() * b.norm())
    return total / len(z1)


@replaces("1.3", "SSLLoss.align_loss")
def einsum_of_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """One einsum over images and features."""
    return -torch.einsum("bd,bd->", F.normalize(z1), F.normalize(z2)) / z1.shape[0]


@replaces("1.3", "SSLLoss.align_loss")
def from_squared_error(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Half the squared distance of normalised rows, minus 1."""
    a, b = F.normalize(z1, dim=-1, p=2), F.normalize(z2, dim=-1, p=2)
    return (a - b).pow(2).sum(dim=-1).mean() / 2 - 1


@replaces("1.3", "SSLLoss.align_loss")
def from_byol_form(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """BYOL's 2 - 2 cos, turned back."""
    loss = 2 - 2 * (F.normalize(z1, dim=-1) * F.normalize(z2, dim=-1)).sum(dim=-1)
    return (loss.mean() - 2) / 2


@replaces("1.3", "SSLLoss.align_loss")
def diagonal_of_product(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The diagonal of the matrix of all pairs."""
    return -torch.diag(F.normalize(z1) @ F.normalize(z2).T).mean()


@replaces("1.3", "SSLLoss.align_loss")
def trace_of_product(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The trace of the matrix of all pairs, over B."""
    return torch.trace(torch.mm(F.normalize(z1), F.normalize(z2).t())).div(-len(z1))


@replaces("1.3", "SSLLoss.align_loss")
def batched_matrix_product(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """[B, 1, D] times [B, D, 1], squeezed."""
    a, b = F.normalize(z1, dim=1).unsqueeze(1), F.normalize(z2, dim=1).unsqueeze(2)
    return torch.neg(torch.bmm(a, b).squeeze()).mean()


@replaces("1.3", "SSLLoss.align_loss")
def norms_by_hand(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Lengths from square roots of sums of squares, with a small number added."""
    length1 = torch.sqrt((z1**2).sum(1))
    length2 = torch.sqrt(torch.sum(z2 * z2, dim=1))
    return torch.mean(-(z1 * z2).sum(1) / (length1 * length2 + 1e-8))


@replaces("1.3", "SSLLoss.align_loss")
def cosine_embedding_loss(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """PyTorch's own loss for pairs, which is 1 minus the mean cosine."""
    return F.cosine_embedding_loss(z1, z2, torch.ones(len(z1))) - 1


@replaces("1.3", "SSLLoss.align_loss")
def align_float64_inside(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Everything in float64, the result cast back."""
    a, b = z1.double(), z2.double()
    return (-(a * b).sum(1) / a.norm(dim=1) / b.norm(dim=1)).mean().to(z1.dtype)


@replaces("1.3", "SSLLoss.align_loss")
def align_float32_inside(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Everything in float32: a float64 input is answered with float32 accuracy."""
    return -F.cosine_similarity(z1.float(), z2.float(), dim=1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def both_directions_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Half of one direction plus half of the other, which are equal."""
    return 0.5 * -F.cosine_similarity(z1, z2).mean() + 0.5 * -F.cosine_similarity(z2, z1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def pair_gradients_assembled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Both directions with one side held constant, added: the gradients of the two parts add up to the right ones."""
    cosine = F.cosine_similarity
    parts = cosine(z1, z2.detach()).mean() + cosine(z1.detach(), z2).mean() - cosine(z1, z2).mean().detach()
    return -parts


@replaces("1.3", "SSLLoss.align_loss")
def copies_normalised_in_place(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Copies are divided in place; the arguments stay."""
    a = z1.clone()
    b = z2.clone()
    a /= z1.norm(p=2, dim=1, keepdim=True).clamp_min(1e-12)
    b /= z2.norm(p=2, dim=1, keepdim=True).clamp_min(1e-12)
    return -1 * torch.mean(torch.sum(a * b, 1))


@replaces("1.3", "SSLLoss.align_loss")
def rows_collected_in_list(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A list of cosines, stacked at the end."""
    cosines = [F.cosine_similarity(z1[i], z2[i], dim=0) for i in range(len(z1))]
    return -torch.stack(cosines).mean(dim=0)


@replaces("1.3", "SSLLoss.align_loss")
def cosine_over_mask_of_pairs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """All pairs, multiplied by the identity, summed, divided by B."""
    cosines = F.cosine_similarity(z1.unsqueeze(1), z2.unsqueeze(0), dim=-1)
    return -(cosines * torch.eye(len(z1), device=z1.device)).sum() / z1.size(0)


@replaces("1.3", "SSLLoss.align_loss")
def angle_and_back(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Sum over the last axis of the two joined, minus the squares, halved: the polarisation identity."""
    a, b = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
    return -(((a + b).square().sum(1) - 2) / 2).mean()
