"""Says how what a function returned differs from what is expected, and which known mistake gives it. Given.

`check.py` calls it; nobody needs to call it by hand.
"""

from __future__ import annotations

import math
import numbers
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

VALUES = 2  # how many wrong values of one check are printed
ROUNDED = 0.95  # of the slack is left for a mistake's numbers: their last digit takes up to a twentieth
LOOK = {
    "gradient of": "how the result comes from the input: `detach`, `item`, `no_grad`, `torch.tensor` cut gradients.",
    "returned value": "the return statement; a dict with the keys z1, z2, p1 and p2 is asked for.",
    "inputs unchanged": "operations that change an argument in place (`mul_`, `+=`, `[...] =`); make a new tensor.",
    "keys": "the keys of the dict; z1, z2, p1 and p2 are always there, if only as None.",
    "same parameters": "assignments that put new parameters instead of the old; change them in place.",
    "same requires_grad": "what sets `requires_grad`; the update leaves it as it is.",
    "leaves": "whether the update is recorded for a backward pass; it belongs under `torch.no_grad()`.",
    "encoder.": "what changes the encoder; the update reads it and leaves it as it is.",
    "returned": "the return statement; it gives the list of fc.weight and fc.bias.",
    "weight first": "the return statement; fc.weight itself comes first.",
    "bias second": "the return statement; fc.bias itself comes second.",
    "backbone frozen": "which parameters still require a gradient; outside fc none may.",
    "fc learns": "what is frozen: fc.weight and fc.bias still require a gradient afterwards.",
    "training": "the mode in which the model is left; eval mode is meant.",
    "backbone unchanged": "the running statistics of batch norm; they move whenever the model runs in training mode.",
}  # by how the name of a value begins

Values = dict[str, Any]


def to_tensor(stored: Values) -> torch.Tensor:
    """The tensor of an array in public_checks.json: float32 or whole numbers, unless its dtype is given."""
    dtype = getattr(torch, stored["dtype"]) if "dtype" in stored else None
    return torch.tensor(stored["data"], dtype=dtype).reshape(stored["shape"])


def whole(stored: Any) -> Values:
    """A value of public_checks.json with all its parts; None, flags and whole numbers stand there for themselves.

    `slack` is how far off a number may be. Only what is made of fractions has one.
    """
    if stored is None:
        return {"kind": "none"}
    if not isinstance(stored, dict):
        return {"kind": "number", "shape": [], "data": [stored]}
    kind, dtype = "tensor" if "shape" in stored else "number", "float32" if "slack" in stored else "int64"
    return {"kind": kind, "shape": [], "dtype": dtype, **stored}


def report(expected: Values, demands: Sequence[Sequence[Any]], got: Values, kinds: bool = False) -> str:
    """Say in words what is wrong with the values that came; empty if nothing is.

    `expected` and `demands` are those of a case in public_checks.json. How a value is compared, and the words of a
    difference, are the grader's own. With `kinds` each wrong value is followed by what its numbers show.
    """
    from ssl_kit.public.apart import take_apart
    from ssl_kit.public.compare import read
    from ssl_kit.public.values import Value

    given = {name: Value(*take_apart(one)) for name, one in got.items()}
    rows = [
        (name, part, read(how).difference(given.get(name), Value(*as_returned(whole(expected[name])))))
        for name, how, part in demands
    ]
    right = not any(difference for _, part, difference in rows if part == "value")
    wrong: dict[str, Any] = {}
    unjudged: list[str] = []
    for name, part, difference in rows:
        if difference is None:
            continue
        if right or part == "value" or (part == "property" and got.get(name) is not None):
            wrong.setdefault(name, difference)
        else:
            unjudged.append(name)
    first = list(wrong)[:VALUES]
    lines = [explain(name, wrong[name], whole(expected[name]), got.get(name), kinds) for name in first]
    holds = [name for name, part, _ in rows if part != "value" and name not in unjudged]
    told = (("Also wrong", wrong), ("Not judged, because the value is wrong", unjudged), ("Holds", holds))
    for said, names in told if wrong else ():
        if rest := [name for name in dict.fromkeys(names) if name not in (wrong if names is not wrong else first)]:
            lines.append(f"{said}: {', '.join(rest)}.")
    return "\n".join(lines)


def is_mistake(marks: str, told: Sequence[Any], expected: Sequence[Values], answers: Sequence[Values]) -> bool:
    """Whether the answers to all cases are those of a known mistake: its wrong values, and else the expected ones.

    `marks` has for each case, between `|`, a character for each expected value in their order; those beyond the last
    one are right. `.` is right, `x` the next of the wrong values that are `told`, `?` any numbers of the right shape,
    `!` the other flag, `-` None.
    """
    values = iter(told)
    rows = zip(marks.split("|"), expected, answers, strict=True)
    return all(_is_like(marked, values, right, got) for marked, right, got in rows)


def _is_like(marks: str, values: Iterator[Any], expected: Values, got: Values) -> bool:
    """The same for one case. If a value is wrong, gradients without a mark may be any."""
    wrong = {name: mark for name, mark in zip(expected, marks, strict=False) if mark != "."}
    for name, mark in wrong.items():  # first, because most mistakes are out at once
        if not agree(_wrong(mark, values, expected[name]), got.get(name)):
            return False
    rest = (name for name in expected if name not in wrong and not (wrong and name.startswith("gradient of")))
    return all(agree(expected[name], got.get(name)) for name in rest)


def _wrong(mark: str, values: Iterator[Any], right: Values) -> Values:
    """The wrong value that a mark stands for; of one that has the right shape only the first numbers are stored."""
    if mark == "-":
        return {"kind": "none"}
    if mark == "!":
        return {**right, "data": [not right["data"][0]]}
    told = next(values) if mark == "x" else []
    if isinstance(told, dict):
        return whole(told)
    near = {"slack": ROUNDED * right["slack"]} if "slack" in right else {}
    return {**right, **near, "data": told if isinstance(told, list) else [told]}


def agree(want: Values, got: Any) -> bool:
    """Whether a value is the wanted one, as far as that is known; NaN never is."""
    if want["kind"] == "none":
        return got is None
    got = plain(got)
    if want["kind"] == "number" and isinstance(got, numbers.Real):
        received = [float(got)]
    elif type(got) is torch.Tensor and list(got.shape) == want["shape"]:
        received = got.flatten().tolist()
    else:
        return False
    if want["kind"] == "drawn":
        slack = 0.1 * max(want["std"], abs(want["mean"])) + 1e-12
        mean, std = moments(received)
        return bool(abs(mean - want["mean"]) <= slack and abs(std - want["std"]) <= slack)
    if want["kind"] == "tensor" and want["dtype"].startswith("float") and not got.is_floating_point():
        return False
    slack = want.get("slack", 0)
    return all(abs(one - other) <= slack for one, other in zip(received, want["data"], strict=False))


def plain(got: Any) -> Any:
    """A tensor without its graph, a number without NumPy around it; anything else as it is."""
    if type(got) in (torch.Tensor, torch.nn.Parameter):
        whole = got.layout is torch.strided and not got.is_quantized and got.device.type != "meta"
        return got.detach().cpu() if whole else got.layout
    if isinstance(got, np.generic) or (type(got) is np.ndarray and not got.ndim):
        return got.item()
    return got


def moments(entries: list[float]) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean = sum(entries) / len(entries)
    return mean, math.sqrt(sum((entry - mean) ** 2 for entry in entries) / len(entries))


def as_returned(stored: Values) -> tuple[str, str, Any]:
    """A value of public_checks.json as if a function had returned it: its kind, the name of its type, its array.

    What is drawn at random is spread out evenly here: as a sample of its distribution is on average.
    """
    if stored["kind"] == "none":
        return "none", "None", None
    if stored["kind"] == "drawn":
        size = math.prod(stored["shape"])
        normal = statistics.NormalDist(stored["mean"], stored["std"])
        sample = np.array([normal.inv_cdf((place + 0.5) / size) for place in range(size)], "float32")
        return "tensor", "torch.float32", sample.reshape(stored["shape"])
    array = np.array(stored["data"], stored.get("dtype")).reshape(stored["shape"])
    name = type(stored["data"][0]).__name__ if stored["kind"] == "number" else f"torch.{stored['dtype']}"
    return stored["kind"], name, array


def explain(name: str, difference: Any, want: Values, got: object, kinds: bool) -> str:
    """Say how a wrong value differs, in the grader's words, and with `kinds` what to look at."""
    if not kinds:
        return str(difference.shown(name))
    clue = pattern(want, plain(got)) or next((text for start, text in LOOK.items() if name.startswith(start)), "")
    return f"{difference.shown(name)}\n    Look at: {clue}" if clue else str(difference.shown(name))


def pattern(want: Values, got: Any) -> str:
    """Say what kind of thing went wrong, if the numbers show it."""
    if "slack" not in want or type(got) is not torch.Tensor or list(got.shape) != want["shape"]:
        return ""
    expected, received = to_tensor({**want, "dtype": "float64"}), got.to(torch.float64)
    if bool(((received - expected).abs() <= want["slack"]).all()):
        return ""
    if not received.isfinite().all():
        return "the result is not finite; look for a logarithm or division of 0, or an exponential of a large number."
    if not received.any():
        return "everything received is 0."
    if torch.allclose(received, -expected, rtol=1e-3):
        return "the sign is the other way round."
    factor = float((received * expected).sum() / (expected * expected).sum().clamp_min(1e-30))
    simple = next((n for n in range(2, 513) if min(abs(factor / n - 1), abs(factor * n - 1)) < 1e-3), None)
    if simple and torch.allclose(received, factor * expected, rtol=1e-3):
        word = "too large" if factor > 1 else "too small"
        return f"it is {simple} times {word}; look at a factor, or at a sum where a mean is meant (or the reverse)."
    return ""
