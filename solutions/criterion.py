"""The two losses of the homework: NT-Xent (SimCLR, MoCo) and minus the cosine similarity (BYOL, SimSiam).

Further down are those of other methods, as far as the assignment has them.

`python criterion.py` runs this file's public checks.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LOSS_TYPES = ("contrastive", "align")


class SSLLoss(nn.Module):
    """The loss of a batch of pairs of views.

    Args:
        loss_type: `contrastive` or `align`.
        stop_gradient: whether the second argument of the loss counts as a constant.
        use_predictor: whether the predictor's outputs are compared with the encoder's.
        temperature: what the contrastive loss divides similarities by; `align` does not use it.

    Raises `ValueError` for another `loss_type` and for a temperature that is not positive.
    """

    def __init__(
        self,
        loss_type: str = "contrastive",
        stop_gradient: bool = True,
        use_predictor: bool = False,
        temperature: float = 0.5,
    ) -> None:
        super().__init__()
        if loss_type not in LOSS_TYPES:
            raise ValueError(f"loss_type is {loss_type!r}; it must be one of {', '.join(LOSS_TYPES)}")
        if not temperature > 0:
            raise ValueError(f"temperature is {temperature}; it must be greater than 0")
        self.loss_type = loss_type
        self.stop_gradient = stop_gradient
        self.use_predictor = use_predictor
        self.temperature = temperature
        ### With question B2
        self.lambd = 0.0051  # the weight of the off-diagonal entries in Barlow Twins
        ### End of question B2

    def forward(self, z1: Tensor, z2: Tensor, p1: Tensor | None = None, p2: Tensor | None = None) -> Tensor:
        """The loss of the four outputs of `Model`, each `[B, D]`; `p1` and `p2` are needed with a predictor only.

        With a predictor 1/2 L(p1, sg(z2)) + 1/2 L(p2, sg(z1)), without one L(z1, sg(z2)), where sg is the
        stop-gradient. With `stop_gradient=False` sg does nothing at all: gradients flow into both arguments.

        Returns a 0-d tensor. Raises `ValueError` where a predictor's output is missing.
        """
        loss = self.contrastive_loss if self.loss_type == "contrastive" else self.align_loss
        target1, target2 = (z1.detach(), z2.detach()) if self.stop_gradient else (z1, z2)
        if not self.use_predictor:
            return loss(z1, target2)
        if p1 is None or p2 is None:
            raise ValueError("use_predictor is on, but p1 or p2 is None; build the model with use_predictor as well")
        return 0.5 * loss(p1, target2) + 0.5 * loss(p2, target1)

    def contrastive_loss(self, z1: Tensor, z2: Tensor) -> Tensor:
        """NT-Xent over the 2B views `[z1; z2]` (SimCLR, https://arxiv.org/abs/2002.05709, equation 1).

        Row i of `z1` and row i of `z2` are the two views of one image. With s(a, b) the cosine similarity of views a
        and b divided by `self.temperature`, and pos(a) the other view of the same image:

            L = 1/(2B) sum_a [ log sum_{b != a} exp s(a, b) - s(a, pos(a)) ]

        Args:
            z1: embeddings of the first views, `[B, D]`, any floating dtype, rows not normalised.
            z2: embeddings of the second views, of the same shape and dtype.

        Returns:
            A 0-d tensor of that dtype, differentiable in both arguments.

        Memory is that of the similarities, `[2B, 2B]` in all, and of the normalised views. At the course's batch of 512
        with 2048 features, views expanded to `[2B, 2B, D]` would take 8.6 GB.
        """
        ### Question 1.2: Contrastive loss (20 points)
        ### YOUR CODE HERE (~ 9 lines)
        z1, z2 = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        across = z1 @ z2.T / self.temperature  # [B, B], with the positive pairs on its diagonal
        itself = torch.eye(len(z1), dtype=torch.bool, device=z1.device)
        within1 = (z1 @ z1.T / self.temperature).masked_fill(itself, float("-inf"))
        within2 = (z2 @ z2.T / self.temperature).masked_fill(itself, float("-inf"))
        positive = torch.arange(len(z1), device=z1.device)
        loss1 = F.cross_entropy(torch.cat([across, within1], dim=1), positive)  # [B, 2B] logits
        loss2 = F.cross_entropy(torch.cat([across.T, within2], dim=1), positive)
        return (loss1 + loss2) / 2
        ### END OF YOUR CODE

    def align_loss(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Minus the mean cosine similarity of matching rows (SimSiam, https://arxiv.org/abs/2011.10566, equation 1).

        Args:
            z1: embeddings of the first views, `[B, D]`, any floating dtype, rows not normalised.
            z2: embeddings of the second views, of the same shape and dtype.

        Returns:
            A 0-d tensor of that dtype between -1 and 1, differentiable in both arguments.
        """
        ### Question 1.3: Align loss (10 points)
        ### YOUR CODE HERE (~ 1 line)
        return -F.cosine_similarity(z1, z2, dim=1).mean()
        ### END OF YOUR CODE

    ### With question B1
    def queue_contrastive_loss(self, q: Tensor, k: Tensor, queue: Tensor) -> Tensor:
        """InfoNCE against a dictionary of keys (MoCo, https://arxiv.org/abs/1911.05722, equation 1).

        The key of the same image is the positive, the Q keys of the queue are the negatives:

            L = 1/B sum_i [ log(exp s(q_i, k_i) + sum_j exp s(q_i, u_j)) - s(q_i, k_i) ]

        Args:
            q: queries, `[B, D]`, any floating dtype, rows not normalised.
            k: keys of the same images, of the same shape and dtype; they count as constants.
            queue: L2-normalised keys of earlier batches, one per column, `[D, Q]`; they count as constants.

        Returns:
            A 0-d tensor, differentiable in `q`.
        """
        ### Question B1: Key queue (5 points, bonus)
        ### YOUR CODE HERE (~ 5 lines)
        q, k = F.normalize(q, dim=1), F.normalize(k.detach(), dim=1)
        positive = (q * k).sum(dim=1, keepdim=True)  # [B, 1]
        negative = q @ queue.detach().to(q.dtype)  # [B, Q]
        logits = torch.cat([positive, negative], dim=1) / self.temperature  # [B, 1 + Q]
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long, device=q.device))
        ### END OF YOUR CODE

    ### End of question B1
    ### With question B2
    def barlow_twins_loss(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Decorrelate the features (Barlow Twins, https://arxiv.org/abs/2103.03230, equation 1).

        With C the correlation of the features of the two views over the batch and lambda = `self.lambd`:

            L = sum_i (1 - C_ii)^2 + lambda sum_{i != j} C_ij^2

        Args:
            z1: embeddings of the first views, `[B, D]` with B >= 2, any floating dtype.
            z2: embeddings of the second views, of the same shape and dtype.

        Returns:
            A 0-d tensor of that dtype, differentiable in both arguments. Each feature is standardised over the batch
            as batch norm does it: biased variance, 1e-5 added to it.
        """
        ### Question B2: Barlow Twins (5 points, bonus)
        ### YOUR CODE HERE (~ 8 lines)
        standardised = []
        for z in (z1, z2):
            centred = z - z.mean(dim=0)
            standardised.append(centred / (centred.square().mean(dim=0) + 1e-5).sqrt())
        correlation = standardised[0].T @ standardised[1] / len(z1)  # [D, D]
        diagonal = correlation.diagonal()
        off_diagonal = correlation.square().sum() - diagonal.square().sum()
        return (1 - diagonal).square().sum() + self.lambd * off_diagonal
        ### END OF YOUR CODE

    ### End of question B2
    ### With question B4
    def pixel_consistency_loss(
        self, y1: Tensor, y2: Tensor, x1: Tensor, x2: Tensor, grid1: Tensor, grid2: Tensor, threshold: float = 0.7
    ) -> Tensor:
        """Pixels of two views that lie close together should agree (PixPro, https://arxiv.org/abs/2011.10043, eq. 5).

        Pixel i of one view and j of the other are a positive pair when their distance in the original image is less
        than `threshold` times the larger of the two views' cell diagonals. Per image, minus the mean cosine similarity
        of its positive pairs, 0 for an image without any; the mean over the batch; y1 with x2 plus y2 with x1.

        Args:
            y1, y2: propagated features of the two views, `[B, C, H, W]`, H and W at least 2.
            x1, x2: momentum features of the two views, of the same shape; they count as constants.
            grid1, grid2: where the pixels' centres are in the original image, x then y, `[B, 2, H, W]`.
            threshold: how far apart a positive pair may be, in cell diagonals.

        Returns:
            A 0-d tensor between -2 and 2, differentiable in `y1` and `y2`.
        """
        ### Question B4: Pixel consistency (5 points, bonus)
        ### YOUR CODE HERE (~ 7 lines)
        positive = positive_pixels(grid1, grid2, threshold)  # [B, HW, HW], pixels of view 1 by pixels of view 2
        loss = y1.new_zeros(())
        for y, x, pairs in ((y1, x2, positive), (y2, x1, positive.transpose(1, 2))):
            y, x = (F.normalize(features.flatten(2), dim=1) for features in (y, x.detach()))  # [B, C, HW]
            cosine = (y.transpose(1, 2) @ x).masked_fill(~pairs, 0)  # [B, HW, HW]
            loss = loss - (cosine.sum(dim=(1, 2)) / pairs.sum(dim=(1, 2)).clamp(min=1)).mean()
        return loss
        ### END OF YOUR CODE


def positive_pixels(grid1: Tensor, grid2: Tensor, threshold: float) -> Tensor:
    """Which pixels of two views show nearly the same place: grids `[B, 2, H, W]` to booleans `[B, HW, HW]`.

    A view's cell is what one pixel of it covers in the original image; a mirrored view has the same cell.
    """
    cells = [torch.hypot(*_cell_sides(grid)) for grid in (grid1, grid2)]  # [B] each: the diagonals
    distance = torch.cdist(grid1.flatten(2).transpose(1, 2), grid2.flatten(2).transpose(1, 2))  # [B, HW, HW]
    return distance < threshold * torch.maximum(*cells)[:, None, None]


def _cell_sides(grid: Tensor) -> tuple[Tensor, Tensor]:
    """Width and height of a view's cells, `[B]` each: the steps between neighbouring centres."""
    return (grid[:, 0, 0, 1] - grid[:, 0, 0, 0]).abs(), (grid[:, 1, 1, 0] - grid[:, 1, 0, 0]).abs()


def pixel_contrastive_loss(y: Tensor, x: Tensor, positive: Tensor, temperature: float) -> Tensor:
    """PixContrast in one direction (PixPro, https://arxiv.org/abs/2011.10043, equation 2).

    Minus the log of the share of a pixel's positive pairs in the sum over all pairs, averaged over the pixels that
    have a positive pair: features `[B, C, H, W]` (`x` is a constant) and booleans `[B, HW, HW]` to a 0-d tensor.
    """
    y, x = (F.normalize(features.flatten(2), dim=1) for features in (y, x.detach()))  # [B, C, HW]
    logits = y.transpose(1, 2) @ x / temperature  # [B, HW, HW]
    share = logits.masked_fill(~positive, float("-inf")).logsumexp(dim=2) - logits.logsumexp(dim=2)  # [B, HW]
    has_any = positive.any(dim=2)
    return -share.where(has_any, 0).sum() / has_any.sum().clamp(min=1)


### End of question B4


if __name__ == "__main__":
    import check

    raise SystemExit(check.main(["criterion"]))
