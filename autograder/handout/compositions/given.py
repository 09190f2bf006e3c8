"""Everything that students are given to call: functions, classes, and the methods of the stub's own class."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from torch import nn

_SEQUENCES = (list, tuple, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_MAPPINGS = (dict, collections.abc.Mapping)
_ANY = (Any, object, inspect.Parameter.empty)


@dataclass(frozen=True, eq=False)
class Argument:
    """One parameter of a given function: its name, its type, and whether it may be left out."""

    name: str
    hint: Any
    optional: bool


@dataclass(frozen=True)
class Given:
    """Something that can be called: the code that names it, and its parameters. A method's code begins with `self.`."""

    code: str
    arguments: tuple[Argument, ...]
    module: str = ""
    """The imports that it needs."""
    makes: bool = False
    """Whether it is a class."""


def given_functions(modules: Mapping[str, ModuleType], own: ModuleType, asked: frozenset[str]) -> Iterator[Given]:
    """All functions and classes that the modules define, except those in `asked`; the stub's own module comes first."""
    for name, module in sorted(modules.items(), key=lambda pair: (pair[1] is not own, pair[0])):
        for word, thing in vars(module).items():
            here = getattr(thing, "__module__", None) == module.__name__
            if not here or word in asked or not isinstance(thing, types.FunctionType | type):
                continue
            code = word if module is own else f"{name}.{word}"
            if (arguments := arguments_of(thing)) is not None:
                yield Given(code, arguments, "" if module is own else name, isinstance(thing, type))


def given_methods(thing: object, code: str, asked: frozenset[str]) -> Iterator[Given]:
    """The methods that an object's own class defines, and its call; inherited ones are PyTorch's."""
    for word, method in vars(type(thing)).items():
        if not isinstance(method, types.FunctionType) or f"{type(thing).__name__}.{word}" in asked:
            continue
        if word.startswith("__") and word != "__call__":
            continue
        if (arguments := arguments_of(method)) is not None:
            yield Given(code if word == "__call__" else f"{code}.{word}", arguments[1:])


def arguments_of(thing: Callable[..., object]) -> tuple[Argument, ...] | None:
    """The parameters of a function or class; None if it takes any number of them, or they are unknown."""
    function = inspect.unwrap(thing.__init__ if isinstance(thing, type) else thing)  # type: ignore[misc]  # a class's own
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if isinstance(thing, type):
        parameters = parameters[1:]
    if any(one.kind is one.VAR_POSITIONAL or one.kind is one.VAR_KEYWORD for one in parameters):
        return None
    return tuple(
        Argument(one.name, _hint(one.annotation, function), one.default is not one.empty) for one in parameters
    )


def _hint(annotation: Any, function: Any) -> Any:
    """An annotation as an object; a name that only type checkers know fits nothing."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, vars(inspect.getmodule(function)))
    except (NameError, AttributeError, TypeError, SyntaxError):
        return typing.NoReturn


def fits(hint: Any, value: object) -> bool:
    """Whether a value fits an annotation. Any module fits an annotation that is a kind of module."""
    if hint in _ANY or isinstance(hint, typing.TypeVar):
        return value is not None
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(one, value) for one in inner)
    if origin in _SEQUENCES:
        return isinstance(value, list | tuple) and all(fits(inner[0], one) for one in value[:1])
    if origin in _MAPPINGS:
        return isinstance(value, dict)
    if hint is None or hint is type(None):
        return value is None
    if not isinstance(hint, type) or getattr(hint, "_is_protocol", False):
        return False
    if hint is float:
        return type(value) in (int, float)
    if hint in (bool, int):
        return type(value) is hint
    return isinstance(value, nn.Module if issubclass(hint, nn.Module) else hint)
