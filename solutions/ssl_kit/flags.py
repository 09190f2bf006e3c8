"""The flags of `main.py`, and the methods as presets of them. Given.

`--method byol` is short for the flags in `PRESETS["byol"]`; flags that are given as well win over the preset's.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from criterion import LOSS_TYPES, SSLLoss
from ssl_kit import data, engine, heads, optimizers, pretext, training
from ssl_kit.logs import flags_of_file
from ssl_kit.networks import ARCHITECTURES

ALL_LOSS_TYPES = (
    *LOSS_TYPES,
    ### With question B1
    "queue",
    ### End of question B1
    ### With question B2
    "barlow",
    ### End of question B2
    ### With question B4
    "pixpro",
    "pixcontrast",
    ### End of question B4
    *pretext.TASKS,
)
PREDICTORS = (
    "mlp",
    "linear",
    ### With question B3
    "directpred",
    "directcopy",
    ### End of question B3
)
NEEDS = {
    **dict.fromkeys(("moco-queue", "moco-v2", "queue"), "B1"),
    **dict.fromkeys(("barlow-twins", "barlow"), "B2"),
    **dict.fromkeys(("directpred", "directcopy"), "B3"),
    **dict.fromkeys(("pixcontrast", "pixpro"), "B4"),
}
"""By method, loss or predictor, the question that has its code."""

FREE_FLAGS = (
    *("data_root", "exp_dir", "device", "resume", "epochs", "num_workers", "precision", "channels_last", "compile"),
    *("print_freq", "save_freq", "eval_freq", "tensorboard", "wandb", "spectrum"),
    *("knn_k", "weighted_knn", "knn_temperature", "label_fraction", "online_probe", "probe_learning_rate"),
)
"""The flags that a resumed run may have otherwise than its checkpoint: where and how long it trains, and what it logs.
With another one of the rest it would be half of one run and half of another."""

_SIMCLR = {"loss_type": "contrastive"}
_MOMENTUM = {"use_momentum_encoder": True, "stop_gradient": True}
_BYOL = {"loss_type": "align", **_MOMENTUM, "use_predictor": True}
_DIRECT = {
    **{**_BYOL, "symmetric": True, "m": 0.996, "feat_dim": 128, "eps": 0.1, "rho": 0.3},
    **{"batch_size": 128, "weight_decay": 4e-4, "crop_min": 0.08},
}
_QUEUE = {**_MOMENTUM, "loss_type": "queue", "feat_dim": 128, "learning_rate": 0.06}
_MOCO_V2 = {**_QUEUE, "projector": "mlp", "queue_batches": 8, "blur": 0.5}
_PIXEL = {
    **{**_MOMENTUM, "feat_dim": 256, "proj_hidden": 4096, "m_schedule": "cosine", "crop_min": 0.08},
    **{"optimizer": "lars", "learning_rate": 2.0, "weight_decay": 1e-5, "warmup_epochs": 5},
}

# Rates are those of the methods' authors on CIFAR-10, for batches of 512 unless the preset has a size of its own; of
# PixPro's authors on ImageNet, as they have no other; of solo-learn for Barlow Twins.
PRESETS: dict[str, dict[str, Any]] = {
    "simclr": _SIMCLR,
    "moco": {**_SIMCLR, **_MOMENTUM},
    ### With question B1
    "moco-queue": {**_QUEUE, "temperature": 0.1, "queue_batches": 50},
    "moco-v2": {**_MOCO_V2, "temperature": 0.2},
    ### End of question B1
    "byol": _BYOL,
    "simsiam": {"loss_type": "align", "use_predictor": True, "stop_gradient": True},
    ### With question B2
    "barlow-twins": {
        **{"loss_type": "barlow", "batch_size": 256},
        **{"optimizer": "lars", "learning_rate": 0.3, "weight_decay": 1e-4},
    },
    ### End of question B2
    ### With question B3
    "directpred": {**_DIRECT, "predictor_type": "directpred"},
    "directcopy": {**_DIRECT, "predictor_type": "directcopy", "eps": 0.3, "rho": 0.5},
    ### End of question B3
    ### With question B4
    "pixcontrast": {**_PIXEL, "loss_type": "pixcontrast", "temperature": 0.3},
    "pixpro": {**_PIXEL, "loss_type": "pixpro", "use_predictor": True},
    ### End of question B4
    "rotation": {"loss_type": "rotation"},
    "relative-position": {"loss_type": "relative-position"},
    "jigsaw": {"loss_type": "jigsaw"},
    "exemplar": {"loss_type": "exemplar", "rotate": 20.0},
    "supervised": {"loss_type": "supervised", "augment": "mild"},
}


def parse_args(
    argv: Sequence[str] | None = None,
    command: str = "python main.py --method NAME",
    about: str = "Pre-train without labels.",
) -> argparse.Namespace:
    """Read the flags of `main.py`, given to `command`; wrong usage ends the program with exit status 2."""
    parser = argparse.ArgumentParser(
        usage=f"{command} [FLAGS], of which --help lists all",
        description=about,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--method",
        **{**_choice(PRESETS), "help": "short for its flags; flags that are given as well win"},
    )
    for add in (
        _add_run_flags,
        _add_measure_flags,
        _add_speed_flags,
        _add_method_flags,
        _add_predictor_flags,
        optimizers.add_flags,
    ):
        add(parser)
    parser.add_argument("--config", type=Path, help="flags from a .toml, or the run.json of a run; given ones win")
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--method")
    first.add_argument("--config", type=Path)
    given = sys.argv[1:] if argv is None else argv
    early = first.parse_known_args(given)[0]
    if early.config is not None:
        given = [*flags_of_file(early.config, early.method), *given]
        early = first.parse_known_args(given)[0]
    parser.set_defaults(**PRESETS.get(early.method, {}))
    args = parser.parse_args(given)
    del args.config  # its flags are there now, and run.json holds them all
    if args.batch_size is None:
        args.batch_size = data.default_batch_size(args.dataset)
    _refuse_what_does_not_fit(parser, args)
    return args


def _offered(names: Collection[str]) -> Callable[[str], str]:
    """Read a name; refuse it with a reason if this assignment lacks the code that it needs."""

    def read(name: str) -> str:
        if name in NEEDS and name not in names:
            problem = f"{name} needs question {NEEDS[name]}, which this assignment leaves out"
            raise argparse.ArgumentTypeError(f"{problem}; take one of {', '.join(names)}")
        return name

    return read


def _architecture(name: str) -> str:
    if name not in ARCHITECTURES and not name.startswith("timm:"):
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(ARCHITECTURES)}, timm:NAME")
    return name


def _choice(names: Collection[str]) -> dict[str, Any]:
    return {"type": _offered(names), "choices": names, "help": "(default: %(default)s)"}


def _refuse_what_does_not_fit(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """End with exit status 2 if flags contradict each other, instead of leaving one of them without effect."""
    if args.loss_type in ("queue", "pixpro", "pixcontrast") and not args.use_momentum_encoder:
        parser.error(f"--loss_type {args.loss_type} needs --use_momentum_encoder true")
    if args.loss_type in ("queue", "barlow", "pixcontrast", *pretext.TASKS) and args.use_predictor:
        parser.error(f"--loss_type {args.loss_type} has no predictor; give --use_predictor false")
    if args.loss_type in ("barlow", *pretext.TASKS) and args.use_momentum_encoder:
        parser.error(f"--loss_type {args.loss_type} has no momentum encoder; give --use_momentum_encoder false")
    if args.predictor_type != "mlp" and not (args.use_predictor and args.loss_type in LOSS_TYPES):
        parser.error(f"--predictor_type {args.predictor_type} needs --use_predictor true and --loss_type align")
    heads.refuse(parser, args)
    if args.shuffle_bn and args.loss_type != "queue":
        parser.error("--shuffle_bn true needs --loss_type queue")
    if args.symmetric_predictor and (not args.use_predictor or args.predictor_type not in ("mlp", "linear")):
        parser.error("--symmetric_predictor true needs a predictor that learns")
    if args.rotate and args.loss_type in ("pixpro", "pixcontrast"):
        parser.error(f"--loss_type {args.loss_type} finds no pixels in turned views; leave --rotate out")
    if args.online_probe and args.loss_type in pretext.PATCHES:
        parser.error(f"--online_probe true needs whole images; --loss_type {args.loss_type} shows patches")
    if args.online_probe and (args.label_fraction < 1 or args.dataset == "stl10"):
        parser.error(
            "--online_probe true needs all labels: leave --label_fraction out, and take another set than stl10"
        )


def _default(function: Callable[..., Any], argument: str) -> Any:
    """The default of a function's argument, so that the constant is written in one place."""
    return inspect.signature(function).parameters[argument].default


def _flag(default: bool = False) -> dict[str, Any]:
    return {"type": engine.str2bool, "default": default, "metavar": "true|false"}


def _add_run_flags(parser: argparse.ArgumentParser) -> None:
    count, whole = engine.number(int, 1), engine.number(int, 0)
    parser.add_argument("--dataset", default="cifar10", help=f"{data.DATASETS} (default: %(default)s)")
    parser.add_argument("--data_root", type=Path, default=Path("data"), help="for downloads (default: %(default)s)")
    parser.add_argument("--exp_dir", type=Path, default=Path("exp"), help="for all output (default: %(default)s)")
    parser.add_argument("--img_dim", type=engine.number(int, 8), default=32, help="image size (default: %(default)s)")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, mps … (default: a GPU if there is one)")
    parser.add_argument("--seed", type=whole, default=0, help="same seed, same numbers (default: %(default)s)")
    parser.add_argument("--print_freq", type=count, default=10, help="batches between lines (default: %(default)s)")
    parser.add_argument("--save_freq", type=count, default=50, help="epochs between kept files (default: %(default)s)")
    parser.add_argument("--resume", type=Path, metavar="CKPT", help="go on from this checkpoint")
    parser.add_argument("--tensorboard", **_flag(), help="log for TensorBoard as well")
    parser.add_argument("--wandb", metavar="PROJECT", help="log for Weights & Biases as well")


def _add_measure_flags(parser: argparse.ArgumentParser) -> None:
    count, share = engine.number(int, 1), engine.number(float, 0, 1)
    parser.add_argument("--eval_freq", type=count, default=5, help="epochs between k-NN runs (default: %(default)s)")
    parser.add_argument("--knn_k", type=count, default=1, help="images that vote in k-NN (default: %(default)s)")
    parser.add_argument("--weighted_knn", type=count, metavar="K", help="also k-NN of K votes that weigh exp(cosine/T)")
    parser.add_argument(
        "--knn_temperature",
        type=engine.number(float, 1e-3, 1),
        default=0.07,
        help="T of --weighted_knn (default: %(default)s)",
    )
    parser.add_argument(
        "--label_fraction",
        type=share,
        default=1.0,
        help="labels that k-NN and --method supervised may use (default: %(default)s)",
    )
    parser.add_argument("--online_probe", **_flag(), help="train a linear classifier next to the method, and log it")
    parser.add_argument(
        "--probe_learning_rate", type=engine.number(float, 0), default=0.05, help="of its Adam (default: %(default)s)"
    )
    parser.add_argument("--spectrum", **_flag(), help="log eigenvalues and their alignment with the predictor")


def _add_speed_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--num_workers", type=engine.number(int, 0), default=0, help="threads that make views (default: %(default)s)"
    )
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="(default: %(default)s)")
    parser.add_argument("--channels_last", **_flag(), help="store images channel by channel last: faster on GPUs")
    parser.add_argument("--compile", **_flag(), help="compile the networks with torch.compile")


def _add_method_flags(parser: argparse.ArgumentParser) -> None:
    count, share = engine.number(int, 1), engine.number(float, 0, 1)
    parser.add_argument("--arch", type=_architecture, default="resnet18", help="backbone (default: %(default)s)")
    parser.add_argument("--loss_type", default="contrastive", **_choice(ALL_LOSS_TYPES))
    parser.add_argument("--use_momentum_encoder", **_flag(), help="encode view 2 with the momentum encoder")
    parser.add_argument("--m", type=share, default=0.99, help="of the momentum update (default: %(default)s)")
    parser.add_argument("--m_schedule", choices=("constant", "cosine"), default="constant", help="cosine: up to 1")
    parser.add_argument("--use_predictor", **_flag(), help="compare the predictor's outputs")
    parser.add_argument("--stop_gradient", **_flag(), help="take the loss's second argument as a constant")
    parser.add_argument("--symmetric", **_flag(), help="both views go through both networks, as in BYOL's paper")
    parser.add_argument(
        "--temperature",
        type=engine.number(float, 1e-3),
        default=_default(SSLLoss.__init__, "temperature"),
        help="(default: %(default)s)",
    )
    parser.add_argument("--shuffle_bn", **_flag(), help="batch norm per process, keys shuffled over them, as in MoCo")
    parser.add_argument("--queue_batches", type=count, default=50, help="keys, in batches (default: %(default)s)")
    ### With question B2
    parser.add_argument("--lambd", type=engine.number(float, 0), default=SSLLoss().lambd, help="of Barlow Twins")
    ### End of question B2
    ### With question B4
    parser.add_argument(
        "--threshold",
        type=engine.number(float, 0),
        default=_default(SSLLoss.pixel_consistency_loss, "threshold"),
        help="of PixPro and PixContrast",
    )
    parser.add_argument("--level", choices=("pixel", "instance", "both"), default="pixel", help="what pixpro compares")
    ### End of question B4
    parser.add_argument("--gamma", type=engine.number(float, 0), default=2.0, help="of PixPro's propagation")
    heads.add_flags(parser)
    pretext.add_flags(parser)
    training.add_view_flags(parser)


def _add_predictor_flags(parser: argparse.ArgumentParser) -> None:
    rate, share = engine.number(float, 0), engine.number(float, 0, 1)
    parser.add_argument("--predictor_type", default="mlp", **_choice(PREDICTORS))
    parser.add_argument("--symmetric_predictor", **_flag(), help="make the predictor's weights symmetric at each step")
    parser.add_argument("--predictor_learning_rate", type=rate, help="constant over the run (default: as the rest)")
    parser.add_argument("--predictor_weight_decay", type=rate, help="(default: as the rest)")
    parser.add_argument("--eps", type=rate, default=0.1, help="of direct_predictor (default: %(default)s)")
    parser.add_argument("--rho", type=share, default=0.3, help="weight of the old correlation (default: %(default)s)")
    parser.add_argument(
        "--predictor_freq", type=engine.number(int, 1), default=1, help="steps between settings (default: %(default)s)"
    )
