"""Question 1.3, two mistakes at once: sign or reduction, and something else."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


def _cosines(z1: Tensor, z2: Tensor) -> Tensor:
    return F.cosine_similarity(z1, z2, dim=1)


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "cosines_summed"))
def align_sign_and_cosines_summed(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and the cosines are added up without being averaged. Look at which
    direction makes a loss good, and at the reduction."""
    return _cosines(z1, z2).sum()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "align_not_normalised"))
def align_sign_and_align_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and the embeddings are not normalised. Look at which direction makes a
    loss good, and at what turns an inner product into a cosine."""
    return (z1 * z2).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "averaged_over_features_too"))
def align_sign_and_features_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and the products are averaged over features as well. Look at which
    direction makes a loss good, and at the axis of each reduction."""
    return (F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "cosines_of_columns"))
def align_sign_and_cosines_of_columns(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and the cosines are those of columns. Look at which direction makes a
    loss good, and at the `dim`."""
    return F.cosine_similarity(z1, z2, dim=0).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "columns_normalised"))
def align_sign_and_columns_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and columns are normalised in place of rows. Look at which direction
    makes a loss good, and at the `dim` of the normalisation."""
    return (F.normalize(z1, dim=0) * F.normalize(z2, dim=0)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "all_pairs_averaged"))
def align_sign_and_all_pairs_averaged(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and every first view is compared with every second view. Look at which
    direction makes a loss good, and at which entries of the matrix belong to matching rows."""
    return (F.normalize(z1, dim=1) @ F.normalize(z2, dim=1).T).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "align_halved"))
def align_sign_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and there is a factor 1/2. Look at which direction makes a loss good,
    and at the factors before the mean."""
    return _cosines(z1, z2).mean() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "align_doubled"))
def align_sign_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and there is a factor 2. Look at which direction makes a loss good, and
    at the factors before the mean."""
    return 2 * _cosines(z1, z2).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "align_second_view_detached"))
def align_sign_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and no gradient reaches `z2`. Look at which direction makes a loss good,
    and at where this function uses `detach` or `no_grad`."""
    return _cosines(z1, z2.detach()).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "align_graph_cut"))
def align_sign_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and no gradient reaches either view. Look at which direction makes a
    loss good, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return _cosines(z1, z2).mean().detach()


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "align_not_reduced"))
def align_sign_and_not_reduced(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and one number per image comes back. Look at which direction makes a
    loss good, and at the last step."""
    return _cosines(z1, z2)


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "one_minus_cosine"))
def align_sign_and_one_minus_cosine(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and the cosine is subtracted from 1. Look at which direction makes a
    loss good, and at the constant in the formula of the handout."""
    return _cosines(z1, z2).mean() - 1


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "align_divided_by_temperature"))
def align_sign_and_over_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and the cosines are divided by the temperature. Look at which direction
    makes a loss good, and at which of the two losses has one."""
    return _cosines(z1, z2).mean() / self.temperature


@replaces("1.3", "SSLLoss.align_loss", combines=("align_sign_missing", "cosine_of_flattened_batch"))
def align_sign_and_flattened(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the sign is missing, and the batch is treated as one long vector. Look at which direction
    makes a loss good, and at the arguments of the norm."""
    return _cosines(z1.flatten()[None], z2.flatten()[None]).mean()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "align_not_normalised"))
def cosines_summed_and_align_not_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and the embeddings are not normalised. Look
    at the reduction, and at what turns an inner product into a cosine."""
    return -(z1 * z2).sum()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "align_halved"))
def cosines_summed_and_halved(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and there is a factor 1/2. Look at the
    reduction, and at the factors before the mean."""
    return -_cosines(z1, z2).sum() / 2


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "align_doubled"))
def cosines_summed_and_doubled(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and there is a factor 2. Look at the
    reduction, and at the factors before the mean."""
    return -2 * _cosines(z1, z2).sum()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "align_second_view_detached"))
def cosines_summed_and_z2_detached(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and no gradient reaches `z2`. Look at the
    reduction, and at where this function uses `detach` or `no_grad`."""
    return -_cosines(z1, z2.detach()).sum()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "align_graph_cut"))
def cosines_summed_and_graph_cut(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and no gradient reaches either view. Look at
    the reduction, and at where `detach`, `no_grad` or a tensor made anew cuts the graph."""
    return -_cosines(z1, z2).sum().detach()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "columns_normalised"))
def cosines_summed_and_columns_normalised(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and columns are normalised in place of rows.
    Look at the reduction, and at the `dim` of the normalisation."""
    return -(F.normalize(z1, dim=0) * F.normalize(z2, dim=0)).sum()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "align_divided_by_temperature"))
def cosines_summed_and_over_temperature(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and the cosines are divided by the
    temperature. Look at the reduction, and at which of the two losses has one."""
    return -_cosines(z1, z2).sum() / self.temperature


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "one_minus_cosine"))
def cosines_summed_and_one_minus_cosine(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and the cosine is subtracted from 1. Look at
    the reduction, and at the constant in the formula of the handout."""
    return (1 - _cosines(z1, z2)).sum()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "two_minus_two_cosines"))
def cosines_summed_and_squared_distance(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and the cosine is turned into a squared
    distance. Look at the reduction, and at factor and constant in the formula of the handout."""
    return (2 - 2 * _cosines(z1, z2)).sum()


@replaces("1.3", "SSLLoss.align_loss", combines=("cosines_summed", "squared_error"))
def cosines_summed_and_squared_error(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two things at once: the cosines are added up without being averaged, and the rows are compared by a squared
    error. Look at the reduction, and at which similarity the formula names."""
    return F.mse_loss(z1, z2, reduction="sum")
