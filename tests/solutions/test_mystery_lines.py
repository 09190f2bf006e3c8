"""Tests that each line which counts as right for a mystery run gives the run's mistake if it alone is changed.

The listing of `handouts/source/mystery.md` is written here as code, a line of it a line here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.handout.mystery.kinds import KINDS
from mistakes.compose import composed

T, M = 0.2, 0.99
Lines = dict[int, Callable[[Any], Any]]

FORWARD: Lines = {
    1: lambda s: s.encoder(s.view1),
    2: lambda s: s.encoder(s.view2),
    3: lambda s: [s.predictor(s[1]), s.predictor(s[2])],
}
CONTRASTIVE: Lines = {
    4: lambda s: F.normalize(torch.cat([s.z1, s.z2])),
    5: lambda s: s[4] @ s[4].T,
    6: lambda s: s[5] / T,
    7: lambda s: s[6].diagonal(len(s.z1)).repeat(2),
    8: lambda s: s[6].masked_fill(torch.eye(len(s[6]), dtype=torch.bool), -torch.inf).logsumexp(1),
    9: lambda s: s[8] - s[7],
    10: lambda s: s[9].mean(),
}
ALIGN: Lines = {
    11: lambda s: (F.normalize(s.z1), F.normalize(s.z2)),
    12: lambda s: (s[11][0] * s[11][1]).sum(1),
    13: lambda s: -s[12].mean(),
}
MOMENTUM: Lines = {
    14: lambda s: (s.old, s.new),
    15: lambda s: s[14][1] - s[14][0],
    16: lambda s: (1 - M) * s[15],
    17: lambda s: s[14][0].add_(s[16]),
}
CHANGED: dict[tuple[str, int], Callable[[Any], Any]] = {
    ("one-view-twice", 2): lambda s: s.encoder(s.view1),
    ("predictor-detached", 3): lambda s: [s.predictor(s[1].detach()), s.predictor(s[2].detach())],
    ("times-temperature", 6): lambda s: s[5] * T,
    ("no-negatives", 8): lambda s: torch.zeros(len(s[6])),
    ("no-negatives", 9): lambda s: -s[7],
    ("sign", 9): lambda s: s[7] - s[8],
    ("sign", 10): lambda s: -s[9].mean(),
    ("sum-for-mean", 10): lambda s: s[9].sum(),
    ("with-itself", 12): lambda s: (s[11][0] * s[11][0]).sum(1),
    ("wrong-partner", 12): lambda s: (s[11][0] * s[11][1].roll(1, 0)).sum(1),
    ("never-moves", 14): lambda s: (s.old.clone(), s.new),
    ("never-moves", 17): lambda s: s[14][0] + s[16],
    ("moves-away", 15): lambda s: s[14][0] - s[14][1],
    ("moves-away", 17): lambda s: s[14][0].sub_(s[16]),
    ("shares-exchanged", 16): lambda s: M * s[15],
}


class Values(SimpleNamespace):
    """All that is given, and by its number the result of each line."""

    def __getitem__(self, line: int) -> Any:
        return vars(self)[str(line)]


def given() -> Values:
    torch.manual_seed(0)
    rows = {name: torch.randn(4, 3, requires_grad=True) for name in ("z1", "z2", "view1", "view2")}
    networks = {name: nn.Linear(3, 3) for name in ("encoder", "predictor", "momentum")}
    old, new = networks["momentum"].weight.data, networks["encoder"].weight.data
    return Values(**rows, **networks, old=old, new=new)


def walked(lines: Lines) -> Values:
    values = given()
    for number, line in lines.items():
        setattr(values, str(number), line(values))
    return values


def outcome(values: Values, results: list[Tensor]) -> list[Tensor]:
    """The results, the gradients of their sum, and the momentum encoder's weights."""
    leaves = [values.z1, values.z2, values.view1, values.view2, *values.encoder.parameters()]
    total = sum((one.sum() for one in results), torch.zeros((), requires_grad=True))
    gradients = torch.autograd.grad(total, leaves, allow_unused=True)
    return [*results, *(torch.zeros(1) if one is None else one for one in gradients), values.old]


def by_the_catalogue(stand_in: str) -> list[Tensor]:
    """The outcome of the mistake itself."""
    values = given()
    _, file, name = stand_in.split("/")
    model = SimpleNamespace(use_momentum_encoder=False, use_predictor=True, temperature=T, **vars(values))
    arguments: list[Any] = [values.z1, values.z2]
    if file == "forward":
        arguments = [values.view1, values.view2]
    elif file == "momentum":
        arguments = [M]
        model.encoder, model.momentum_encoder = (
            nn.ParameterList([one.weight]) for one in (values.encoder, values.momentum)
        )
    found = composed(importlib.import_module(f"mistakes.{file}"), name)(model, *arguments)
    values.old = values.momentum.weight.data
    if isinstance(found, dict):
        return outcome(values, [found["p1"], found["p2"]])
    return outcome(values, [] if found is None else [found])


def by_the_listing(lines: Lines) -> list[Tensor]:
    """The outcome of one function's lines."""
    values, last = walked(lines), max(lines)
    return outcome(values, {3: values[last], 17: []}.get(last, [values[last]]))


def alike(first: list[Tensor], second: list[Tensor]) -> bool:
    return all(torch.allclose(one, other, atol=1e-6) for one, other in zip(first, second, strict=True))


def test_each_line_that_counts_is_tried_here() -> None:
    assert {(kind.mistake, line) for kind in KINDS for line in kind.lines} == {*CHANGED}


@pytest.mark.parametrize(("mistake", "line"), CHANGED)
def test_a_line_that_counts_gives_the_mistake(mistake: str, line: int) -> None:
    wanted = by_the_catalogue(next(kind.stand_in for kind in KINDS if kind.mistake == mistake))
    lines = next(one for one in (FORWARD, CONTRASTIVE, ALIGN, MOMENTUM) if line in one)
    assert alike(by_the_listing({**lines, line: CHANGED[mistake, line]}), wanted)
    assert not alike(by_the_listing(lines), wanted)
