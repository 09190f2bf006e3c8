"""Schedules, flags, meters, and checkpoints that are whole."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import pytest
import torch
from torch import nn

import engine


def test_cosine_starts_at_the_base_rate_and_never_reaches_zero() -> None:
    rates = [engine.cosine_learning_rate(0.03, epoch, 10) for epoch in range(10)]
    assert rates[0] == 0.03 and rates[-1] > 0
    assert rates == sorted(rates, reverse=True) and rates[5] == pytest.approx(0.015)
    assert engine.cosine_learning_rate(0.03, 0, 1) == 0.03


def test_steps_fall_tenfold_at_the_milestones() -> None:
    rates = [engine.step_learning_rate(30.0, epoch, [60, 80]) for epoch in (0, 59, 60, 79, 80, 99)]
    assert rates == pytest.approx([30, 30, 3, 3, 0.3, 0.3])


def test_booleans_are_words() -> None:
    assert [engine.str2bool(word) for word in ("True", "false", "1", "no")] == [True, False, True, False]
    with pytest.raises(argparse.ArgumentTypeError, match="neither true nor false"):
        engine.str2bool("maybe")


@pytest.mark.parametrize("text", ["0", "1.5", "x", "nan", "inf"])
def test_numbers_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        engine.number(int, 1)(text)


def test_numbers_keep_their_kind() -> None:
    whole, share = engine.number(int, 1)("3"), engine.number(float, 0, 1)("1")
    assert (whole, type(whole), share, type(share)) == (3, int, 1.0, float)


def test_meter_weighs() -> None:
    meter = engine.Meter()
    meter.add(1.0, 3)
    meter.add(5.0, 1)
    assert meter.mean == 2.0


def test_checkpoint_survives_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.pth"
    engine.save_checkpoint(path, {"args": {}, "epoch": 1, "model": {}})

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(engine.UserError, match="could not be written"):
        engine.save_checkpoint(path, {"args": {}, "epoch": 2, "model": {}})
    assert engine.load_checkpoint(path)["epoch"] == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["last.pth"]


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 half a file"])
def test_damaged_checkpoints_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    with pytest.raises(engine.UserError, match=r"x\.pth"):
        engine.load_checkpoint(path)


def test_a_checkpoint_can_not_run_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("run",)

    torch.save({"args": {}, "epoch": 0, "model": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(engine.UserError):
        engine.load_checkpoint(tmp_path / "evil.pth")


def test_weights_of_another_network_are_named(tmp_path: Path) -> None:
    with pytest.raises(engine.UserError, match="another network"):
        engine.load_weights(nn.Linear(2, 2), nn.Linear(3, 2).state_dict(), tmp_path)


def test_a_loss_that_is_not_a_number_stops_before_the_step() -> None:
    layer = nn.Linear(1, 1)
    before = layer.weight.detach().clone()
    with pytest.raises(engine.UserError, match="loss is nan"):
        engine.train_epoch(
            [[torch.ones(1, 1)]],
            lambda batch: layer(batch[0]).sum() * math.nan,
            torch.optim.SGD(layer.parameters(), 1.0),
            "",
            1,
        )
    assert torch.equal(layer.weight, before)


def test_errors_become_two_lines_and_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: object) -> int:
        raise engine.UserError("This is wrong.", "Do that.")

    def unfilled(_: object) -> int:
        raise NotImplementedError("Question 1.2 is not implemented yet")

    assert engine.run_script(refuse) == 2
    assert capsys.readouterr().err == "This is wrong.\nDo that.\n"
    assert engine.run_script(unfilled) == 2
    assert capsys.readouterr().err.startswith("Question 1.2 is not implemented yet\n")
