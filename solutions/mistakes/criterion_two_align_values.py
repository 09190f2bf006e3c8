"""Question 1.3, two mistakes at once: the formula, and something else."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


def _cosines(z1: Tensor, z2: Tensor) -> Tensor:
    return F.cosine_similarity(z1, z2, dim=1)


@replaces("1.3", "SSLLoss.align_loss", combines=("align_not_normalised", "align_doubled"))
def align_not_normalised_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and there is a factor 2. Look at what turns an inner
    product into a cosine, and at the factors before the mean."""
    return -2 * (z1 * z2).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_not_normalised", "align_halved"))
def align_not_normalised_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and there is a factor 1/2. Look at what turns an inner
    product into a cosine, and at the factors before the mean."""
    return -(z1 * z2).sum(1).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("align_not_normalised", "align_second_view_detached"))
def align_not_normalised_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and no gradient reaches `z2`. Look at what turns an inner
    product into a cosine, and at where this function uses `detach` or `no_grad`."""
    return -(z1 * z2.detach()).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_not_normalised", "all_pairs_averaged"))
def align_not_normalised_and_all_pairs_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and every first view is compared with every second view.
    Look at what turns an inner product into a cosine, and at which entries of the matrix belong to matching rows."""
    return -(z1 @ z2.T).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_not_normalised", "align_divided_by_temperature"))
def align_not_normalised_and_over_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the cosines are divided by the temperature. Look at
    what turns an inner product into a cosine, and at which of the two losses has one."""
    return -(z1 * z2).sum(1).mean() / self.temperature


@replaces("1.3", "SSLLoss.align_loss", combines=("align_not_normalised", "align_not_reduced"))
def align_not_normalised_and_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and one number per image comes back. Look at what turns an
    inner product into a cosine, and at the last step."""
    return -(z1 * z2).sum(1)


@replaces("1.3", "SSLLoss.align_loss", combines=("align_not_normalised", "one_minus_cosine"))
def align_not_normalised_and_one_minus_cosine(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the embeddings are not normalised, and the cosine is subtracted from 1. Look at what turns an
    inner product into a cosine, and at the constant in the formula of the handout."""
    return 1 - (z1 * z2).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("averaged_over_features_too", "align_second_view_detached"))
def features_averaged_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the products are averaged over features as well, and no gradient reaches `z2`. Look at the
    axis of each reduction, and at where this function uses `detach` or `no_grad`."""
    return -(F.normalize(z1, dim=1) * F.normalize(z2.detach(), dim=1)).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("averaged_over_features_too", "align_graph_cut"))
def features_averaged_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the products are averaged over features as well, and no gradient reaches either view. Look at
    the axis of each reduction, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return -(F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).mean().detach()


@replaces("1.3", "SSLLoss.align_loss", combines=("averaged_over_features_too", "align_doubled"))
def features_averaged_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the products are averaged over features as well, and there is a factor 2. Look at the axis of
    each reduction, and at the factors before the mean."""
    return -2 * (F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("averaged_over_features_too", "align_halved"))
def features_averaged_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the products are averaged over features as well, and there is a factor 1/2. Look at the axis
    of each reduction, and at the factors before the mean."""
    return -(F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("averaged_over_features_too", "one_minus_cosine"))
def features_averaged_and_one_minus_cosine(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the products are averaged over features as well, and the cosine is subtracted from 1. Look at
    the axis of each reduction, and at the constant in the formula of the handout."""
    return 1 - (F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_of_columns", "align_second_view_detached"))
def cosines_of_columns_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are those of columns, and no gradient reaches `z2`. Look at the `dim`, and at
    where this function uses `detach` or `no_grad`."""
    return -F.cosine_similarity(z1, z2.detach(), dim=0).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_of_columns", "one_minus_cosine"))
def cosines_of_columns_and_one_minus_cosine(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are those of columns, and the cosine is subtracted from 1. Look at the `dim`, and
    at the constant in the formula of the handout."""
    return 1 - F.cosine_similarity(z1, z2, dim=0).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_of_columns", "align_halved"))
def cosines_of_columns_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are those of columns, and there is a factor 1/2. Look at the `dim`, and at the
    factors before the mean."""
    return -F.cosine_similarity(z1, z2, dim=0).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("one_minus_cosine", "align_halved"))
def one_minus_cosine_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is subtracted from 1, and there is a factor 1/2. Look at the constant in the
    formula of the handout, and at the factors before the mean."""
    return (1 - _cosines(z1, z2)).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("one_minus_cosine", "align_second_view_detached"))
def one_minus_cosine_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is subtracted from 1, and no gradient reaches `z2`. Look at the constant in the
    formula of the handout, and at where this function uses `detach` or `no_grad`."""
    return (1 - _cosines(z1, z2.detach())).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("one_minus_cosine", "align_graph_cut"))
def one_minus_cosine_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is subtracted from 1, and no gradient reaches either view. Look at the constant in
    the formula of the handout, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return (1 - _cosines(z1, z2)).mean().detach()


@replaces("1.3", "SSLLoss.align_loss", combines=("one_minus_cosine", "align_not_reduced"))
def one_minus_cosine_and_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is subtracted from 1, and one number per image comes back. Look at the constant in
    the formula of the handout, and at the last step."""
    return 1 - _cosines(z1, z2)


@replaces("1.3", "SSLLoss.align_loss", combines=("two_minus_two_cosines", "align_second_view_detached"))
def squared_distance_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is turned into a squared distance, and no gradient reaches `z2`. Look at factor
    and constant in the formula of the handout, and at where this function uses `detach` or `no_grad`."""
    return (2 - 2 * _cosines(z1, z2.detach())).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("two_minus_two_cosines", "align_graph_cut"))
def squared_distance_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is turned into a squared distance, and no gradient reaches either view. Look at
    factor and constant in the formula of the handout, and at where `detach`, `no_grad` or a tensor made anew cuts the
    graph."""
    return (2 - 2 * _cosines(z1, z2)).mean().detach()


@replaces("1.3", "SSLLoss.align_loss", combines=("two_minus_two_cosines", "align_not_reduced"))
def squared_distance_and_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is turned into a squared distance, and one number per image comes back. Look at
    factor and constant in the formula of the handout, and at the last step."""
    return 2 - 2 * _cosines(z1, z2)


@replaces("1.3", "SSLLoss.align_loss", combines=("two_minus_two_cosines", "align_doubled"))
def squared_distance_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosine is turned into a squared distance, and there is a factor 2. Look at factor and
    constant in the formula of the handout, and at the factors before the mean."""
    return (4 - 4 * _cosines(z1, z2)).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("squared_error", "align_second_view_detached"))
def squared_error_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the rows are compared by a squared error, and no gradient reaches `z2`. Look at which
    similarity the formula names, and at where this function uses `detach` or `no_grad`."""
    return F.mse_loss(z1, z2.detach())


@replaces("1.3", "SSLLoss.align_loss", combines=("squared_error_of_normalised", "align_second_view_detached"))
def squared_error_of_normalised_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the normalised rows are compared by a squared error, and no gradient reaches `z2`. Look at
    which similarity the formula names, and at where this function uses `detach` or `no_grad`."""
    return F.mse_loss(F.normalize(z1, dim=1), F.normalize(z2.detach(), dim=1))


@replaces("1.3", "SSLLoss.align_loss", combines=("align_halved", "align_second_view_detached"))
def halved_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: there is a factor 1/2, and no gradient reaches `z2`. Look at the factors before the mean, and
    at where this function uses `detach` or `no_grad`."""
    return -_cosines(z1, z2.detach()).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("align_halved", "align_graph_cut"))
def halved_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: there is a factor 1/2, and no gradient reaches either view. Look at the factors before the
    mean, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return -_cosines(z1, z2).mean().detach() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("align_doubled", "align_second_view_detached"))
def doubled_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: there is a factor 2, and no gradient reaches `z2`. Look at the factors before the mean, and
    at where this function uses `detach` or `no_grad`."""
    return -2 * _cosines(z1, z2.detach()).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_doubled", "align_graph_cut"))
def doubled_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: there is a factor 2, and no gradient reaches either view. Look at the factors before the
    mean, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return -2 * _cosines(z1, z2).mean().detach()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_divided_by_temperature", "align_second_view_detached"))
def over_temperature_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are divided by the temperature, and no gradient reaches `z2`. Look at which of
    the two losses has one, and at where this function uses `detach` or `no_grad`."""
    return -_cosines(z1, z2.detach()).mean() / self.temperature
