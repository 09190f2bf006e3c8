"""Values that code can name in a stub: its arguments, their parts, constants, and parts of a call's result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from autograder.handout.compositions.observed import HUGE, Names

CONSTANTS = ("None", "True", "False", "0", "1", "2", "-1", 'float("inf")')
MOST_ITEMS = 4
MOST_COUNT = 1e6


@dataclass(frozen=True, eq=False)
class Value:
    """An expression and its value; `name` is that of the argument or attribute that it is made of."""

    code: str
    value: Any
    name: str = ""
    constant: bool = False
    compiled: CodeType | None = None


def named(code: str, names: Names, scope: Mapping[str, Any], name: str = "", constant: bool = False) -> Value:
    """The value of an expression in the arguments, which is looked up again each time that it is used."""
    compiled = compile(code, "composition", "eval")
    value = eval(compiled, dict(scope), names)
    return Value(code, value, name, constant, compiled)


def first_values(names: Names, module: ModuleType) -> list[Value]:
    """The values of a stub before it calls anything: arguments, their parts, and obvious constants."""
    scope = {**vars(module), "torch": torch}
    found = []
    for code, name in _codes(names):
        found.append(named(code, names, scope, name))
    found += [named(code, names, scope, constant=True) for code in CONSTANTS]
    for word, constant in vars(module).items():
        if word.isupper() and isinstance(constant, int | float | str):
            found.append(named(word, names, scope, word.lower(), constant=True))
        elif word.isupper() and isinstance(constant, tuple) and all(isinstance(one, str) for one in constant):
            found += [named(repr(one), names, scope, constant=True) for one in constant[:MOST_ITEMS]]
    return found


def _codes(names: Names) -> Iterator[tuple[str, str]]:
    """Yield expressions of the arguments, and the name of each."""
    for name, value in names.items():
        if name != "self":
            yield name, name
        if isinstance(value, Tensor) and value.dim() == 2:
            yield f"{name}.T", name
        elif type(value) is int:
            yield f"[{name}]", f"{name}s"
        elif isinstance(value, nn.Module):
            for part, thing in {**vars(value), **value._modules, **value._buffers}.items():
                if not part.startswith("_") and isinstance(thing, Tensor | nn.Module | int | float | str):
                    yield f"{name}.{part}", part
                if isinstance(thing, nn.Module):
                    yield f"list({name}.{part}.parameters())", part
    tensors = [name for name, value in names.items() if isinstance(value, Tensor)]
    yield from ((f"[{one}, {other}]", "views") for one in tensors for other in tensors if one != other)


def outputs(code: str, result: object, names: Names) -> Iterator[Value]:
    """Yield values from a call's result: itself, its items, and the items of an argument at the places it names."""
    for inner, value in items(code, result, names):
        yield Value(inner, value)
        if isinstance(value, Tensor) and value.dim() == 2:
            yield Value(f"{inner}.T", value.T)
        if isinstance(value, Tensor) and value.dtype == torch.long and value.numel():
            for name, argument in names.items():
                if (
                    isinstance(argument, Tensor)
                    and argument.dim() == 1
                    and value.min() >= 0
                    and value.max() < len(argument)
                ):
                    yield Value(f"{name}[{inner}]", argument[value])


def _in_range(argument: object, places: Tensor) -> bool:
    if not isinstance(argument, Tensor) or argument.dim() != 1:
        return False
    return bool(places.min() >= 0 and places.max() < len(argument))


def items(code: str, value: object, names: Names, depth: int = 2) -> Iterator[tuple[str, object]]:
    """Yield a value, and the items of tuples and tables in it at the places that numbers among the arguments name."""
    yield code, value
    inside: Sequence[tuple[str, object]] = ()
    if isinstance(value, tuple | list) and len(value) <= MOST_ITEMS:
        inside = [(f"{code}[{at}]", one) for at, one in enumerate(value)]
    elif isinstance(value, dict):
        inside = [
            (f"{code}[{name}]", value[key]) for name, key in names.items() if type(key) is int and key in value
        ] + [(f"{code}[{key!r}]", one) for key, one in list(value.items())[:MOST_ITEMS] if isinstance(key, str)]
    for inner, one in inside if depth else ():
        yield from items(inner, one, names, depth - 1)


def returns(code: str, result: object, names: Names, wanted: object) -> Iterator[tuple[str, object]]:
    """Yield values that a stub could return after a call, if they are of the wanted kind."""
    for inner, value in items(code, result, names):
        yield inner, value
        if isinstance(wanted, dict) and isinstance(value, tuple | list) and len(value) == len(wanted):
            yield f"dict(zip({tuple(wanted)!r}, {inner}))", dict(zip(wanted, value, strict=True))
        elif isinstance(wanted, Tensor | int | float) and isinstance(value, Tensor | int | float):
            number = not isinstance(wanted, Tensor) or wanted.dim() == 0
            yield from _numbers(inner, value, names, type(wanted) is int) if number else _tensors(inner, value)


def _tensors(code: str, value: Tensor | float) -> Iterator[tuple[str, object]]:
    if isinstance(value, Tensor):
        if value.dtype != torch.bool:
            yield f"-{code}", -value
        if value.dim() == 2:
            yield f"{code}.T", value.T


def _numbers(code: str, value: Tensor | float, names: Names, whole: bool) -> Iterator[tuple[str, object]]:
    """Yield numbers made of a number, or of a tensor by its sum, its mean, and how often it equals an argument."""
    if isinstance(value, Tensor) and value.dim():
        if value.dim() == 1:
            for name, argument in names.items():
                if isinstance(argument, Tensor) and argument.shape == value.shape:
                    yield f"int(({code} == {name}).sum())", int((value == argument).sum())
        if not value.is_complex() and value.dtype != torch.bool:
            total = value.double().sum().item()
            yield from ((f"{sign}{code}.sum()", float(f"{sign}{1}") * total) for sign in ("", "-"))
            mean = total / max(1, value.numel())
            yield from ((f"{sign}{code}.mean()", float(f"{sign}{1}") * mean) for sign in ("", "-"))
        return
    if isinstance(value, int) and abs(value) >= HUGE:
        return
    number = float(value)
    yield f"-{code}", -number
    if whole and abs(number) < MOST_COUNT:
        for name, argument in names.items():
            if isinstance(argument, Tensor) and argument.dim() == 1:
                yield f"round({code} * len({name}))", round(number * len(argument))
                yield f"round({code} * len({name}) / 100)", round(number * len(argument) / 100)
