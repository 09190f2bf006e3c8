"""Random views of images, made for a whole batch at once on the device where the images are. Given.

Every number that chance decides is drawn per image, first and on the CPU, by a generator of its own for each batch
(see `Batches`). So a view depends on the seed, the epoch and the batch alone: not on the device, nor on how many
threads or processes share the work. Only the order of the four colour changes is drawn once a batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2023, 0.1994, 0.2010)
"""Mean and standard deviation of CIFAR-10's channels, used for every data set."""
GREY = (0.2989, 0.587, 0.114)
"""How bright red, green and blue look."""

Draws = dict[str, Tensor]
"""What chance decided: tensors `[B, ...]` by name."""


@dataclass(frozen=True)
class Recipe:
    """How strong a random view is; the defaults are the course's (SimCLR's without blur, at half strength)."""

    crop_scale: tuple[float, float] = (0.2, 1.0)  # share of the image's area
    mirror: float = 0.5  # this and the following are probabilities, but for the strengths of the jitter
    jitter: float = 0.8
    strengths: tuple[float, float, float, float] = (0.4, 0.4, 0.4, 0.1)  # brightness, contrast, saturation, hue
    grey: float = 0.2
    blur: float = 0.0
    solarize: float = 0.0
    interpolation: str = "bilinear"


MILD = Recipe(crop_scale=(0.8, 1.0), jitter=0.0, grey=0.0, interpolation="bicubic")
"""What a linear or a supervised classifier trains on."""


class RandomView:
    """Random views of square images, `img_dim` pixels wide, by a recipe.

    In two steps: `draw` asks chance, and calling the object does what was drawn. `grid` tells where the pixels of
    the views came from.
    """

    def __init__(self, img_dim: int, recipe: Recipe = Recipe()) -> None:  # Recipe is frozen
        self.img_dim = img_dim
        self.recipe = recipe

    def draw(self, count: int, generator: torch.Generator) -> Draws:
        """Decide by chance about `count` images, which needs nothing of them."""
        recipe = self.recipe
        low = torch.tensor([1 - strength for strength in recipe.strengths[:3]] + [-recipe.strengths[3]])
        high = torch.tensor([1 + strength for strength in recipe.strengths[:3]] + [recipe.strengths[3]])
        unchanged = torch.tensor([1.0, 1.0, 1.0, 0.0])
        factors = low + (high - low) * torch.rand(count, 4, generator=generator)
        jittered = torch.rand(count, 1, generator=generator) < recipe.jitter
        events = torch.rand(count, 4, generator=generator)
        return {
            "box": random_boxes(count, recipe.crop_scale, generator),
            "mirror": events[:, 0] < recipe.mirror,
            "factors": torch.where(jittered, factors, unchanged),
            "order": torch.randperm(4, generator=generator).expand(count, 4),
            "grey": events[:, 1] < recipe.grey,
            "blur": events[:, 2] < recipe.blur,
            "sigma": 0.1 + 1.9 * torch.rand(count, generator=generator),
            "solarize": events[:, 3] < recipe.solarize,
        }

    def __call__(self, images: Tensor, draws: Draws) -> Tensor:
        """Views of images `[B, 3, S, S]`, uint8: normalised floats `[B, 3, img_dim, img_dim]`."""
        place = self.positions(draws, self.img_dim).to(images.device)
        pixels = images.float().div_(255)
        mode = self.recipe.interpolation
        pixels = F.grid_sample(pixels, place, mode=mode, padding_mode="border", align_corners=False).clamp_(0, 1)
        if self.recipe.jitter:
            factors = draws["factors"].to(images.device)[:, :, None, None]  # [B, 4, 1, 1]
            for step in draws["order"][0].tolist():
                pixels = COLOUR_STEPS[step](pixels, factors[:, step, None])
        for name, change in (("grey", lambda _: to_grey), ("solarize", lambda _: solarize), ("blur", self._blur)):
            rows = draws[name].nonzero().flatten().to(images.device)
            if len(rows):
                pixels[rows] = change(draws)(pixels[rows])
        return normalise(pixels)

    def _blur(self, draws: Draws) -> Callable[[Tensor], Tensor]:
        sigma = draws["sigma"][draws["blur"]]
        radius = max(1, self.img_dim // 20)  # SimCLR's kernel is a tenth of the image wide
        return lambda pixels: blur(pixels, sigma.to(pixels.device), radius)

    def positions(self, draws: Draws, size: int) -> Tensor:
        """Where the centres of `size` x `size` cells of the views lie in the image, `[B, size, size, 2]`.

        x then y, each from -1 to 1 between the image's edges, as `grid_sample` wants them.
        """
        left, top, width, height = draws["box"].unbind(1)  # [B] each, as shares of the image
        centres = (torch.arange(size) + 0.5) / size
        x = left[:, None] + width[:, None] * torch.where(draws["mirror"][:, None], 1 - centres, centres)  # [B, size]
        y = top[:, None] + height[:, None] * centres
        across, down = (x[:, None, :].expand(-1, size, -1), y[:, :, None].expand(-1, -1, size))
        return torch.stack([across, down], dim=3) * 2 - 1

    def grid(self, draws: Draws, size: int) -> Tensor:
        """The same positions as pixel-based losses take them: `[B, 2, size, size]`, in shares of the image."""
        return (self.positions(draws, size) / 2 + 0.5).permute(0, 3, 1, 2).contiguous()


def random_boxes(count: int, scale: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Crops as `RandomResizedCrop` of torchvision draws them, `[count, 4]`: left, top, width, height in shares.

    The area is uniform in `scale`, the ratio of width to height log-uniform from 3/4 to 4/3; the first of ten tries
    that fits is taken, the whole image if none does. Corners may lie between pixels.
    """
    area = scale[0] + (scale[1] - scale[0]) * torch.rand(count, 10, generator=generator)
    ratio = torch.exp(math.log(4 / 3) * (2 * torch.rand(count, 10, generator=generator) - 1))
    sides = torch.stack([(area * ratio).sqrt(), (area / ratio).sqrt()], dim=2)  # [count, 10, 2]
    fits = (sides <= 1).all(dim=2)
    first = fits.float().argmax(dim=1)  # the first 1; 0 where there is none
    chosen = torch.where(fits.any(dim=1)[:, None], sides[torch.arange(count), first], 1.0)
    corner = (1 - chosen) * torch.rand(count, 2, generator=generator)
    return torch.cat([corner, chosen], dim=1)


def to_grey(pixels: Tensor) -> Tensor:
    """The brightness of each pixel in all three channels."""
    return brightness_of(pixels).expand_as(pixels)


def brightness_of(pixels: Tensor) -> Tensor:
    """`[B, 3, H, W]` to `[B, 1, H, W]`."""
    red, green, blue = pixels.unbind(1)
    return torch.add(red * GREY[0], green, alpha=GREY[1]).add_(blue, alpha=GREY[2])[:, None]


def _change_brightness(pixels: Tensor, factor: Tensor) -> Tensor:
    return (pixels * factor).clamp_(max=1)


def _change_contrast(pixels: Tensor, factor: Tensor) -> Tensor:
    mean = brightness_of(pixels).mean(dim=(2, 3), keepdim=True)
    return torch.lerp(mean, pixels, factor).clamp_(0, 1)


def _change_saturation(pixels: Tensor, factor: Tensor) -> Tensor:
    return torch.lerp(brightness_of(pixels), pixels, factor).clamp_(0, 1)


def _change_hue(pixels: Tensor, turn: Tensor) -> Tensor:
    """Turn each colour around the grey axis by a share of the full circle; `turn` is `[B, 1, 1, 1]`."""
    red, green, blue = pixels.unbind(1)
    largest = pixels.amax(dim=1)
    chroma = largest - pixels.amin(dim=1)
    scale = chroma.clamp(min=1e-8).reciprocal_()
    sextant = torch.where(
        largest == red,
        (green - blue) * scale,
        torch.where(largest == green, (blue - red) * scale + 2, (red - green) * scale + 4),
    )
    offsets = torch.tensor([5.0, 3.0, 1.0], device=pixels.device)[:, None, None] + 6 * turn  # [B, 3, 1, 1]
    k = (sextant[:, None] + offsets).remainder_(6)  # [B, 3, H, W]
    share = torch.minimum(k, 4 - k).clamp_(0, 1)
    return largest[:, None] - chroma[:, None] * share


COLOUR_STEPS = (_change_brightness, _change_contrast, _change_saturation, _change_hue)


def solarize(pixels: Tensor) -> Tensor:
    """Bright values are turned into their negatives."""
    return torch.where(pixels >= 0.5, 1 - pixels, pixels)


def blur(pixels: Tensor, sigma: Tensor, radius: int) -> Tensor:
    """A Gaussian blur of each image with its own standard deviation, `[B]`, in pixels; edges are mirrored."""
    offsets = torch.arange(-radius, radius + 1, device=pixels.device)
    weights = torch.softmax(-(offsets**2) / (2 * sigma[:, None] ** 2), dim=1)[:, :, None, None, None]
    for dim, pad in ((3, (radius, radius, 0, 0)), (2, (0, 0, radius, radius))):
        padded, size = F.pad(pixels, pad, mode="reflect"), pixels.shape[dim]
        pixels = sum(weights[:, shift] * padded.narrow(dim, shift, size) for shift in range(len(offsets)))
    return pixels


def normalise(pixels: Tensor) -> Tensor:
    """Values from 0 to 1 to about zero mean and unit variance, in place."""
    mean, std = (torch.tensor(values, device=pixels.device)[:, None, None] for values in (MEAN, STD))
    return pixels.sub_(mean).div_(std)


def plain_view(images: Tensor, img_dim: int, enlarge: float = 1.0) -> Tensor:
    """The view for evaluation, without chance: with `enlarge` the centre of the image made larger by that factor."""
    size = round(img_dim * enlarge)
    pixels = images.float().div_(255)
    if images.shape[-1] != size:
        pixels = F.interpolate(pixels, size=(size, size), mode="bicubic", antialias=True).clamp_(0, 1)
    start = (size - img_dim) // 2
    return normalise(pixels[:, :, start : start + img_dim, start : start + img_dim].contiguous())
