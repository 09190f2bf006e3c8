"""Draws boxes and arrows as SVG: the connections of a method's networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

COLUMN, ROW, WIDTH, HEIGHT, MARGIN = 158.0, 92.0, 104.0, 46.0, 14.0
"""Distance of the boxes' middles, and their size, in SVG units."""
SCALE = 0.8
"""CSS pixels for an SVG unit: with it the widest drawing fits a page, and all drawings have one size of letters."""
STROKES, TARGET, CROSSED = 0.25, 0.6, 0.76
"""The shares of an arrow at which a stop-gradient is drawn and named, so that neither covers the other."""

Palette = Mapping[str, str]
PRINT: Palette = {
    **{"text": "#1d2129", "soft": "#566070", "view": "#eef1f5", "network": "#cfe3f7", "momentum": "#e9dcf6"},
    **{"predictor": "#d3efdb", "loss": "#fbdcd3", "memory": "#fbf0c8", "font": "Libertinus Serif"},
}
SCREEN: Palette = {name: f"var(--figure-{name})" for name in PRINT} | {"font": "inherit"}
"""Colours of the page's style sheet, which has a light and a dark set."""


@dataclass(frozen=True)
class Box:
    """A box at a place of the grid; `kind` is a colour of the palette; a text of two lines has a `\\n`."""

    name: str
    text: str
    column: float
    row: float
    kind: str


@dataclass(frozen=True)
class Arrow:
    """An arrow between two boxes; it is dashed outside the gradient's path, `stop` marks a stop-gradient."""

    start: str
    end: str
    label: str = ""
    dashed: bool = False
    stop: bool = False
    head: bool = True


@dataclass(frozen=True)
class Figure:
    """One drawing; `about` says in a sentence what it shows, for readers who cannot see it."""

    about: str
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


def draw(figure: Figure, palette: Palette) -> str:
    """The drawing as an SVG element."""
    top = min(box.row for box in figure.boxes)
    width = max(box.column for box in figure.boxes) * COLUMN + WIDTH + 2 * MARGIN
    height = (max(box.row for box in figure.boxes) - top) * ROW + HEIGHT + 2 * MARGIN
    boxes = {box.name: replace(box, row=box.row - top) for box in figure.boxes}
    parts = [_arrow(arrow, boxes, palette) for arrow in figure.arrows]
    parts += [_box(box, palette) for box in boxes.values()]
    about = escape(figure.about)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width * SCALE:g}" '
        f'height="{height * SCALE:g}" role="img" aria-label="{about}" style="font-family:{palette["font"]}" '
        f'font-family="{palette["font"]}" font-size="15">'
    )
    return "".join([head, *parts, "</svg>"])


def _middle(box: Box) -> tuple[float, float]:
    return MARGIN + WIDTH / 2 + box.column * COLUMN, MARGIN + HEIGHT / 2 + box.row * ROW


def _box(box: Box, palette: Palette) -> str:
    x, y = _middle(box)
    radius = HEIGHT / 2 if box.kind == "loss" else 4 if box.kind == "view" else 9
    shape = (
        f'<rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH:g}" height="{HEIGHT:g}" rx="{radius:g}" '
        f"{_paint(fill=palette[box.kind], stroke=palette['soft'])}/>"
    )
    lines = box.text.split("\n")
    first = y + 5 - 9 * (len(lines) - 1)
    words = [_text(x, first + 18 * number, line, palette["text"]) for number, line in enumerate(lines)]
    return shape + "".join(words)


def _arrow(arrow: Arrow, boxes: Mapping[str, Box], palette: Palette) -> str:
    start, end = boxes[arrow.start], boxes[arrow.end]
    (x1, y1), (x2, y2) = _middle(start), _middle(end)
    upright = start.column == end.column
    if upright:
        side = HEIGHT / 2 if y2 > y1 else -HEIGHT / 2
        y1, y2 = y1 + side, y2 - side
    else:
        side = WIDTH / 2 if x2 > x1 else -WIDTH / 2
        x1, x2 = x1 + side, x2 - side
    colour = palette["soft"] if arrow.dashed else palette["text"]
    dashes = ' stroke-dasharray="5 4"' if arrow.dashed else ""
    parts = [f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" {_paint(stroke=colour)} stroke-width="1.5"{dashes}/>']
    if arrow.head:
        parts.append(_head(x1, y1, x2, y2, colour))
    if arrow.stop:
        parts.append(_strokes(x1 + STROKES * (x2 - x1), y1 + STROKES * (y2 - y1), palette))
    if arrow.label:
        along = 0.5
        if arrow.stop:
            along = CROSSED if abs(start.row - end.row) > 1 else TARGET
        x, y = x1 + along * (x2 - x1), y1 + along * (y2 - y1)
        label = f"sg({arrow.label})" if arrow.stop else arrow.label
        parts.append(_label(x, y, (x2 - x1, y2 - y1), label, colour, below=start.row > 0.5))
    return "".join(parts)


def _label(x: float, y: float, along: tuple[float, float], text: str, colour: str, below: bool) -> str:
    """Write a label to the right of a vertical arrow; above a horizontal one, or below it in the lower half."""
    across, down = along
    if abs(down) < 0.2 * abs(across):
        return _text(x, y + (22 if down < 0 or below else -9), text, colour)
    length = (across**2 + down**2) ** 0.5
    return _text(
        x + 12 * abs(down) / length, y + 5 - 14 * across * (1 if down > 0 else -1) / length, text, colour, "start"
    )


def _head(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    length = max(1e-9, ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    corners = [(x2, y2)] + [(x2 - 9 * ux - side * uy, y2 - 9 * uy + side * ux) for side in (4, -4)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return f'<polygon points="{points}" {_paint(fill=colour)}/>'


def _strokes(x: float, y: float, palette: Palette) -> str:
    """Draw two strokes across the arrow: no gradient comes back here."""
    return "".join(
        f'<path d="M{x + shift - 3:.1f} {y + 8:.1f}l6 -16" {_paint(stroke=palette["text"])} stroke-width="2"/>'
        for shift in (-3, 3)
    )


def _text(x: float, y: float, text: str, colour: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_paint(fill=colour)}>{escape(text)}</text>'


def _paint(fill: str = "none", stroke: str = "none") -> str:
    """Write colours as attributes, or as a style if one is a variable of the page: an attribute cannot name it."""
    if "var(" in fill + stroke:
        return f'style="fill:{fill};stroke:{stroke}"'
    return f'fill="{fill}" stroke="{stroke}"'
