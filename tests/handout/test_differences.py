"""Tests of solutions/differences.py: what is said of values that are wrong, and of those that hang on them."""

from __future__ import annotations

import torch

from solutions.differences import report


def test_a_wrong_value_leaves_what_hangs_on_it_unjudged_and_shows_what_holds() -> None:
    right = {"kind": "tensor", "shape": [1], "dtype": "float32", "slack": 0.1, "data": [1.0]}
    names = ("value", "gradient of z1", "gradient of z2")
    expected = {**dict.fromkeys(names, right), "inputs unchanged": {"kind": "number", "data": [True]}}
    got = {**dict.fromkeys(names, torch.tensor([2.0])), "inputs unchanged": True}
    text = report(expected, got)
    assert text.startswith("value differs in 1 of 1 entries")
    assert text.endswith(
        "Not judged, because the value is wrong: gradient of z1, gradient of z2.\nHolds: inputs unchanged."
    )
    got["value"] = torch.tensor([1.0])
    assert "Not judged" not in report(expected, got)
