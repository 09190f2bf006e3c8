"""What each method makes of a batch: which networks see which views, and the loss. Given.

`make_method` picks the class by `--loss_type`; `flags.PRESETS` has the flags of every method. Networks run under
autocast with `--precision bf16`, losses always in float32. With several processes, `ranks.gather` gives every
process the embeddings of the whole batch.
"""

from __future__ import annotations

import contextlib
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import criterion
import model_factory
import networks
from criterion import LOSS_TYPES, SSLLoss
from model_factory import Model
from ranks import gather

Views = Sequence[Tensor]
Output = TypeVar("Output")


def build_model(args: Namespace) -> Model:
    """The homework's `Model` with the heads that the flags ask for."""
    model = Model(args)
    if args.projector == "mlp":
        model.encoder.projector = networks.build_mlp_head(model.encoder.backbone.width, args.feat_dim)
    if args.loss_type in ("pixpro", "pixcontrast"):
        model.encoder = networks.DenseEncoder(model.encoder.backbone, args.feat_dim)
    if args.use_momentum_encoder:
        model.momentum_encoder = networks.frozen_copy(model.encoder)
    if args.use_predictor and args.loss_type == "pixpro":
        model.predictor = networks.Propagation(args.feat_dim, args.gamma)
    elif args.use_predictor and args.predictor_type != "mlp":
        model.predictor = networks.build_linear_predictor(args.feat_dim)
    return model


class Method(nn.Module):
    """The homework's methods, as the homework wires them: `Model` on two views, then `SSLLoss`.

    `model` is the network that is saved; what else a method remembers are buffers and modules of the method itself.
    """

    num_views = 2
    needs_grids = False

    def __init__(self, args: Namespace, num_classes: int) -> None:
        super().__init__()
        self.args = args
        self.num_classes = num_classes
        self.model = build_model(args)
        loss_type = args.loss_type if args.loss_type in LOSS_TYPES else "contrastive"
        self.criterion = SSLLoss(loss_type, args.stop_gradient, args.use_predictor, args.temperature)

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        """The loss of a batch; `labels` are for the supervised baseline alone."""
        outputs = self.run(lambda: self.model(*views))
        return self.criterion(**{name: _whole(outputs[name]) for name in ("z1", "z2", "p1", "p2")})

    def after_step(self) -> None:
        """What follows the optimiser's step, before the momentum update."""
        if self.args.symmetric_predictor:
            make_symmetric(self.model.predictor)

    def run(self, networks_on_views: Callable[[], Output]) -> Output:
        """Run networks in the precision that was asked for."""
        lower = self.args.precision == "bf16"
        device = next(self.parameters()).device.type
        with torch.autocast(device, torch.bfloat16) if lower else contextlib.nullcontext():
            return networks_on_views()


def _whole(embeddings: Tensor | None) -> Tensor | None:
    return None if embeddings is None else gather(embeddings.float())


def make_symmetric(predictor: nn.Module) -> None:
    """Move a predictor to the nearest symmetric one: W to (W + W^T) / 2, or of two layers W1 to (W1 + W2^T) / 2 = W2^T.

    With batch norm and ReLU between the two layers, the product of the weights is symmetric, the whole map is not.
    """
    with torch.no_grad():
        if isinstance(predictor, nn.Linear):
            predictor.weight.copy_((predictor.weight + predictor.weight.T) / 2)
        else:
            predictor[0].weight.copy_((predictor[0].weight + predictor[-1].weight.T) / 2)
            predictor[-1].weight.copy_(predictor[0].weight.T)


class Symmetric(Method):
    """Both views through both networks, as in BYOL's paper: 1/2 L(p1, z2') + 1/2 L(p2, z1').

    Without predictor p is the encoder's own output; without momentum encoder z' is it, as in SimSiam.
    """

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        z = self.online(views)
        p = [self.run(lambda rows=rows: self.model.predictor(rows)).float() for rows in z] if self.predicts else z
        targets = z
        if self.args.use_momentum_encoder:
            with torch.no_grad():
                targets = [self.run(lambda view=view: self.model.momentum_encoder(view)) for view in views]
                targets = [gather(rows.float()) for rows in targets]
        elif self.args.stop_gradient:
            targets = [gather(rows.detach()) for rows in z]
        else:
            targets = [gather(rows) for rows in z]
        loss = self.criterion.contrastive_loss if self.args.loss_type == "contrastive" else self.criterion.align_loss
        return 0.5 * loss(gather(p[0]), targets[1]) + 0.5 * loss(gather(p[1]), targets[0])

    @property
    def predicts(self) -> bool:
        """Whether there is a predictor."""
        return bool(self.args.use_predictor)

    def online(self, views: Views) -> list[Tensor]:
        """The encoder's embeddings of this process's views."""
        return [self.run(lambda view=view: self.model.encoder(view)).float() for view in views]


class Dictionary(Method):
    """MoCo with a queue of keys; `--symmetric` adds the other direction, against the same queue."""

    def __init__(self, args: Namespace, num_classes: int) -> None:
        super().__init__(args, num_classes)
        directions = 2 if args.symmetric else 1
        self.dictionary = model_factory.KeyQueue(args.feat_dim, max(args.queue_batches, directions) * args.batch_size)
        self.keys: list[Tensor] = []

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        directions = [(0, 1), (1, 0)] if self.args.symmetric else [(0, 1)]
        loss = views[0].new_zeros(())
        self.keys = []
        for query, key in directions:
            q = self.run(lambda query=query: self.model.encoder(views[query])).float()
            with torch.no_grad():
                k = self.run(lambda key=key: self.model.momentum_encoder(views[key])).float()
            loss = loss + self.criterion.queue_contrastive_loss(q, k, self.dictionary.queue.clone())
            self.keys.append(gather(F.normalize(k, dim=1)))
        return loss

    def after_step(self) -> None:
        for keys in self.keys:
            self.dictionary.enqueue(keys)


class Classification(Method):
    """The supervised baseline, and `rotation`, whose labels are made: by which quarter turns is the image rotated?"""

    num_views = 1

    def __init__(self, args: Namespace, num_classes: int) -> None:
        super().__init__(args, num_classes)
        self.rotates = args.loss_type == "rotation"
        self.model.encoder.projector = nn.Identity()
        self.head = nn.Linear(self.model.encoder.backbone.width, 4 if self.rotates else num_classes)

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        images = views[0]
        if self.rotates:
            labels = torch.arange(4, device=images.device).repeat_interleave(len(images))
            images = torch.cat([images.rot90(turns, dims=(2, 3)) for turns in range(4)])
        return F.cross_entropy(self.run(lambda: self.head(self.model.encoder(images))).float(), labels)


CLASSES: dict[str, type[Method]] = {
    "queue": Dictionary,
    "rotation": Classification,
    "supervised": Classification,
}


def make_method(args: Namespace, num_classes: int) -> Method:
    """The method that the flags describe."""
    if args.loss_type in LOSS_TYPES and (args.symmetric or args.predictor_type == "linear"):
        return Symmetric(args, num_classes)
    return CLASSES.get(args.loss_type, Method)(args, num_classes)
