"""Which mistakes a mystery run may have, in runs of which method.

They are those of `solutions/mistakes/` that show in the curves: `handout mystery --accept` prints how far apart they
are, next to how far seeds are apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.mystery.runs import NO_MISTAKE

SEEDS = 3
"""Runs of each kind, which differ in the seed alone."""
FLAGS = (
    *("--dataset", "digits", "--img_dim", "16", "--arch", "small", "--feat_dim", "128"),
    *("--learning_rate", "0.1", "--epochs", "12", "--eval_freq", "1"),
)
METHODS = {
    "simclr": ("--method", "simclr", "--temperature", "0.2", *FLAGS),
    "moco": ("--method", "moco", "--temperature", "0.2", *FLAGS),
    "simsiam": ("--method", "simsiam", *FLAGS),
}
"""The command of each method's runs, which students are shown."""


@dataclass(frozen=True)
class Kind:
    """A method, and the mistake in it: by the page's name, and by its key in the catalogue (none has neither).

    `lines` are those of the page's listing that give the mistake if one of them alone is changed. The listing is in
    words, so several may: the sign gets lost in the difference or in front of the mean.
    """

    method: str
    mistake: str = NO_MISTAKE
    stand_in: str = ""
    lines: tuple[int, ...] = ()


KINDS: Sequence[Kind] = (
    Kind("simclr"),
    Kind("simclr", "sum-for-mean", "mistakes/contrastive/sum_for_mean", (10,)),
    Kind("simclr", "sign", "mistakes/contrastive/sign_missing", (9, 10)),
    Kind("simclr", "times-temperature", "mistakes/contrastive/multiplied_by_temperature", (6,)),
    Kind("simclr", "no-negatives", "mistakes/contrastive/negatives_ignored", (8, 9)),
    Kind("simclr", "one-view-twice", "mistakes/forward/first_view_twice", (2,)),
    Kind("moco"),
    Kind("moco", "never-moves", "mistakes/momentum/nothing_changed", (14, 17)),
    Kind("moco", "moves-away", "mistakes/momentum/moves_away", (15, 17)),
    Kind("moco", "shares-exchanged", "mistakes/momentum/coefficients_exchanged", (16,)),
    Kind("simsiam"),
    Kind("simsiam", "with-itself", "mistakes/align/align_view_with_itself", (12,)),
    Kind("simsiam", "wrong-partner", "mistakes/align/align_rows_shifted", (12,)),
    Kind("simsiam", "one-view-twice", "mistakes/forward/first_view_twice", (2,)),
    Kind("simsiam", "predictor-detached", "mistakes/forward/predictor_given_detached_embeddings", (3,)),
)
