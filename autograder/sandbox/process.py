"""The trusted side's handle on a process that the warm server forked: it watches the process, and ends it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import asdict

from autograder.core.errors import WorkerLost
from autograder.core.settings import Limits
from autograder.sandbox import patience
from autograder.sandbox.client import Server


class Process:
    """One forked process, from its fork to its end."""

    def __init__(self, server: Server, limits: Limits, questions: int, descriptors: Sequence[int]) -> None:
        """Fork it. The first of `descriptors` becomes its connection to us, the second its output.

        `questions` is the number of questions that it may be asked.
        """
        self._server = server
        request = {"do": "fork", "limits": asdict(limits), "questions": questions}
        reply = server.request(request, descriptors)
        self._pid: int | None = reply["pid"]
        self._handle: int | None = reply.get("descriptor")

    @property
    def alive(self) -> bool:
        """Whether it was not ended from here; a process that ended by itself is noticed at the next read."""
        return self._pid is not None

    def patience(self, limit: float) -> patience.Patience:
        """A limit of so many seconds of this process's time, from now on."""
        return patience.Patience(limit, self._handle)

    def peak(self) -> int:
        """The most memory that it has had, in bytes; 0 once it has ended, or if the kernel does not say."""
        return patience.peak_memory(self._handle)

    def interrupt(self, number: int) -> bool:
        """Make it give up the import that it is busy with, by a signal of `patience`; returns whether that worked."""
        return patience.interrupt(self._handle, number)

    def end(self, wait: bool) -> int:
        """End it; returns its wait status if `wait`, otherwise 0, because tearing a process down takes 8 ms.

        A second call changes nothing. Raises WorkerLost if the server is gone, so that nobody can say how the process
        ended: then it is not the student's fault.
        """
        if self._pid is None:
            return 0
        request = {"do": "end", "pid": self._pid}
        handle, self._pid, self._handle = self._handle, None, None
        if handle is not None:
            os.close(handle)
        if wait:
            return int(self._server.request(request)["status"])
        with contextlib.suppress(WorkerLost):  # then the process is gone too
            self._server.notify(request)
        return 0
