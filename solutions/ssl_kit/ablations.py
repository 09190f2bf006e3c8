"""Grids that take one part of a method away, or vary one of its numbers. Given; `grids.py` takes them in.

A flag such as `60%` is a share of the epochs of the table, so that a short table has the schedule of the published one.
"""

from __future__ import annotations

from ssl_kit.cells import Cell, Grid

_SIMSIAM = ("--method", "simsiam", "--batch_size", "256")
_NOT_DECAYED = ("--predictor_learning_rate", "0.03")


def _temperatures() -> Grid:
    values = ("0.02", "0.1", "0.5", "5")
    cells = tuple(Cell((value,), ("--method", "simclr", "--temperature", value)) for value in values)
    return Grid("SimCLR: temperature", ("temperature",), cells, figure="lines")


def _simsiam_predictors() -> Grid:
    """A rate of 0 leaves the predictor at its random start; a rate of its own does not follow the cosine."""
    rows = {
        "rate decayed": (),
        "none": ("--use_predictor", "false"),
        "fixed random": ("--predictor_learning_rate", "0"),
        "rate not decayed": _NOT_DECAYED,
    }
    cells = tuple(Cell((name,), (*_SIMSIAM, *flags)) for name, flags in rows.items())
    return Grid("SimSiam: predictor", ("predictor",), cells, epochs=100)


def _simsiam_batches() -> Grid:
    cells = []
    for size in (64, 128, 256, 512, 1024, 2048, 4096):
        rate = str(0.03 * size / 256)
        flags = ("--learning_rate", rate, "--predictor_learning_rate", rate)
        cells.append(Cell((str(size),), ("--method", "simsiam", "--batch_size", str(size), *flags)))
    title = "SimSiam: batch size (learning rate 0.03 x batch size / 256)"
    return Grid(title, ("batch size",), tuple(cells), epochs=100, figure="lines")


def _simsiam_norms() -> Grid:
    rows = {
        "none": ("none", "none"),
        "hidden layers": ("hidden", "hidden"),
        "all but predictor output": ("both", "hidden"),
        "everywhere": ("both", "both"),
    }
    cells = tuple(
        Cell((name,), (*_SIMSIAM, *_NOT_DECAYED, "--proj_norm", projector, "--pred_norm", predictor))
        for name, (projector, predictor) in rows.items()
    )
    return Grid("SimSiam: batch norm in the heads", ("batch norm",), cells, epochs=100)


### With question B1
_MOCO = ("--method", "moco-v2", "--batch_size", "256", "--learning_rate", "0.03", "--queue_batches", "16")
_HEADS = {False: ("--projector", "linear"), True: ("--projector", "mlp")}
_VIEWS = {
    False: ("--jitter", "1", "--hue", "0.4", "--blur", "0"),
    True: ("--jitter", "0.8", "--hue", "0.1", "--blur", "0.5"),
}
_SCHEDULES = {False: ("--lr_schedule", "step", "--milestones", "60%", "80%"), True: ("--lr_schedule", "cosine")}


def _moco_steps() -> Grid:
    """From MoCo to MoCo v2; either head has the temperature of the published runs."""
    rows = ("", "m", "a", "ma", "mac", "mac4")  # the letters of what is there
    cells = []
    for row in rows:
        mlp, views, cosine, longer = (letter in row for letter in "mac4")
        flags = (*_MOCO, *_HEADS[mlp], "--temperature", "0.2" if mlp else "0.07", *_VIEWS[views], *_SCHEDULES[cosine])
        labels = tuple("yes" if there else "no" for there in (mlp, views, cosine, longer))
        cells.append(Cell(labels, (*flags, *(("--epochs", "400%") if longer else ()))))
    columns = ("MLP", "aug+", "cosine", "4 x epochs")
    return Grid("From MoCo to MoCo v2", columns, tuple(cells), epochs=200)


def _moco_temperatures() -> Grid:
    shared = (*_MOCO, *_VIEWS[False], *_SCHEDULES[False])
    cells = tuple(
        Cell((f"{'MLP' if mlp else 'linear'} head", value), (*shared, *_HEADS[mlp], "--temperature", value))
        for mlp in (False, True)
        for value in ("0.07", "0.1", "0.2", "0.3", "0.4", "0.5")
    )
    return Grid("MoCo: temperature and head", ("head", "temperature"), cells, epochs=200, figure="lines")


### End of question B1
### With question B4
def _pixpro_levels() -> Grid:
    names = {"pixel": "pixels", "instance": "images", "both": "both"}
    cells = tuple(Cell((name,), ("--method", "pixpro", "--level", level)) for level, name in names.items())
    measures = ("knn", "linear", "std_sqrt_d", "effective_rank")  # the projector's output is a map
    return Grid("PixPro: what is compared", ("compared",), cells, epochs=100, measures=measures)


### End of question B4
def _lengths() -> Grid:
    """The published runs have 100, 200, 400 and 800 epochs; each has a whole schedule of its own."""
    methods = {
        "SimCLR": ("--method", "simclr"),
        ### With question B1
        "MoCo v2": ("--method", "moco-v2"),
        ### End of question B1
        "BYOL": ("--method", "byol", "--symmetric", "true"),
        "SimSiam": ("--method", "simsiam"),
    }
    shares = {"0.125": "12.5%", "0.25": "25%", "0.5": "50%", "1": "100%"}
    cells = tuple(
        Cell((title, label), (*flags, "--epochs", share))
        for title, flags in methods.items()
        for label, share in shares.items()
    )
    return Grid("Methods over epochs", ("method", "share of the epochs"), cells, figure="lines")


def _tasks() -> Grid:
    names = {
        "exemplar": "exemplar",
        "relative position": "relative-position",
        "jigsaw": "jigsaw",
        "rotation": "rotation",
        ### With question B1
        "MoCo": "moco-queue",
        ### End of question B1
        "labels": "supervised",
    }
    cells = tuple(Cell((title,), ("--method", method)) for title, method in names.items())
    return Grid("Tasks without labels", ("task",), cells, epochs=200, measures=("knn", "linear", "effective_rank"))


ABLATIONS = {
    "temperature": _temperatures(),
    "simsiam-predictor": _simsiam_predictors(),
    "simsiam-batch": _simsiam_batches(),
    "simsiam-norm": _simsiam_norms(),
    ### With question B1
    "moco-v2": _moco_steps(),
    "moco-temperature": _moco_temperatures(),
    ### End of question B1
    ### With question B4
    "pixpro": _pixpro_levels(),
    ### End of question B4
    "lengths": _lengths(),
    "tasks": _tasks(),
}
