"""Tests the figure of the temperature: its bars are the softmax that question 1.2 derives."""

from __future__ import annotations

import re

import pytest

from autograder.handout.pages.drawing import PRINT
from autograder.handout.pages.weights_figure import COSINES, TALL, TEMPERATURES, draw_shares, shares


@pytest.mark.parametrize(("temperature", "nearest"), [(0.02, 100.0), (0.1, 86.5), (0.5, 38.1), (5.0, 21.6)])
def test_the_nearest_negative_takes_what_the_table_says(temperature: float, nearest: float) -> None:
    assert round(100 * shares(temperature)[0], 1) == nearest and sum(shares(temperature)) == pytest.approx(1)


def test_bars_are_as_tall_as_the_shares() -> None:
    heights = [float(tall) for tall in re.findall(r'<rect [^>]*height="([\d.]+)"', draw_shares(PRINT))]
    expected = [share * TALL for one in TEMPERATURES for share in shares(one)]
    assert heights == pytest.approx(expected, abs=0.06) and len(heights) == len(TEMPERATURES) * len(COSINES)
