"""The model that all four methods share: SimCLR, MoCo, BYOL and SimSiam differ in its flags only.

Further down is what other methods need beside it, as far as the assignment has them.

`python model_factory.py` runs this file's public checks.
"""

from __future__ import annotations

import copy
from argparse import Namespace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks import build_encoder, build_predictor


class Model(nn.Module):
    """An encoder, and where the method asks for them a momentum encoder and a predictor.

    | Method  | `use_momentum_encoder` | `use_predictor` |
    |---------|------------------------|-----------------|
    | SimCLR  | no                     | no              |
    | MoCo    | yes                    | no              |
    | BYOL    | yes                    | yes             |
    | SimSiam | no                     | yes             |

    `args` has `arch`, `feat_dim`, `num_proj_layers` (2 or 3), `use_momentum_encoder` and `use_predictor`.
    """

    def __init__(self, args: Namespace) -> None:
        super().__init__()
        self.use_momentum_encoder: bool = args.use_momentum_encoder
        self.use_predictor: bool = args.use_predictor
        self.encoder: nn.Module = build_encoder(args.arch, args.feat_dim, args.num_proj_layers)
        if self.use_momentum_encoder:
            # A copy, so that both start equal; frozen, because the momentum update alone moves it, never an optimiser.
            self.momentum_encoder: nn.Module = copy.deepcopy(self.encoder).requires_grad_(False)
        if self.use_predictor:
            self.predictor: nn.Module = build_predictor(args.feat_dim)

    def forward(self, im_aug1: Tensor, im_aug2: Tensor) -> dict[str, Tensor | None]:
        """Encode two views of the same images.

        Args:
            im_aug1: first view of each image, float `[B, 3, H, W]`.
            im_aug2: second view of each image, float `[B, 3, H, W]`.

        Returns:
            A dict with the keys `z1`, `z2`, `p1`, `p2`, each `[B, feat_dim]` or `None`:
            `z1` is the encoder's output for view 1; `z2` that for view 2, of the momentum encoder if it is used and of
            the encoder otherwise; `p1` and `p2` are the predictor's outputs for `z1` and `z2`, `None` without it.

        Each view is a pass of its own, so that batch norm sees one view at a time. The stop-gradient is the loss's
        task, not this function's. With the momentum encoder, `p2` comes from its `z2`: that is this homework's
        wiring, where view 1 trains the encoder; in BYOL itself (Grill et al., 2020, https://arxiv.org/abs/2006.07733)
        both views go through both networks.
        """
        ### Question 1.1: Forward propagation (10 points)
        ### YOUR CODE HERE (~ 5 lines)
        z1 = self.encoder(im_aug1)
        z2 = self.momentum_encoder(im_aug2) if self.use_momentum_encoder else self.encoder(im_aug2)
        p1 = self.predictor(z1) if self.use_predictor else None
        p2 = self.predictor(z2) if self.use_predictor else None
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
        ### END OF YOUR CODE


### With question B1
class KeyQueue(nn.Module):
    """A dictionary of the last `size` keys (MoCo, https://arxiv.org/abs/1911.05722, section 3.2).

    `queue` is `[dim, size]`, one L2-normalised key per column, random at first; `ptr` is the column that is written
    next. Both are buffers: they are saved in checkpoints and no optimiser moves them.
    """

    queue: Tensor
    ptr: Tensor

    def __init__(self, dim: int, size: int) -> None:
        super().__init__()
        self.register_buffer("queue", F.normalize(torch.randn(dim, size), dim=0))
        self.register_buffer("ptr", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def enqueue(self, keys: Tensor) -> None:
        """Write keys `[B, dim]`, L2-normalised, over the oldest ones: from `ptr` on, around the end of the queue.

        Raises `ValueError` when there are more keys than the queue holds.
        """
        ### Question B1: Key queue (5 points, bonus)
        ### YOUR CODE HERE (~ 5 lines)
        size = self.queue.shape[1]
        if len(keys) > size:
            raise ValueError(f"{len(keys)} keys do not fit into a queue of {size}")
        columns = (self.ptr + torch.arange(len(keys), device=self.queue.device)) % size  # [B]
        self.queue[:, columns] = keys.T.to(self.queue.dtype)
        self.ptr.copy_((self.ptr + len(keys)) % size)
        ### END OF YOUR CODE


### End of question B1
### With question B3
def direct_predictor(correlation: Tensor, method: str, eps: float) -> Tensor:
    """A predictor set from the features' correlation (DirectPred, https://arxiv.org/abs/2102.06810, section 4).

    With correlation = U diag(s) U^T, eigenvalues below 0 taken as 0 and s_max the largest:

        directpred    W = U diag(sqrt(s / s_max) + eps) U^T
        directcopy    W = correlation / ||correlation|| + eps I, with the spectral norm

    Args:
        correlation: symmetric, `[D, D]`, any floating dtype.
        method: `directpred` or `directcopy`.
        eps: what every direction gets, however little the features vary in it.

    Returns:
        W, `[D, D]`. Raises `ValueError` for another `method`.
    """
    if method == "directcopy":
        identity = torch.eye(len(correlation), dtype=correlation.dtype, device=correlation.device)
        return correlation / torch.linalg.matrix_norm(correlation, ord=2) + eps * identity
    if method != "directpred":
        raise ValueError(f"method is {method!r}; it must be directpred or directcopy")
    s, u = torch.linalg.eigh((correlation + correlation.T) / 2)  # [D] ascending, [D, D] with an eigenvector per column
    s = s.clamp(min=0)
    return (u * ((s / s.max()).sqrt() + eps)) @ u.T


### End of question B3


if __name__ == "__main__":
    import check

    raise SystemExit(check.main(["model_factory"]))
