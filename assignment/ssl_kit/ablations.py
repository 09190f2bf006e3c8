"""Grids that take one part of a method away, or vary one of its numbers. Given; `grids.py` takes them in."""

from __future__ import annotations

from ssl_kit.cells import Cell, Grid


def _temperatures() -> Grid:
    values = ("0.02", "0.1", "0.5", "5")
    cells = tuple(Cell((value,), ("--method", "simclr", "--temperature", value)) for value in values)
    return Grid("SimCLR: temperature", ("temperature",), cells, figure="lines")


ABLATIONS = {
    "temperature": _temperatures(),
}
