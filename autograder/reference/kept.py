"""Answers that all workers of a run keep for one another, each in a thread of its own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from autograder.core.records import Answer

T = TypeVar("T")
_ANSWERS = 65_536


class Kept:
    """The latest answers, and what is computed once from many of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._made: dict[Hashable, Any] = {}
        self._making: dict[Hashable, threading.Lock] = {}

    def answer(self, key: Hashable) -> Answer | None:
        """The answer kept under `key`, if it still is."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, answers: Mapping[Hashable, Answer]) -> None:
        """Keep some more; those that nobody has asked for the longest go."""
        with self._lock:
            self._answers.update(answers)
            while len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, called by whoever asks first, while the others wait."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if key not in self._made:
                self._made[key] = make()
            made: T = self._made[key]
            return made
