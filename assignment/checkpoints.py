"""Checkpoints: written whole, read without running code, and exported for other programs. Given.

    python checkpoints.py exp/last.pth backbone.pth

writes the backbone's weights alone, under torchvision's own keys (`conv1.weight`, `layer1.0.conv1.weight` ...), which
is what detection and segmentation code starts from.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import engine
from engine import UserError

Checkpoint = dict[str, Any]


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


def load_backbone(path: Path) -> tuple[str, dict[str, Tensor]]:
    """The architecture and the backbone's weights in a checkpoint of `main.py`; raises `UserError` if it has none."""
    checkpoint = load_checkpoint(path)
    prefix = "encoder.backbone."
    weights = {key.removeprefix(prefix): value for key, value in checkpoint["model"].items() if key.startswith(prefix)}
    arch = checkpoint["args"].get("arch")
    if not isinstance(arch, str) or not weights:
        raise UserError(f"The file {path} holds no backbone.", "Give a .pth file that main.py wrote.")
    return arch, weights


def main(argv: Sequence[str] | None = None) -> int:
    """Export the backbone of a checkpoint and return the exit status."""
    parser = argparse.ArgumentParser(description="Export the backbone under torchvision's keys.", allow_abbrev=False)
    parser.add_argument("checkpoint", type=Path, help="a .pth file that main.py wrote")
    parser.add_argument("output", type=Path, help="the file to write")
    args = parser.parse_args(argv)
    arch, weights = load_backbone(args.checkpoint)
    save_checkpoint(args.output, {key.removeprefix("net."): value for key, value in weights.items()})
    print(f"Wrote the {len(weights)} weights of a {arch} to {args.output}; its `fc` is not among them.")
    return 0


if __name__ == "__main__":
    raise SystemExit(engine.run_script(main))
