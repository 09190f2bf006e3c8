"""More known mistakes in the align loss, question 1.3: half-normalised rows, other similarities, two at once."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


def _cosines(z1: Tensor, z2: Tensor) -> Tensor:
    return F.cosine_similarity(z1, z2, dim=1)


@replaces("1.3", "SSLLoss.align_loss")
def align_first_view_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows of `z1` still have the length they came with; only those of `z2` are normalised. Look at how many
    lengths a cosine depends on."""
    return -(z1 * F.normalize(z2, dim=1)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_second_view_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows of `z2` still have the length they came with; only those of `z1` are normalised. Look at how many
    lengths a cosine depends on."""
    return -(F.normalize(z1, dim=1) * z2).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_normalised_by_absolutes(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Rows are divided by the sum of their absolute entries. A cosine needs another norm: look at its `p`."""
    return -(F.normalize(z1, p=1, dim=1) * F.normalize(z2, p=1, dim=1)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_divided_by_squared_norms(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Inner products are divided by the squared lengths of the rows. Look at how the length of a row is computed, and
    how often it divides."""
    return -((z1 * z2).sum(1) / (z1.square().sum(1) * z2.square().sum(1))).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_divided_by_sum_of_norms(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Inner products are divided by the sum of the two lengths. Look at how the two lengths are combined in a
    cosine."""
    return -((z1 * z2).sum(1) / (z1.norm(dim=1) + z2.norm(dim=1))).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_absolute(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Opposite views count as similar, because the sign of the cosines is lost in an absolute value."""
    return -_cosines(z1, z2).abs().mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_squared(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The cosines are squared, so opposite views count as similar. Look at what is done to them before the mean."""
    return -_cosines(z1, z2).square().mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="NaN where two views point apart")
def align_logarithm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A logarithm is taken of the cosines. Look at which of the two losses has one."""
    return -_cosines(z1, z2).log().mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_exponential(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Exponentials are taken of the cosines. Look at which of the two losses has them."""
    return -_cosines(z1, z2).exp().mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_centred(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each row's mean is subtracted first, which gives correlations. Look at whether a cosine asks for that."""
    return -_cosines(z1 - z1.mean(1, keepdim=True), z2 - z2.mean(1, keepdim=True)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_centred_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each feature is centred over the batch first. A cosine belongs to one pair of rows alone: look at what else of
    the batch enters it."""
    return -_cosines(z1 - z1.mean(0), z2 - z2.mean(0)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def cosine_of_means(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The embeddings are averaged over the batch first, and one cosine is taken. Look at the order of the two."""
    return -F.cosine_similarity(z1.mean(0), z2.mean(0), dim=0)


@replaces("1.3", "SSLLoss.align_loss")
def softmax_of_rows(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows went through a softmax before they are compared. Look at what the formula asks of them."""
    return -_cosines(z1.softmax(1), z2.softmax(1)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def cross_entropy_of_rows(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows are compared as probabilities, by a cross-entropy of their softmaxes, as DINO does. Look at which
    similarity the formula names."""
    return -(z2.softmax(1) * z1.log_softmax(1)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def contrastive_for_align(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """This is the contrastive loss: it has negatives and a temperature. Look at which of the two losses this function
    is to return."""
    return self.contrastive_loss(z1, z2)


@replaces("1.3", "SSLLoss.align_loss", symptom="right for batches whose rows match by chance only")
def align_rows_reversed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The first image is compared with the last one, and so on. Look at what happens to the order of the rows."""
    return -_cosines(z1, z2.flip(0)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_rows_shifted(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each first view is compared with the second view of another image. Look for a `roll` or an index that is off by
    one."""
    return -_cosines(z1, z2.roll(1, 0)).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="always -1")
def align_view_with_itself(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` is compared with itself, so the result is always -1. Look at the names in the product."""
    return -_cosines(z1, z1).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="always -1")
def align_second_view_with_itself(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z2` is compared with itself, so the result is always -1. Look at the names in the product."""
    return -_cosines(z2, z2).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_largest_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the best matching pair counts. Look at the reduction: a maximum is no mean."""
    return -_cosines(z1, z2).max()


@replaces("1.3", "SSLLoss.align_loss")
def align_first_image_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the first image counts. Look at the indentation of `return`, or at an index after the cosines."""
    return -_cosines(z1, z2)[0]


@replaces("1.3", "SSLLoss.align_loss")
def align_last_image_left_out(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The last image does not count. Look at where the loop or the slice over the batch ends."""
    return -_cosines(z1, z2)[:-1].mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="right for batches of 4 only")
def align_divided_by_4(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sum of the cosines is divided by 4, whatever the size of the batch. Look for a number in your code that
    should come from the shape of the input."""
    return -_cosines(z1, z2).sum() / 4


@replaces("1.3", "SSLLoss.align_loss", symptom="differences in the third or fourth digit")
def align_half_precision(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The embeddings were rounded to 16 bits, which costs digits. Look for `half()`, `float16` or `bfloat16`."""
    return -_cosines(z1.half().to(z1.dtype), z2.half().to(z2.dtype)).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="an error with float64 embeddings")
def align_float32_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Embeddings in float64 meet a tensor in float32, and PyTorch refuses. Look for `float()`, `torch.zeros` or
    `torch.ones` without the dtype of the input."""
    return -(F.normalize(z1, dim=1) @ F.normalize(z2, dim=1).float().T).diagonal().mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="the loss is right, what comes after it is not")
def align_arguments_changed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The loss is right, but `z1` or `z2` is no longer what the caller passed in. Look for operations that end in an
    underscore, for `/=`, and for assignments to slices."""
    z1 /= z1.abs().max().item()
    z2 /= z2.abs().max().item()
    return -_cosines(z1, z2).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_arguments_changed_through_data(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are normalised in place through `data`: the caller's tensors change, and the gradient does not know
    of it. Look at where the normalisation writes its result."""
    for z in (z1, z2):
        z.data = F.normalize(z.data, dim=1)
    return -(z1 * z2).sum(1).mean()
