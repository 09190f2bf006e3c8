"""Grids of published studies: DirectPred's predictors, MoCo's queue. Given; `grids.py` takes them in."""

from __future__ import annotations

from ssl_kit.cells import Cell, Grid


def _symmetric_predictors() -> Grid:
    heads = ("--feat_dim", "128", "--proj_hidden", "512", "--proj_norm", "hidden", "--pred_hidden", "512")
    training = ("--symmetric", "true", "--m", "0.996", "--batch_size", "128", "--weight_decay", "4e-4")
    shared = (*heads, *training, "--crop_min", "0.08")
    cells = tuple(
        Cell((targets, predictor), ("--method", method, *shared, "--symmetric_predictor", symmetric))
        for targets, method in (("EMA", "byol"), ("no EMA", "simsiam"))
        for predictor, symmetric in (("symmetric", "true"), ("free", "false"))
    )
    title = "DirectPred's table: momentum encoder and symmetric predictor of two layers"
    return Grid(title, ("targets", "predictor"), cells, epochs=100)


def _queue_sizes() -> Grid:
    published = ("--temperature", "0.07", "--m", "0.999", "--label_fraction", "0.1")
    shared = ("--method", "moco-queue", "--batch_size", "128", *published)
    cells = tuple(Cell((f"{batches * 128} keys",), (*shared, "--queue_batches", str(batches))) for batches in (50, 200))
    return Grid("Queue size, with 10 % of the labels", ("queue",), cells, linear=("--train_fraction", "0.1"))


def _momentum_with_queue() -> Grid:
    cells = tuple(Cell((m,), ("--method", "moco-queue", "--m", m)) for m in ("0", "0.9", "0.99", "0.999"))
    return Grid("MoCo with a queue: momentum coefficient", ("m",), cells, figure="lines")


STUDIES = {
    "directpred": _symmetric_predictors(),
    "queue": _queue_sizes(),
    "momentum": _momentum_with_queue(),
}
