"""Random views against torchvision, image by image, and the places that their pixels come from."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torchvision.transforms import RandomResizedCrop
from torchvision.transforms.v2 import functional as reference

from ssl_kit import views
from ssl_kit.views import RandomView, Recipe


def images(count: int = 6, size: int = 16) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


NOTHING = Recipe(crop_scale=(1.0, 1.0), mirror=0.0, jitter=0.0, grey=0.0)


@pytest.mark.parametrize(
    ("step", "theirs"),
    [
        (0, reference.adjust_brightness),
        (1, reference.adjust_contrast),
        (2, reference.adjust_saturation),
        (3, reference.adjust_hue),
    ],
)
def test_colours_change_as_in_torchvision(step: int, theirs: object) -> None:
    pixels = images() / 255
    factors = torch.tensor([-0.1, 0.1, 0.05, 0, -0.03, 0.07]) if step == 3 else torch.linspace(0.6, 1.4, 6)
    expected = torch.stack([theirs(image, float(f)) for image, f in zip(pixels, factors, strict=True)])
    torch.testing.assert_close(views.COLOUR_STEPS[step](pixels.clone(), factors[:, None, None, None]), expected)


def test_grey_solarize_and_blur_as_in_torchvision() -> None:
    pixels = images() / 255
    torch.testing.assert_close(views.to_grey(pixels), reference.rgb_to_grayscale(pixels, 3), atol=1e-4, rtol=0)
    torch.testing.assert_close(views.solarize(pixels), reference.solarize(pixels, 0.5))
    blurred = views.blur(pixels, torch.linspace(0.2, 2, 6), 2)
    for index, sigma in enumerate(torch.linspace(0.2, 2, 6).tolist()):
        torch.testing.assert_close(blurred[index], reference.gaussian_blur(pixels[index], [5, 5], [sigma, sigma]))


def test_the_blur_comes_before_solarize_as_in_byol() -> None:
    maker = RandomView(16, replace(NOTHING, blur=1.0, solarize=1.0))
    draws = maker.draw(6, generator())
    sharp = RandomView(16, replace(NOTHING, blur=1.0))(images(), draws | {"solarize": torch.zeros(6, dtype=torch.bool)})
    mean, std = (torch.tensor(values)[:, None, None] for values in (views.MEAN, views.STD))
    torch.testing.assert_close(maker(images(), draws), (views.solarize(sharp * std + mean) - mean) / std)


def test_without_chance_the_view_is_the_image_normalised() -> None:
    maker = RandomView(16, NOTHING)
    view = maker(images(), maker.draw(6, generator()))
    torch.testing.assert_close(view, views.plain_view(images(), 16), atol=1e-5, rtol=0)
    mean, std = (torch.tensor(values)[:, None, None] for values in (views.MEAN, views.STD))
    torch.testing.assert_close(view, (images() / 255 - mean) / std, atol=1e-5, rtol=0)


def test_a_crop_is_that_of_torchvision_away_from_its_edge() -> None:
    maker = RandomView(16, NOTHING)
    draws = maker.draw(6, generator())
    draws["box"] = torch.tensor([[0.25, 0.125, 0.5, 0.75]]).expand(6, 4)  # left 4, top 2, width 8, height 12
    cropped = reference.resized_crop(images().float(), 2, 4, 12, 8, [16, 16], antialias=False) / 255
    expected = views.normalise(cropped)
    torch.testing.assert_close(maker(images(), draws)[..., 2:-2, 2:-2], expected[..., 2:-2, 2:-2], atol=1e-4, rtol=0)


def test_mirror_is_left_for_right() -> None:
    maker = RandomView(16, Recipe(crop_scale=(1.0, 1.0), mirror=1.0, jitter=0.0, grey=0.0))
    view = maker(images(), maker.draw(6, generator()))
    torch.testing.assert_close(view, views.plain_view(images().flip(3), 16), atol=1e-5, rtol=0)


def test_boxes_have_the_areas_and_ratios_of_the_recipe() -> None:
    left, top, width, height = views.random_boxes(20000, (0.2, 1.0), generator()).unbind(1)
    assert left.min() >= 0 and top.min() >= 0 and (left + width).max() <= 1 + 1e-6 and (top + height).max() <= 1 + 1e-6
    area, ratio = width * height, width / height
    assert 0.199 < area.min() < 0.21 and area.max() <= 1
    assert ratio.min() >= 0.749 and ratio.max() <= 1.334 and abs(ratio.log().mean()) < 0.01
    torch.manual_seed(0)
    picture = torch.zeros(3, 1000, 1000)
    theirs = [RandomResizedCrop.get_params(picture, [0.2, 1.0], [3 / 4, 4 / 3]) for _ in range(5000)]
    sizes = torch.tensor([(height * width / 1e6, width / height) for _, _, height, width in theirs])
    for own, reference_values in ((area, sizes[:, 0]), (ratio.log(), sizes[:, 1].log())):
        assert float(own.mean()) == pytest.approx(float(reference_values.mean()), abs=0.012)
        assert float(own.std()) == pytest.approx(float(reference_values.std()), abs=0.012)


def test_every_image_has_draws_of_its_own_at_the_rates_of_the_recipe() -> None:
    draws = RandomView(16).draw(5000, generator())
    unchanged = (draws["factors"] == torch.tensor([1.0, 1.0, 1.0, 0.0])).all(dim=1).float().mean()
    rates = [unchanged, draws["grey"].float().mean(), draws["mirror"].float().mean(), draws["blur"].float().mean()]
    assert rates == pytest.approx([0.2, 0.2, 0.5, 0.0], abs=0.02)
    changed = draws["factors"][:, 0] != 1
    assert draws["factors"][changed, 0].unique().numel() > 3000
    assert draws["factors"][:, :3].min() >= 0.6 and draws["factors"][:, 3].abs().max() <= 0.1


def test_the_grid_tells_where_pixels_come_from() -> None:
    """An image whose red is x and whose green is y: a view shows the coordinates of its own pixels."""
    ramp = (torch.arange(32) + 0.5) / 32
    picture = torch.stack([ramp.expand(32, 32), ramp[:, None].expand(32, 32), torch.zeros(32, 32)])
    maker = RandomView(32, Recipe(jitter=0.0, grey=0.0))
    draws = maker.draw(8, generator(1))
    shown = maker((picture * 255).to(torch.uint8).expand(8, 3, 32, 32), draws)
    shown = shown * torch.tensor(views.STD)[:, None, None] + torch.tensor(views.MEAN)[:, None, None]
    torch.testing.assert_close(shown[:, :2], maker.grid(draws, 32).clamp(1 / 64, 63 / 64), atol=0.02, rtol=0)
    assert draws["mirror"].any() and not draws["mirror"].all()


def test_the_enlarged_plain_view_is_the_centre() -> None:
    picture = images(2, 32)
    enlarged = reference.resize(picture / 255, [36, 36], interpolation=reference.InterpolationMode.BICUBIC)
    expected = views.normalise(reference.center_crop(enlarged, [32, 32]).clamp(0, 1))
    torch.testing.assert_close(views.plain_view(picture, 32, enlarge=9 / 8), expected, atol=1e-4, rtol=0)


def test_a_turned_view_is_that_of_torchvision_and_the_other_numbers_stay() -> None:
    smooth = torch.nn.functional.interpolate(images(1, 5).float(), size=32, mode="bilinear").to(torch.uint8)
    straight, turned = (RandomView(32, replace(NOTHING, degrees=degrees)) for degrees in (0.0, 40.0))
    before, draws = (maker.draw(1, generator(3)) for maker in (straight, turned))
    assert all(torch.equal(before[name], draws[name]) for name in before)
    angle = math.degrees(float(draws["turn"]))
    assert 5 < abs(angle) < 40
    theirs = reference.rotate(smooth.float() / 255, angle, reference.InterpolationMode.BILINEAR)
    middle = (..., slice(8, 24), slice(8, 24))  # the corners of theirs are black
    ours = turned(smooth, draws)[middle]
    torch.testing.assert_close(ours, views.normalise(theirs)[middle], rtol=0, atol=1e-3)
    assert (ours - straight(smooth, before)[middle]).abs().max() > 0.1
