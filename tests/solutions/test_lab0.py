"""Lab 0, shortened; and that it runs in a folder in which nothing is filled in."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch

from ssl_kit import lab0, plots, predictions
from tests.solutions.conftest import SKELETON


def test_the_lab_runs_with_nothing_filled_in(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ssl_kit.lab0", "--steps", "3", "--exp_dir", str(tmp_path / "lab0")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        words, cwd=SKELETON, input="60\n1\n0.5\n40\n\n5\n", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "with stop-gradient, std·√D: you expected 1, and it is 0." in done.stdout
    assert "without stop-gradient, std·√D: you expected nothing" in done.stdout
    assert "Give a number from 0 to 2," in done.stdout and "Give a number from 1 to 128," in done.stdout
    names = {path.name for path in (tmp_path / "lab0").iterdir()}
    assert names == {"views.png", "curves.png", "steps.csv", "predictions.json"}
    with (tmp_path / "lab0" / "steps.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["0", "1", "2", "3"] * 2 and rows[0]["loss"] == ""
    assert {*rows[0]} == {"run", "step", "loss", "std_sqrt_d", "effective_rank"}  # as in log.csv
    again = subprocess.run(words, cwd=SKELETON, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0 and "What do you expect?" not in again.stdout


def test_all_curves_and_predictions_are_within_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, axes = plots.figure(1, 3, 12, 4.2)
    monkeypatch.setattr(plots, "figure", lambda *_: (made, axes))
    rows = {run: [{"loss": 1.0 + at, "std_sqrt_d": 0.1, "effective_rank": 2.0}] for at, run in enumerate(lab0.RUNS)}
    values = {"without stop-gradient, effective_rank": 100.0}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a label outside its axes leaves no room for them
        lab0.draw(rows, predictions.Sealed(values, "", ""), tmp_path / "curves.png")
    tops = [axis.get_ylim()[1] for axis in axes.flat]
    assert tops[0] > 2 and tops[1] > 0.1 and tops[2] > 100


def test_only_one_of_the_two_takes_the_target_as_a_constant() -> None:
    """The gradient through the guess alone is not that through both."""
    views = torch.randn(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    moved = []
    for stop_gradient in (True, False):
        torch.manual_seed(0)
        network = lab0.Siamese(stop_gradient)
        before = network.f[-2].weight.detach().clone()
        assert 0 <= network.step(views) <= 4
        moved.append(network.f[-2].weight.detach() - before)
    assert float((moved[0] - moved[1]).norm()) > 1e-3 * float(moved[0].norm())
