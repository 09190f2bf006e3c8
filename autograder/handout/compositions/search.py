"""Tries compositions of given functions on the arguments of a stub, and keeps those that act as the reference does."""

from __future__ import annotations

import itertools
import math
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from autograder.handout.compositions.given import Argument, Given, fits, given_functions, given_methods
from autograder.handout.compositions.observed import Call, Names, version
from autograder.handout.compositions.values import Value, first_values, outputs, returns

FIRST, AFTER = 300, 60
"""The most calls of one given function on the stub's values, and after a call that changed something."""
SECOND = (600, 40, 60, 10)
"""The most calls on the result of one other call, by that call's rank."""
MOST = 9_000
"""The most calls for one stub."""
ENOUGH = 8
"""The number of right compositions to find: one is enough, but some are closer to what a student would write."""
SECONDS = 2.0
"""Seconds for one call."""
LEFT_OUT = Value("", None)
"""The value of an argument that is left out because it has a default."""


class TooLong(BaseException):
    """A call took longer than `SECONDS`."""


@dataclass(frozen=True)
class Composition:
    """The lines of an answer: its imports, its first calls, and the returned expression."""

    lines: tuple[str, ...]


@dataclass
class Search:
    """The search for one stub: on the first of `calls`, and with those that agree there, on the others."""

    module: ModuleType
    modules: Mapping[str, ModuleType]
    calls: Sequence[Call]
    asked: frozenset[str]
    most: int = MOST
    tried: int = 0
    limited: bool = False
    found: list[Composition] = field(default_factory=list)
    known: dict[object, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scope = {**self.modules, **vars(self.module), "torch": torch}
        self.given = list(given_functions(self.modules, self.module, self.asked))
        for name, value in self.calls[0].names.items():
            if type(value).__module__ == self.module.__name__:
                self.given[:0] = given_methods(value, name, self.asked)
        self._renew()

    def run(self) -> list[Composition]:
        """Run the whole search: single calls, calls on results of others, and calls after one with an effect."""
        firsts: dict[object, tuple[int, Given, str, object]] = {}
        changing = []
        for given in self.given:
            for arguments in self._choices(given, self.values, (), FIRST):
                if len(self.found) >= ENOUGH:
                    return self.found
                code, result, changed = self._call(given, arguments)
                if changed:
                    changing.append((given, arguments))
                elif result is not LEFT_OUT:
                    firsts.setdefault(_key(result), (_rank(given, arguments), given, code, result))
        known = {_key(value.value) for value in self.values}
        if self.calls[0].has_effect:
            for given, arguments in changing[:AFTER]:
                self._after(given, arguments)
        for _, first in sorted(
            ((key, one) for key, one in firsts.items() if key not in known), key=lambda one: one[1][0]
        ):
            self._second(*first)
        return self.found

    def _second(self, rank: int, first: Given, code: str, result: object) -> None:
        """Try calls on the result of a call, and of its methods if it is an object of the kit."""
        if self._enough():
            return
        made = list(outputs(code, result, self.names))
        pool = [*made, *self.values]
        kits = type(result).__module__.rpartition(".")[2] in self.modules
        calls = [given for given in self.given if not given.makes]
        for given in (*(given_methods(result, code, self.asked) if kits else ()), *calls):
            own = given.code.startswith(code)
            most = SECOND[rank] if own or not given.module else min(SECOND[rank], SECOND[2])
            for arguments in self._choices(given, pool, () if own else made, most):
                if self._enough():
                    return
                self._call(given, arguments, (first.module,))

    def _enough(self) -> bool:
        """Whether the most calls were tried, or enough was found."""
        self.limited |= self.tried >= self.most
        return self.tried >= self.most or len(self.found) >= ENOUGH

    def _after(self, first: Given, arguments: Sequence[Value]) -> None:
        """Try calls after a call that changed the arguments."""
        for given in self.given:
            for others in self._choices(given, self.values, (), AFTER):
                if self._enough():
                    return
                before = self._call(first, arguments, keep=True)[0]
                self._call(given, others, (first.module,), (before,))

    def _choices(
        self, given: Given, pool: Sequence[Value], needed: Sequence[Value], most: int
    ) -> Iterator[tuple[Value, ...]]:
        """Yield arguments for a function: first those with the parameters' own names, then any that fit, each once.

        Beyond `most` combinations a sample is drawn, the same each time.
        """
        wanted = set(needed)
        options = [
            [*([LEFT_OUT] if argument.optional else []), *(value for value in pool if self._fits(argument, value))]
            for argument in given.arguments
        ]
        places = [place for place, fitting in enumerate(options) if not wanted.isdisjoint(fitting)]
        if not all(options) or (wanted and not places):
            return
        own = [
            [value for value in fitting if _same_name(value, argument) or value in wanted] or fitting
            for fitting, argument in zip(options, given.arguments, strict=True)
        ]
        seen: set[tuple[Value, ...]] = set()
        for tried in (own, options):
            for place in places or [-1]:
                for chosen in _some(_narrowed(tried, place, wanted), most):
                    if len(seen) < most and chosen not in seen and _sensible(chosen, given.makes):
                        seen.add(chosen)
                        yield chosen
        self.limited |= len(seen) == most

    def _fits(self, argument: Argument, value: Value) -> bool:
        """The result of `fits`, kept by type because it depends on the types alone."""
        inside = type(value.value[0]) if isinstance(value.value, list | tuple) and value.value else None
        key = (argument, type(value.value), inside)
        if key not in self.known:
            self.known[key] = fits(argument.hint, value.value)
        return self.known[key]

    def _call(
        self,
        given: Given,
        arguments: Sequence[Value],
        imports: Sequence[str] = (),
        before: Sequence[str] = (),
        keep: bool = False,
    ) -> tuple[str, Any, bool]:
        """Make one call; returns its code, its result (`LEFT_OUT` if it raises), and whether it changed arguments."""
        code = _code(given, arguments)
        self.tried += not keep
        values = [
            (argument.name, self._now(value))
            for argument, value in zip(given.arguments, arguments, strict=True)
            if value is not LEFT_OUT
        ]
        function = partial(_named, given.code, self.scope, self.names)
        result = attempt(function, dict(values))
        changed = version(self.names) != self.version
        if keep:
            return code, result, changed
        if result is not LEFT_OUT:
            self._compare(code, result, changed or bool(before), (*imports, given.module), before)
        if changed or before:
            self._renew()
        return code, result, changed

    def _now(self, value: Value) -> object:
        return value.value if value.compiled is None else eval(value.compiled, self.scope, self.names)

    def _compare(self, code: str, result: object, changed: bool, imports: Sequence[str], before: Sequence[str]) -> None:
        """Keep code that returns the same and makes the same changes as the reference on all inputs."""
        call = self.calls[0]
        if changed != call.has_effect or (changed and not call.leaves_the_same(self.names)):
            return
        wanted = [self._import(name) for name in sorted({*imports} - {""})]
        for expression, value in returns(code, result, self.names, call.result):
            if call.agrees(value, self.names):
                self._keep(Composition((*wanted, *before, f"return {expression}")))
        if changed:
            for one in self.values:
                if call.agrees(self._now(one), self.names):
                    self._keep(Composition((*wanted, *before, code, f"return {one.code}")))

    def _import(self, name: str) -> str:
        package, _, module = self.modules[name].__name__.rpartition(".")
        return f"from {package} import {module}" if package else f"import {module}"

    def _keep(self, composition: Composition) -> None:
        if all(agrees(composition, call, self.scope) for call in self.calls):
            self.found.append(composition)

    def _renew(self) -> None:
        """Begin again with unchanged arguments."""
        self.names = self.calls[0].fresh()
        self.version = version(self.names)
        self.values = first_values(self.names, self.module)


def agrees(composition: Composition, call: Call, scope: Mapping[str, Any]) -> bool:
    """Whether a composition acts on other inputs as the reference does."""
    names = call.fresh()
    body = "\n".join(f"    {line}" for line in composition.lines)
    space = dict(scope)
    exec(f"def composition({', '.join(names)}):\n{body}", space)
    result = attempt(space["composition"], names)
    return result is not LEFT_OUT and call.agrees(result, names)


def attempt(function: Callable[..., object], named_values: Mapping[str, Any]) -> object:
    """Call a function; `LEFT_OUT` if it raises or takes too long."""
    torch.default_generator.manual_seed(0)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with torch.no_grad():
            return function(**named_values)
    except (Exception, SystemExit, TooLong):
        return LEFT_OUT
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _named(code: str, scope: dict[str, Any], names: Names, /, **values: object) -> object:
    """Call the function that an expression names."""
    return eval(code, scope, names)(**values)


def _code(given: Given, arguments: Sequence[Value]) -> str:
    words, by_name = [], False
    for argument, value in zip(given.arguments, arguments, strict=True):
        if value is LEFT_OUT:
            by_name = True
        else:
            words.append(f"{argument.name}={value.code}" if by_name else value.code)
    return f"{given.code}({', '.join(words)})"


def _some(options: Sequence[Sequence[Value]], most: int) -> Iterator[tuple[Value, ...]]:
    """Yield all combinations if they are few, otherwise a sample that is the same each time."""
    if math.prod(map(len, options)) <= 8 * most:
        yield from itertools.product(*options)
        return
    draw = random.Random(0)
    for _ in range(4 * most):
        yield tuple(draw.choice(one) for one in options)


def _narrowed(options: Sequence[Sequence[Value]], place: int, wanted: set[Value]) -> Sequence[Sequence[Value]]:
    """The options, with only the wanted ones at one place."""
    return [
        [value for value in fitting if value in wanted] if at == place else fitting
        for at, fitting in enumerate(options)
    ]


def _sensible(chosen: Sequence[Value], makes: bool) -> bool:
    """Whether a call uses the stub's values, and no tensor twice; an object may be made of anything."""
    given = [value for value in chosen if value is not LEFT_OUT and not value.constant]
    large = [value.code for value in given if isinstance(value.value, Tensor | nn.Module | list | dict | tuple)]
    return len({*large}) == len(large) and (makes or bool(large))


def _same_name(value: Value, argument: Argument) -> bool:
    return value.name.lower() == argument.name.lower()


def _rank(given: Given, arguments: Sequence[Value]) -> int:
    """The distance of a call from the stub: 0 for one of its own module that gets arguments by their names."""
    by_name = any(map(_same_name, arguments, given.arguments))
    return 2 * bool(given.module) + (not by_name)


def _key(result: object) -> object:
    """A key that is equal for results with equal tensors and numbers."""
    if isinstance(result, Tensor):
        return (result.dtype, tuple(result.shape), result.detach().numpy().tobytes())
    if isinstance(result, list | tuple):
        return tuple(map(_key, result))
    if isinstance(result, dict):
        return tuple((str(key), _key(value)) for key, value in result.items())
    return (type(result), result) if isinstance(result, bool | int | float | str | None) else id(result)
