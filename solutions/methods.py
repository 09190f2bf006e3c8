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
        ### With question B2
        self.criterion.lambd = args.lambd
        ### End of question B2

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


### With question B3
class Direct(Symmetric):
    """DirectPred and DirectCopy: the predictor is not learned but set from the correlation of the embeddings.

    The correlation is the mean of z z^T over both views, followed over the steps: F <- rho F + (1 - rho) F_batch.
    """

    correlation: Tensor
    steps: Tensor

    def __init__(self, args: Namespace, num_classes: int) -> None:
        super().__init__(args, num_classes)
        self.model.predictor.requires_grad_(False)
        self.register_buffer("correlation", torch.zeros(args.feat_dim, args.feat_dim))
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def online(self, views: Views) -> list[Tensor]:
        embeddings = super().online(views)
        with torch.no_grad():
            rows = torch.cat([gather(z.detach()) for z in embeddings])  # [2B, D]
            keep = self.args.rho if self.steps > 0 else 0.0
            self.correlation.mul_(keep).add_(rows.T @ rows / len(rows), alpha=1 - keep)
            self.steps += 1
        return embeddings

    def after_step(self) -> None:
        if self.steps % self.args.predictor_freq == 0:
            weight = model_factory.direct_predictor(self.correlation, self.args.predictor_type, self.args.eps)
            self.model.predictor.weight.data.copy_(weight)


### End of question B3
### With question B1
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


### End of question B1
### With question B2
class BarlowTwins(Method):
    """Barlow Twins: decorrelate the embeddings of SimCLR's network."""

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        outputs = self.run(lambda: self.model(*views))
        return self.criterion.barlow_twins_loss(*(gather(outputs[name].float()) for name in ("z1", "z2")))


### End of question B2
### With question B4
class Pixels(Method):
    """PixPro, and PixContrast, which has no propagation: maps of embeddings, compared where two crops overlap."""

    needs_grids = True

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        y = [self.run(lambda view=view: self.propagated(view)).float() for view in views]
        with torch.no_grad():
            x = [self.run(lambda view=view: self.model.momentum_encoder(view)).float() for view in views]
        if self.args.loss_type == "pixpro":
            return self.criterion.pixel_consistency_loss(*y, *x, *grids, self.args.threshold)
        positive = criterion.positive_pixels(*grids, self.args.threshold)
        forth = criterion.pixel_contrastive_loss(y[0], x[1], positive, self.args.temperature)
        back = criterion.pixel_contrastive_loss(y[1], x[0], positive.transpose(1, 2), self.args.temperature)
        return (forth + back) / 2

    def propagated(self, view: Tensor) -> Tensor:
        """The online network's map, through the propagation module where there is one."""
        embeddings = self.model.encoder(view)
        return self.model.predictor(embeddings) if self.args.use_predictor else embeddings


### End of question B4
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
    ### With question B1
    "queue": Dictionary,
    ### End of question B1
    ### With question B2
    "barlow": BarlowTwins,
    ### End of question B2
    ### With question B4
    "pixpro": Pixels,
    "pixcontrast": Pixels,
    ### End of question B4
    "rotation": Classification,
    "supervised": Classification,
}


def make_method(args: Namespace, num_classes: int) -> Method:
    """The method that the flags describe."""
    ### With question B3
    if args.predictor_type in ("directpred", "directcopy"):
        return Direct(args, num_classes)
    ### End of question B3
    if args.loss_type in LOSS_TYPES and (args.symmetric or args.predictor_type == "linear"):
        return Symmetric(args, num_classes)
    return CLASSES.get(args.loss_type, Method)(args, num_classes)
