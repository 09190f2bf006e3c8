"""Schedules, seeds, flags, and errors that become two lines."""

from __future__ import annotations

import argparse
import math

import pytest
import torch
from torch import nn

from ssl_kit import engine
from ssl_kit.logs import Progress


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


def test_a_loss_that_is_not_a_number_stops_before_the_step() -> None:
    layer = nn.Linear(1, 1)
    before = layer.weight.detach().clone()
    with pytest.raises(engine.UserError, match="loss is nan"):
        engine.train_epoch(
            [torch.ones(1, 1)],
            lambda batch: layer(batch).sum() * math.nan,
            torch.optim.SGD(layer.parameters(), 1.0),
            Progress("epoch 1", 1, 1, 1),
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


def test_too_little_memory_is_said_and_other_errors_are_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    def full(_: object) -> int:
        raise torch.OutOfMemoryError("CUDA out of memory")

    def broken(_: object) -> int:
        raise RuntimeError("shapes differ")

    assert engine.run_script(full) == 2
    assert "GPU's memory is full" in capsys.readouterr().err
    with pytest.raises(RuntimeError, match="shapes differ"):
        engine.run_script(broken)


def test_warm_up_constant_polynomial_and_momentum_schedules() -> None:
    rates = [engine.scheduled_learning_rate(1.0, epoch, 6, "cosine", 2) for epoch in range(6)]
    assert rates[:3] == pytest.approx([1 / 3, 2 / 3, 1]) and rates[2:] == sorted(rates[2:], reverse=True)
    assert engine.scheduled_learning_rate(1.0, 5, 6, "constant") == 1.0
    assert [engine.polynomial_learning_rate(0.05, 5e-4, part) for part in (0, 0.5, 1)] == pytest.approx(
        [0.05, 0.0495 / 4 + 5e-4, 5e-4]
    )
    assert [engine.momentum_coefficient(0.99, part, "cosine") for part in (0, 0.5, 1)] == pytest.approx(
        [0.99, 0.995, 1]
    )
    assert engine.momentum_coefficient(0.99, 0.7, "constant") == 0.99


def test_a_generator_depends_on_all_its_parts() -> None:
    parts = [(0, 1), (1, 0), (0, 1, 0), (0, 1, 1), (0, 11)]
    draws = [torch.rand(3, generator=engine.generator(*part)) for part in parts]
    assert torch.equal(draws[0], torch.rand(3, generator=engine.generator(0, 1)))
    assert not any(torch.equal(draws[i], draws[j]) for i in range(5) for j in range(i))


def test_a_group_may_have_a_rate_of_its_own() -> None:
    layers = [nn.Linear(1, 1), nn.Linear(1, 1)]
    groups = [{"params": layers[0].parameters()}, {"params": layers[1].parameters(), "fixed_rate": 2.0}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    engine.set_learning_rate(optimizer, 0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 2.0]
