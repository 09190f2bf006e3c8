"""The optimiser of pre-training, SGD or LARS, and its learning rate over the epochs. Given."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Optimizer

from ssl_kit import engine

SCHEDULES = ("cosine", "constant", "step", "plateau")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The flags of `main.py` on the optimiser and its schedule."""
    count, rate, share = engine.number(int, 1), engine.number(float, 0), engine.number(float, 0, 1)
    parser.add_argument(
        "--batch_size", type=engine.number(int, 2), help="images (default: 512; fake 32, digits and tinted 128)"
    )
    parser.add_argument(
        "--epochs",
        type=engine.number(int, 0),
        default=800,
        help="passes over the data; 0: untrained (default: %(default)s)",
    )
    parser.add_argument("--optimizer", choices=("sgd", "lars"), default="sgd", help="lars: for batches of thousands")
    parser.add_argument("--learning_rate", type=rate, default=0.03, help="the highest one (default: %(default)s)")
    parser.add_argument("--lr_schedule", choices=SCHEDULES, default="cosine", help="(default: %(default)s)")
    parser.add_argument("--warmup_epochs", type=engine.number(int, 0), default=0, help="(default: %(default)s)")
    parser.add_argument(
        "--milestones", type=count, nargs="+", default=[120, 160], help="epochs where step falls tenfold: 120 160"
    )
    parser.add_argument("--patience", type=count, default=10, help="epochs that plateau waits (default: %(default)s)")
    parser.add_argument("--momentum", type=share, default=0.9, help="of the optimiser, not --m (default: %(default)s)")
    parser.add_argument("--weight_decay", type=rate, default=5e-4, help="(default: %(default)s)")


class LARS(Optimizer):
    """SGD with momentum, whose step is scaled to each layer's weights (You et al., 2017, arXiv 1708.03888, section 3).

    For a weight w with gradient g, weight decay b and trust coefficient c, a step from momentum v is

        v <- momentum v + c ||w|| / (||g|| + b ||w||) (g + b w)        w <- w - lr v

    Biases and the weights of norms, which have one dimension, take plain SGD steps without decay, as in SimCLR and
    BYOL. So does a weight whose norm or whose gradient's norm is 0.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust_coefficient: float = 0.001,
    ) -> None:
        super().__init__(
            params,
            {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "trust_coefficient": trust_coefficient},
        )

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Move every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    change = adapted(parameter, group["weight_decay"], group["trust_coefficient"])
                    velocity = self.state[parameter].setdefault("momentum_buffer", torch.zeros_like(parameter))
                    parameter.sub_(velocity.mul_(group["momentum"]).add_(change), alpha=group["lr"])


def adapted(parameter: Tensor, weight_decay: float, trust_coefficient: float) -> Tensor:
    """The gradient of a parameter as LARS takes it."""
    gradient: Tensor = parameter.grad
    if parameter.dim() <= 1:
        return gradient
    size, slope = parameter.norm(), gradient.norm()
    scale = trust_coefficient * size / (slope + weight_decay * size + 1e-8)
    return torch.where((size > 0) & (slope > 0), scale * (gradient + weight_decay * parameter), gradient)


def make_optimizer(groups: list[dict[str, Any]], args: argparse.Namespace) -> Optimizer:
    """The optimiser that the flags ask for, over groups of parameters."""
    if args.optimizer == "lars":
        return LARS(groups, args.learning_rate, args.momentum)
    return SGD(groups, args.learning_rate, momentum=args.momentum)


class Schedule:
    """The learning rate of each epoch. Epochs are counted from 0.

    A line up over the warm-up; then `cosine` down to 0, `constant`, `step`: a tenth at each milestone, or `plateau`: a
    tenth when the training loss has not fallen by 1e-4 for more than `--patience` epochs, which is ReduceLROnPlateau of
    torch with an absolute threshold. (With a relative one, a negative loss that stands still counts as falling.)
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.state = {"factor": 1.0, "best": math.inf, "waited": 0}
        """The memory of `plateau`, as plain data for checkpoints."""

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch."""
        args = self.args
        if args.lr_schedule == "step" and epoch >= args.warmup_epochs:
            return engine.step_learning_rate(args.learning_rate, epoch, args.milestones)
        kind = "cosine" if args.lr_schedule == "cosine" else "constant"
        rate = engine.scheduled_learning_rate(args.learning_rate, epoch, args.epochs, kind, args.warmup_epochs)
        return rate * self.state["factor"]

    def after(self, epoch: int, loss: float) -> None:
        """Take note of the loss of an epoch; those of the warm-up do not count."""
        state = self.state
        if self.args.lr_schedule != "plateau" or epoch < self.args.warmup_epochs:
            return
        fell = loss < state["best"] - 1e-4
        state["best"], state["waited"] = (loss, 0) if fell else (state["best"], state["waited"] + 1)
        if state["waited"] > self.args.patience:
            state["factor"], state["waited"] = state["factor"] * 0.1, 0
