"""Question 1.2 in steps. Optional: no points, nobody grades this file, and you may leave it as it is.

Each step is a function of a few lines, and `python steps.py` checks it before the loss itself:

    a  the cosine of two rows
    b  the matrix of all similarities
    c  the loss, as a loop over the rows of that matrix
    d  the same without a loop: `SSLLoss.contrastive_loss` in `criterion.py`, which is what question 1.2 asks for

Speed, memory and gradients do not matter in a to c. What you write here may be called from `criterion.py`; the zip to
be handed in then holds this file too.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """Step a: the cosine of the angle between two rows, each `[D]`, of any length but 0; returns a 0-d tensor.

    It is the inner product of the rows, divided by the length of one and by the length of the other.
    """
    ### Step a
    ### YOUR CODE HERE (~ 1 line)
    return (a @ b) / (a.norm() * b.norm())
    ### END OF YOUR CODE


def similarities(z1: Tensor, z2: Tensor, temperature: float) -> Tensor:
    """Step b: the cosine of each of the 2B views `[z1; z2]` with each, divided by the temperature.

    `z1` and `z2` are `[B, D]`. Returns `[2B, 2B]`: row a, column b is the similarity of views a and b, and views 0 to
    B - 1 are the rows of `z1`. The diagonal, each view with itself, stays in.
    """
    ### Step b
    ### YOUR CODE HERE (~ 2 lines)
    views = F.normalize(torch.cat([z1, z2]), dim=1)
    return views @ views.T / temperature
    ### END OF YOUR CODE


def loss_by_loop(similar: Tensor) -> Tensor:
    """Step c: the loss of question 1.2 as its formula has it, by a loop over the rows of step b's matrix `[2B, 2B]`.

    For each row a: the logarithm of the sum of exponentials over all b but a itself, minus the similarity with the
    positive, which is B rows further on (or back). Returns the mean over the 2B rows, a 0-d tensor.
    """
    ### Step c
    ### YOUR CODE HERE (~ 6 lines)
    count, total = len(similar), similar.new_zeros(())
    for a in range(count):
        others = [b for b in range(count) if b != a]
        positive = (a + count // 2) % count
        total = total + similar[a, others].logsumexp(dim=0) - similar[a, positive]
    return total / count
    ### END OF YOUR CODE


if __name__ == "__main__":
    from ssl_kit import check

    raise SystemExit(check.main(["criterion"]))
