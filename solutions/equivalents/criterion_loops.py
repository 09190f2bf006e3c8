"""Right in other words: the contrastive loss, question 1.2, with loops, modules, temporary matrices, detours."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from criterion import SSLLoss
from mistakes import replaces


@replaces("1.2", "SSLLoss.contrastive_loss")
def loop_over_anchors(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A Python loop over anchors, others by concatenation of two slices."""
    z = [*F.normalize(z1, dim=1), *F.normalize(z2, dim=1)]
    everything = torch.stack(z)
    loss = 0
    for i, anchor in enumerate(z):
        others = torch.cat([everything[:i], everything[i + 1 :]])
        positive = z[(i + len(z1)) % len(z)]
        loss = loss + torch.logsumexp(others @ anchor / self.temperature, 0) - anchor.dot(positive) / self.temperature
    return loss / len(z)


@replaces("1.2", "SSLLoss.contrastive_loss")
def loop_over_pairs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Three nested levels as in the formula, with sums of Python numbers that become tensors."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    n = len(z1)
    similarity = z @ z.T
    total = torch.tensor(0.0)
    for k in range(n):
        for i, j in ((k, k + n), (k + n, k)):
            row = torch.exp(similarity[i] / self.temperature)
            denominator = sum(row[m] for m in range(2 * n) if m != i)
            total = total - torch.log(row[j] / denominator)
    return total / (2 * n)


@replaces("1.2", "SSLLoss.contrastive_loss")
def matrix_filled_row_by_row(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """An empty float32 matrix is filled with cosine similarities, row by row."""
    z = torch.cat([z1, z2])
    similarity = torch.zeros(len(z), len(z))
    for i in range(len(z)):
        similarity[i] = F.cosine_similarity(z[i].unsqueeze(0), z)
    similarity = similarity / self.temperature
    positive = torch.stack([similarity[i, (i + len(z1)) % len(z)] for i in range(len(z))])
    negative = similarity.exp() - torch.diag_embed(similarity.exp().diagonal())
    return (-positive + negative.sum(1).log()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def terms_collected_in_list(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A list of one-row cross-entropies, stacked at the end."""
    z = F.normalize(torch.cat([z1, z2]), p=2.0, dim=-1)
    criterion = nn.CrossEntropyLoss()
    terms = []
    for i in range(len(z)):
        logits = (z[i : i + 1] @ z.T) / self.temperature
        logits[0, i] = -torch.inf
        terms.append(criterion(logits, torch.tensor([(i + len(z1)) % len(z)])))
    return torch.stack(terms).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def cosine_similarity_module(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`nn.CosineSimilarity` on expanded views, mask from a Kronecker product, cross-entropy on [positive,
    negatives]."""
    n = len(z1)
    z = torch.cat([z1, z2])
    similarity = nn.CosineSimilarity(dim=2)(z.unsqueeze(1), z.unsqueeze(0)) / self.temperature
    negatives = ~torch.kron(torch.ones(2, 2), torch.eye(n)).bool()
    positive = torch.cat([similarity[:n, n:].diagonal(), similarity[n:, :n].diagonal()])
    logits = torch.hstack([positive[:, None], similarity[negatives].reshape(2 * n, 2 * n - 2)])
    return nn.functional.cross_entropy(logits, logits.new_zeros(2 * n, dtype=torch.long))


@replaces("1.2", "SSLLoss.contrastive_loss")
def stacked_and_einsum(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Views as a [2, B, D] tensor, similarities as [2, B, 2, B]."""
    z = F.normalize(torch.stack([z1, z2]), dim=2)
    similarity = torch.einsum("aid,bjd->aibj", z, z) / self.temperature
    n = len(z1)
    similarity = similarity.reshape(2 * n, 2 * n).fill_diagonal_(-math.inf).view(2, n, 2, n)
    denominator = torch.logsumexp(similarity, dim=(2, 3))
    positive = torch.stack([torch.einsum("ii->i", similarity[0, :, 1]), torch.einsum("ii->i", similarity[1, :, 0])])
    return (denominator - positive).sum() / denominator.numel()


@replaces("1.2", "SSLLoss.contrastive_loss")
def distances_turned_into_cosines(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Cosines from squared distances of normalised rows: 1 - d²/2, which the softmax shifts back."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    squared = (z.unsqueeze(1) - z.unsqueeze(0)).pow(2).sum(-1)
    logits = -squared / (2 * self.temperature)
    logits = logits.masked_fill(torch.eye(len(z)) == 1, float("-inf"))
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z1)))


@replaces("1.2", "SSLLoss.contrastive_loss")
def scaled_before_the_product(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each view is divided by the root of the temperature; new names, in-place steps on copies only."""
    z = torch.cat([z1, z2])
    z = z.div(z.norm(p=2, dim=1).unsqueeze(1)).mul(self.temperature**-0.5)
    logits = z.matmul(z.t())
    logits.diagonal().fill_(-1e12)
    rows = torch.arange(z.shape[0])
    return -(logits.log_softmax(dim=-1)[rows, rows.roll(z1.shape[0])]).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def clones_changed_in_place(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Copies of the arguments are changed in place; the arguments are not."""
    a, b = z1.clone(), z2.clone()
    a /= z1.norm(dim=1, keepdim=True)
    b /= z2.norm(dim=1, keepdim=True)
    z = torch.cat([a, b])
    z /= self.temperature**0.5
    s = torch.mm(z, z.T)
    s -= torch.eye(len(s)) * 1e5
    return torch.logsumexp(s, 1).mean() - 2 * (a * b).sum() / self.temperature / len(z)


@replaces("1.2", "SSLLoss.contrastive_loss")
def unbiased_split_of_the_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The means of numerators and denominators are taken apart."""
    n = len(z1)
    z = F.normalize(torch.cat([z1, z2]))
    s = torch.addmm(torch.zeros(2 * n, 2 * n, dtype=z.dtype), z, z.T, alpha=1 / self.temperature)
    attraction = F.cosine_similarity(z1, z2, dim=-1).mean() / self.temperature
    repulsion = s[~torch.eye(2 * n, dtype=torch.bool)].view(2 * n, 2 * n - 1).logsumexp(dim=1).mean()
    return repulsion - attraction


@replaces("1.2", "SSLLoss.contrastive_loss")
def targets_as_probabilities(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Cross-entropy with a one-hot matrix as target, over a matrix without diagonal columns."""
    n = len(z1)
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    logits = z @ z.T / self.temperature - torch.diag(torch.ones(2 * n)) * 1e4
    target = torch.eye(2 * n, dtype=z.dtype).roll(n, dims=0)
    return F.cross_entropy(logits, target)


@replaces("1.2", "SSLLoss.contrastive_loss")
def positives_repeated_differently(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The positives' order differs from the denominators'; the logarithms are summed, so it does not matter."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    e = torch.exp(z @ z.T / self.temperature)
    denominator = e.masked_fill(torch.eye(len(z)).bool(), 0.0).sum(1, keepdim=True)
    positive = torch.exp((F.normalize(z1) * F.normalize(z2)).sum(1, keepdim=True) / self.temperature)
    return -(positive.repeat_interleave(2, dim=0) / denominator).log().sum() / len(z)


@replaces("1.2", "SSLLoss.contrastive_loss")
def cached_by_batch_size(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A mask is kept in the object and made again where the batch size changes; a submodule is added on the way."""
    n = len(z1)
    if getattr(self, "size", None) != n:
        self.size = n
        self.register_buffer("mask", torch.eye(2 * n, dtype=torch.bool), persistent=False)
        self.cross_entropy = nn.CrossEntropyLoss()
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / self.temperature).masked_fill(self.mask, float("-inf"))
    return self.cross_entropy(s, torch.arange(n, 3 * n) % (2 * n))


@replaces("1.2", "SSLLoss.contrastive_loss")
def keyword_arguments_and_small_epsilons(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A small number is added to every denominator, as many do against a division by zero."""
    z = torch.cat(tensors=(z1, z2), dim=0)
    z = z / (torch.norm(z, dim=1, keepdim=True) + 1e-8)
    e = torch.exp(input=torch.matmul(z, z.T) / self.temperature)
    index = torch.arange(len(z))
    positive = e[index, (index + len(z1)) % len(z)]
    denominator = torch.stack([row[index != i].sum() for i, row in enumerate(e)])
    return -torch.log(positive / (denominator + 1e-8) + 1e-8).mean()
