"""Tests of autograder/handout/mystery: a run that is trained again is the one that is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.rubric import load_rubric
from autograder.core.settings import ROOT
from autograder.handout.mystery import commands, training
from autograder.handout.mystery.distances import apart
from autograder.handout.mystery.kinds import KINDS, SEEDS
from autograder.mystery.runs import Run, load_runs, training_seeds


@pytest.mark.published
def test_a_run_that_is_trained_again_is_nearest_to_the_one_that_is_kept() -> None:
    """Another processor moves last digits, and training amplifies that: the same numbers are asked of no machine."""
    seed = load_rubric().seed
    kept = load_runs(ROOT, seed).runs
    ((_, again),) = training._trained(ROOT, [f"1:{training_seeds(seed, SEEDS)[2]}"])
    assert again.mistake == KINDS[1].mistake and again.function == "SSLLoss.contrastive_loss"
    same = [one for one in kept if one.command == again.command]
    nearest = min(same, key=lambda one: float(apart(one, again)[0]))
    assert nearest == kept[SEEDS + 2]


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match=r"Training stopped: .*ssl_kit"):
        training._trained(tmp_path, ["0:1"])


def test_accepting_writes_the_runs_and_tells_which_kinds_are_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rows(loss: float) -> tuple[tuple[float | None, ...], ...]:
        return (0, None, 90.0, 0.2, 40.0), (1, loss, 90.0 + loss, 0.9 + loss, 40.0 + loss)

    command = "python main.py --method simclr"
    made = [Run(command, "none", "none", (), rows(loss)) for loss in (3.0, 3.1)]
    made += [Run(command, "sign", "SSLLoss.contrastive_loss", (9, 10), rows(loss)) for loss in (3.0, 3.1)]
    monkeypatch.setattr(commands, "trained_runs", lambda root, seed: made)
    monkeypatch.setattr(commands, "rubric_of", lambda root: load_rubric())
    (tmp_path / "autograder" / "fixtures").mkdir(parents=True)
    assert commands.mystery(tmp_path, None, tmp_path / "out", accept=True) == 1
    assert "CANNOT BE TOLD APART" in capsys.readouterr().out
    (tmp_path / "roster.csv").write_text("id,name\n1001,A\n1002,B\n")
    assert commands.mystery(tmp_path, tmp_path / "roster.csv", tmp_path / "out", accept=False) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1001", "1002"]


def test_without_a_list_there_is_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="nothing to do"):
        commands.mystery(tmp_path, None, tmp_path, accept=False)
