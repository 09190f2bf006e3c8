"""Answers that the workers of a run, each in a thread of its own, share with one another."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from autograder.core.records import Answer

T = TypeVar("T")
_ANSWERS = 65_536


class Kept:
    """The latest answers, and results that are computed once from many of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._made: dict[Hashable, Any] = {}
        self._making: dict[Hashable, threading.Lock] = {}

    def answer(self, key: Hashable) -> Answer | None:
        """The answer kept under `key`, if it is still there."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, answers: Mapping[Hashable, Answer]) -> None:
        """Keep more answers; those that have not been asked for the longest time are dropped."""
        with self._lock:
            self._answers.update(answers)
            while len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of `make`, called by the first thread that asks, while the others wait."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if key not in self._made:
                self._made[key] = make()
            made: T = self._made[key]
            return made
