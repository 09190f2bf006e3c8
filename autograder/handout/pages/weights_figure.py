"""The figure of the temperature: how the negatives of one row share its push, at several temperatures."""

from __future__ import annotations

from math import exp

from autograder.handout.pages.drawing import MARGIN, SCALE, Palette

COSINES, TEMPERATURES = (0.6, 0.4, 0.2, 0.0, -0.2), (0.02, 0.1, 0.5, 5.0)
"""Of five negatives with the row; those of the table in question 1.2."""
TALL, BAR, GAP, ROOM = 100.0, 27.0, 6.0, 36.0
"""The height of 100 %, a bar's width, the space to the next bar and to the next temperature, in SVG units."""


def shares(temperature: float) -> list[float]:
    """The part of the push that each negative takes: the softmax over the negatives alone."""
    weights = [exp((cosine - max(COSINES)) / temperature) for cosine in COSINES]
    return [weight / sum(weights) for weight in weights]


def draw_shares(palette: Palette) -> str:
    """Bars for each negative, side by side for the temperatures, as an SVG element."""
    group = len(COSINES) * (BAR + GAP) + ROOM
    width, height = len(TEMPERATURES) * group - ROOM + 2 * MARGIN, TALL + 66
    parts = [_bars(MARGIN + number * group, one, palette) for number, one in enumerate(TEMPERATURES)]
    told = "; ".join(
        f"T = {one:g}: {', '.join(f'{100 * share:.0f}' for share in shares(one))} percent" for one in TEMPERATURES
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width * SCALE:g}" '
        f'height="{height * SCALE:g}" role="img" aria-label="Shares of five negatives, the nearest first. {told}." '
        f'style="font-family:{palette["font"]}" font-family="{palette["font"]}" font-size="15">{"".join(parts)}</svg>'
    )


def _bars(left: float, temperature: float, palette: Palette) -> str:
    bottom, parts = TALL + 22, []
    for number, (cosine, share) in enumerate(zip(COSINES, shares(temperature), strict=True)):
        x, tall = left + number * (BAR + GAP), share * TALL
        parts.append(
            f'<rect x="{x:g}" y="{bottom - tall:.1f}" width="{BAR:g}" height="{tall:.1f}" '
            f'style="fill:{palette["network"]};stroke:{palette["text"]}" fill="{palette["network"]}" '
            f'stroke="{palette["text"]}"/>'
            + _text(x + BAR / 2, bottom - tall - 4, f"{100 * share:.0f}", palette["text"])
            + _text(x + BAR / 2, bottom + 16, f"{cosine:g}".replace("-", "−"), palette["text"])
        )
    middle = left + (len(COSINES) * (BAR + GAP) - GAP) / 2
    return "".join(parts) + _text(middle, bottom + 38, f"T = {temperature:g}", palette["text"])


def _text(x: float, y: float, text: str, colour: str) -> str:
    return f'<text x="{x:g}" y="{y:.1f}" text-anchor="middle" style="fill:{colour}" fill="{colour}">{text}</text>'
