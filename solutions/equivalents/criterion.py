"""Right in other words: the losses of `criterion.py`, gathered with the files next to this one."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from criterion import SSLLoss
from mistakes import replaces


@replaces("1.2", "SSLLoss.contrastive_loss")
def logsumexp_over_masked(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Log-sum-exp minus the positive, written out."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    similarity = (z @ z.T / self.temperature).fill_diagonal_(float("-inf"))
    positive = (z * z.roll(len(z1), 0)).sum(1) / self.temperature
    return (similarity.logsumexp(1) - positive).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def exponentials_with_zeroed_diagonal(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Exponentials, multiplied by 1 minus the identity, summed, then the fraction's logarithm."""
    batch = z1.size(0)
    z = torch.cat((z1, z2), dim=0)
    z = z / z.norm(dim=1, keepdim=True)
    similarity = torch.exp(torch.mm(z, z.t()) / self.temperature)
    mask = 1 - torch.eye(2 * batch, device=z.device)
    positive = torch.exp((z[:batch] * z[batch:]).sum(dim=-1) / self.temperature)
    positive = torch.cat([positive, positive])
    return (-torch.log(positive / (similarity * mask).sum(dim=1))).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def all_minus_own(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The view itself is subtracted from the row's sum: exp(1/T), as in the Lightning Bolts."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    exponentials = torch.exp(z @ z.t().contiguous() / self.temperature)
    own = torch.full_like(exponentials[:, 0], torch.e ** (1 / self.temperature))
    denominator = exponentials.sum(dim=-1) - own
    positive = torch.exp(torch.sum(F.normalize(z1) * F.normalize(z2), dim=-1) / self.temperature)
    return -torch.log(torch.cat([positive, positive], dim=0) / (denominator + 1e-8)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def all_minus_diagonal(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The row's sum minus the diagonal of the same matrix."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    exponentials = (z @ z.T).div(self.temperature).exp()
    denominator = exponentials.sum(1) - exponentials.diag()
    positive = torch.cat([exponentials.diag(len(z1)), exponentials.diag(-len(z1))])
    return -(positive / denominator).log().mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def positives_first_labels_zero(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The 2021 style: two diagonals, negatives by a boolean mask, cross-entropy with label 0, sum over 2B."""
    n = z1.shape[0]
    z = torch.cat((z1, z2), dim=0)
    similarity = F.cosine_similarity(z.unsqueeze(1), z.unsqueeze(0), dim=2) / self.temperature
    positives = torch.cat((torch.diag(similarity, n), torch.diag(similarity, -n)), dim=0).view(2 * n, 1)
    mask = torch.ones((2 * n, 2 * n), dtype=torch.bool)
    mask.fill_diagonal_(False)
    for i in range(n):
        mask[i, n + i] = False
        mask[n + i, i] = False
    logits = torch.cat((positives, similarity[mask].view(2 * n, -1)), dim=1)
    labels = torch.zeros(2 * n).to(z1.device).long()
    return nn.CrossEntropyLoss(reduction="sum")(logits, labels) / (2 * n)


@replaces("1.2", "SSLLoss.contrastive_loss")
def one_diagonal_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The upper diagonal stands for both halves: the matrix is symmetric."""
    n = len(z1)
    z = F.normalize(torch.cat((z1, z2)), dim=1)
    similarity = z @ z.T / self.temperature
    positives = torch.cat((similarity.diag(n), similarity.diag(n))).view(2 * n, 1)
    rest = similarity.masked_select(~torch.eye(2 * n, dtype=torch.bool)).view(2 * n, 2 * n - 1)
    return (torch.logsumexp(rest, dim=1, keepdim=True) - positives).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def four_blocks(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Four B by B blocks, large numbers subtracted on two diagonals, two cross-entropies: the authors' own code."""
    z1, z2 = F.normalize(z1, dim=-1), F.normalize(z2, dim=-1)
    batch = z1.size(0)
    labels = torch.arange(batch, device=z1.device)
    masks = F.one_hot(labels, batch).to(z1.dtype)
    logits_aa = z1 @ z1.T / self.temperature - masks * 1e9
    logits_bb = z2 @ z2.T / self.temperature - masks * 1e9
    logits_ab = z1 @ z2.T / self.temperature
    logits_ba = z2 @ z1.T / self.temperature
    loss_a = F.cross_entropy(torch.cat([logits_ab, logits_aa], 1), labels)
    loss_b = F.cross_entropy(torch.cat([logits_ba, logits_bb], 1), labels)
    return (loss_a + loss_b) / 2


@replaces("1.2", "SSLLoss.contrastive_loss")
def four_blocks_without_diagonals(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """lightly's way: two blocks lose their diagonals, rows and columns are joined, labels repeat."""
    batch = z1.shape[0]
    out0, out1 = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
    diagonal = torch.eye(batch, dtype=torch.bool, device=z1.device)
    logits_00 = torch.einsum("nc,mc->nm", out0, out0) / self.temperature
    logits_01 = torch.einsum("nc,mc->nm", out0, out1) / self.temperature
    logits_10 = torch.einsum("nc,mc->nm", out1, out0) / self.temperature
    logits_11 = torch.einsum("nc,mc->nm", out1, out1) / self.temperature
    logits_00 = logits_00[~diagonal].view(batch, -1)
    logits_11 = logits_11[~diagonal].view(batch, -1)
    logits = torch.cat([torch.cat([logits_01, logits_00], dim=1), torch.cat([logits_10, logits_11], dim=1)], dim=0)
    labels = torch.arange(batch, device=z1.device, dtype=torch.long).repeat(2)
    return nn.CrossEntropyLoss(reduction="mean")(logits, labels)


@replaces("1.2", "SSLLoss.contrastive_loss")
def indexed_positives(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """solo-learn's way: masks of positives and negatives from the images' indexes; the positive is among the summed."""
    indexes = torch.arange(len(z1)).repeat(2).unsqueeze(0)
    z = F.normalize(torch.cat((z1, z2)), dim=-1)
    similarity = torch.exp(torch.einsum("if, jf -> ij", z, z) / self.temperature)
    positive_mask = indexes.t() == indexes
    positive_mask.fill_diagonal_(0)
    negative_mask = indexes.t() != indexes
    positive = torch.sum(similarity * positive_mask, 1)
    negative = torch.sum(similarity * negative_mask, 1)
    return -(torch.mean(torch.log(positive / (positive + negative))))


@replaces("1.2", "SSLLoss.contrastive_loss")
def diagonal_dropped_labels_counted(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """lucidrains' way: off-diagonal elements reshaped to [2B, 2B-1], with the labels that are then right."""
    n = z1.shape[0]
    projections = torch.cat((z1, z2))
    projections = F.normalize(projections, dim=-1)
    logits = projections @ projections.t()
    keep = ~torch.eye(2 * n, dtype=torch.bool)
    logits = logits[keep].reshape(2 * n, 2 * n - 1) / self.temperature
    labels = torch.cat(((torch.arange(n) + n - 1), torch.arange(n)), dim=0)
    return F.cross_entropy(logits, labels, reduction="sum") / (2 * n)


@replaces("1.2", "SSLLoss.contrastive_loss")
def other_columns_gathered(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Column numbers of the others are listed and gathered; log-softmax picks column 0."""
    n = 2 * len(z1)
    columns = torch.stack([torch.arange(1, n).add(i).remainder(n) for i in range(n)])
    position = len(z1) - 1
    z = torch.nn.functional.normalize(torch.vstack((z1, z2)))
    similarity = torch.matmul(z, z.transpose(0, 1)).gather(1, columns)
    return -F.log_softmax(similarity / self.temperature, -1)[:, position].sum().div(n)


@replaces("1.2", "SSLLoss.contrastive_loss")
def shifted_by_detached_maximum(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """SupCon's way: the largest logit is subtracted without gradient, positives by a mask, log of the sum."""
    n = len(z1)
    features = torch.cat([F.normalize(z1), F.normalize(z2)], 0)
    dots = torch.div(torch.matmul(features, features.T), self.temperature)
    largest, _ = torch.max(dots, dim=1, keepdim=True)
    logits = dots - largest.detach()
    mask = torch.eye(n).repeat(2, 2)
    others = torch.scatter(torch.ones_like(mask), 1, torch.arange(2 * n).view(-1, 1), 0)
    mask = mask * others
    log_share = logits - torch.log((torch.exp(logits) * others).sum(1, keepdim=True))
    return -((mask * log_share).sum(1) / mask.sum(1)).view(2, n).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def float64_inside(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Everything in float64, the result cast back."""
    z = F.normalize(torch.cat([z1, z2]).double(), dim=1)
    similarity = z @ z.T / self.temperature
    similarity = similarity - torch.diag(torch.full((len(z),), float("inf")))
    return F.cross_entropy(similarity, (torch.arange(len(z)) + len(z1)) % len(z)).to(z1.dtype)


@replaces("1.2", "SSLLoss.contrastive_loss")
def float32_inside(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Everything in float32: a float64 input is answered with float32 accuracy."""
    z = F.normalize(torch.cat([z1, z2]).float(), dim=1)
    similarity = z @ z.T / self.temperature
    similarity[range(len(z)), range(len(z))] = -9e15
    return F.cross_entropy(similarity, torch.arange(len(z)).roll(-len(z1)))


@replaces("1.2", "SSLLoss.contrastive_loss")
def interleaved_pairs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The two views of an image lie side by side, and positives are looked for there."""
    z = F.normalize(torch.stack([z1, z2], dim=1).reshape(-1, z1.shape[1]), dim=1)
    similarity = z @ z.T / self.temperature - 1e6 * torch.eye(len(z), dtype=z.dtype)
    return F.cross_entropy(similarity, torch.arange(len(z)) ^ 1)


@replaces("1.2", "SSLLoss.contrastive_loss")
def two_symmetric_halves(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A helper gives the mean over one view's anchors; both are averaged."""

    def half(anchors: Tensor, partners: Tensor) -> Tensor:
        across = anchors @ partners.T / self.temperature
        within = anchors @ anchors.T / self.temperature
        within = torch.where(torch.eye(len(anchors)).bool(), -torch.inf, within)
        return (torch.cat([across, within], 1).logsumexp(1) - across.diagonal()).mean()

    a, b = F.normalize(z1), F.normalize(z2)
    return 0.5 * (half(a, b) + half(b, a))


@replaces("1.2", "SSLLoss.contrastive_loss")
def triangular_masks(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The others are those below and those above the diagonal."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    exponentials = (z.mm(z.T) / self.temperature).exp()
    denominator = exponentials.tril(-1).sum(1) + exponentials.triu(1).sum(1)
    positive = (F.cosine_similarity(z1, z2) / self.temperature).repeat(2)
    return torch.mean(torch.log(denominator) - positive)


@replaces("1.2", "SSLLoss.contrastive_loss")
def softmax_then_nll(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Log-softmax and negative log-likelihood; the diagonal gets the dtype's smallest number."""
    z = torch.cat([z1, z2], dim=0)
    z = z / torch.sqrt((z**2).sum(dim=1, keepdim=True))
    similarity = torch.inner(z, z) / self.temperature
    similarity = similarity.masked_fill(torch.eye(z.size(0), dtype=torch.bool), torch.finfo(z.dtype).min)
    target = torch.cat([torch.arange(z1.size(0), z.size(0)), torch.arange(z1.size(0))])
    return F.nll_loss(F.log_softmax(similarity, dim=1), target)


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_product_of_norms(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Inner products over the outer product of lengths, clamped from below."""
    z = torch.cat([z1, z2])
    lengths = torch.linalg.vector_norm(z, dim=1)
    cosine = (z @ z.T) / torch.clamp(torch.outer(lengths, lengths), min=1e-8)
    weights = torch.exp(cosine / self.temperature) * (~torch.eye(len(z), dtype=torch.bool))
    shares = weights / weights.sum(dim=0, keepdim=True)
    return -torch.log(torch.cat([shares.diagonal(len(z1)), shares.diagonal(-len(z1))])).mean()
