"""Reads the runs of a hand-in, `run.json` and `log.csv` of each folder, and picks one that can be repeated."""

from __future__ import annotations

import csv
import random
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.collect.tree import materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import Submission
from autograder.core.settings import Limits
from autograder.core.text import clip, printable

Value = str | int | float | bool | list[int] | None
"""Of a flag in `run.json`."""
FLAGS, LOG = "run.json", "log.csv"
MOST_BYTES = 200_000
"""Of one file: a log of 800 epochs takes 60,000."""
MOST_RUNS = 500
REPEATED = (
    *("method", "dataset", "img_dim", "seed", "eval_freq", "knn_k", "label_fraction", "arch", "loss_type"),
    *("use_momentum_encoder", "m", "m_schedule", "use_predictor", "stop_gradient", "symmetric", "temperature"),
    *("queue_batches", "lambd", "threshold", "gamma", "feat_dim", "num_proj_layers", "projector", "proj_hidden"),
    *(
        "proj_norm",
        "pred_hidden",
        "pred_norm",
        "level",
        "exemplars",
        "propagation_layers",
        "predictor_start",
        "augment",
        "crop_min",
        "hue",
        "blur",
        "solarize",
        "predictor_type",
    ),
    *("symmetric_predictor", "predictor_learning_rate", "predictor_weight_decay", "eps", "rho", "predictor_freq"),
    *(
        "optimizer",
        "rotate",
        "jitter",
        "online_probe",
        "probe_learning_rate",
        "batch_size",
        "epochs",
        "learning_rate",
        "lr_schedule",
        "warmup_epochs",
        "momentum",
        "weight_decay",
    ),
)
"""The flags of `main.py` that a repeated run gets. A run with any other flag that matters is not repeated."""
WITHOUT_EFFECT = (
    *("data_root", "exp_dir", "device", "print_freq", "save_freq", "tensorboard", "wandb", "spectrum", "num_workers"),
    *("weighted_knn", "knn_temperature"),
)
"""Flags that move no number of the log. None of their values is used: some are paths."""
AS_USUAL: Mapping[str, Value] = {
    **{"resume": None, "shuffle_bn": False, "precision": "fp32", "channels_last": False, "compile": False},
    **{"milestones": [120, 160], "patience": 10},
}
"""Flags with which a run is repeated only where they have these values."""
DIGITS = ("digits", "tinted")
"""The data that come with the kit; another `--dataset` may be a path."""
WORD = re.compile(r"[A-Za-z0-9.+-]{1,30}")
WIDEST, LARGEST, MOST_WORK = 512, 16, 80
"""The largest `--feat_dim` and `--img_dim` of a short run, and its epochs times (`--img_dim` / 8) squared."""

Rows = tuple[Mapping[str, float], ...]


@dataclass(frozen=True)
class Handed:
    """A run as it was handed in: its folder's name, its flags, its device, and the rows of its log."""

    name: str
    flags: Mapping[str, Value]
    device: str
    rows: Rows


@dataclass(frozen=True)
class _RunFile:
    flags: dict[str, Value]
    versions: dict[str, str]


def handed_runs(submission: Submission, limits: Limits) -> list[Handed]:
    """The runs of a submission that can be read, by their names. Nothing of the student's is run."""
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        try:
            root = materialise(submission, Path(folder) / "all", limits, report_only=True).root
        except SubmissionProblem:
            return []
        places = sorted(path.parent for path in root.rglob(FLAGS) if path.is_file())[:MOST_RUNS]
        found = (_read(place, place.relative_to(root).as_posix()) for place in places)
        return [run for run in found if run is not None]


def _read(folder: Path, name: str) -> Handed | None:
    try:
        flags, log = (_bytes(folder / file) for file in (FLAGS, LOG))
        read = msgspec.json.decode(flags, type=_RunFile)
        rows = read_rows(log)
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return None
    return Handed(printable(clip(name, 80)), read.flags, read.versions.get("device", "cpu"), rows) if rows else None


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError("it is too large to be a run's")
    return data


def read_rows(data: bytes) -> Rows:
    """The rows of a `log.csv`, empty cells left out; raises ValueError where a cell is not a number of a run's size."""
    try:
        lines = csv.DictReader(data.decode("utf-8").splitlines())
        rows = tuple({key: float(cell) for key, cell in row.items() if cell} for row in lines)
    except (TypeError, AttributeError, csv.Error) as error:  # a row longer than the headings has a list
        raise ValueError(str(error)) from error
    if any("epoch" not in row or not all(abs(value) < 1e9 for value in row.values()) for row in rows):
        raise ValueError("a row has no epoch, or a cell is not a number of a run's size")
    return rows


def chosen(runs: Sequence[Handed], seed: str, student: str) -> Handed | None:
    """One of the runs that can be repeated quickly, drawn from the course's seed and the id; None if there is none."""
    short = [run for run in runs if not any(obstacles(run))]
    return random.Random(f"{seed}/runs/{student}").choice(short) if short else None


def obstacles(run: Handed) -> Iterator[str]:
    """Yield the reasons why a run is not repeated, if there are any."""
    flags = run.flags
    if flags.get("dataset") not in DIGITS or flags.get("arch") != "small":
        yield f"it is not of {' or '.join(DIGITS)} with --arch small"
    elif not _is_short(flags):
        yield "it takes too long"
    if flags.get("epochs") == 0:
        yield "it was not trained"
    if run.device != "cpu":
        yield f"it was made on {printable(clip(run.device, 20))}"
    yield from (f"it has --{name}" for name, usual in AS_USUAL.items() if flags.get(name, usual) != usual)
    unknown = [*({*flags} - {*REPEATED, *WITHOUT_EFFECT, *AS_USUAL})]
    yield from (f"its flag {printable(clip(name, 40))} is unknown" for name in sorted(unknown))


def _is_short(flags: Mapping[str, Value]) -> bool:
    epochs, size, width = (flags.get(name) for name in ("epochs", "img_dim", "feat_dim"))
    if not (isinstance(epochs, int) and isinstance(size, int) and isinstance(width, int)):
        return False
    return 8 <= size <= LARGEST and width <= WIDEST and epochs * (size / 8) ** 2 <= MOST_WORK


def words(run: Handed) -> list[str]:
    """The run's flags for `main.py`, of REPEATED alone; raises ValueError for a value that is not a plain word."""
    given = {name: run.flags[name] for name in REPEATED if run.flags.get(name) is not None}
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
    for name, text in texts.items():
        if not WORD.fullmatch(text):
            raise ValueError(f"--{name} has a value that no flag has")
    return [f"--{name}={text}" for name, text in texts.items()]
