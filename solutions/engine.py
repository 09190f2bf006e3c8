"""What both training scripts share: the loop, schedules, seeds, devices, the reading of flags, and errors. Given."""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.optim import Optimizer

if TYPE_CHECKING:
    from logs import Progress


class UserError(Exception):
    """Something that the person at the keyboard can mend: `message` says what is wrong, `hint` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def run_script(main: Callable[[Sequence[str] | None], int]) -> int:
    """Call `main` and turn what a person can mend into two lines and an exit status, without a traceback.

    Returns 0 for success, 2 for a `UserError`, too little memory or an unfilled stub, 130 after Ctrl-C.
    """
    try:
        return main(None)
    except UserError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
    except NotImplementedError as error:
        print(f"{error}\nFill in its stub; `python check.py` tells what is still open.", file=sys.stderr)
    except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is a RuntimeError; the CPU's has no type
        if not isinstance(error, (MemoryError, torch.OutOfMemoryError)) and "allocate memory" not in str(error):
            raise
        place = "GPU's" if isinstance(error, torch.OutOfMemoryError) else "machine's"
        print(f"The {place} memory is full.\nLower --batch_size or give --precision bf16.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. What was saved is whole: main.py goes on with --resume EXP_DIR/last.pth.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `python main.py | head`: nobody reads on, and nothing is left to be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
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


def generator(seed: int, *parts: int) -> torch.Generator:
    """A source of random numbers that depends on `seed` and on every one of `parts` alone, on any machine."""
    digest = hashlib.blake2b(repr((seed, *parts)).encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)


def seed_epoch(seed: int, epoch: int) -> None:
    """Seed all randomness of one epoch by itself, so that a resumed run sees the numbers of one that never stopped."""
    torch.manual_seed(seed * 1_000_003 + epoch)


def cosine_learning_rate(base: float, epoch: int, epochs: int) -> float:
    """Half a cosine over `epochs`, with `epoch` counted from 0: the first runs at `base`, the last still above 0."""
    return base * 0.5 * (1.0 + math.cos(math.pi * epoch / epochs))


def scheduled_learning_rate(base: float, epoch: int, epochs: int, schedule: str, warmup_epochs: int = 0) -> float:
    """The rate of an epoch, counted from 0: a line up from 0 over the warm-up, then `cosine` or `constant`."""
    if epoch < warmup_epochs:
        return base * (epoch + 1) / (warmup_epochs + 1)
    if schedule == "constant":
        return base
    return cosine_learning_rate(base, epoch - warmup_epochs, epochs - warmup_epochs)


def polynomial_learning_rate(base: float, last: float, progress: float, power: float = 2.0) -> float:
    """From `base` down to `last` while `progress` goes from 0 to 1."""
    return (base - last) * (1 - progress) ** power + last


def momentum_coefficient(m: float, progress: float, schedule: str) -> float:
    """The `m` of a step: constant, or half a cosine from `m` up to 1 while `progress` goes from 0 to 1 (BYOL)."""
    return m if schedule == "constant" else 1 - (1 - m) * (math.cos(math.pi * progress) + 1) / 2


def step_learning_rate(base: float, epoch: int, milestones: Sequence[int]) -> float:
    """`base`, divided by 10 at every milestone that `epoch`, counted from 0, has reached."""
    return float(base * 0.1 ** sum(epoch >= milestone for milestone in milestones))


def set_learning_rate(optimizer: Optimizer, learning_rate: float) -> None:
    """Give every parameter group of `optimizer` this learning rate, but one with a `fixed_rate` that."""
    for group in optimizer.param_groups:
        group["lr"] = group.get("fixed_rate", learning_rate)


def train_epoch(
    batches: Iterable[Any],
    loss_of: Callable[[Any], Tensor],
    optimizer: Optimizer,
    progress: Progress,
    after_step: Callable[[], None] | None = None,
) -> float:
    """One pass over `batches`; returns the mean loss of a batch.

    Args:
        batches: what `loss_of` takes, one for each step.
        loss_of: the loss of one batch, a 0-d tensor.
        optimizer: makes one step a batch.
        progress: is told the mean loss so far, and shows it.
        after_step: called after each step, for the momentum update.

    Raises `UserError` when the loss is no longer a finite number: on the CPU before that step is made, on a GPU, which
    should not be waited for at every step, before the next line is printed.
    """
    total, losses = 0.0, []
    for index, batch in enumerate(batches, start=1):
        loss = loss_of(batch)
        losses.append(loss.detach())
        due = progress.due(index)
        if due or loss.device.type == "cpu":
            total += _finite_sum(losses, progress.label, index)
            losses.clear()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        optimizer.step()
        if after_step is not None:
            after_step()
        if due:
            progress.show(index, total / index)
    return total / progress.count


def _finite_sum(losses: list[Tensor], label: str, index: int) -> float:
    value = float(torch.stack(losses).double().sum())
    if not math.isfinite(value):
        raise UserError(
            f"The loss is {value} at batch {index} of {label}; training can not go on from there.",
            "Lower --learning_rate or look for a division by zero; the last checkpoint is from before this epoch.",
        )
    return value
