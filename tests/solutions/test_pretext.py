"""Tasks whose labels are made: the patches, the orders, and which pairs and labels they give."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
from torch import nn

import main as pretraining
from ssl_kit import pretext
from ssl_kit.pretraining import Run


class Means(nn.Module):
    """An encoder whose only feature is the mean of an image."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean(dim=(1, 2, 3))[:, None]


def cells(count: int, size: int) -> torch.Tensor:
    """Images of three by three cells; in image i those of row r and column c are 100 i + 3 r + c."""
    inside = (torch.arange(size) // (size // 3)).clamp(max=2)
    one = 3.0 * inside[:, None] + inside
    return (one + 100 * torch.arange(count)[:, None, None])[:, None].expand(-1, 3, -1, -1)


@pytest.mark.parametrize("size", [16, 32, 33])
def test_each_patch_lies_in_its_cell_at_any_place(size: int) -> None:
    """Read from images that hold their own pixels' numbers, patch by patch with slices."""
    pixels = torch.arange(2 * 3 * size * size).view(2, 3, size, size)
    seen = set()
    for _ in range(40):
        corners = pretext.random_corners(2, size)
        side, cell = size // 4, size // 3
        patches = pretext.cut(pixels, corners, side)
        for image, place in itertools.product(range(2), range(9)):
            row, column = corners[image, place].tolist()
            assert place // 3 * cell <= row and row + side <= (place // 3 + 1) * cell
            assert place % 3 * cell <= column and column + side <= (place % 3 + 1) * cell
            expected = pixels[image, :, row : row + side, column : column + side]
            assert torch.equal(patches[image, place], expected)
            seen.add(row % cell if place // 3 == 1 else row - place // 3 * cell)
    assert seen == set(range(cell - side + 1))


def test_patches_put_back_together_give_the_image() -> None:
    images = torch.randn(3, 3, 12, 12)
    starts = torch.tensor([[4 * row, 4 * column] for row in range(3) for column in range(3)])
    patches = pretext.cut(images, starts.expand(3, -1, -1), 4)
    rows = [torch.cat(list(patches[:, at : at + 3].unbind(1)), dim=3) for at in (0, 3, 6)]
    assert torch.equal(torch.cat(rows, dim=2), images)


def test_a_pair_is_the_middle_and_the_neighbour_that_its_label_says() -> None:
    task, images = pretext.RelativePosition(1), cells(2, 16)
    pairs: list[torch.Tensor] = []
    task.head = nn.Sequential()
    task.head.register_forward_hook(lambda _module, inputs, _output: pairs.append(inputs[0]))
    _, labels = task(Means(), images, torch.zeros(2))
    around = torch.tensor([0.0, 1, 2, 3, 5, 6, 7, 8])
    for (middle, other), label, image in zip(pairs[0], labels, [0] * 8 + [1] * 8, strict=True):
        assert middle == 100 * image + 4 and other == 100 * image + around[label]


def test_a_jigsaw_is_laid_in_the_order_of_its_label() -> None:
    task, images = pretext.Jigsaw(1), cells(50, 16)
    laid: list[torch.Tensor] = []
    task.head = nn.Sequential()
    task.head.register_forward_hook(lambda _module, inputs, _output: laid.append(inputs[0]))
    _, labels = task(Means(), images, torch.zeros(50))
    orders = pretext.permutations(pretext.PERMUTATIONS)
    for image, (row, label) in enumerate(zip(laid[0], labels, strict=True)):
        assert row.sub(100 * image).int().tolist() == orders[label].tolist()
    assert len(set(labels.tolist())) > 20


def test_any_two_orders_differ_in_seven_places_or_more() -> None:
    orders = pretext.permutations(pretext.PERMUTATIONS).tolist()
    assert orders[0] == list(range(9)) and all(sorted(order) == orders[0] for order in orders)
    apart = [sum(x != y for x, y in zip(*pair, strict=True)) for pair in itertools.combinations(orders, 2)]
    assert min(apart) == 7 and sum(apart) / len(apart) == pytest.approx(8, abs=0.1)  # 8 is the mean of all orders


def test_each_image_is_a_class_and_no_more_than_asked_for(tmp_path: Path) -> None:
    flags = ["--dataset=fake", "--img_dim=16", "--arch=small", "--batch_size=8", "--exp_dir", str(tmp_path)]
    for asked, there in ((24, 24), (8000, 64)):
        args = pretraining.parse_args([*flags, "--method=exemplar", f"--exemplars={asked}"])
        run = Run(args, pretraining.update_momentum_encoder)
        rows = torch.cat([run.method.labels_of(batch) for batch in run.batches.epoch(0, 1)])
        assert sorted(rows.tolist()) == list(range(there))
        assert run.method.task.head.out_features == args.exemplars == there
