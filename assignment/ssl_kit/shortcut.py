"""A network that gets worse by training: SimCLR on tinted digits. Given; it needs questions 1.1 and 1.2.

    python -m ssl_kit.shortcut
    python -m ssl_kit.shortcut --exp_dir exp/repaired --FLAG VALUE          with any flag of main.py

Prints how well k-NN finds the digit and the colour of the paper: from pixels, from an untrained network, and while the
network trains. Writes `views.png`, which shows what the network is given, and `last.pth`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from main import update_momentum_encoder
from ssl_kit import checkpoints, data, engine, flags, measures, plots, tinted, training
from ssl_kit.pretraining import Run

RECIPE = (
    *("--method", "simclr", "--dataset", "tinted", "--img_dim", "16", "--arch", "small", "--feat_dim", "128"),
    *("--temperature", "0.1", "--learning_rate", "0.1", "--epochs", "20", "--exp_dir", "exp/shortcut"),
    *("--print_freq", "1000"),
)
EVERY = 5
"""Epochs from one line of the table to the next."""


def digit_and_colour(network: nn.Module, img_dim: int) -> tuple[float, float]:
    """How many test images, in percent, have the digit, and how many the paper, of the training image most like them.

    `network` maps images `[B, 3, img_dim, img_dim]` to features `[B, D]`; likeness is the cosine of features.
    """
    halves = [data.load_images("tinted", Path(), train, img_dim) for train in (True, False)]
    known, queries = (
        measures.extract_features(network, data.plain_batches(half, 500, img_dim), torch.device("cpu"))[0]
        for half in halves
    )
    nearest = measures.nearest_images(queries, known, 1)[1][:, 0]
    coloured = [tinted.by_colour(half, train) for half, train in zip(halves, (True, False), strict=True)]
    digit, colour = (
        100 * float((pair[0].labels[nearest] == pair[1].labels).float().mean()) for pair in (halves, coloured)
    )
    return digit, colour


def tell(name: str, network: nn.Module, img_dim: int, loss: float | None = None) -> None:
    """Print a line of the table; `loss` is the mean over the last epoch."""
    digit, colour = digit_and_colour(network, img_dim)
    print(f"{name:<20}{digit:>8.1f}{colour:>9.1f}{'-' if loss is None else f'{loss:.2f}':>8}", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, print the table, and return the exit status."""
    words = [*RECIPE, "--device", "cpu", *(sys.argv[1:] if argv is None else argv)]
    about = f"SimCLR on tinted digits, with {' '.join(RECIPE)}; flags of yours come after these and win."
    args = flags.parse_args(words, "python -m ssl_kit.shortcut", about)
    checkpoints.prepare_folder(args.exp_dir)
    torch.set_num_threads(1)  # more do not speed up a network so small, and would change the numbers
    run = Run(args, update_momentum_encoder)
    views = training.view_makers(args, mirrored=False)[0]
    plots.augmented(run.halves[0], args.img_dim, args.seed, views).savefig(args.exp_dir / "views.png", dpi=130)
    print("k-NN in %              digit   colour    loss")
    tell("pixels", nn.Flatten(), args.img_dim)
    tell("untrained network", run.model.encoder.backbone, args.img_dim)
    while run.epoch < args.epochs:
        loss, _ = run.advance()
        if run.epoch % EVERY == 0:
            tell(f"epoch {run.epoch}", run.model.encoder.backbone, args.img_dim, loss)
    checkpoints.save_checkpoint(args.exp_dir / "last.pth", run.state())
    print(f"Look at {args.exp_dir / 'views.png'}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(engine.run_script(main))
