"""Tinted digits: handwritten digits on paper of ten colours, a data set with a shortcut in it. Given.

The paper says nothing about the digit, because chance decides. Both crops of an image show the same paper, though, so
that a network can tell pairs by their colour and never look at the stroke (Chen et al., 2020,
https://arxiv.org/abs/2002.05709, figure 5).
"""

from __future__ import annotations

import colorsys
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ssl_kit import engine

if TYPE_CHECKING:
    from ssl_kit.data import ImageSet

COLOURS = ("red", "orange", "lime", "green", "mint", "cyan", "azure", "blue", "purple", "pink")
"""The papers: ten hues at equal distances around the colour wheel."""
SATURATION, INK = 0.6, 0.5
"""How pure the papers' colours are, and which share of the light the ink takes away."""


def papers(count: int, train: bool) -> Tensor:
    """The paper of each image of a half, `[count]`, int64: the same each time."""
    return torch.randint(len(COLOURS), (count,), generator=engine.generator(0, int(train)))


def tint(digits: ImageSet, train: bool) -> ImageSet:
    """White digits on black, which `--dataset digits` is, as dark ink on papers; the labels stay."""
    wheel = [colorsys.hsv_to_rgb(index / len(COLOURS), SATURATION, 1.0) for index in range(len(COLOURS))]
    colours = torch.tensor(wheel)[papers(len(digits), train)]  # [N, 3]
    images = colours[:, :, None, None] * (255 - INK * digits.images)
    return replace(digits, images=images.round().to(torch.uint8))


def by_colour(tinted: ImageSet, train: bool) -> ImageSet:
    """The same images with their papers as labels."""
    return replace(tinted, labels=papers(len(tinted), train), classes=COLOURS)
