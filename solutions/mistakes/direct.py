"""Known mistakes in `direct_predictor`, question B3: DirectPred's eigenvalues, DirectCopy's norm."""

from __future__ import annotations

import torch
from torch import Tensor

from mistakes.compose import common

QUESTION, TARGET = "B3", "direct_predictor"


class Given:
    """The correlation, `[D, D]`, the method and ε."""

    def __init__(self, correlation: Tensor, method: str, eps: float):
        self.correlation, self.method, self.eps = correlation, method, eps
        self.identity = torch.eye(len(correlation), dtype=correlation.dtype)
        self.copies = method == "directcopy"

    def around(self, u: Tensor, gains: Tensor):
        return (u * gains) @ u.T


class Method(Given):
    """Which method it is; another one is refused."""

    def right(self):
        if self.method not in ("directpred", "directcopy"):
            raise ValueError(self.method)

    def methods_exchanged(self):
        """The two methods are exchanged. Look at which branch belongs to which name."""
        if self.method not in ("directpred", "directcopy"):
            raise ValueError(self.method)
        self.copies = not self.copies

    unknown_method_accepted = lambda self: None
    """Any other `method` is taken for one of the two. Look at what the docstring says is raised."""


class Eigenvalues(Given):
    """DirectPred's eigenvalues, those below 0 as 0."""

    def right(self):
        return torch.linalg.eigvalsh(self.correlation).clamp(min=0)

    negative_eigenvalues_kept = common(lambda self: torch.linalg.eigvalsh(self.correlation))
    """The root of a negative eigenvalue is NaN, and rounding makes small ones negative. Look at what the formula does
    to them first."""
    absolute_eigenvalues = lambda self: torch.linalg.eigvalsh(self.correlation).abs()
    """Negative eigenvalues change their sign, or singular values stand in for eigenvalues. They are to count as 0; look
    at what happens to them."""


class Share(Given):
    """The eigenvalues other than the largest one."""

    def right(self):
        return self.eigenvalues / self.eigenvalues.max()

    not_divided_by_largest = common(lambda self: self.eigenvalues)
    """DirectPred's eigenvalues are not divided by the largest one. Look at what stands under the root."""
    divided_by_their_sum = lambda self: self.eigenvalues / self.eigenvalues.sum()
    """DirectPred's eigenvalues are divided by their sum. Look at which of them the formula divides by."""


class Root(Given):
    """What DirectPred makes of an eigenvalue."""

    def right(self):
        return self.share.sqrt() + self.eps

    root_left_out = common(lambda self: self.share + self.eps)
    """DirectPred takes the eigenvalues themselves. Look at what the formula takes of s / s_max."""
    eps_under_root = lambda self: (self.share + self.eps).sqrt()
    """In DirectPred ε stands under the root. Look at where the formula adds it."""
    directpred_without_eps = lambda self: self.share.sqrt()
    """DirectPred does without ε, so directions with no variance are closed for good. Look at what is added to the
    roots."""


class Vectors(Given):
    """The eigenvectors, one in each column."""

    def right(self):
        return torch.linalg.eigh(self.correlation).eigenvectors

    eigenvectors_as_rows = lambda self: torch.linalg.eigh(self.correlation).eigenvectors.T
    """The eigenvectors are taken as rows. `eigh` gives one in each column; look at which of the two factors is
    transposed."""


class Norm(Given):
    """What DirectCopy divides by."""

    def right(self):
        return torch.linalg.matrix_norm(self.correlation, ord=2)

    frobenius_norm = common(lambda self: self.correlation.norm())
    """DirectCopy divides by the Frobenius norm, the default of several functions. The spectral norm is meant; look at
    the norm's arguments."""
    divided_by_largest_entry = lambda self: self.correlation.abs().max()
    """DirectCopy divides by the largest entry of the correlation. The spectral norm is meant, the largest stretch of
    any vector; look at which norm is taken."""
    copied_without_norm = common(lambda self: 1.0)
    """DirectCopy takes the correlation as it is. Look at what it is divided by."""
    nuclear_norm = lambda self: torch.linalg.matrix_norm(self.correlation, ord="nuc")
    """DirectCopy divides by the sum of the singular values. The spectral norm is meant, the largest of them; look at
    the norm's arguments."""
    trace_for_norm = lambda self: self.correlation.trace()
    """DirectCopy divides by the trace. The spectral norm is meant, the largest stretch of any vector; look at what is
    divided by."""


class Copied(Given):
    """What DirectCopy gives."""

    def right(self):
        return self.correlation / self.norm + self.eps * self.identity

    eps_everywhere = lambda self: self.correlation / self.norm + self.eps
    """DirectCopy adds ε to every entry. It belongs to the diagonal alone; look at the matrix that ε is multiplied
    with."""
    eps_divided_too = lambda self: (self.correlation + self.eps * self.identity) / self.norm
    """DirectCopy divides ε by the norm as well. Look at where the bracket ends."""
    directcopy_without_eps = lambda self: self.correlation / self.norm
    """DirectCopy does without ε. Look at what is added to the diagonal."""


class Predictor(Given):
    """What is returned."""

    def right(self):
        return self.copied if self.copies else self.around(self.vectors, self.root)


STAGES = (Method, Eigenvalues, Share, Root, Vectors, Norm, Copied, Predictor)
