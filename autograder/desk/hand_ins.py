"""The reports that a class handed in, as the desk shows them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import lru_cache

from autograder.collect.report_file import report_of
from autograder.core.records import Submission
from autograder.core.settings import Limits
from autograder.marks.overrides import key

Opened = Callable[[], AbstractContextManager[tuple[Sequence[Submission], Limits]]]
"""Opens the class that was graded; it may be a download that is unpacked meanwhile. Raises AutograderError."""
KEPT = 8
"""So many reports stay in memory: the page of a student is loaded again after each change."""


class HandIns:
    """The class that was graded. It is opened when the first report is asked for, and stays open until it is closed."""

    def __init__(self, opened: Opened) -> None:
        """Nothing is opened yet."""
        self._opened, self._stack, self._lock = opened, ExitStack(), threading.Lock()
        self._known: tuple[Mapping[str, Submission], Limits] | None = None
        self._report = lru_cache(KEPT)(self._read)

    def report(self, student: str) -> bytes | None:
        """The report of a student by the record's id, untrusted; None if there is none that can be read.

        Raises AutograderError if the class is not there any more.
        """
        with self._lock:
            return self._report(student)

    def close(self) -> None:
        """Remove what was unpacked; the next report opens the class again."""
        with self._lock:
            self._report.cache_clear()
            self._known = None
            self._stack.close()

    def _read(self, student: str) -> bytes | None:
        if self._known is None:
            submissions, limits = self._stack.enter_context(self._opened())
            self._known = {key(one): sub for sub in submissions for one, _ in sub.students}, limits
        by_student, limits = self._known
        return report_of(by_student[student], limits) if student in by_student else None
