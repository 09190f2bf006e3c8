"""Pre-training without labels: SimCLR, MoCo, BYOL and SimSiam by flags.

    python main.py --loss_type contrastive                                                             SimCLR
    python main.py --loss_type contrastive --use_momentum_encoder true --stop_gradient true            MoCo
    python main.py --loss_type align --use_momentum_encoder true --use_predictor true --stop_gradient true    BYOL
    python main.py --loss_type align --use_predictor true --stop_gradient true                         SimSiam

`python check.py main` runs this file's public checks.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD

import data
import engine
from criterion import LOSS_TYPES, SSLLoss
from model_factory import Model
from networks import ARCHITECTURES
from validation import knn_accuracy

MODEL_FLAGS = ("arch", "feat_dim", "num_proj_layers", "use_momentum_encoder", "use_predictor")
"""The flags that say which network it is; a resumed run must have those of its checkpoint."""


def update_momentum_encoder(model: Model, m: float) -> None:
    """Move the momentum encoder a little towards the encoder (MoCo, https://arxiv.org/abs/1911.05722, equation 2).

    In place, for every parameter: theta_momentum <- m theta_momentum + (1 - m) theta_encoder.

    Args:
        model: has `encoder` and `momentum_encoder`, two networks of one architecture.
        m: the momentum coefficient of `--m`, from 0 (a copy) to 1 (nothing moves).

    The encoder is left as it is. Parameters stay the tensors that they are, with the same `requires_grad`, and no
    graph is built. Batch-norm buffers are not averaged: the momentum encoder collects its own.
    """
    ### Question 1.4: Momentum update (10 points)
    ### YOUR CODE HERE (~ 4 lines)
    raise NotImplementedError("Question 1.4 is not implemented yet")
    ### END OF YOUR CODE


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program with exit status 2."""
    parser = argparse.ArgumentParser(description="Pre-train without labels.", allow_abbrev=False)
    add_run_flags(parser)
    add_method_flags(parser)
    args = parser.parse_args(argv)
    if args.batch_size is None:
        args.batch_size = data.default_batch_size(args.dataset)
    return args


def add_run_flags(parser: argparse.ArgumentParser) -> None:
    """The flags on data, machine and output."""
    count, whole = engine.number(int, 1), engine.number(int, 0)
    parser.add_argument("--dataset", default="cifar10", help=f"{data.DATASETS} (default: %(default)s)")
    parser.add_argument(
        "--data_root", type=Path, default=Path("data"), help="where downloads go (default: %(default)s)"
    )
    parser.add_argument("--exp_dir", type=Path, default=Path("exp"), help="where checkpoints go (default: %(default)s)")
    parser.add_argument("--img_dim", type=engine.number(int, 8), default=32, help="image size (default: %(default)s)")
    parser.add_argument("--num_workers", type=whole, default=0, help="loader processes (default: %(default)s)")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1 … (default: a GPU if there is one)")
    parser.add_argument("--seed", type=whole, default=0, help="same seed, same numbers (default: %(default)s)")
    parser.add_argument("--print_freq", type=count, default=10, help="batches between lines (default: %(default)s)")
    parser.add_argument("--eval_freq", type=count, default=5, help="epochs between k-NN runs (default: %(default)s)")
    parser.add_argument("--save_freq", type=count, default=50, help="epochs between kept files (default: %(default)s)")
    parser.add_argument("--resume", type=Path, metavar="CKPT", help="go on from this checkpoint")


def add_method_flags(parser: argparse.ArgumentParser) -> None:
    """The flags on model, loss and optimiser, which are what the report is about."""
    count, rate, share = engine.number(int, 1), engine.number(float, 0), engine.number(float, 0, 1)
    flag: dict[str, Any] = {"type": engine.str2bool, "default": False, "metavar": "true|false"}
    parser.add_argument("--arch", choices=ARCHITECTURES, default="resnet18", help="backbone (default: %(default)s)")
    parser.add_argument("--loss_type", choices=LOSS_TYPES, default="contrastive", help="(default: %(default)s)")
    parser.add_argument("--use_momentum_encoder", **flag, help="encode view 2 with the momentum encoder")
    parser.add_argument(
        "--m", type=share, default=0.99, help="coefficient of the momentum update (default: %(default)s)"
    )
    parser.add_argument("--use_predictor", **flag, help="compare the predictor's outputs")
    parser.add_argument("--stop_gradient", **flag, help="take the loss's second argument as a constant")
    parser.add_argument("--temperature", type=engine.number(float, 1e-3), default=0.5, help="(default: %(default)s)")
    parser.add_argument("--feat_dim", type=count, default=2048, help="width of the heads (default: %(default)s)")
    parser.add_argument("--num_proj_layers", type=int, choices=(2, 3), default=2, help="(default: %(default)s)")
    parser.add_argument("--batch_size", type=engine.number(int, 2), help="images (default: 512; fake 32, digits 128)")
    parser.add_argument("--epochs", type=count, default=800, help="passes over the data (default: %(default)s)")
    parser.add_argument("--learning_rate", type=rate, default=0.03, help="of the first epoch (default: %(default)s)")
    parser.add_argument(
        "--momentum", type=share, default=0.9, help="of the optimiser, not of --m (default: %(default)s)"
    )
    parser.add_argument("--weight_decay", type=rate, default=5e-4, help="(default: %(default)s)")


def gradient_reach(criterion: SSLLoss, use_momentum_encoder: bool) -> str:
    """Say in a sentence what the loss's gradient reaches, found by trying the loss on random embeddings.

    The flags interact: behind a momentum encoder, which is frozen, a gradient into `z2` ends whatever the flags say.
    """
    generator = torch.Generator().manual_seed(0)
    z1, z2 = (torch.randn(4, 8, generator=generator, requires_grad=True) for _ in range(2))
    outputs = (z1.flip(1), z2.flip(1)) if criterion.use_predictor else (None, None)  # flips stand in for a predictor
    criterion(z1, z2, *outputs).backward()
    views = [1] if use_momentum_encoder else [1, 2]
    reached = [f"view {view}" for view in views if (z1, z2)[view - 1].grad is not None]
    text = f"The gradient reaches the encoder through {' and '.join(reached)}"
    if criterion.use_predictor:
        text += ", and the predictor"
    if use_momentum_encoder:
        text += "; view 2 goes through the momentum encoder, which no gradient moves"
        if not criterion.stop_gradient and not criterion.use_predictor:
            text += ", so that without predictor --stop_gradient changes nothing"
    return text + "."


class Run:
    """One pre-training: the network, its optimiser and its data, and how far it has come."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.device = engine.pick_device(args.device)
        train_set, test_set = data.load_halves(args.dataset, args.data_root, args.img_dim)
        engine.seed_epoch(args.seed, 0)
        self.model = Model(args).to(self.device)
        self.criterion = SSLLoss(args.loss_type, args.stop_gradient, args.use_predictor, args.temperature)
        trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimizer = SGD(trained, args.learning_rate, momentum=args.momentum, weight_decay=args.weight_decay)
        self.epoch = 0
        self.best_accuracy = -math.inf
        view = data.pretraining_transform(args.img_dim, train_set.mirrored)
        plain = data.evaluation_transform(args.img_dim)
        self.pairs = data.training_loader(data.Views(train_set, view, view), args.batch_size, args.num_workers, True)
        self.known = data.evaluation_loader(data.Views(train_set, plain), args.batch_size, args.num_workers)
        self.queries = data.evaluation_loader(data.Views(test_set, plain), args.batch_size, args.num_workers)

    def loss_of(self, batch: engine.Batch) -> Tensor:
        """The loss of one batch of two views; the labels, which are its last part, are not looked at."""
        im_aug1, im_aug2 = (view.to(self.device, non_blocking=True) for view in batch[:2])
        outputs = self.model(im_aug1, im_aug2)
        loss: Tensor = self.criterion(**{key: outputs[key] for key in ("z1", "z2", "p1", "p2")})
        return loss

    def after_step(self) -> None:
        """The momentum update follows the optimiser's step, with the coefficient `m`."""
        if self.model.use_momentum_encoder:
            update_momentum_encoder(self.model, self.args.m)

    def train(self) -> None:
        """The epochs that are left, each with its learning rate, and a checkpoint after each."""
        args = self.args
        while self.epoch < args.epochs:
            learning_rate = engine.cosine_learning_rate(args.learning_rate, self.epoch, args.epochs)
            engine.set_learning_rate(self.optimizer, learning_rate)
            engine.seed_epoch(args.seed, self.epoch + 1)
            label = f"epoch {self.epoch + 1}/{args.epochs}  rate {learning_rate:.4g}"
            self.model.train()
            engine.train_epoch(self.pairs, self.loss_of, self.optimizer, label, args.print_freq, self.after_step)
            self.epoch += 1
            self.evaluate_and_save()

    def evaluate_and_save(self) -> None:
        """k-NN when it is due; then `last.pth`, `best.pth` after the best k-NN, and a kept file now and then."""
        args, names = self.args, ["last.pth"]
        if self.epoch % args.eval_freq == 0 or self.epoch == args.epochs:
            accuracy = knn_accuracy(self.model.encoder, self.known, self.queries, self.device)
            print(f"epoch {self.epoch}/{args.epochs}  k-NN accuracy {accuracy:.2f} % (K = 1, projector output)")
            if accuracy > self.best_accuracy:
                self.best_accuracy = accuracy
                names.append("best.pth")
        if self.epoch % args.save_freq == 0:
            names.append(f"epoch-{self.epoch}.pth")
        for name in names:
            engine.save_checkpoint(args.exp_dir / name, self.state())

    def state(self) -> engine.Checkpoint:
        """All that a resumed run needs, as tensors and plain data."""
        plain = {key: str(value) if isinstance(value, Path) else value for key, value in vars(self.args).items()}
        weights, optimizer = self.model.state_dict(), self.optimizer.state_dict()
        progress = {"epoch": self.epoch, "best_accuracy": self.best_accuracy}
        return {"args": plain, "model": weights, "optimizer": optimizer, **progress}

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint; raises `UserError` when it is of another network."""
        checkpoint = engine.load_checkpoint(path)
        for flag in MODEL_FLAGS:
            then, now = checkpoint["args"].get(flag), getattr(self.args, flag)
            if then != now:
                raise engine.UserError(
                    f"The checkpoint {path} was made with --{flag} {then}, not {now}.", f"Give --{flag} {then}."
                )
        engine.load_weights(self.model, checkpoint["model"], path)
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        self.epoch, self.best_accuracy = checkpoint["epoch"], checkpoint["best_accuracy"]
        print(f"Resumed from {path} after epoch {self.epoch}.")


def main(argv: Sequence[str] | None = None) -> int:
    """Pre-train as the flags say and return the exit status."""
    args = parse_args(argv)
    engine.prepare_folder(args.exp_dir)
    run = Run(args)
    if args.resume is not None:
        run.resume(args.resume)
    print(gradient_reach(run.criterion, args.use_momentum_encoder))
    run.train()
    print(f"Done. Linear evaluation: python main_linclis.py --pretrained {args.exp_dir / 'last.pth'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(engine.run_script(main))
