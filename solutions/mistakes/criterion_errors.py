"""Known mistakes in several losses that end in an exception."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes import replaces


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
