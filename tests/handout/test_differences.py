"""Tests of solutions/ssl_kit/differences.py: what is said of values that are wrong, and of those that hang on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

from solutions.ssl_kit.differences import is_mistake, whole


def test_a_wrong_value_leaves_what_hangs_on_it_unjudged_and_shows_what_holds(
    assignment: Path, load_check: Callable[[Path], ModuleType]
) -> None:
    check = load_check(assignment)
    stored = {"shape": [1], "slack": 0.1, "data": [1.0]}
    names = ("value", "gradient of z1", "gradient of z2")
    expected = {**dict.fromkeys(names, stored), "inputs unchanged": True}
    demands = [[name, ["Close", 0.1, False, 1.0], "depends" if "of" in name else "value"] for name in names]
    demands.append(["inputs unchanged", ["Same", "The inputs changed"], "property"])
    got = {**dict.fromkeys(names, torch.tensor([2.0])), "inputs unchanged": True}
    with check.as_when_grading():
        from ssl_kit.differences import report

        text = report(expected, demands, got)
        assert text.startswith("The loss has the wrong value.\n     expected  received\n[0]         1         2\n")
        assert text.endswith(
            "Not judged, because the value is wrong: gradient of z1, gradient of z2.\nHolds: inputs unchanged."
        )
        got["value"] = torch.tensor([1.0])
        text = report(expected, demands, got)
        assert "The gradient of z1 has the wrong value." in text and "Not judged" not in text
        got = {**dict.fromkeys(names, torch.tensor([1.0])), "inputs unchanged": False}
        assert report(expected, demands, got) == "The inputs changed.\nHolds: gradient of z1, gradient of z2."
        assert report(expected, demands, got, kinds=True).startswith(
            "The inputs changed.\n    Look at: operations that change"
        )


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
