"""From a batch to the loss of each method: which networks see which views, and how they are compared. Given.

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

import model_factory
from criterion import LOSS_TYPES, SSLLoss
from model_factory import Model
from ssl_kit import data, heads, measures, networks, pixels, pretext, ranks
from ssl_kit.engine import on_cpu
from ssl_kit.ranks import gather

Views = Sequence[Tensor]
Output = TypeVar("Output")
Average = Callable[[nn.Module, float], None]
OUTPUTS = ("z1", "z2", "p1", "p2")


def build_model(args: Namespace) -> Model:
    """The assignment's `Model` with the heads that the flags ask for."""
    model = Model(args)
    projector = heads.build_projector(args, model.encoder.backbone.width)
    if projector is not None:
        model.encoder.projector = projector
    if args.loss_type in ("pixpro", "pixcontrast"):
        model.encoder = networks.DenseEncoder(model.encoder.backbone, args.feat_dim, args.proj_hidden, args.level)
    if args.use_momentum_encoder:
        model.momentum_encoder = networks.frozen_copy(model.encoder)
    if args.use_predictor and args.loss_type == "pixpro":
        model.predictor = heads.build_pixel_predictor(args)
    elif args.use_predictor:
        model.predictor = heads.build_predictor(args) or model.predictor
    return model


class Method(nn.Module):
    """The assignment's methods: `Model` on two views, then `SSLLoss`.

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

    def labels_of(self, batch: data.Batch) -> Tensor:
        """The labels of a batch that the method may look at."""
        return batch.labels

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        """The loss of a batch; `labels` are for the supervised baseline and `exemplar` alone."""
        outputs = self.run(lambda: self.model(*views))
        return self.criterion(**{name: _whole(outputs[name]) for name in OUTPUTS})

    def after_step(self, average: Average) -> None:
        """Do what follows the optimiser's step and precedes the momentum update; `average(pair, m)` is that update."""
        if self.args.symmetric_predictor:
            make_symmetric(self.model.predictor)

    def counted(self) -> dict[str, float]:
        """Counts of the steps since the last call, for the log; called in every process."""
        return {}

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
            first, second = (layer for layer in predictor if isinstance(layer, nn.Linear))
            first.weight.copy_((first.weight + second.weight.T) / 2)
            second.weight.copy_(first.weight.T)


class Symmetric(Method):
    """Each view once on either side, as in BYOL's paper: 1/2 L(p1, z2') + 1/2 L(p2, z1').

    Without predictor, p is the encoder's own output. Without momentum encoder, z' is that output, as in SimSiam.
    """

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        sides = self.both_ways(views)
        loss = self.criterion.contrastive_loss if self.args.loss_type == "contrastive" else self.criterion.align_loss
        forth, back = (loss(gather(side["online"]), self.target(side)) for side in sides)
        return 0.5 * forth + 0.5 * back

    def both_ways(self, views: Views) -> list[dict[str, Tensor]]:
        """`Model` on the views in either order: `embedding` and `online` of the first, `target` of the second.

        Without momentum encoder both orders are one pass, in which the views change places.
        """
        forth = self.run(lambda: self.model(views[0], views[1]))
        if self.args.use_momentum_encoder:
            back = self.run(lambda: self.model(views[1], views[0]))
        else:
            back = {"z1": forth["z2"], "z2": forth["z1"], "p1": forth["p2"], "p2": forth["p1"]}
        online = "p1" if self.args.use_predictor else "z1"
        names = {"embedding": "z1", "online": online, "target": "z2"}
        return [{side: outputs[name].float() for side, name in names.items()} for outputs in (forth, back)]

    def target(self, side: dict[str, Tensor]) -> Tensor:
        """The second argument of the loss, of all processes."""
        constant = self.args.use_momentum_encoder or self.args.stop_gradient
        return gather(side["target"].detach() if constant else side["target"])


### With question B3
class Direct(Symmetric):
    """DirectPred and DirectCopy: the predictor is not learned but set from the correlation of the embeddings.

    The correlation is the mean of z z^T over both views, and an average over the steps that moves as the momentum
    encoder does: F <- rho F + (1 - rho) F_batch.
    """

    steps: Tensor

    def __init__(self, args: Namespace, num_classes: int) -> None:
        super().__init__(args, num_classes)
        self.model.predictor.requires_grad_(False)
        self.correlation = networks.Averaged(args.feat_dim, args.feat_dim)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def both_ways(self, views: Views) -> list[dict[str, Tensor]]:
        sides = super().both_ways(views)
        with torch.no_grad():
            rows = torch.cat([gather(side["embedding"].detach()) for side in sides])  # [2B, D]
            self.correlation.set(rows.T @ rows / len(rows))
        return sides

    def after_step(self, average: Average) -> None:
        average(self.correlation, self.args.rho if self.steps > 0 else 0.0)
        self.steps += 1
        if self.steps % self.args.predictor_freq == 0:
            kind, eps = self.args.predictor_type, self.args.eps
            correlation = self.correlation.value
            weight = on_cpu(lambda matrix: model_factory.direct_predictor(matrix, kind, eps), correlation)
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
        self.found: list[Tensor] = []

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        directions = [(0, 1), (1, 0)] if self.args.symmetric else [(0, 1)]
        loss, self.keys = views[0].new_zeros(()), []
        for query, key in directions:
            key_views, order = ranks.shuffle(views[key]) if self.args.shuffle_bn else (views[key], None)
            outputs = self.run(lambda query=query, key_views=key_views: self.model(views[query], key_views))
            q, k = outputs["z1"].float(), outputs["z2"].float()
            k = k if order is None else ranks.unshuffle(k, order)
            loss = loss + self.criterion.queue_contrastive_loss(q, k, self.dictionary.queue.clone())
            self.found.append(measures.finds_its_key(q, k, self.dictionary.queue))
            self.keys.append(gather(F.normalize(k, dim=1)))
        return loss

    def after_step(self, average: Average) -> None:
        for keys in self.keys:
            self.dictionary.enqueue(keys)

    def counted(self) -> dict[str, float]:
        share, self.found = torch.cat(self.found).float().mean(), []
        return {"queue_accuracy_train": 100.0 * float(ranks.mean(share))}


### End of question B1
### With question B2
class BarlowTwins(Method):
    """Barlow Twins: decorrelate the embeddings of SimCLR's network."""

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        outputs = self.run(lambda: self.model(*views))
        return self.criterion.barlow_twins_loss(*(gather(outputs[name].float()) for name in ("z1", "z2")))


### End of question B2
### With question B4
class Pixels(Symmetric):
    """PixPro, and PixContrast, which has no propagation: maps of embeddings, compared where two crops overlap.

    With `--level both` PixPro also compares the images: the means of other maps over all places. Both losses count
    alike, as in the authors' code. `--level instance` compares the images alone, which is BYOL with heads of maps.
    """

    needs_grids = True

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        sides = self.both_ways(views)
        y1, y2 = (side["online"] for side in sides)
        x2, x1 = (side["target"] for side in sides)
        if self.args.loss_type == "pixpro":
            return self.consistency((y1, y2, x1, x2), grids)
        forth = pixels.pixel_contrastive_loss(y1, x2, *grids, self.args.threshold, self.args.temperature)
        back = pixels.pixel_contrastive_loss(y2, x1, *grids[::-1], self.args.threshold, self.args.temperature)
        return (forth + back) / 2

    def consistency(self, maps: Views, grids: Views) -> Tensor:
        """PixPro's loss of y1, y2, x1 and x2, the losses of either level added up."""
        dim, level = self.args.feat_dim, self.args.level
        loss = maps[0].new_zeros(())
        if level != "instance":
            pixel_maps = [one[:, :dim] for one in maps]
            loss = loss + self.criterion.pixel_consistency_loss(*pixel_maps, *grids, self.args.threshold)
        if level != "pixel":
            y1, y2, x1, x2 = (one[:, -dim:].mean(dim=(2, 3)) for one in maps)
            loss = loss + self.criterion.align_loss(y1, x2) + self.criterion.align_loss(y2, x1)
        return loss


### End of question B4
class Classification(Method):
    """The supervised baseline, and tasks whose labels are made (`pretext.py`)."""

    num_views = 1

    def __init__(self, args: Namespace, num_classes: int) -> None:
        super().__init__(args, num_classes)
        self.model.encoder.projector = nn.Identity()
        self.task = pretext.make_task(args, self.model.encoder.backbone.width, num_classes)

    def labels_of(self, batch: data.Batch) -> Tensor:
        return batch.rows if self.args.loss_type == "exemplar" else batch.labels

    def forward(self, views: Views, labels: Tensor, grids: Views) -> Tensor:
        logits, labels = self.run(lambda: self.task(self.model.encoder, views[0], labels))
        return F.cross_entropy(logits.float(), labels)


CLASSES: dict[str, type[Method]] = {
    **dict.fromkeys(LOSS_TYPES, Method),
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
    **dict.fromkeys(pretext.TASKS, Classification),
}


def make_method(args: Namespace, num_classes: int) -> Method:
    """The method that the flags describe."""
    ### With question B3
    if args.predictor_type in ("directpred", "directcopy"):
        return Direct(args, num_classes)
    ### End of question B3
    if args.loss_type in LOSS_TYPES and (args.symmetric or args.predictor_type == "linear"):
        return Symmetric(args, num_classes)
    return CLASSES[args.loss_type](args, num_classes)
