"""Tasks that a network can be set without labels, and that of the supervised baseline: each is a classification. Given.

A task is a head on the backbone, and how its classes are made. `methods.Classification` trains it; afterwards the head
is thrown away, and the features are kept.
"""

from __future__ import annotations

import argparse
import itertools
from functools import cache

import torch
from torch import Tensor, nn

from ssl_kit import engine
from ssl_kit.networks import build_head

PERMUTATIONS = 64
"""Orders of nine patches that `jigsaw` tells apart; Noroozi & Favaro take up to 1,000 for ImageNet."""


class Labelled(nn.Module):
    """The class of an image, of those that the labels count: `[B, 3, H, W]` to logits `[B, classes]` and labels `[B]`.

    As `exemplar` the labels are the numbers of the images, and the views distort them: each image is a class of its
    own (Dosovitskiy et al., 2014, https://arxiv.org/abs/1406.6909). The head grows with the images: 8,000 of them, the
    default, are 16 MB of weights on 512 features; 50,000 would be 102 MB, and as much again in the optimiser.
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(width, classes)

    def forward(self, encoder: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        return self.head(encoder(images)), labels


class Rotation(nn.Module):
    """By which quarter turns is the image rotated? (Gidaris et al., 2018, https://arxiv.org/abs/1803.07728)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.head = nn.Linear(width, 4)

    def forward(self, encoder: nn.Module, images: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        turned = torch.cat([images.rot90(turns, dims=(2, 3)) for turns in range(4)])
        return self.head(encoder(turned)), torch.arange(4, device=images.device).repeat_interleave(len(images))


class RelativePosition(nn.Module):
    """On which of the eight sides of the middle patch is the other one? (Doersch et al., 2015, arXiv 1505.05192).

    All eight pairs of an image are asked. The head sees the features of both patches.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.head = build_head([2 * width, width, 8], "hidden")

    def forward(self, encoder: nn.Module, images: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        features = of_patches(encoder, images)  # [B, 9, width]
        middle = features[:, 4:5].expand(-1, 8, -1)
        around = features[:, [0, 1, 2, 3, 5, 6, 7, 8]]
        pairs = torch.cat([middle, around], dim=2).flatten(0, 1)  # [8B, 2 * width]
        return self.head(pairs), torch.arange(8, device=images.device).repeat(len(images))


class Jigsaw(nn.Module):
    """In which of some orders do the nine patches lie? (Noroozi & Favaro, 2016, https://arxiv.org/abs/1603.09246).

    Each image gets one order, at random. The head sees the features of all patches, in that order.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.head = build_head([9 * width, 4 * width, PERMUTATIONS], "hidden")

    def forward(self, encoder: nn.Module, images: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        labels = torch.randint(PERMUTATIONS, (len(images),))  # on the CPU: the same on every device
        order = permutations(PERMUTATIONS)[labels].to(images.device)  # [B, 9]
        features = of_patches(encoder, images)
        shuffled = features.gather(1, order[:, :, None].expand_as(features))
        return self.head(shuffled.flatten(1)), labels.to(images.device)


def of_patches(encoder: nn.Module, images: Tensor) -> Tensor:
    """The features of nine patches of each image, `[B, 3, S, S]` to `[B, 9, width]`; each patch is a pass by itself."""
    corners = random_corners(len(images), images.shape[-1]).to(images.device)
    patches = cut(images, corners, images.shape[-1] // 4)
    return encoder(patches.flatten(0, 1)).view(len(images), 9, -1)


def random_corners(count: int, size: int) -> Tensor:
    """The upper left corners of nine patches in images of `size` pixels, `[count, 9, 2]`: row, then column.

    An image is three by three cells. In each lies a patch as wide as a quarter of the image, at a random place: edges
    that go on from patch to patch would give the answer away. Doersch et al. leave a gap of half a patch and move it by
    a fourteenth; Noroozi & Favaro put 64 pixels into cells of 75.
    """
    cell = size // 3
    starts = torch.tensor(list(itertools.product(range(0, 3 * cell, cell), repeat=2)))  # [9, 2]
    return starts + torch.randint(cell - size // 4 + 1, (count, 9, 2))


def cut(images: Tensor, corners: Tensor, side: int) -> Tensor:
    """Squares of images `[B, 3, S, S]` from their corners `[B, 9, 2]`: `[B, 9, 3, side, side]`."""
    inside = torch.arange(side, device=images.device)
    rows, columns = (corners[:, :, axis, None] + inside for axis in (0, 1))  # [B, 9, side] each
    image = torch.arange(len(images), device=images.device)[:, None, None, None]
    return images.permute(0, 2, 3, 1)[image, rows[:, :, :, None], columns[:, :, None, :]].permute(0, 1, 4, 2, 3)


@cache
def permutations(count: int) -> Tensor:
    """Orders of nine things, `[count, 9]`, that differ in many places: the first is that of a sorted list.

    Each next one is the farthest, by the number of places that differ (Hamming distance), from the nearest before it.
    """
    every = torch.tensor(list(itertools.permutations(range(9))), dtype=torch.uint8)  # [9!, 9]
    chosen, nearest = [0], torch.full((len(every),), 9)
    while len(chosen) < count:
        nearest = torch.minimum(nearest, (every != every[chosen[-1]]).sum(dim=1))
        chosen.append(int((nearest == nearest.max()).nonzero()[0]))
    return every[chosen].long()


TASKS: dict[str, type[nn.Module]] = {
    "rotation": Rotation,
    "relative-position": RelativePosition,
    "jigsaw": Jigsaw,
    "exemplar": Labelled,
    "supervised": Labelled,
}
PATCHES = ("relative-position", "jigsaw")
"""Tasks that show the backbone pieces of images."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flag of `exemplar`."""
    about = "images that exemplar takes, the first of the set, and its classes (default: %(default)s)"
    parser.add_argument("--exemplars", type=engine.number(int, 2), default=8000, help=about)


def make_task(args: argparse.Namespace, width: int, num_classes: int) -> nn.Module:
    """The task of `--loss_type`, on features of `width` channels."""
    if TASKS[args.loss_type] is Labelled:
        return Labelled(width, args.exemplars if args.loss_type == "exemplar" else num_classes)
    return TASKS[args.loss_type](width)
