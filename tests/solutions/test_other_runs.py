"""A run of other flags neither goes on from a checkpoint nor replaces what is in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import main as pretraining
import main_linclis
from ssl_kit import checkpoints, engine, logs
from ssl_kit.pretraining import Run
from tests.solutions.test_main import SMALL, flags


@pytest.mark.parametrize(
    ("other", "said", "then"),
    [
        (["--use_predictor=true"], "--use_predictor=false, not --use_predictor=true", "--use_predictor=false"),
        (["--temperature=0.4"], "--temperature=0.5, not --temperature=0.4", "--temperature=0.5"),
        (["--seed=3"], "--seed=0, not --seed=3", "--seed=0"),
        (["--milestones", "1", "2"], "--milestones 120 160, not --milestones 1 2", "--milestones 120 160"),
        (["--predictor_learning_rate=1"], "no --predictor_learning_rate, not", "no --predictor_learning_rate"),
    ],
)
def test_a_run_with_other_flags_does_not_go_on(other: list[str], said: str, then: str, tmp_path: Path) -> None:
    run = Run(flags(tmp_path), pretraining.update_momentum_encoder)
    checkpoints.save_checkpoint(tmp_path / "last.pth", run.state())
    another = Run(flags(tmp_path, *other), pretraining.update_momentum_encoder)
    with pytest.raises(engine.UserError, match=f"made with {said}") as refused:
        another.resume(tmp_path / "last.pth")
    assert refused.value.hint == f"Give {then} to go on, or leave --resume out to begin a new run."
    Run(flags(tmp_path, "--epochs=3", "--eval_freq=2"), pretraining.update_momentum_encoder).resume(
        tmp_path / "last.pth"
    )


def test_a_run_of_no_epoch_is_the_untrained_network(tmp_path: Path) -> None:
    common = [*SMALL, "--method=simclr"]
    pretraining.main([*common, "--exp_dir", str(tmp_path / "a"), "--epochs=0"])
    pretraining.main([*common, "--exp_dir", str(tmp_path / "b"), "--epochs=1"])
    (only,), (first, _) = (logs.read_log(tmp_path / name / "log.csv") for name in "ab")
    assert only == first and checkpoints.load_checkpoint(tmp_path / "a" / "last.pth")["epoch"] == 0
    linear = [*SMALL[:2], "--epochs=1", "--pretrained", str(tmp_path / "a" / "last.pth"), "--exp_dir", str(tmp_path)]
    assert main_linclis.main(linear) == 0


def test_a_run_is_not_written_over_by_another_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = [*SMALL, "--method=simclr", "--exp_dir", str(tmp_path)]
    pretraining.main([*common, "--epochs=1"])
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .endswith("last.pth --exp_dir=" + tmp_path.as_posix() + " --dataset=fake --data_root=data --img_dim=16")
    )
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for more, said in (("--epochs=2", "--epochs=1, not --epochs=2"), ("--seed=1", "--seed=0, not --seed=1")):
        with pytest.raises(engine.UserError, match=f"holds another run: it has {said}") as refused:
            pretraining.main([*common, "--epochs=1", more])
        assert "Give another --exp_dir" in refused.value.hint
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    pretraining.main([*common, "--epochs=1", "--eval_freq=1"])
