"""The digits on coloured paper, and the network that looks at nothing but the paper."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ssl_kit import data, flags, shortcut, tinted, training


def halves() -> list[data.ImageSet]:
    return list(data.load_halves("tinted", Path("unused"), 16))


def test_papers_are_the_same_each_time_and_say_nothing_about_the_digit() -> None:
    for train, half in zip((True, False), halves(), strict=True):
        again = data.load_images("tinted", Path("unused"), train, 16)
        assert torch.equal(half.images, again.images) and half.images.dtype == torch.uint8
        papers = tinted.by_colour(half, train)
        assert papers.classes == tinted.COLOURS and papers.labels.unique().tolist() == [*range(10)]
        table = torch.zeros(10, 10).index_put_((half.labels, papers.labels), torch.ones(len(half)), accumulate=True)
        most = table.max(dim=1).values / table.sum(dim=1)
        assert most.max() < 0.35, "a digit that has one paper mostly gives itself away"


def test_the_paper_is_the_lightest_colour_and_the_digit_half_as_light() -> None:
    train_set = halves()[0]
    digits = data.load_images("digits", Path("unused"), True, 16)
    assert torch.equal(train_set.labels, digits.labels) and not train_set.mirrored
    one = train_set.images[digits.images[:, 0].flatten(1).max(dim=1).values.argmax()].flatten(1).float()
    assert one.max() == 255 and 0.45 < float(one.amax(dim=0).min()) / 255 < 0.55
    red = train_set.images[(tinted.papers(len(train_set), True) == 0).nonzero()[0, 0]].flatten(1)
    assert red.max(dim=1).values.tolist() == [255, 102, 102]


def test_hue_is_a_flag_of_its_own() -> None:
    strengths = [
        training.view_makers(flags.parse_args(words), mirrored=False)[0].recipe.strengths
        for words in ([], ["--hue", "0.5"])
    ]
    assert strengths == [(0.4, 0.4, 0.4, 0.1), (0.4, 0.4, 0.4, 0.5)]
    with pytest.raises(SystemExit):
        flags.parse_args(["--hue", "0.6"])


def test_pixels_tell_the_paper_and_a_network_that_sees_no_colour_does_not() -> None:
    assert shortcut.digit_and_colour(torch.nn.Flatten(), 16)[1] == 100

    class Strokes(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            rows = images.mean(dim=1).flatten(1)
            return torch.nn.functional.normalize(rows - rows.mean(dim=1, keepdim=True), dim=1)

    digit, colour = shortcut.digit_and_colour(Strokes(), 16)
    assert digit > 95 and colour < 50


def test_the_experiment_prints_a_line_for_each_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The recipe itself, for five epochs: even these make the digit harder to find and the paper none."""
    assert shortcut.main(["--exp_dir", str(tmp_path), "--epochs", "5"]) == 0
    head, *lines = [
        (line[:20].strip(), line[20:].split())
        for line in capsys.readouterr().out.splitlines()
        if len(line[20:].split()) == 3
    ]
    assert head == ("k-NN in %", ["digit", "colour", "loss"])
    found = dict(lines)
    assert [*found] == ["pixels", "untrained network", "epoch 5"]
    assert float(found["epoch 5"][0]) < float(found["untrained network"][0]) - 5 and float(found["epoch 5"][1]) > 99
    assert (found["pixels"][2], found["untrained network"][2]) == ("-", "-") and 0 < float(found["epoch 5"][2]) < 10
    assert (tmp_path / "views.png").stat().st_size > 5000 and (tmp_path / "last.pth").is_file()


def test_help_is_about_the_experiment_and_not_about_main(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        shortcut.main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("usage: python -m ssl_kit.shortcut [FLAGS]") and "SimCLR on tinted digits" in said
