"""Inputs for the losses of `criterion.py`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from autograder.cases.coarse import align, contrastive, unlike_rounded
from autograder.cases.draw import Draw
from autograder.core.records import Array, Case, Param

# Two small batches that a person can follow on paper: four images, three features.
_Z1 = [[1.0, 0.5, -0.5], [-0.2, 1.2, 0.3], [0.4, -0.9, 0.8], [-1.1, 0.1, 0.6]]
_Z2 = [[0.8, 0.7, -0.1], [0.3, 0.9, 0.4], [0.1, -0.4, 1.1], [-0.7, 0.6, 0.5]]
_AWAY = [*_Z2[:3], [0.7, -0.6, -0.5]]
"""The same, but the views of the last image point away from each other: their cosine is below 0."""
_P1 = [[0.9, 0.2, -0.6], [0.1, 1.0, 0.6], [0.5, -0.7, 0.4], [-0.8, 0.4, 0.9]]
_P2 = [[0.6, 0.8, -0.3], [0.2, 1.3, 0.1], [0.3, -0.6, 0.7], [-0.9, 0.3, 0.2]]


def _public_contrastive() -> Iterator[Case]:
    yield _loss("1.2", "public", _floats(_Z1), _floats(_Z2))
    yield _loss("1.2", "public temperature", _floats(_Z1[:3]), _floats(_Z2[:3]), temperature=0.1)
    yield _with_predictor("1.2", "public predictor", *map(_floats, (_Z1, _Z2, _P1, _P2)))


def _public_align() -> Iterator[Case]:
    yield _loss("1.3", "public", _floats(_Z1), _floats(_AWAY))
    yield _with_predictor("1.3", "public predictor", *map(_floats, (_Z1, _Z2, _P1, _P2)))


def _term_contrastive(draw: Draw) -> Iterator[Case]:
    yield _loss("1.2", "float32 B=2", *unlike_rounded(contrastive, lambda: _views(draw, 2, 3)))
    yield _loss("1.2", "float32 B=64", *_views(draw, 64, 16))
    yield _loss("1.2", "float64 B=3", *unlike_rounded(contrastive, lambda: _views(draw, 3, 7, "float64")))
    yield _loss("1.2", "float64 B=17", *_views(draw, 17, 6, "float64", shortest=0.25))
    yield _loss("1.2", "temperature 1.0", *_views(draw, 7, 6), temperature=1.0)
    yield _loss("1.2", "lengths", *_two_short(*_views(draw, 6, 5, shortest=0.25)))
    yield _loss("1.2", "temperature 0.07", *_look_alikes(draw, 8, 6), temperature=0.07)
    # The positives' share of the denominator is about 1e-4: a number added to it under a logarithm shows.
    yield _loss("1.2", "temperature 0.07, views apart", *_look_alikes(draw, 6, 8, cosine=0.35), temperature=0.07)
    yield _loss("1.2", "constant z2", *_views(draw, 6, 9), constant="z2")


def _own_contrastive(draw: Draw) -> Iterator[Case]:
    yield _loss("1.2", "float32 B=5", *_views(draw, 5, 8))
    yield _loss("1.2", "temperature 0.2", *_views(draw, 7, 6, longest=1.2, near=True), temperature=0.2)
    yield _loss("1.2", "second batch", *_views(draw, 6, 4), earlier=3)


def _term_align(draw: Draw) -> Iterator[Case]:
    yield _loss("1.3", "float32 B=2", *unlike_rounded(align, lambda: _views(draw, 2, 3)))
    yield _loss("1.3", "float32 B=64", *_views(draw, 64, 16))
    yield _loss("1.3", "float64 B=3", *unlike_rounded(align, lambda: _views(draw, 3, 7, "float64")))
    yield _loss("1.3", "float64 B=17", *_views(draw, 17, 6, "float64", shortest=0.25))
    yield _loss("1.3", "opposite views", *_opposite(*_views(draw, 6, 4)))
    yield _loss("1.3", "temperature 0.07", *_views(draw, 7, 6), temperature=0.07)
    yield _loss("1.3", "constant z2", *_views(draw, 6, 9), constant="z2")


def _own_align(draw: Draw) -> Iterator[Case]:
    yield _loss("1.3", "float32 B=5", *_views(draw, 5, 8))
    yield _loss("1.3", "lengths", *_two_short(*_views(draw, 6, 5, shortest=0.25)))


def _public_queue() -> Iterator[Case]:
    queue = _floats([[0.0, -1.0, 0.6], [1.0, 0.0, 0.8]])
    yield _queue("public", _floats([[2.0, 0.0], [0.5, 1.2]]), _floats([[1.2, 1.6], [-0.5, 1.0]]), queue, 1.0)


def _term_queue(draw: Draw) -> Iterator[Case]:
    yield _queue("as many keys as features", *_views(draw, 4, 5), _keys(draw, 5, 5), 0.5)
    yield _queue("float64 B=6", *_views(draw, 6, 4, "float64"), _keys(draw, 4, 9, "float64"), 0.1)


def _own_queue(draw: Draw) -> Iterator[Case]:
    yield _queue("float32 B=5", *_views(draw, 5, 6, longest=1.5), _keys(draw, 6, 8), 0.2)


def _public_barlow() -> Iterator[Case]:
    yield _barlow("public", _floats(_Z1), _floats(_Z2))


def _term_barlow(draw: Draw) -> Iterator[Case]:
    yield _barlow("float32 B=16", *_shifted(draw, 16, 5))
    yield _barlow("float64 B=2", *_shifted(draw, 2, 3, "float64"))
    yield _barlow("little spread", *(0.01 * view for view in _shifted(draw, 8, 4, "float64")))


def _own_barlow(draw: Draw) -> Iterator[Case]:
    # Spread so far that eps never shows, whoever gets these inputs: "little spread" is about it.
    views = list(_shifted(draw, 6, 4))
    while np.min([np.std(view, axis=0) for view in views]) <= 0.5:
        views = list(_shifted(draw, 6, 4))
    yield _barlow("float32 B=6", *views)


def _public_pixels() -> Iterator[Case]:
    ones = np.zeros((1, 2, 2, 2), "float32")
    ones[:, 0] = 1.0
    other = ones.copy()
    other[0, :, 1, 1] = (0.0, 1.0)
    place = _grid(np.zeros((1, 2)), np.ones((1, 2)), 2, 2)
    maps = {"y1": ones, "y2": ones, "x1": ones, "x2": other}
    yield Case(
        "B4", "public", "pixels", {**maps, "grid1": place, "grid2": place}, {"threshold": 0.7}, file="criterion.py"
    )


def _term_pixels(draw: Draw) -> Iterator[Case]:
    yield _pixels("float64 B=2", draw, 2, 3, 3, 3, dtype="float64")
    yield _pixels("views without overlap", draw, 3, 2, 3, 3, apart=True)
    yield _pixels("wide maps, threshold 1.3", draw, 2, 3, 2, 4, threshold=1.3)


def _own_pixels(draw: Draw) -> Iterator[Case]:
    yield _pixels("float32 B=3", draw, 3, 4, 3, 3)


PUBLIC = {
    **{"1.2": _public_contrastive, "1.3": _public_align},
    **{"B1": _public_queue, "B2": _public_barlow, "B4": _public_pixels},
}
TERM = {
    **{"1.2": _term_contrastive, "1.3": _term_align},
    **{"B1": _term_queue, "B2": _term_barlow, "B4": _term_pixels},
}
OWN = {**{"1.2": _own_contrastive, "1.3": _own_align}, **{"B1": _own_queue, "B2": _own_barlow, "B4": _own_pixels}}

_METHODS = {"1.2": "contrastive_loss", "1.3": "align_loss"}


def _loss(question: str, name: str, z1: Array, z2: Array, temperature: float = 0.5, **more: Param) -> Case:
    params: dict[str, Param] = {"method": _METHODS[question], "temperature": temperature, "constant": None, **more}
    return Case(question, name, "loss", {"z1": z1, "z2": z2}, params)


def _queue(name: str, q: Array, k: Array, queue: Array, temperature: float) -> Case:
    arrays = {"q": q, "k": k, "queue": queue}
    return Case("B1", name, "queue_loss", arrays, {"temperature": temperature}, file="criterion.py")


def _keys(draw: Draw, features: int, size: int, dtype: str = "float32") -> Array:
    """A queue, `[features, size]`, with a key of length 1 in each column."""
    return _unit(draw.normal(size, features, dtype="float64")).T.astype(dtype)


def _barlow(name: str, z1: Array, z2: Array) -> Case:
    return Case("B2", name, "barlow", {"z1": z1, "z2": z2}, file="criterion.py")


def _shifted(draw: Draw, batch: int, features: int, dtype: str = "float32") -> Iterator[Array]:
    """Two views whose features have means and spreads of their own, and are correlated with each other."""
    mixed = draw.normal(features, features, dtype="float64") / features**0.5
    shared = draw.normal(batch, features, dtype="float64")
    for _ in range(2):
        rows = (shared + 0.7 * draw.normal(batch, features, dtype="float64")) @ mixed
        yield (rows * draw.random.uniform(0.5, 2, features) + draw.random.uniform(-2, 2, features)).astype(dtype)


def _pixels(
    name: str,
    draw: Draw,
    batch: int,
    channels: int,
    height: int,
    width: int,
    threshold: float = 0.7,
    dtype: str = "float32",
    apart: bool = False,
) -> Case:
    """Two crops of each image; the first image's second one is mirrored.

    With `apart` the last image's crops do not meet, and the first image's meet in one pair of pixels. Crops are drawn
    again until every distance between pixels differs from the threshold by more than 3 %.
    """
    maps = {part: draw.normal(batch, channels, height, width, dtype=dtype) for part in ("y1", "y2", "x1", "x2")}
    while True:
        corners = draw.random.uniform(0, 0.8, (2, batch, 2))
        cells = draw.random.uniform(0.5, 1.5, (2, batch, 2))
        corners[1, 0, 0] += cells[1, 0, 0] * width  # the first image's second view is mirrored
        cells[1, 0, 0] *= -1
        if apart:
            corners[1, 0] += 1.5
            corners[1, -1] += 20
        grids = [_grid(corner, cell, height, width, "float64") for corner, cell in zip(corners, cells, strict=True)]
        places = [grid.reshape(batch, 2, -1) for grid in grids]
        distance = np.linalg.norm(places[0][:, :, :, None] - places[1][:, :, None, :], axis=1)
        reach = threshold * np.linalg.norm(cells, axis=2).max(axis=0)[:, None, None]
        if not (np.abs(distance / reach - 1) > 0.03).all():
            continue
        pairs = (distance < reach).sum(axis=(1, 2))
        if (pairs > 0).sum() == batch - apart and (pairs[0] == 1 or not apart):
            break
    arrays = {**maps, "grid1": grids[0].astype(dtype), "grid2": grids[1].astype(dtype)}
    return Case("B4", name, "pixels", arrays, {"threshold": threshold}, file="criterion.py")


def _grid(corners: Array, cells: Array, height: int, width: int, dtype: str = "float32") -> Array:
    """The pixels' centres, x then y, `[B, 2, height, width]`, from corners and cells, `[B, 2]` each."""
    return np.asarray(corners[:, :, None, None] + cells[:, :, None, None] * _steps(height, width), dtype)


@cache
def _steps(height: int, width: int) -> Array:
    """The pixels' centres of a crop whose corner is 0 and whose cells are 1, `[1, 2, height, width]`."""
    down, across = np.meshgrid(np.arange(height) + 0.5, np.arange(width) + 0.5, indexing="ij")
    return np.stack([across, down])[None]


def _views(
    draw: Draw,
    batch: int,
    features: int,
    dtype: str = "float32",
    shortest: float = 0.4,
    longest: float = 2.0,
    near: bool = False,
) -> tuple[Array, Array]:
    """Two views of each image, rows between `shortest` and `longest`; with `near` the two point almost the same way.

    No row is so long that exponentials of plain inner products overflow. So an answer that forgets to normalise gives
    the same wrong number, whichever way the rest is written, and is recognised.
    """
    views = [_unit(rows) for rows in draw.pair(batch, features, "float64", near=near)]
    lengths = [shortest * (longest / shortest) ** draw.random.uniform(0, 1, (batch, 1)) for _ in views]
    return (views[0] * lengths[0]).astype(dtype), (views[1] * lengths[1]).astype(dtype)


def _two_short(z1: Array, z2: Array) -> tuple[Array, Array]:
    """Shorten one row of each view, of different images, to a hundredth: a floor under a norm shows, not rounding."""
    views = [z1.copy(), z2.copy()]
    for row, view in enumerate(views):
        view[row] *= 0.01 / np.linalg.norm(view[row])
    return views[0], views[1]


def _opposite(z1: Array, z2: Array) -> tuple[Array, Array]:
    """Reverse every other second view, so that cosines of both signs are certain to occur."""
    turned = z2.copy()
    turned[::2] *= -1
    return z1, turned


def _look_alikes(
    draw: Draw, batch: int, features: int, dtype: str = "float32", cosine: float = 1.0
) -> tuple[Array, Array]:
    """Views for a low temperature: two views of an image are close, and each image has one that looks much like it.

    With another `cosine` the two views of an image are that far apart, and look-alikes remain within each view.

    If views of one image differ much, a denominator that is formed as 'all minus own' has few digits left. If every
    image is easy to tell from all others, the gradient is nearly 0 and as small as the rounding of that form.
    """
    directions = np.repeat(_unit(draw.normal(batch // 2, features, dtype="float64")), 2, axis=0)
    images = _unit(directions + 0.15 * draw.normal(batch, features, dtype="float64"))
    turned = images
    if cosine < 1:
        away = np.repeat(draw.normal(batch // 2, features, dtype="float64"), 2, axis=0)
        away = _unit(away - (away * images).sum(axis=1, keepdims=True) * images)
        turned = cosine * images + (1 - cosine**2) ** 0.5 * away
    views = [_unit(one + 0.08 * draw.normal(batch, features, dtype="float64")) for one in (images, turned)]
    z1, z2 = (view * draw.random.uniform(0.3, 0.8, (batch, 1)) for view in views)
    return z1.astype(dtype), z2.astype(dtype)


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _with_predictor(question: str, name: str, z1: Array, z2: Array, p1: Array, p2: Array) -> Case:
    params: dict[str, Param] = {
        "loss_type": _METHODS[question].removesuffix("_loss"),
        "temperature": 0.5,
        "stop_gradient": True,
    }
    return Case(question, name, "with_predictor", {"z1": z1, "z2": z2, "p1": p1, "p2": p2}, params)


def _floats(rows: list[list[float]]) -> Array:
    return np.array(rows, "float32")
