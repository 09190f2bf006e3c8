"""Known mistakes in the align loss: question 1.3."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


def _cosines(z1: Tensor, z2: Tensor) -> Tensor:
    return F.cosine_similarity(z1, z2, dim=1)


@replaces("1.3", "SSLLoss.align_loss", symptom="training drives the two views apart")
def align_sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sign is missing: this loss is largest where the two views agree. Look at which direction makes a loss
    good."""
    return _cosines(z1, z2).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="the loss falls below -1")
def cosines_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The cosines of the batch are added up without being averaged. Look at the reduction."""
    return -_cosines(z1, z2).sum()


@replaces("1.3", "SSLLoss.align_loss", symptom="the loss has no bound: longer embeddings make it smaller")
def align_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The embeddings enter with the length they come with: these are inner products, not cosines. Look at what is
    missing between the two."""
    return -(z1 * z2).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="D times too small")
def averaged_over_features_too(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The products of entries are averaged over features and images, where a cosine is a sum over features. Look at the
    two axes and how each is reduced."""
    return -(F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def averaged_over_entries_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Products of entries are averaged over everything, and the rows are not normalised. Look at how a cosine is made:
    what is summed, and what it is divided by."""
    return -(z1 * z2).mean()


@replaces("1.3", "SSLLoss.align_loss")
def cosines_of_columns(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The cosines are those of columns, a feature over the batch, and not those of rows. Look at the `dim`: which axis
    holds the features of one image?"""
    return -F.cosine_similarity(z1, z2, dim=0).mean()


@replaces("1.3", "SSLLoss.align_loss")
def columns_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns are brought to length 1, not the rows. Look at the `dim` of the normalisation: which axis holds the
    features of one image?"""
    return -(F.normalize(z1, dim=0) * F.normalize(z2, dim=0)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def columns_normalised_and_all_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns are brought to length 1, not the rows, and the products are averaged over features as well. Look at
    the axis of each step."""
    return -(F.normalize(z1, dim=0) * F.normalize(z2, dim=0)).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="B/D times the right value")
def cosines_divided_by_features(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The sum of the cosines is divided by the number of features, or products are summed over the batch and averaged
    over the features. Look at the axis of each step: which one counts the images?"""
    return -_cosines(z1, z2).sum() / z1.shape[1]


@replaces("1.3", "SSLLoss.align_loss")
def cosine_of_flattened_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each batch is treated as one long vector, or divided by the norm of the whole matrix. Every image has a cosine of
    its own: look at the arguments of the norm."""
    return -_cosines(z1.flatten()[None], z2.flatten()[None]).mean()


@replaces("1.3", "SSLLoss.align_loss")
def divided_by_matrix_norms_and_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each batch is divided by the norm of its whole matrix before the mean over images is taken. Every row has a
    length of its own: look at the arguments of the norm."""
    return -(z1 * z2).sum(1).mean() / (z1.norm() * z2.norm())


@replaces("1.3", "SSLLoss.align_loss", symptom="the gradient is right, the value is 1 too large")
def one_minus_cosine(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is 1 minus the mean cosine: a distance. Compare the constant with the formula of the handout."""
    return 1 - _cosines(z1, z2).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="the loss lies between 0 and 4")
def two_minus_two_cosines(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the squared distance of normalised rows, as the BYOL paper writes it. Compare factor and constant
    with the formula of the handout."""
    return (2 - 2 * _cosines(z1, z2)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def squared_error_of_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean squared error of normalised rows. Compare it with the formula of the handout, and look at
    what `mse_loss` averages over."""
    return F.mse_loss(F.normalize(z1, dim=1), F.normalize(z2, dim=1))


@replaces("1.3", "SSLLoss.align_loss")
def squared_error(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean squared error of the embeddings as they come. The formula of the handout compares
    directions only: look at which similarity it names."""
    return F.mse_loss(z1, z2)


@replaces("1.3", "SSLLoss.align_loss")
def distance_of_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean Euclidean distance of normalised rows. Look at which similarity the formula names."""
    return (F.normalize(z1, dim=1) - F.normalize(z2, dim=1)).norm(dim=1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def distance_of_rows(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean Euclidean distance of the rows as they come. Look at which similarity the formula
    names."""
    return (z1 - z2).norm(dim=1).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="images of the batch are drawn together")
def all_pairs_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every first view is compared with every second view, not only with its own. Look at which entries of the matrix
    of products belong to matching rows."""
    return -(F.normalize(z1, dim=1) @ F.normalize(z2, dim=1).T).mean()


@replaces("1.3", "SSLLoss.align_loss")
def all_pairs_summed_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every first view is compared with every second view, and their sum is divided by B. Look at which entries of the
    matrix of products belong to matching rows."""
    return -(F.normalize(z1, dim=1) @ F.normalize(z2, dim=1).T).sum() / len(z1)


@replaces("1.3", "SSLLoss.align_loss")
def all_pairs_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Every first view is compared with every second view, and everything is added up. Look at which entries of the
    matrix of products belong to matching rows, and at the reduction."""
    return -(F.normalize(z1, dim=1) @ F.normalize(z2, dim=1).T).sum()


@replaces("1.3", "SSLLoss.align_loss", symptom="all entries of the matrix of products divide its diagonal")
def diagonal_averaged_over_matrix(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The cosines of matching rows are added up and divided by B twice. Look for a mean over a matrix whose other
    entries are masked, or for a mean and a division one after the other."""
    return -_cosines(z1, z2).mean() / len(z1)


@replaces("1.3", "SSLLoss.align_loss", symptom="half of the right value")
def align_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is half as large as it should be. The factor 1/2 of the symmetric loss is `forward`'s business: look
    for it in this function."""
    return -_cosines(z1, z2).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", symptom="twice the right value")
def align_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is twice as large as it should be. Look for a factor 2, or for both directions added up, which is
    `forward`'s business."""
    return -2 * _cosines(z1, z2).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="the value is right, the gradient is half of it")
def symmetric_with_stop_gradient(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but each gradient is half as large as it should be: both directions are averaged, each with
    one view held constant. The stop-gradient is `forward`'s business: look for `detach` in this function."""
    return -(_cosines(z1, z2.detach()) + _cosines(z2, z1.detach())).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", symptom="the value changes with the temperature")
def align_divided_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The cosines are divided by the temperature. Look at which of the two losses has one."""
    return -_cosines(z1, z2).mean() / self.temperature


@replaces("1.3", "SSLLoss.align_loss", symptom="the value is right; z2 gets no gradient")
def align_second_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but no gradient reaches `z2`. The stop-gradient is `forward`'s business: look for `detach` or
    `no_grad` in this function."""
    return -_cosines(z1, z2.detach()).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="the value is right; z1 gets no gradient")
def align_first_view_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but no gradient reaches `z1`. The stop-gradient is `forward`'s business: look for `detach` or
    `no_grad` in this function."""
    return -_cosines(z1.detach(), z2).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="the value is right; nothing learns")
def align_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but no gradient reaches either view. Look for `no_grad`, `detach`, `data` or a tensor made
    anew (`torch.tensor`, NumPy); `requires_grad_()` on the result does not bring the graph back."""
    return -_cosines(z1, z2).mean().detach()


@replaces("1.3", "SSLLoss.align_loss", symptom="the value is right, the gradient is not")
def align_norms_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but the lengths of the rows count as constants in the gradient. Look for `detach`, `data` or
    `no_grad` in the normalisation."""
    lengths = z1.norm(dim=1) * z2.norm(dim=1)
    return -((z1 * z2).sum(1) / lengths.detach()).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_number_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A plain number comes back, so there is nothing to differentiate. Look for `item()`, `float()` or NumPy near the
    end."""
    return -_cosines(z1, z2).mean().item()


@replaces("1.3", "SSLLoss.align_loss")
def align_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """One number per image comes back. Look at whether the result of the last step is a single number."""
    return -_cosines(z1, z2)


@replaces("1.3", "SSLLoss.align_loss")
def align_nothing_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> None:
    """The function returns None. Look at its last line, and at the branches that end without `return`."""


@replaces("1.3", "SSLLoss.align_loss")
def align_tuple_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A tuple comes back where the loss alone is asked for. Look at what stands behind `return`: a stray comma makes a
    tuple too."""
    return (-_cosines(z1, z2).mean(),)


@replaces("1.3", "SSLLoss.align_loss")
def align_shape_1_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but it comes in a tensor of shape [1], not in a 0-d one. Look for `view(1)`, `keepdim` or a
    start value with an axis."""
    return -_cosines(z1, z2).mean().view(1)
