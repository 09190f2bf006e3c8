"""Linear evaluation: a linear classifier on the frozen backbone of a checkpoint.

    python main_linclis.py --pretrained exp/last.pth

`python check.py main_linclis` runs this file's public checks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import SGD

import data
import engine
from networks import ARCHITECTURES, Backbone


class LinearClassifier(nn.Module):
    """A backbone and the linear layer `fc` on top: images `[B, 3, H, W]` to logits `[B, num_classes]`."""

    def __init__(self, arch: str, num_classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(arch)
        self.fc = nn.Linear(self.backbone.width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        with torch.no_grad():  # the backbone is frozen: there is nothing to remember for a backward pass
            features = self.backbone(images)  # [B, width]
        logits: Tensor = self.fc(features)  # [B, num_classes]
        return logits


def freeze_backbone(model: nn.Module) -> list[nn.Parameter]:
    """Leave only the classifier to be trained (the protocol of MoCo, https://arxiv.org/abs/1911.05722, section 4.1).

    Args:
        model: any network with a classifier `fc`, an `nn.Linear`.

    Returns:
        `[model.fc.weight, model.fc.bias]`, which is what the optimiser is to get.

    Afterwards these two require gradients and no other parameter does; `fc.weight` is drawn from N(0, 0.01^2) and
    `fc.bias` is zero; and the model is in eval mode, so that batch-norm statistics do not move while `fc` trains.
    """
    ### Question 3: Linear evaluation (10 points)
    ### YOUR CODE HERE (~ 6 lines)
    raise NotImplementedError("Question 3 is not implemented yet")
    ### END OF YOUR CODE


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program with exit status 2."""
    count, whole = engine.number(int, 1), engine.number(int, 0)
    rate, share = engine.number(float, 0), engine.number(float, 0, 1)
    parser = argparse.ArgumentParser(description="Train a linear classifier on frozen features.", allow_abbrev=False)
    parser.add_argument("--pretrained", type=Path, required=True, metavar="CKPT", help="a checkpoint of main.py")
    parser.add_argument("--dataset", default="cifar10", help=f"{data.DATASETS} (default: %(default)s)")
    parser.add_argument(
        "--data_root", type=Path, default=Path("data"), help="where downloads go (default: %(default)s)"
    )
    parser.add_argument(
        "--exp_dir", type=Path, default=Path("exp"), help="where linear.pth goes (default: %(default)s)"
    )
    parser.add_argument("--img_dim", type=engine.number(int, 8), default=32, help="image size (default: %(default)s)")
    parser.add_argument("--num_workers", type=whole, default=0, help="loader processes (default: %(default)s)")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1 … (default: a GPU if there is one)")
    parser.add_argument("--seed", type=whole, default=0, help="same seed, same numbers (default: %(default)s)")
    parser.add_argument("--print_freq", type=count, default=50, help="batches between lines (default: %(default)s)")
    parser.add_argument("--batch_size", type=count, default=256, help="images (default: %(default)s)")
    parser.add_argument("--epochs", type=count, default=100, help="passes over the data (default: %(default)s)")
    parser.add_argument(
        "--schedule", type=whole, nargs="*", default=[60, 80], help="epochs where the rate falls tenfold"
    )
    parser.add_argument("--learning_rate", type=rate, default=30.0, help="of the first epoch (default: %(default)s)")
    parser.add_argument("--momentum", type=share, default=0.9, help="of the optimiser (default: %(default)s)")
    parser.add_argument("--weight_decay", type=rate, default=0.0, help="(default: %(default)s)")
    return parser.parse_args(argv)


def load_backbone(path: Path) -> tuple[str, dict[str, Tensor]]:
    """The architecture and the backbone's weights in a checkpoint of `main.py`; raises `UserError` if it has none."""
    checkpoint = engine.load_checkpoint(path)
    prefix = "encoder.backbone."
    weights = {key.removeprefix(prefix): value for key, value in checkpoint["model"].items() if key.startswith(prefix)}
    arch = checkpoint["args"].get("arch")
    if arch not in ARCHITECTURES or not weights:
        raise engine.UserError(f"The file {path} holds no backbone.", "Give a .pth file that main.py wrote.")
    return arch, weights


@torch.no_grad()
def accuracy_of(model: nn.Module, batches: data.DataLoader[tuple[Tensor, Tensor]], device: torch.device) -> float:
    """Share of all images, in percent, whose largest logit is that of their label; nothing is dropped."""
    meter = engine.Meter()
    for images, labels in batches:
        right = model(images.to(device)).argmax(dim=1).cpu() == labels
        meter.add(100.0 * right.float().mean().item(), len(labels))
    return meter.mean


def check_frozen(backbone: nn.Module, weights: dict[str, Tensor]) -> None:
    """Prove that neither a weight nor a running statistic of the backbone moved; raises `UserError` if one did."""
    moved = [key for key, value in backbone.state_dict().items() if not torch.equal(value.cpu(), weights[key])]
    if moved:
        raise engine.UserError(
            f"The backbone was to stay frozen, but {moved[0]} and {len(moved) - 1} more moved.",
            "Look at question 3: `python check.py main_linclis`.",
        )


def train(
    model: LinearClassifier, halves: tuple[data.ImageSet, data.ImageSet], args: argparse.Namespace, device: torch.device
) -> float:
    """Train `fc` and return the accuracy on the test images after the last epoch, which is the one to report."""
    train_set, test_set = halves
    train_views = data.Views(train_set, data.linear_transform(args.img_dim, train_set.mirrored))
    test_views = data.Views(test_set, data.evaluation_transform(args.img_dim, crop=True))
    batches = data.training_loader(train_views, args.batch_size, args.num_workers, drop_last=False)
    queries = data.evaluation_loader(test_views, args.batch_size, args.num_workers)
    parameters = freeze_backbone(model)
    optimizer = SGD(parameters, args.learning_rate, momentum=args.momentum, weight_decay=args.weight_decay)

    def loss_of(batch: engine.Batch) -> Tensor:
        images, labels = (part.to(device, non_blocking=True) for part in batch)
        return F.cross_entropy(model(images), labels)

    accuracy = 0.0
    for epoch in range(args.epochs):
        learning_rate = engine.step_learning_rate(args.learning_rate, epoch, args.schedule)
        engine.set_learning_rate(optimizer, learning_rate)
        engine.seed_epoch(args.seed, epoch + 1)
        label = f"epoch {epoch + 1}/{args.epochs}  rate {learning_rate:.4g}"
        engine.train_epoch(batches, loss_of, optimizer, label, args.print_freq)
        accuracy = accuracy_of(model, queries, device)
        print(f"epoch {epoch + 1}/{args.epochs}  test accuracy {accuracy:.2f} %")
    return accuracy


def main(argv: Sequence[str] | None = None) -> int:
    """Train the classifier as the flags say and return the exit status."""
    args = parse_args(argv)
    device = engine.pick_device(args.device)
    arch, weights = load_backbone(args.pretrained)
    engine.prepare_folder(args.exp_dir)
    halves = data.load_halves(args.dataset, args.data_root, args.img_dim)
    engine.seed_epoch(args.seed, 0)
    model = LinearClassifier(arch, len(halves[0].classes)).to(device)
    engine.load_weights(model.backbone, weights, args.pretrained)
    accuracy = train(model, halves, args, device)
    check_frozen(model.backbone, weights)
    checkpoint = {"args": {"arch": arch, "dataset": args.dataset}, "epoch": args.epochs, "model": model.state_dict()}
    engine.save_checkpoint(args.exp_dir / "linear.pth", {**checkpoint, "accuracy": accuracy})
    print(f"Done. Linear accuracy {accuracy:.2f} % after the last epoch.")
    return 0


if __name__ == "__main__":
    raise SystemExit(engine.run_script(main))
