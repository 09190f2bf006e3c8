"""Tests the drawings of the methods: one scale, and stop-gradients that can be read."""

from __future__ import annotations

import re

import pytest

from autograder.handout.pages.accessible import described
from autograder.handout.pages.drawing import PRINT, draw
from autograder.handout.pages.method_figures import FIGURES

PRINT_FIGURES = {name: draw(figure, PRINT) for name, figure in FIGURES.items()}


def test_all_figures_have_one_scale_and_fit_the_line() -> None:
    """A4 less two margins of 2.3 cm is 465 points wide."""
    in_pdf = "".join(f'image("figures/{name}.svg")' for name in FIGURES)
    points = [float(width) for width in re.findall(r"width: ([\d.]+)pt", described(in_pdf, PRINT_FIGURES))]
    units = [float(drawn.partition('viewBox="0 0 ')[2].partition(" ")[0]) for drawn in PRINT_FIGURES.values()]
    assert max(points) < 465
    assert {round(own / wide, 2) for own, wide in zip(points, units, strict=True)} == {0.54}


@pytest.mark.parametrize("name", [name for name in FIGURES if ">sg(" in PRINT_FIGURES[name]])
def test_a_stop_gradient_is_clear_of_its_name(name: str) -> None:
    """Letters of 15 units: the name is about 40 wide and 12 high, from its baseline up."""
    drawn = PRINT_FIGURES[name]
    strokes = [(float(x) + 3, float(y) - 8) for x, y in re.findall(r'<path d="M([\d.]+) ([\d.]+)l6 -16"', drawn)]
    names = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"[^>]*>sg\(', drawn)
    assert len(strokes) == 2 * len(names)
    heights = sorted(float(baseline) for _, baseline, _ in names)
    assert all(lower - upper > 20 for upper, lower in zip(heights, heights[1:], strict=False))
    for left, baseline, anchor in names:
        first = float(left) - (20 if anchor == "middle" else 0)
        for x, y in strokes:
            assert not (first - 6 < x < first + 46 and float(baseline) - 20 < y < float(baseline) + 8)
