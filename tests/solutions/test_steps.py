"""The steps that lead to question 1.2: the reference passes, and each mistake of the table is made and named."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import steps
from ssl_kit import step_checks
from ssl_kit.hints import FORMULA, PLACE
from tests.solutions.conftest import SKELETON


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hint: int, **functions: Any) -> str:
    """The lines that are printed of a steps.py with these functions."""
    monkeypatch.setitem(sys.modules, "steps", SimpleNamespace(**functions))
    step_checks.tell_steps(lambda: None, hint)
    return capsys.readouterr().out


def test_the_reference_passes_and_the_skeleton_is_not_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(monkeypatch, capsys, PLACE, **vars(steps)).count("[-----passed-----]") == 3
    skeleton = runpy.run_path(str(SKELETON / "steps.py"))
    assert told(monkeypatch, capsys, FORMULA, **skeleton).count("[--not written (optional)--]") == 3


def joined(z1: Tensor, z2: Tensor) -> Tensor:
    return F.normalize(torch.cat([z1, z2]), dim=1)


def alternating(z1: Tensor, z2: Tensor) -> Tensor:
    return F.normalize(torch.stack([z1, z2], dim=1).flatten(0, 1), dim=1)


def looped(
    similar: Tensor,
    among: Callable[[int, int, int], bool] = lambda a, b, half: b != a,
    positive: Callable[[int, int], int] = lambda a, half: (a + half) % (2 * half),
    rows: int = 2,
    divisor: int = 2,
) -> Tensor:
    """The loss with parts exchanged; `rows` and `divisor` count in B."""
    half = len(similar) // 2
    terms = [
        similar[a, [b for b in range(2 * half) if among(a, b, half)]].logsumexp(0) - similar[a, positive(a, half)]
        for a in range(rows * half)
    ]
    return torch.stack(terms).sum() / (divisor * half or 1)


WRONG: dict[str, tuple[str, Callable[..., Any]]] = {
    "is the inner product": ("cosine", lambda a, b: a @ b),
    "Only the length of `a`": ("cosine", lambda a, b: a @ b / a.norm()),
    "Only the length of `b`": ("cosine", lambda a, b: a @ b / b.norm()),
    "a square root is missing": ("cosine", lambda a, b: a @ b / (a @ a * (b @ b))),
    "is 1 minus the cosine": ("cosine", lambda a, b: 1 - F.cosine_similarity(a, b, dim=0)),
    "sign is lost": ("cosine", lambda a, b: float(F.cosine_similarity(a, b, dim=0).abs())),
    "Only one batch meets": ("similarities", lambda z1, z2, t: F.normalize(z1) @ F.normalize(z2).T / t),
    "not divided by the temp": ("similarities", lambda z1, z2, t: joined(z1, z2) @ joined(z1, z2).T),
    "the temperature multiplies": ("similarities", lambda z1, z2, t: joined(z1, z2) @ joined(z1, z2).T * t),
    "each by its own length": ("similarities", lambda z1, z2, t: torch.cat([z1, z2]) @ torch.cat([z1, z2]).T / t),
    "stays in here": ("similarities", lambda *of: steps.similarities(*of).fill_diagonal_(float("-inf"))),
    "in another order": ("similarities", lambda z1, z2, t: alternating(z1, z2) @ alternating(z1, z2).T / t),
    "row itself": ("loss_by_loop", lambda m: looped(m, among=lambda a, b, half: True)),
    "positive is missing": ("loss_by_loop", lambda m: looped(m, among=lambda a, b, half: b % half != a % half)),
    "the neighbouring row": ("loss_by_loop", lambda m: looped(m, positive=lambda a, half: a ^ 1)),
    "the next row": ("loss_by_loop", lambda m: looped(m, positive=lambda a, half: (a + 1) % (2 * half))),
    "not divided by their number": ("loss_by_loop", lambda m: looped(m, divisor=0)),
    "is divided by B.": ("loss_by_loop", lambda m: looped(m, divisor=1)),
    "Only the rows of `z1` have a term: ": ("loss_by_loop", lambda m: looped(m, rows=1, divisor=1)),
    "sum is divided by 2B": ("loss_by_loop", lambda m: looped(m, rows=1)),
    "sign is the other way": ("loss_by_loop", lambda m: -looped(m)),
}


@pytest.mark.parametrize("words", WRONG)
def test_a_typical_mistake_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    name, function = WRONG[words]
    text = told(monkeypatch, capsys, FORMULA, **{name: function})
    (step,) = [one for one in step_checks.STEPS if one.function == name]
    assert f"steps.py, {name}, " in text and words in text and step.formula in text


def test_each_mistake_of_the_table_is_made_above() -> None:
    assert len(WRONG) == sum(len(step.slips) for step in step_checks.STEPS)


def test_an_unknown_mistake_has_its_place_and_no_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(monkeypatch, capsys, FORMULA, similarities=lambda z1, z2, t: steps.similarities(z1, z2, t) + 0.1)
    assert "row 0, column 0: expected 2, received 2.1\nNo known mistake gives these values.\n" in text
