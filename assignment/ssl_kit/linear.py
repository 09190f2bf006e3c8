"""The script of `main_linclis.py`: its flags, and how the classifier is trained. Given."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import SGD, Adam

from ssl_kit import checkpoints, data, engine
from ssl_kit.logs import Progress, RunLog
from ssl_kit.measures import extract_features
from ssl_kit.networks import Backbone
from ssl_kit.views import MILD, RandomView

Freeze = Callable[[nn.Module], list[nn.Parameter]]
"""`freeze_backbone` of `main_linclis.py`."""
RATES = {"sgd": 30.0, "adam": 0.05}
"""The learning rate of each optimiser."""
LOG = "linear.csv"
"""The log in `--exp_dir`, a row an epoch."""


class Extractor(Backbone):
    """A backbone, followed by the first layers of a projector: images `[B, 3, H, W]` to features `[B, width]`."""

    def __init__(self, arch: str, projector: nn.Sequential) -> None:
        super().__init__(arch)
        self.projector = projector
        self.width = next((one.out_features for one in reversed(projector) if hasattr(one, "out_features")), self.width)

    def forward(self, images: Tensor) -> Tensor:
        return self.projector(super().forward(images))


class LinearClassifier(nn.Module):
    """Frozen layers and the linear layer `fc` on top: images `[B, 3, H, W]` to logits `[B, num_classes]`."""

    def __init__(self, arch: str, num_classes: int, projector: nn.Sequential | None = None) -> None:
        super().__init__()
        self.backbone = Extractor(arch, nn.Sequential() if projector is None else projector)
        self.fc = nn.Linear(self.backbone.width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        with torch.no_grad():  # the backbone is frozen: there is nothing to remember for a backward pass
            features = self.backbone(images)  # [B, width]
        logits: Tensor = self.fc(features)  # [B, num_classes]
        return logits


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program with exit status 2."""
    parser = argparse.ArgumentParser(description="Train a linear classifier on frozen features.", allow_abbrev=False)
    add_run_flags(parser)
    add_training_flags(parser)
    args = parser.parse_args(argv)
    if args.learning_rate is None:
        args.learning_rate = RATES[args.optimizer]
    return args


def add_run_flags(parser: argparse.ArgumentParser) -> None:
    """The flags on data, machine and output."""
    count, whole = engine.number(int, 1), engine.number(int, 0)
    parser.add_argument("--pretrained", type=Path, required=True, metavar="CKPT", help="of main.py, or a ResNet's")
    layers = "of its projector, which stay as well (default: %(default)s, the backbone alone)"
    parser.add_argument("--projector_layers", type=whole, default=0, help=layers)
    parser.add_argument("--dataset", default="cifar10", help=f"{data.DATASETS} (default: %(default)s)")
    parser.add_argument("--num_classes", type=count, help="5 or 2: merge the classes of CIFAR-10 (default: all)")
    parser.add_argument(
        "--train_fraction", type=engine.number(float, 0, 1), default=1.0, help="labels used (default: %(default)s)"
    )
    parser.add_argument("--data_root", type=Path, default=Path("data"), help="for downloads (default: %(default)s)")
    parser.add_argument(
        "--exp_dir", type=Path, default=Path("exp"), help="for linear.pth, linear.csv (default: %(default)s)"
    )
    parser.add_argument("--img_dim", type=engine.number(int, 8), default=32, help="image size (default: %(default)s)")
    parser.add_argument("--num_workers", type=whole, default=0, help="threads that make views (default: %(default)s)")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, mps … (default: a GPU if there is one)")
    parser.add_argument("--seed", type=whole, default=0, help="same seed, same numbers (default: %(default)s)")
    parser.add_argument("--print_freq", type=count, default=50, help="batches between lines (default: %(default)s)")


def add_training_flags(parser: argparse.ArgumentParser) -> None:
    """The flags on the optimiser; the defaults are the assignment's, and MoCo's."""
    count, whole = engine.number(int, 1), engine.number(int, 0)
    rate, share = engine.number(float, 0), engine.number(float, 0, 1)
    parser.add_argument("--augment", choices=("mild", "none"), default="mild", help="none: features are computed once")
    parser.add_argument("--batch_size", type=count, default=256, help="images (default: %(default)s)")
    parser.add_argument("--epochs", type=count, default=100, help="passes over the data (default: %(default)s)")
    parser.add_argument(
        "--optimizer", choices=tuple(RATES), default="sgd", help="adam: with polynomial decay (default: %(default)s)"
    )
    parser.add_argument("--learning_rate", type=rate, help="of the first epoch (default: 30; adam 0.05)")
    parser.add_argument("--last_learning_rate", type=rate, default=5e-4, help="of adam's end (default: %(default)s)")
    parser.add_argument("--schedule", type=whole, nargs="*", default=[60, 80], help="epochs where sgd's falls tenfold")
    parser.add_argument("--momentum", type=share, default=0.9, help="of sgd (default: %(default)s)")
    parser.add_argument("--weight_decay", type=rate, default=0.0, help="(default: %(default)s)")


@dataclass(frozen=True)
class Score:
    """The results of a classifier: its mean loss, and its accuracies in percent over the images and over the classes.

    In the second, the macro accuracy, a class counts the same however many images it has.
    """

    loss: float
    accuracy: float
    macro_accuracy: float


@torch.no_grad()
def score(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device) -> Score:
    """Measure a classifier, which gives logits `[B, classes]`, on all images: nothing is dropped."""
    outputs = [(model(images.to(device)), labels.to(device)) for images, labels in batches]
    logits, of = (torch.cat(column).cpu() for column in zip(*outputs, strict=True))
    hits = (logits.argmax(dim=1) == of).double()
    per_class = torch.stack([hits[of == label].mean() for label in of.unique()])
    return Score(F.cross_entropy(logits, of).item(), 100 * hits.mean().item(), 100 * per_class.mean().item())


def check_frozen(backbone: nn.Module, weights: dict[str, Tensor]) -> None:
    """Prove that neither a weight nor a running statistic of the backbone moved; raises `UserError` if one did."""
    moved = [key for key, value in backbone.state_dict().items() if not torch.equal(value.cpu(), weights[key])]
    if moved:
        raise engine.UserError(
            f"The backbone was to stay frozen, but {moved[0]} and {len(moved) - 1} more moved.",
            "Look at question 3: `python check.py main_linclis`.",
        )


def first_layers(path: Path, count: int) -> nn.Sequential:
    """The first layers of the projector in a checkpoint of `main.py`, each with the batch norm and ReLU that follow it.

    SimCLR v2 (Chen et al., 2020, https://arxiv.org/abs/2006.10029, section 2) goes on from the first one of three.
    Raises `UserError` if the projector has fewer than `count`.
    """
    from ssl_kit import heads  # imported here because it needs criterion.py, and question 3 does not

    checkpoint, prefix = checkpoints.load_checkpoint(path), "encoder.projector."
    projector = heads.of_flags(checkpoint["args"])
    starts = [index for index, layer in enumerate(projector) if isinstance(layer, nn.Linear)]
    if count > len(starts):
        raise engine.UserError(
            f"The projector in {path} has {len(starts)} layers for the features of an image, not {count}.",
            "Give a smaller --projector_layers, or leave it out.",
        )
    weights = {key.removeprefix(prefix): value for key, value in checkpoint["model"].items() if key.startswith(prefix)}
    checkpoints.load_weights(projector, weights, path)
    return projector[: [*starts, len(projector)][count]]


def load_task(args: argparse.Namespace) -> tuple[data.ImageSet, data.ImageSet]:
    """Training and test images, with the classes merged and the labels thinned out as the flags say."""
    halves = data.load_halves(args.dataset, args.data_root, args.img_dim)
    if args.num_classes is not None:
        halves = tuple(data.merge_classes(half, args.num_classes) for half in halves)
    return data.few_labels(halves[0], args.train_fraction, args.seed), halves[1]


class Features:
    """The frozen backbone's features in batches: of random views, or computed once if nothing is random."""

    def __init__(self, backbone: nn.Module, images: data.ImageSet, args: argparse.Namespace, random: bool) -> None:
        self.backbone, self.args = backbone, args
        self.count = math.ceil(len(images) / args.batch_size)
        self.device = next(backbone.parameters()).device
        self.views: data.Batches | None = None
        if random:
            maker = RandomView(args.img_dim, replace(MILD, mirror=0.5 if images.mirrored else 0.0))
            self.views = data.Batches(images, [maker], args.batch_size, False, num_workers=args.num_workers)
            return
        enlarge = 9 / 8 if args.augment == "mild" else 1.0
        batches = data.plain_batches(images, args.batch_size, args.img_dim, enlarge)
        self.features, self.labels = extract_features(backbone, batches, self.device, normalise=False)

    def epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Features `[B, width]` and labels `[B]`, in an order that depends on the seed and `epoch`."""
        if self.views is not None:
            for batch in self.views.epoch(self.args.seed, epoch):
                with torch.no_grad():  # which must not be in force when the batch is used
                    features = self.backbone(batch.views[0].to(self.device))
                yield features, batch.labels.to(self.device)
            return
        order = torch.randperm(len(self.labels), generator=engine.generator(self.args.seed, epoch))
        for rows in order.to(self.labels.device).split(self.args.batch_size):
            yield self.features[rows], self.labels[rows]


class Steps:
    """The loss of each step, and what the steps of an epoch add up to: no extra pass measures the training images."""

    def __init__(self, fc: nn.Linear, device: torch.device) -> None:
        self.fc = fc
        self.sums = torch.zeros(3, device=device)  # of the losses, of right answers, of images

    def loss_of(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """The mean cross-entropy of features `[B, width]` and labels `[B]`."""
        logits, labels = self.fc(batch[0]), batch[1]
        loss = F.cross_entropy(logits, labels)
        right = (logits.argmax(dim=1) == labels).sum()
        self.sums += torch.stack([loss.detach() * len(labels), right, torch.full_like(right, len(labels))])
        return loss

    def take(self) -> dict[str, float]:
        """The mean loss of an image and the accuracy in percent since the last call."""
        loss, right, images = self.sums.tolist()
        self.sums.zero_()
        return {"train_loss": loss / images, "train_accuracy": 100 * right / images}


def make_optimizer(parameters: list[nn.Parameter], args: argparse.Namespace) -> torch.optim.Optimizer:
    """The optimiser that the flags ask for."""
    if args.optimizer == "adam":
        return Adam(parameters, args.learning_rate, weight_decay=args.weight_decay)
    return SGD(parameters, args.learning_rate, momentum=args.momentum, weight_decay=args.weight_decay)


def train(
    model: LinearClassifier,
    freeze: Freeze,
    halves: tuple[data.ImageSet, data.ImageSet],
    args: argparse.Namespace,
    device: torch.device,
) -> Score:
    """Train `fc` and return the test results after the last epoch, which are the ones to report.

    The log gets a row an epoch. Its training loss and accuracy are those of the steps, each before it is made.
    """
    optimizer = make_optimizer(freeze(model), args)
    train_set, test_set = (half.to(engine.image_device(device)) for half in halves)
    known = Features(model.backbone, train_set, args, random=args.augment == "mild")
    queries = Features(model.backbone, test_set, args, random=False)
    log, steps = RunLog(args.exp_dir, 0, tensorboard=False, name=LOG), Steps(model.fc, device)
    found = Score(math.inf, 0.0, 0.0)
    for epoch in range(1, args.epochs + 1):
        schedule = RateSchedule(optimizer, args, epoch - 1, known.count)
        label = f"epoch {epoch}/{args.epochs}"
        progress = Progress(f"{label}  rate {schedule.rate:.4g}", known.count, args.batch_size, args.print_freq)
        engine.train_epoch(known.epoch(epoch), steps.loss_of, optimizer, progress, schedule.step)
        found = score(model.fc, queries.epoch(0), device)
        log.add({"epoch": epoch, **steps.take(), **{f"test_{name}": value for name, value in asdict(found).items()}})
        print(f"{label}  test accuracy {found.accuracy:.2f} %  macro {found.macro_accuracy:.2f} %", flush=True)
    return found


class RateSchedule:
    """The learning rate within one epoch: constant for SGD, falling at every step for Adam."""

    def __init__(self, optimizer: torch.optim.Optimizer, args: argparse.Namespace, epoch: int, count: int) -> None:
        self.optimizer, self.args = optimizer, args
        self.done, self.total = epoch * count, args.epochs * count
        self.rate = engine.step_learning_rate(args.learning_rate, epoch, args.schedule)
        if args.optimizer == "adam":
            self.rate = self.polynomial()
        engine.set_learning_rate(optimizer, self.rate)

    def polynomial(self) -> float:
        """Adam's rate after `done` of all steps."""
        args = self.args
        return engine.polynomial_learning_rate(args.learning_rate, args.last_learning_rate, self.done / self.total)

    def step(self) -> None:
        """Set the rate of the next step."""
        self.done += 1
        if self.args.optimizer == "adam":
            engine.set_learning_rate(self.optimizer, self.polynomial())


def evaluate(args: argparse.Namespace, freeze: Freeze) -> int:
    """Train the classifier as the flags say and return the exit status."""
    device = engine.pick_device(args.device)
    arch, weights = checkpoints.load_backbone(args.pretrained)
    projector = first_layers(args.pretrained, args.projector_layers) if args.projector_layers else nn.Sequential()
    weights |= {f"projector.{key}": value for key, value in projector.state_dict().items()}
    checkpoints.prepare_folder(args.exp_dir)
    halves = load_task(args)
    engine.seed_epoch(args.seed, 0)
    model = LinearClassifier(arch, len(halves[0].classes), projector).to(device)
    checkpoints.load_weights(model.backbone, weights, args.pretrained)
    found = train(model, freeze, halves, args, device)
    check_frozen(model.backbone, weights)
    made = {"arch": arch, "dataset": args.dataset, "projector_layers": args.projector_layers}
    made["pretrained"] = checkpoints.digest(args.pretrained)
    checkpoint = {"args": made, "epoch": args.epochs, "model": model.state_dict()}
    results = {"accuracy": found.accuracy, "macro_accuracy": found.macro_accuracy}
    checkpoints.save_checkpoint(args.exp_dir / "linear.pth", checkpoint | results)
    text = f"Done. Linear accuracy {found.accuracy:.2f} %, macro {found.macro_accuracy:.2f} %"
    print(f"{text}, after the last epoch on {len(halves[0])} images.")
    return 0
