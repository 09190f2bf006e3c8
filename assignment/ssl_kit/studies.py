"""The grids of two studies on CIFAR-10: of DirectPred, and of MoCo next to a supervised network. Given.

`python -m ssl_kit.experiments NAME` runs them; `grids.py` takes them in. What a study does not say is as in the course.
"""

from __future__ import annotations

from ssl_kit.cells import USUAL, Cell, Grid

ONE_PREDICTOR = (
    *("--feat_dim", "128", "--proj_hidden", "512", "--proj_norm", "hidden", "--symmetric", "true", "--m", "0.996"),
    *("--batch_size", "128", "--weight_decay", "4e-4", "--crop_min", "0.08"),
)
"""Of all runs of the DirectPred study; the crop is that of the method's authors."""
TWO_LAYERS = (*ONE_PREDICTOR, "--pred_hidden", "512")
ADAM = ("--optimizer", "adam", "--augment", "none", "--batch_size", "128")
"""The study's linear evaluation: the rate falls from 0.05 to 0.0005 by a polynomial, over 100 epochs."""
TARGETS = {"EMA": "true", "no EMA": "false"}


def _symmetric_predictors() -> Grid:
    cells = tuple(
        Cell((targets, predictor), ("--method", method, *TWO_LAYERS, "--symmetric_predictor", symmetric))
        for targets, method in (("EMA", "byol"), ("no EMA", "simsiam"))
        for predictor, symmetric in (("symmetric", "true"), ("free", "false"))
    )
    title = "DirectPred's table: momentum encoder and symmetric predictor of two layers"
    return Grid(title, ("targets", "predictor"), cells, epochs=100, linear=ADAM)


def _rescue() -> Grid:
    rates = ("--learning_rate", "0.2", "--predictor_learning_rate", "2")
    decays = ("--weight_decay", "0", "--predictor_weight_decay", "4e-4")
    rows = {
        ("free", "shared"): ("--symmetric_predictor", "false"),
        ("symmetric", "shared"): ("--symmetric_predictor", "true"),
        ("symmetric", "its own"): ("--symmetric_predictor", "true", *rates, *decays),
    }
    shared = ("--method", "simsiam", *TWO_LAYERS, "--spectrum", "true")
    cells = tuple(Cell(labels, (*shared, *own)) for labels, own in rows.items())
    title = "SimSiam with a symmetric predictor, saved by a rate and a decay of its own"
    measures = (*USUAL, "asymmetry", "alignment")
    return Grid(title, ("predictor", "its rate and decay"), cells, epochs=100, linear=ADAM, measures=measures)


def _direct() -> Grid:
    rows = {
        "DirectPred": ("--method", "directpred"),
        "DirectCopy": ("--method", "directcopy"),
        "SGD": ("--method", "byol", "--predictor_type", "linear", "--predictor_start", "random"),
    }
    cells = tuple(
        Cell((name, targets), (*own, *ONE_PREDICTOR, "--use_momentum_encoder", ema))
        for name, own in rows.items()
        for targets, ema in TARGETS.items()
    )
    title = "A predictor of one layer: set by DirectPred or DirectCopy, or trained by SGD"
    return Grid(title, ("predictor", "targets"), cells, epochs=100, linear=ADAM)


def _reuse() -> Grid:
    flags = ("--method", "directpred", *ONE_PREDICTOR, "--num_proj_layers", "3")
    rows = {"encoder only": (), "first layer of the projector": ("--projector_layers", "1")}
    cells = tuple(Cell((features,), flags, linear=own) for features, own in rows.items())
    return Grid("DirectPred with a projector of three layers", ("features",), cells, epochs=100, linear=ADAM)


def _queues() -> Grid:
    # The study adds blur and rotation to MoCo's views, by unknown amounts. Here they are MoCo v2's and 15 degrees.
    views = ("--jitter", "1", "--hue", "0.4", "--blur", "0.5", "--rotate", "15")
    shared = ("--method", "moco-queue", "--batch_size", "128", "--temperature", "0.07", "--m", "0.999", *views)
    cells = tuple(
        Cell(
            (f"{batches * 128} keys", f"{round(100 * share)} %"),
            (*shared, "--queue_batches", str(batches)),
            linear=("--train_fraction", str(share)),
        )
        for batches in (50, 200)
        for share in (0.1, 0.5)
    )
    title = "MoCo: size of the queue, and share of the labels"
    measures = (*USUAL, "loss", "queue_loss_test", "queue_accuracy_train", "queue_accuracy_test")
    return Grid(title, ("queue", "labels"), cells, epochs=200, measures=measures)


def _momentum() -> Grid:
    rows = {
        "MoCo, queue": ("--method", "moco-queue"),
        "MoCo, in the batch": ("--method", "moco"),
        "BYOL": ("--method", "byol", "--symmetric", "true"),
    }
    cells = tuple(
        Cell((name, m), (*own, "--m", m)) for name, own in rows.items() for m in ("0", "0.9", "0.99", "0.999", "1")
    )
    return Grid("Momentum coefficient", ("method", "m"), cells, epochs=200, figure="lines")


def _classes() -> Grid:
    flags = ("--method", "supervised", "--batch_size", "128")
    rows = {"10": (), "5": ("--num_classes", "5"), "2": ("--num_classes", "2")}
    cells = tuple(Cell((classes,), flags, linear=own) for classes, own in rows.items())
    title = "A supervised network of 10 classes, with new output layers for fewer"
    measures = ("linear", "macro", "knn", "std_sqrt_d", "effective_rank")
    return Grid(title, ("classes",), cells, epochs=200, linear=("--optimizer", "adam"), measures=measures)


STUDIES = {
    "directpred": _symmetric_predictors(),
    "rescue": _rescue(),
    "direct": _direct(),
    "reuse": _reuse(),
    "queue": _queues(),
    "momentum": _momentum(),
    "classes": _classes(),
}
