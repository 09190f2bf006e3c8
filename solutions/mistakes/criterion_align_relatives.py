"""Known mistakes in the align loss, question 1.3, near relatives of others: distances, returned kinds, arguments."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


def _cosines(z1: Tensor, z2: Tensor) -> Tensor:
    return F.cosine_similarity(z1, z2, dim=1)


@replaces("1.3", "SSLLoss.align_loss")
def align_multiplied_by_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The cosines are multiplied by the temperature. Look at which of the two losses has one."""
    return -_cosines(z1, z2).mean() * self.temperature


@replaces("1.3", "SSLLoss.align_loss")
def minus_squared_error_of_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is minus the mean squared error of normalised rows: it has the wrong sign for a loss, and another
    value than the cosine. Look at which similarity the formula names."""
    return -F.mse_loss(F.normalize(z1, dim=1), F.normalize(z2, dim=1))


@replaces("1.3", "SSLLoss.align_loss")
def absolute_error_of_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean absolute error of normalised rows. Look at which similarity the formula names."""
    return F.l1_loss(F.normalize(z1, dim=1), F.normalize(z2, dim=1))


@replaces("1.3", "SSLLoss.align_loss")
def absolute_error(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean absolute error of the embeddings as they come. Look at which similarity the formula
    names."""
    return F.l1_loss(z1, z2)


@replaces("1.3", "SSLLoss.align_loss")
def squared_distance_of_rows(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean squared distance of the rows as they come. The formula compares directions only: look at
    which similarity it names."""
    return (z1 - z2).square().sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def mean_angle(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is the mean angle between the views. Look at whether the formula takes the angle or its cosine."""
    return _cosines(z1, z2).acos().mean()


@replaces("1.3", "SSLLoss.align_loss")
def pairs_taken_for_different(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The two views of each image are treated as a pair that should differ: only cosines above 0 count. Look at the
    targets that you pass on."""
    return _cosines(z1, z2).relu().mean()


@replaces("1.3", "SSLLoss.align_loss")
def negative_cosines_clamped(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Cosines below 0 are replaced by 0, so views that point apart give no gradient. Look at what is done to the
    cosines before the mean."""
    return -_cosines(z1, z2).relu().mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_features_standardised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Features are standardised over the batch and multiplied, which is no cosine of rows. Look at what 'normalised'
    means for one image alone."""
    return -((z1 - z1.mean(0)) / z1.std(0) * (z2 - z2.mean(0)) / z2.std(0)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_features_standardised_and_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Features are standardised over the batch, and the products averaged over everything: a correlation of features.
    Look at what 'normalised' means for one image alone."""
    return -((z1 - z1.mean(0)) / z1.std(0) * (z2 - z2.mean(0)) / z2.std(0)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def divided_by_matrix_norms_and_all_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Each batch is divided by the norm of its whole matrix, and the products are averaged over everything. Every row
    has a length of its own: look at the arguments of the norm, and at the axes of the mean."""
    return -(z1 * z2).mean() / (z1.norm() * z2.norm())


@replaces("1.3", "SSLLoss.align_loss")
def products_averaged_with_sign_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Products of entries are averaged over everything: rows are not normalised, and the sign of a loss is missing.
    Look at how a cosine is made, and at which direction makes a loss good."""
    return (z1 * z2).mean()


@replaces("1.3", "SSLLoss.align_loss")
def smallest_only(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Only the worst matching pair counts. Look at the reduction: a minimum is no mean."""
    return -_cosines(z1, z2).min()


@replaces("1.3", "SSLLoss.align_loss")
def both_directions_added_with_stop_gradient(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The gradient is right and the value is twice as large as it should be: both directions are added up, each with
    one view held constant. Both are `forward`'s business: look at what this function is to return."""
    return -(_cosines(z1, z2.detach()) + _cosines(z2, z1.detach())).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_list_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A list comes back where one tensor is asked for. Look at what becomes of the cosines that you collect."""
    return list(-_cosines(z1, z2))


@replaces("1.3", "SSLLoss.align_loss")
def align_dict_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """A dict comes back where the loss alone is asked for. Look at what stands behind `return`."""
    return {"loss": -_cosines(z1, z2).mean()}


@replaces("1.3", "SSLLoss.align_loss")
def align_shape_1_1_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The value is right, but it comes in a tensor of shape [1, 1], not in a 0-d one. Look for `keepdim`, or a product
    of two matrices at the end."""
    return -_cosines(z1, z2).mean().view(1, 1)


@replaces("1.3", "SSLLoss.align_loss")
def align_column_returned(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """One number per image comes back, in a column. Look at whether the result of the last step is a single number."""
    return -_cosines(z1, z2)[:, None]


@replaces("1.3", "SSLLoss.align_loss")
def align_arguments_divided_by_detached_norm(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are normalised in place with lengths that carry no gradient: the caller's tensors change, and the
    gradient is not the right one. Look at where the normalisation writes its result."""
    for z in (z1, z2):
        z.div_(z.norm(dim=1, keepdim=True).detach())
    return -(z1 * z2).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_arguments_overwritten(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are overwritten with values without a graph: the caller's tensors change, and no gradient reaches
    what they came from. Look at where the normalisation writes its result."""
    for z in (z1, z2):
        z.copy_(F.normalize(z.detach(), dim=1))
    return -_cosines(z1, z2).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_other_features(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The features of one view are in another order than those of the other. Look at what a `flip` or a transpose does
    to the columns."""
    return -_cosines(z1, z2.flip(1)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_first_view_normalised_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns of `z1` are brought to length 1, while the rows of `z2` are. Look at the `dim` of the two
    normalisations."""
    return -(F.normalize(z1, dim=0) * F.normalize(z2, dim=1)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def align_second_view_normalised_over_batch(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The columns of `z2` are brought to length 1, while the rows of `z1` are. Look at the `dim` of the two
    normalisations."""
    return -(F.normalize(z1, dim=1) * F.normalize(z2, dim=0)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def divided_by_first_length_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The length of the row of `z1` divides twice, and that of `z2` not at all. Look at the names below the fraction
    line."""
    return -((z1 * z2).sum(1) / z1.square().sum(1)).mean()


@replaces("1.3", "SSLLoss.align_loss")
def divided_by_second_length_twice(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The length of the row of `z2` divides twice, and that of `z1` not at all. Look at the names below the fraction
    line."""
    return -((z1 * z2).sum(1) / z2.square().sum(1)).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="D times the right value")
def lengths_from_means(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The result is D times as large as it should be: lengths come from a mean over the features where they need a sum,
    or a sum over features was added to a cosine. Look at how each length is computed."""
    return -_cosines(z1, z2).mean() * z1.shape[1]


@replaces("1.3", "SSLLoss.align_loss")
def softmaxes_multiplied(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The rows went through a softmax, and the products are added up. Look at what the formula asks of the rows."""
    return -(z1.softmax(1) * z2.softmax(1)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss")
def negative_features_clamped(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Negative entries of the embeddings are set to 0 before they are compared. Look at what is done to `z1` and
    `z2`."""
    return -_cosines(z1.relu(), z2.relu()).mean()
