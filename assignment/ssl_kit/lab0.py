"""Lab 0: look at views, then watch a network collapse. Given, and it needs no stub: `lab0.html` has the questions.

    python -m ssl_kit.lab0

Writes `views.png`, asks what you expect, and trains a small SimSiam on handwritten digits twice, step by step in
parallel: with the stop-gradient and without it. Both start from the same weights and see the same batches. `curves.png`
and `steps.csv` have what was measured on the test images after each step.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ssl_kit import checkpoints, data, engine, logs, measures, plots, predictions
from ssl_kit.networks import Backbone
from ssl_kit.views import RandomView, Recipe, plain_view

SIZE, WIDTH, BATCH = 16, 128, 128
"""Pixels of an image's side; D, the number of features; images of a batch."""
RUNS = {"with stop-gradient": True, "without stop-gradient": False}
MEASURES = {"loss": "loss", "std_sqrt_d": "std·√D", "effective_rank": "effective rank"}
ASKED = {
    "std_sqrt_d": ("std·√D (0: all alike, 1: spread evenly)", 0, 2),
    "effective_rank": (f"effective rank (1 to {WIDTH})", 1, WIDTH),
}
"""Each measure that is predicted, in words, with the smallest and the largest number that is taken."""
EVERY = 20
"""Steps from one line of the table to the next."""


class Siamese(nn.Module):
    """An encoder f and a predictor h, and the optimiser that trains them: SimSiam in small."""

    def __init__(self, stop_gradient: bool) -> None:
        super().__init__()
        self.stop_gradient = stop_gradient
        hidden = [nn.Linear(64, WIDTH, bias=False), nn.BatchNorm1d(WIDTH), nn.ReLU()]
        last = [nn.Linear(WIDTH, WIDTH, bias=False), nn.BatchNorm1d(WIDTH, affine=False)]
        self.f = nn.Sequential(Backbone("small"), *hidden, *last)
        narrow = [nn.Linear(WIDTH, WIDTH // 4, bias=False), nn.BatchNorm1d(WIDTH // 4), nn.ReLU()]
        self.h = nn.Sequential(*narrow, nn.Linear(WIDTH // 4, WIDTH))
        self.optimizer = torch.optim.SGD(self.parameters(), 0.1, momentum=0.9, weight_decay=5e-4)

    def step(self, views: Tensor) -> float:
        """One step on views `[2B, 3, S, S]`, those of image i in rows i and B + i; returns the loss, from 0 to 4.

        The loss is the mean squared distance between the guess for a view and the embedding of the other view of the
        same image, both brought to length 1.
        """
        embeddings = self.f(views)
        guesses, targets = self.h(embeddings), embeddings.roll(len(views) // 2, dims=0)
        if self.stop_gradient:
            targets = targets.detach()
        loss = (F.normalize(guesses) - F.normalize(targets)).square().sum(dim=1).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    @torch.no_grad()
    def measure(self, images: Tensor) -> dict[str, float]:
        """std·√D (1 where the features spread evenly over the sphere) and effective rank of embeddings `[N, D]`."""
        self.eval()
        embeddings = self.f(images)
        self.train()
        return {
            "std_sqrt_d": measures.std_sqrt_d(embeddings),
            "effective_rank": measures.effective_rank(embeddings),
        }


def keys() -> list[tuple[str, str]]:
    """Run and measure of each prediction."""
    return [(run, name) for run in RUNS for name in ASKED]


def ask() -> dict[str, float]:
    """The predictions, by run and measure, each within the range of its measure."""
    given = {}
    for run, name in keys():
        text, low, high = ASKED[name]
        given |= predictions.ask({f"{run}, {name}": f"At the end {run}: {text}?"}, low, high)
    return given


def train(halves: Sequence[data.ImageSet], maker: RandomView, steps: int) -> dict[str, list[dict[str, float]]]:
    """Train both runs for so many steps and print the table; a row for each step, the first before training."""
    runs = {}
    for name, stop_gradient in RUNS.items():
        engine.seed_epoch(0, 0)
        runs[name] = Siamese(stop_gradient)
    queries = plain_view(halves[1].images, SIZE)
    rows = {name: [run.measure(queries)] for name, run in runs.items()}
    batches = data.Batches(halves[0], [maker, maker], BATCH)
    print("      " + "".join(f"{name:^27}" for name in RUNS))
    print("  step" + f"{'loss':>9}{'std·√D':>9}{'rank':>7}  " * 2)
    tell(0, rows)
    for step in range(1, steps + 1):
        if (step - 1) % len(batches) == 0:
            epoch = batches.epoch(0, step)
        views = torch.cat(next(epoch).views)
        for name, run in runs.items():
            rows[name].append({"loss": run.step(views), **run.measure(queries)})
        if step % EVERY == 0 or step == steps:
            tell(step, rows)
    return rows


def tell(step: int, rows: dict[str, list[dict[str, float]]]) -> None:
    """Print the last row of each run."""
    cells = []
    for *_, row in rows.values():
        loss = f"{row['loss']:.3f}" if "loss" in row else "-"
        cells.append(f"{loss:>9}{row['std_sqrt_d']:>9.3f}{row['effective_rank']:>7.1f}  ")
    print(f"{step:>6}" + "".join(cells), flush=True)


def draw(rows: dict[str, list[dict[str, float]]], sealed: predictions.Sealed, path: Path) -> None:
    """The curves of both runs, and at their end what was predicted."""
    made, axes = plots.figure(1, len(MEASURES), 12, 4.2)
    for (run, own), style, mark in zip(rows.items(), ("-", "--"), ("*", "D"), strict=True):
        for (name, title), axis in zip(MEASURES.items(), axes.flat, strict=True):
            points = [(step, row[name]) for step, row in enumerate(own) if name in row]
            (line,) = axis.plot(*zip(*points, strict=True), style, label=run)
            expected = sealed.values.get(f"{run}, {name}")
            if expected is not None:
                label = f"your prediction, {run}"
                axis.plot(
                    [len(own) - 1], [expected], mark, color=line.get_color(), markersize=9, label=label, clip_on=False
                )
            axis.set(title=title, xlabel="step")
    for axis in axes.flat:  # last: a limit that is set is not moved by what is drawn after it
        axis.set_ylim(0, None)
    made.legend(*axes[0, 1].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
    made.savefig(path, dpi=130)


def write(rows: dict[str, list[dict[str, float]]], sealed: predictions.Sealed, folder: Path) -> None:
    """The curves, the numbers of each step, and what was expected next to what came out."""
    lines = [
        {"run": run, "step": str(step), **{name: f"{value:.5g}" for name, value in row.items()}}
        for run, own in rows.items()
        for step, row in enumerate(own)
    ]
    logs.write_rows(folder / "steps.csv", lines)
    draw(rows, sealed, folder / "curves.png")
    for run, name in keys():
        expected = sealed.values.get(f"{run}, {name}")
        guess = "nothing" if expected is None else f"{expected:g}"
        print(f"{run}, {MEASURES[name]}: you expected {guess}, and it is {rows[run][-1][name]:.3g}")
    print(f"Look at {folder / 'curves.png'}.")


def main(argv: Sequence[str] | None = None) -> int:
    """Do all of it and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m ssl_kit.lab0", description="Lab 0: views, and a collapse.", allow_abbrev=False
    )
    parser.add_argument("--exp_dir", type=Path, default=Path("exp/lab0"), help="for all output (default: %(default)s)")
    parser.add_argument("--steps", type=engine.number(int, 1), default=220, help="(default: %(default)s)")
    args = parser.parse_args(argv)
    folder: Path = args.exp_dir
    checkpoints.prepare_folder(folder)
    torch.set_num_threads(1)  # more do not speed up a network so small, and would change the numbers
    halves = data.load_halves("digits", Path(), SIZE)
    maker = RandomView(SIZE, Recipe(mirror=0.0))
    plots.augmented(halves[0], SIZE, 0, maker).savefig(folder / "views.png", dpi=130)
    print(f"Look at {folder / 'views.png'}: each row is an image and what the network is shown of it.")
    sealed = predictions.read(folder / predictions.NAME)
    if sealed is None:
        print("What do you expect? Draw the curves on paper, then give their last values (an empty line: no idea).")
        sealed = predictions.seal(folder / predictions.NAME, ask())
    print(sealed)
    rows = train(halves, maker, args.steps)
    write(rows, sealed, folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(engine.run_script(main))
