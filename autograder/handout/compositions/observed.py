"""Records calls of a stub and the reference's results, and decides whether other code gives the same."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

HUGE = 2**53
Names = dict[str, Any]
"""The arguments of a call by their names, `self` among them."""


class Captured(BaseException):
    """The stub was called: its arguments are known now, and the probe need not go on."""


@dataclass(frozen=True)
class Call:
    """One call of a stub by a check: its arguments, the reference's result, and the arguments after the call."""

    names: Names
    result: object
    after: Names
    drawn: frozenset[str]
    """Tensors that the reference draws at random, by their place in `leaves`: compared by their spread."""

    def fresh(self) -> Names:
        """Copies of the arguments, which a call may change."""
        return copied(self.names)

    def agrees(self, result: object, names: Names) -> bool:
        """Whether a call with this `result` and with `names` afterwards did the same as the reference."""
        return same(result, self.result) and self.leaves_the_same(names)

    def leaves_the_same(self, names: Names) -> bool:
        """Whether the arguments after the call are as after the reference's call."""
        mine, right = dict(leaves(names)), dict(leaves(self.after))
        return mine.keys() == right.keys() and all(
            _spread(mine[name], right[name]) if name in self.drawn else same(mine[name], right[name]) for name in right
        )

    @property
    def has_effect(self) -> bool:
        """Whether the reference changes its arguments."""
        before, after = dict(leaves(self.names)), dict(leaves(self.after))
        return not all(same(before.get(name), value) for name, value in after.items())


def capture(owner: Any, name: str, ask: Callable[[], object]) -> Names | None:
    """The arguments of the first call of `owner.name` that `ask` leads to; None if there is none."""
    original = vars(owner)[name]
    found: list[Names] = []

    def record(*values: Any, **named: Any) -> None:
        bound = inspect.signature(original).bind(*values, **named)
        bound.apply_defaults()
        found.append(copied(dict(bound.arguments)))
        raise Captured

    setattr(owner, name, record)
    try:
        ask()
    except Captured:
        return found[0]
    finally:
        setattr(owner, name, original)
    return None


def observe(names: Names, reference: Callable[..., object], as_written: Names) -> Call | None:
    """The call with the reference's result; None if it raises. `as_written` is the call in the reference's form."""
    runs = []
    for seed in (0, 1):
        after = copied(as_written)
        torch.default_generator.manual_seed(seed)
        try:
            with torch.no_grad():
                result = reference(*after.values())
        except Exception:  # a case that the reference refuses shows nothing
            return None
        runs.append((result, after))
    (result, after), (_, other) = runs
    once, again = dict(leaves(after)), dict(leaves(other))
    drawn = frozenset(name for name in once if not same(once[name], again[name]))
    return Call(names, result, after, drawn)


def copied(names: Names) -> Names:
    """Copies that share nothing with the originals."""
    plain = {name: value.detach().clone() if isinstance(value, Tensor) else value for name, value in names.items()}
    return copy.deepcopy(plain)


def leaves(names: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield everything that a call may change: tensors, and a module's parameters and whether they learn."""
    for name, value in names.items():
        if isinstance(value, Tensor):
            yield name, value
        elif isinstance(value, nn.Module):
            yield f"{name}.training", value.training
            for part, parameter in value.named_parameters():
                yield f"{name}.{part} learns", parameter.requires_grad
                yield f"{name}.{part}", parameter
            yield from ((f"{name}.{part}", buffer) for part, buffer in value.named_buffers())


def version(names: Mapping[str, Any]) -> list[object]:
    """A list that differs after any change of a leaf."""
    return [(id(value), value._version) if isinstance(value, Tensor) else value for _, value in leaves(names)]


def same(mine: object, right: object) -> bool:
    """Whether two values are equal up to rounding; a number may be a tensor without dimensions."""
    if isinstance(right, Tensor | int | float) and isinstance(mine, Tensor | int | float):
        one, other = _tensor(mine), _tensor(right)
        return one.shape == other.shape and torch.allclose(one.double(), other.double(), rtol=1e-4, atol=1e-6)
    if isinstance(right, list | tuple) and isinstance(mine, list | tuple):
        return len(mine) == len(right) and all(map(same, mine, right))
    if isinstance(right, dict) and isinstance(mine, dict):
        return mine.keys() == right.keys() and all(same(mine[key], right[key]) for key in right)
    return mine is right or (type(mine) is type(right) and isinstance(mine, str) and mine == right)


def _tensor(value: Tensor | float) -> Tensor:
    """A number as a tensor; a whole number that is too large for it counts as infinite."""
    if isinstance(value, Tensor):
        return value
    return torch.tensor(float(value) if abs(value) < HUGE else math.inf, dtype=torch.double)


def _spread(mine: object, right: object) -> bool:
    if not isinstance(mine, Tensor) or not isinstance(right, Tensor) or mine.shape != right.shape:
        return False
    return bool(0.5 < mine.std() / right.std() < 2)


def defined(module: ModuleType, path: str) -> tuple[Any, str]:
    """The owner of a function, and its name there: `SSLLoss.align_loss` is held by the class."""
    *owners, name = path.split(".")
    owner: Any = module
    for word in owners:
        owner = getattr(owner, word)
    return owner, name
