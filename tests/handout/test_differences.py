"""Tests of solutions/ssl_kit/differences.py: what is said of values that are wrong, and of those that hang on them."""

from __future__ import annotations

import pytest
import torch

from solutions.ssl_kit.differences import is_mistake, report, whole


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


RIGHT = {
    name: whole(stored)
    for name, stored in {
        "value": {"shape": [2], "slack": 0.01, "data": [1.0, 2.0]},
        "unchanged": True,
        "p1": None,
        "gradient of z1": {"shape": [1], "slack": 0.01, "data": [5.0]},
    }.items()
}
TENSOR, GRADIENT = torch.tensor([1.0, 2.0]), torch.tensor([5.0])
GIVEN = {"value": TENSOR, "unchanged": True, "p1": None, "gradient of z1": GRADIENT}


@pytest.mark.parametrize(
    ("marks", "told", "given", "fits"),
    [
        ("x", [[3.0, 2.0]], {"value": torch.tensor([3.0, 2.0])}, True),
        ("x", [[3.0, 2.0]], {"value": torch.tensor([3.0, 2.0]), "unchanged": False}, False),
        ("x", [[3.0]], {"value": torch.tensor([3.0, 9.0]), "gradient of z1": None}, True),
        ("x", [[3.0]], {"value": torch.tensor([3.02, 9.0])}, False),
        ("?", [], {"value": torch.tensor([7.0, 7.0])}, True),
        ("?", [], {"value": torch.tensor([7.0])}, False),
        ("-", [], {"value": None}, True),
        ("-", [], {}, False),
        (".!", [], {"unchanged": False}, True),
        (".!", [], {}, False),
        ("..x", [{"data": [False]}], {"p1": False}, True),
        ("..x", [{"data": [False]}], {}, False),
        ("x", [{"shape": [1], "slack": 0.01, "data": [3.0]}], {"value": torch.tensor([3.0])}, True),
        ("x", [{"shape": [1], "slack": 0.01, "data": [3.0]}], {"value": torch.tensor([3])}, False),
        ("...-", [], {"gradient of z1": None}, True),
    ],
)
def test_a_mistake_is_told_by_marks_and_numbers(
    marks: str, told: list[object], given: dict[str, object], fits: bool
) -> None:
    assert is_mistake(marks, told, [RIGHT], [{**GIVEN, **given}]) == fits


def test_a_mistake_is_told_by_all_cases() -> None:
    wrong = {**GIVEN, "value": torch.tensor([3.0, 2.0])}
    assert is_mistake("x|x", [[3.0], [3.0]], [RIGHT, RIGHT], [wrong, wrong])
    assert not is_mistake("x|x", [[3.0], [4.0]], [RIGHT, RIGHT], [wrong, wrong])
    assert not is_mistake("x|", [[3.0]], [RIGHT, RIGHT], [wrong, wrong])
    assert is_mistake("|x", [[3.0]], [RIGHT, RIGHT], [GIVEN, wrong])
