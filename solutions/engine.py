"""What both training scripts share: the loop, learning-rate schedules, checkpoints, meters and errors. Given."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Checkpoint = dict[str, Any]
Batch = Sequence[Tensor]


class UserError(Exception):
    """Something that the person at the keyboard can mend: `message` says what is wrong, `hint` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def run_script(main: Callable[[Sequence[str] | None], int]) -> int:
    """Call `main` and turn what a person can mend into two lines and an exit status, without a traceback.

    Returns 0 for success, 2 for a `UserError` or an unfilled stub, 130 after Ctrl-C.
    """
    try:
        return main(None)
    except UserError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
    except NotImplementedError as error:
        print(f"{error}\nFill in its stub; `python check.py` tells what is still open.", file=sys.stderr)
    except KeyboardInterrupt:
        print(
            "\nStopped. What was saved is whole; main.py goes on from it with --resume exp/last.pth.", file=sys.stderr
        )
        return 130
    return 2


def str2bool(text: str) -> bool:
    """Read a flag's value such as `--use_predictor true`; raises `ArgumentTypeError` for anything unclear."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return words[text.lower()]


def number(kind: type[int] | type[float], low: float, high: float = math.inf) -> Callable[[str], float]:
    """A type for argparse: a number of that kind from `low` to `high`, both included."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or math.isinf(value):
            article = "a whole number" if kind is int else "a number"
            limit = f"of at least {low}" if math.isinf(high) else f"from {low} to {high}"
            raise argparse.ArgumentTypeError(f"{text!r} is not {article} {limit}")
        return value

    return read


def pick_device(name: str) -> torch.device:
    """The device called `name`; `auto` is the first GPU if there is one. Raises `UserError` if it is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch raises the second where it was built without CUDA
        raise UserError(f"There is no device {name!r} on this machine.", "Leave --device out, or give cpu.") from error
    return device


def seed_epoch(seed: int, epoch: int) -> None:
    """Seed all randomness of one epoch by itself, so that a resumed run sees the numbers of one that never stopped."""
    torch.manual_seed(seed * 1_000_003 + epoch)


def cosine_learning_rate(base: float, epoch: int, epochs: int) -> float:
    """Half a cosine over `epochs`, with `epoch` counted from 0: the first runs at `base`, the last still above 0."""
    return base * 0.5 * (1.0 + math.cos(math.pi * epoch / epochs))


def step_learning_rate(base: float, epoch: int, milestones: Sequence[int]) -> float:
    """`base`, divided by 10 at every milestone that `epoch`, counted from 0, has reached."""
    return float(base * 0.1 ** sum(epoch >= milestone for milestone in milestones))


def set_learning_rate(optimizer: Optimizer, learning_rate: float) -> None:
    """Give every parameter group of `optimizer` this learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate


class Meter:
    """A running mean of numbers, each with a weight."""

    def __init__(self) -> None:
        self.total = 0.0
        self.weight = 0.0

    def add(self, value: float, weight: float = 1.0) -> None:
        """Count `value` as seen `weight` times."""
        self.total += value * weight
        self.weight += weight

    @property
    def mean(self) -> float:
        """The mean so far; 0 before the first number."""
        return self.total / self.weight if self.weight else 0.0


def train_epoch(
    batches: Sequence[Batch] | torch.utils.data.DataLoader[Any],
    loss_of: Callable[[Batch], Tensor],
    optimizer: Optimizer,
    label: str,
    print_freq: int,
    after_step: Callable[[], None] | None = None,
) -> float:
    """One pass over `batches`; returns the mean loss of an image.

    Args:
        batches: batches of tensors whose first dimension is the images.
        loss_of: the loss of one batch, a 0-d tensor.
        optimizer: makes one step a batch.
        label: what printed lines begin with.
        print_freq: a line is printed every so many batches.
        after_step: called after each step, for the momentum update.

    Raises `UserError` when the loss is no longer a finite number.
    """
    meter, start = Meter(), time.perf_counter()
    for index, batch in enumerate(batches, start=1):
        loss = loss_of(batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        value = loss.item()
        if not math.isfinite(value):
            raise UserError(
                f"The loss is {value} at batch {index} of {label}; training can not go on from there.",
                "Lower --learning_rate or look for a division by zero; the last checkpoint is from before this epoch.",
            )
        optimizer.step()
        if after_step is not None:
            after_step()
        meter.add(value, len(batch[0]))
        if index % print_freq == 0 or index == len(batches):
            speed = meter.weight / (time.perf_counter() - start)
            print(f"{label}  batch {index}/{len(batches)}  loss {meter.mean:.4f}  {speed:.0f} images/s", flush=True)
    return meter.mean


def prepare_folder(path: Path) -> None:
    """Make the folder for checkpoints now, so that a run does not fail after its first epoch; raises `UserError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"There is no folder {path} to be had: {error.strerror}.", "Give another --exp_dir.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise UserError(f"The folder {path} may not be written to.", "Give another --exp_dir.")


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write `checkpoint` whole or not at all: to a temporary name beside `path`, then renamed.

    Raises `UserError` where the file can not be written; an older file at `path` then stays as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            torch.save(checkpoint, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, RuntimeError) as error:  # a full disk shows itself as either
        raise UserError(
            f"The checkpoint {path} could not be written: {error}.", "Make room, or choose another --exp_dir."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote, onto the CPU. Only tensors and plain data are read: a file can not run code.

    Raises `UserError` for a file that is missing, damaged or of another kind.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"The checkpoint {path} can not be read: {reason}.", "Give the path of a .pth file.") from error
    except Exception as error:  # the reader meets damage with errors of any kind, struct.error among them
        raise UserError(
            f"The file {path} is no checkpoint, or a damaged one.", "Give a .pth file that main.py wrote."
        ) from error
    if not isinstance(checkpoint, dict) or not {"args", "epoch", "model"} <= checkpoint.keys():
        raise UserError(f"The file {path} holds no checkpoint of main.py.", "Give a .pth file that main.py wrote.")
    return checkpoint


def load_weights(network: nn.Module, weights: dict[str, Tensor], source: Path) -> None:
    """Put `weights` into `network`, every key of it; raises `UserError` when they are another network's."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(
            f"The weights in {source} belong to another network.",
            "Use the --arch, --feat_dim and other model flags of the run that wrote it.",
        ) from error
