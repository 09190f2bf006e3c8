"""Known mistakes at the end of question 1.2: reduction, graph, what is returned, and what is assumed of the input."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import (
    denominators,
    index,
    negatives,
    others,
    own,
    positives,
    products,
    scaled,
    terms,
    unit,
)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss is 2B times too large")
def sum_for_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The terms of all views are added up without being averaged. Look at the reduction at the end."""
    return terms(scaled(self, z1, z2)).sum()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="twice the right value")
def divided_by_number_of_images(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is twice as large as it should be: a sum over all views divided by B, or two means added up. Look at
    how many terms there are and what their sum is divided by."""
    return terms(scaled(self, z1, z2)).sum() / len(z1)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="half of the right value")
def halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is half as large as it should be. Look for a factor 1/2 that stands beside a mean over all views, or a
    division by 4B."""
    return terms(scaled(self, z1, z2)).mean() / 2


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_squared_number_of_views(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sum of the terms is divided by the number of entries of the whole matrix. Look at how many terms there are,
    or for a mean and a division one after the other."""
    return terms(scaled(self, z1, z2)).mean() / (2 * len(z1))


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_number_of_pairs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sum of the terms is divided by the number of all pairs of different views. Look at how many terms there
    are."""
    return terms(scaled(self, z1, z2)).mean() / (2 * len(z1) - 1)


@replaces("1.2", "SSLLoss.contrastive_loss")
def mean_divided_by_batch_size(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The mean is divided by B once more. Look for a mean and a division one after the other."""
    return terms(scaled(self, z1, z2)).mean() / len(z1)


@replaces("1.2", "SSLLoss.contrastive_loss")
def divided_by_number_of_features(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sum of the terms is divided by the number of features. Look at which axis of the embeddings counts the
    images."""
    return terms(scaled(self, z1, z2)).sum() / z1.shape[1]


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="right for batches of 4 only")
def divided_by_8(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sum of the terms is divided by 8, whatever the size of the batch. Look for a number in your code that should
    come from the shape of the input."""
    return terms(scaled(self, z1, z2)).sum() / 8


@replaces("1.2", "SSLLoss.contrastive_loss")
def one_view_too_few_in_mean(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sum of the terms is divided by 2B - 1. Look at how many views are anchors: those in one denominator are one
    fewer."""
    return terms(scaled(self, z1, z2)).sum() / (2 * len(z1) - 1)


@replaces(
    "1.2", "SSLLoss.contrastive_loss", symptom="backward() raises: grad can be implicitly created only for scalars"
)
def not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """One number per view comes back. Look at whether the result of the last step is a single number."""
    return terms(scaled(self, z1, z2))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="backward() is not there: a number has no graph")
def number_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A plain number comes back, so there is nothing to differentiate. Look for `item()`, `float()` or NumPy near the
    end."""
    return terms(scaled(self, z1, z2)).mean().item()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; nothing learns")
def graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but no gradient reaches either view. Look for `no_grad`, `detach`, `data` or a tensor made
    anew (`torch.tensor`, NumPy); `requires_grad_()` on the result does not bring the graph back."""
    return terms(scaled(self, z1, z2)).mean().detach()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; z2 gets no gradient")
def second_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but no gradient reaches `z2`. The stop-gradient is `forward`'s business: look for `detach` or
    `no_grad` in this function."""
    return terms(scaled(self, z1, z2.detach())).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; z1 gets no gradient")
def first_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but no gradient reaches `z1`. The stop-gradient is `forward`'s business: look for `detach` or
    `no_grad` in this function."""
    return terms(scaled(self, z1.detach(), z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; embeddings collapse in training")
def negatives_copied(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but the negatives give no gradient, so nothing keeps images apart. Look at how they are
    collected: `torch.tensor([...])`, `detach` and `no_grad` copy values without their graph."""
    s = scaled(self, z1, z2)
    return (torch.logaddexp(negatives(s).logsumexp(1).detach(), positives(s)) - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; embeddings collapse in training")
def denominator_copied(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but the whole denominator gives no gradient. Look at how it is computed:
    `torch.tensor([...])`, `detach` and `no_grad` give values without their graph."""
    s = scaled(self, z1, z2)
    return (denominators(s).detach() - positives(s)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; pairs are not drawn together")
def positives_copied(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but the numerator gives no gradient. Look at how the positives are collected:
    `torch.tensor([...])`, `detach` and `no_grad` copy values without their graph."""
    s = scaled(self, z1, z2)
    return (denominators(s) - positives(s).detach()).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; about half of the gradient is missing")
def compared_views_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but gradients flow into each view as an anchor only, not as what others are compared with.
    Look for `detach` in the product of the views."""
    z = unit(z1, z2)
    return terms(z @ z.detach().T / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the value is right; about half of the gradient is missing")
def anchors_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but no gradient flows into a view as an anchor, only as what others are compared with. Look
    for `detach` in the product of the views."""
    z = unit(z1, z2)
    return terms(z.detach() @ z.T / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def nothing_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> None:
    """The function returns None. Look at its last line, and at the branches that end without `return`."""


@replaces("1.2", "SSLLoss.contrastive_loss")
def tuple_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A tuple comes back where the loss alone is asked for. Look at what stands behind `return`: a stray comma makes a
    tuple too."""
    return (terms(scaled(self, z1, z2)).mean(),)


@replaces("1.2", "SSLLoss.contrastive_loss")
def list_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A list comes back where one tensor is asked for. Look at what becomes of the terms that you collect."""
    return list(terms(scaled(self, z1, z2)))


@replaces("1.2", "SSLLoss.contrastive_loss")
def dict_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A dict comes back where the loss alone is asked for. Look at what stands behind `return`."""
    return {"loss": terms(scaled(self, z1, z2)).mean()}


@replaces("1.2", "SSLLoss.contrastive_loss")
def shape_1_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but it comes in a tensor of shape [1], not in a 0-d one. Look for `view(1)`, `keepdim` or a
    start value with an axis."""
    return terms(scaled(self, z1, z2)).mean().view(1)


@replaces("1.2", "SSLLoss.contrastive_loss")
def shape_1_1_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but it comes in a tensor of shape [1, 1], not in a 0-d one. Look for `keepdim`, or a product
    of two matrices at the end."""
    return terms(scaled(self, z1, z2)).mean().view(1, 1)


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="the loss is right, what comes after it is not")
def arguments_changed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The loss is right, but `z1` or `z2` is no longer what the caller passed in. Look for operations that end in an
    underscore, for `/=`, and for assignments to slices."""
    z1 /= z1.abs().max().item()
    z2 /= z2.abs().max().item()
    return terms(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def arguments_changed_through_data(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are normalised in place through `data`: the caller's tensors change, and the gradient does not know
    of it. Look at where the normalisation writes its result."""
    for z in (z1, z2):
        z.data = F.normalize(z.data, dim=1)
    return terms(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def arguments_divided_by_detached_norm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are normalised in place with lengths that carry no gradient: the caller's tensors change, and the
    gradient is not the right one. Look at where the normalisation writes its result."""
    for z in (z1, z2):
        z.div_(z.norm(dim=1, keepdim=True).detach())
    return terms(products(torch.cat([z1, z2])) / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss")
def arguments_overwritten(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are overwritten with values without a graph: the caller's tensors change, and no gradient reaches
    what they came from. Look at where the normalisation writes its result."""
    for z in (z1, z2):
        z.copy_(F.normalize(z.detach(), dim=1))
    return terms(scaled(self, z1, z2)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="an error unless the batch holds 4 images")
def mask_for_4_images(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Your code works for batches of 4 images only. Look for a number (4, 8) in the mask or the loop that should come
    from the shape of the input."""
    s = scaled(self, z1, z2)
    return F.cross_entropy(s.masked_fill(torch.eye(8, dtype=torch.bool), float("-inf")), index(s))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="an error unless the batch holds 4 images")
def labels_for_4_images(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Your labels are made for batches of 4 images. Look for a number (4, 8) that should come from the shape of the
    input."""
    return F.cross_entropy(others(scaled(self, z1, z2)), torch.arange(8).roll(4))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="an error with float64 embeddings")
def float32_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Embeddings in float64 meet a tensor in float32, and PyTorch refuses. Look for `float()`, `torch.zeros` or
    `torch.ones` without the dtype of the input."""
    z = unit(z1, z2)
    return terms(z @ z.float().T / self.temperature).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="differences in the third or fourth digit")
def half_precision(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The similarities were rounded to 16 bits, which costs digits. Look for `half()`, `float16` or `bfloat16`."""
    return terms(scaled(self, z1, z2).half().to(z1.dtype)).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="an error at the last, smaller batch of an epoch")
def kept_from_first_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Something from the first batch is kept and used again for later ones, which may be smaller. Look at what you
    store in `self`: everything that depends on the batch has to be made anew."""
    s = scaled(self, z1, z2)
    kept: Any = vars(self)
    return F.cross_entropy(s.masked_fill(kept.setdefault("mask", own(s)), float("-inf")), index(s))
