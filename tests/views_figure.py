"""Draws the handout's picture of views: two photographs of scikit-learn, each with five views by the course's recipe.

`python -m tests.views_figure` writes handouts/source/figures/views.svg. It is in git because machines may round
pixels differently.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import torch
from PIL import Image
from sklearn.datasets import load_sample_images
from torch import Tensor
from torchvision.transforms.functional import center_crop, resize

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "solutions"))
from ssl_kit import engine  # noqa: E402
from ssl_kit.views import MEAN, STD, RandomView  # noqa: E402

TARGET = ROOT / "handouts" / "source" / "figures" / "views.svg"
SIZE, GAP, VIEWS, SEED = 96, 8, 5, 4
"""Pixels of a picture and between two of them, views of a photograph, and the seed of what chance decides."""
ABOUT = "Two photographs, a temple and a flower, each with five views: crops, some mirrored, in other colours or grey."


def rows() -> list[Tensor]:
    """For each photograph itself and its views, `[1 + VIEWS, 3, SIZE, SIZE]` between 0 and 1."""
    photographs = [torch.tensor(one).permute(2, 0, 1) for one in load_sample_images().images]
    images = torch.stack([resize(center_crop(one, min(one.shape[1:])), [SIZE, SIZE]) for one in photographs])
    many, maker = images.repeat_interleave(VIEWS, dim=0), RandomView(SIZE)
    views = maker(many, maker.draw(len(many), engine.generator(SEED)))
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    shown = (views * std + mean).clamp(0, 1).split(VIEWS)
    return [torch.cat([image[None] / 255, own]) for image, own in zip(images, shown, strict=True)]


def picture(pixels: Tensor, column: int, row: int) -> str:
    """One picture at its place, as an SVG element that holds a JPEG file."""
    file = io.BytesIO()
    Image.fromarray((pixels * 255).byte().permute(1, 2, 0).numpy()).save(file, "JPEG", quality=80)
    data = base64.b64encode(file.getvalue()).decode()
    place = f'x="{column * (SIZE + GAP) + GAP * (column > 0)}" y="{row * (SIZE + GAP)}" width="{SIZE}" height="{SIZE}"'
    return f'<image {place} href="data:image/jpeg;base64,{data}"/>'


def main() -> None:
    """Write the drawing."""
    parts = [picture(one, column, row) for row, own in enumerate(rows()) for column, one in enumerate(own)]
    width, height = (VIEWS + 1) * (SIZE + GAP), 2 * SIZE + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{ABOUT}">'
    )
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("".join([head, *parts, "</svg>\n"]), encoding="utf-8")


if __name__ == "__main__":
    main()
