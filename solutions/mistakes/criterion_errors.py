"""Known mistakes in several losses that end in an exception."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces
from mistakes.criterion_parts import index, own, positives, products, scaled, unit


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="loss.backward() raises; the value alone is right")
def changed_what_the_gradient_needs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A tensor is changed in place after PyTorch has kept it for the gradient, so `backward()` raises. Look for `/=`,
    `fill_diagonal_` and assignments to slices, on `z1` and `z2` or on the result of `exp`."""
    weights = scaled(self, z1, z2).exp()
    weights.fill_diagonal_(0)
    return -(positives(weights) / weights.sum(1)).log().mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="shape '[8, 1]' is invalid for input of size 12")
def diagonals_of_wrong_length(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A `view` does not have as many places as there are entries. Look at how many entries each diagonal and each mask
    takes out of the matrix: an offset of 0 takes the main diagonal."""
    s = scaled(self, z1, z2)
    return torch.cat([s.diagonal(), s.diagonal(-len(z1))]).view(len(s), 1).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="mat1 and mat2 shapes cannot be multiplied")
def transpose_missing(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two matrices are multiplied although the columns of the first are not as many as the rows of the second. Look at
    the axes of the embeddings in the product: which ones have to meet?"""
    z = unit(z1, z2)
    return F.cross_entropy(z @ z, index(z))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="name 'temperature' is not defined")
def name_unknown(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A name is used that this function does not know. What the class keeps, such as the temperature, is reached
    through `self`; look at the name in the message, and at how it is spelled where it is made."""
    return products(unit(z1, z2)) / temperature  # noqa: F821  # that the name is unknown is the mistake


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="no NVIDIA driver")
def moved_to_cuda(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A tensor is moved to a GPU, and this machine has none. Look for `cuda`: new tensors belong on the device that the
    input is on."""
    s = scaled(self, z1, z2)
    return s.masked_fill(own(s).cuda(), float("-inf")).logsumexp(1).mean()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="Can't call numpy() on Tensor that requires grad")
def numpy_of_tensor_with_graph(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """NumPy can not take a tensor that is part of a graph, and it would cut the graph. Look for `numpy()` and NumPy
    functions: PyTorch has the same ones."""
    return unit(z1, z2).sum().requires_grad_().numpy()


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="Target 7 is out of bounds")
def label_out_of_range(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A label names a column that the cross-entropy's matrix does not have. Count the columns: removing the diagonal
    takes one, and blocks and wrong axes take more. Then look at what that does to the labels."""
    s = scaled(self, z1, z2)
    return F.cross_entropy(s[~own(s)].view(len(s), -1), index(s))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="Expected input batch_size to match target batch_size")
def labels_of_another_number(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """The cross-entropy's matrix does not have as many rows as there are labels. Look at how the views are put
    together, and count both."""
    z = F.normalize(torch.cat([z1, z2], dim=1), dim=1)
    return F.cross_entropy(products(z), torch.arange(2 * len(z1)))


@replaces("1.2", "SSLLoss.contrastive_loss", symptom="The size of tensor a must match the size of tensor b")
def shapes_that_do_not_fit(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two tensors of different shapes are combined entry by entry. Look at the shape of a norm or a sum: without
    `keepdim` it loses an axis; then look at the sizes of masks."""
    z = torch.cat([z1, z2])
    return products(z / z.norm(dim=1)).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="loss.backward() raises; the value alone is right")
def align_changed_what_the_gradient_needs(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """A tensor is changed in place after PyTorch has kept it for the gradient, so `backward()` raises. Look for `/=`
    and assignments to slices on `z1` and `z2`."""
    z1 /= z1.norm(dim=1, keepdim=True)
    z2 /= z2.norm(dim=1, keepdim=True)
    return -(z1 * z2).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="mat1 and mat2 shapes cannot be multiplied")
def align_matrix_product(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`z1` and `z2` are multiplied as matrices, and their axes do not fit. Look at whether matching rows need a product
    of matrices at all."""
    return -(F.normalize(z1, dim=1) @ F.normalize(z2, dim=1)).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="1D tensors expected")
def align_dot_of_matrices(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """`torch.dot` takes two vectors, and these are matrices with a vector in each row. Look at the axis over which the
    products of entries are to be summed."""
    return -torch.dot(z1, z2)


@replaces("1.3", "SSLLoss.align_loss", symptom="The size of tensor a must match the size of tensor b")
def align_shapes_that_do_not_fit(self: SSLLoss, z1: Tensor, z2: Tensor) -> Tensor:
    """Two tensors of different shapes are combined entry by entry. Look at the shape of a norm: without `keepdim` it
    loses an axis."""
    return -(z1 / z1.norm(dim=1) * z2 / z2.norm(dim=1)).sum(1).mean()


@replaces("1.3", "SSLLoss.align_loss", symptom="Can't call numpy() on Tensor that requires grad")
def align_numpy_of_tensor_with_graph(self: SSLLoss, z1: Tensor, z2: Tensor) -> object:
    """NumPy can not take a tensor that is part of a graph, and it would cut the graph. Look for `numpy()` and NumPy
    functions: PyTorch has the same ones."""
    return (z1 * z2).sum().numpy()
