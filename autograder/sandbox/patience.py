"""The time to wait for a process: its limit on the clock, plus the time that a busy machine has kept it waiting."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator

MOST = 10
"""The most time on the clock for a process, as a multiple of its limit, however busy the machine is."""
_SHORTEST = 0.01
TOO_LONG, AGAIN = signal.SIGALRM, signal.SIGUSR1
"""The signals to a process whose import takes too long, and to one whose import may not end again."""


class Patience:
    """The time of one question. `handle` is a descriptor that names the process (a pidfd), or None.

    A process that is ready to run and has no core is kept waiting by others: the kernel says how long (the second
    figure of `/proc/PID/schedstat`), and only that is granted on top of the limit. Time asleep is the answer's own, and
    so is what its threads keep each other waiting: more than the clock shows next to its CPU time is never granted.
    """

    def __init__(self, limit: float, handle: int | None) -> None:
        self._limit = limit
        self._pid = _pid(handle)
        self.restart()

    def restart(self) -> None:
        """Start again."""
        self._start, self._is_over = time.monotonic(), False
        self._used, self._kept = self._cpu(), self._delay()

    def left(self) -> float:
        """Seconds until `over` is worth asking again; never 0."""
        return max(_SHORTEST, self._limit - self._elapsed() + self._granted())

    def spent(self) -> float:
        """Seconds of CPU time since it began, or half of those on the clock if that is more: it slept, or has ended.

        The time that it waited for a core because of others does not count.
        """
        waited = max(0.0, self._delay() - self._kept)
        return max(self._cpu() - self._used, (self._elapsed() - waited) / 2)

    def over(self) -> bool:
        """Whether the time is up; it stays so if the process is kept waiting once more before it is ended."""
        elapsed = self._elapsed()
        if elapsed >= self._limit and (elapsed >= MOST * self._limit or elapsed - self._granted() >= self._limit):
            self._is_over = True
        return self._is_over

    def _elapsed(self) -> float:
        return time.monotonic() - self._start

    def _granted(self) -> float:
        elapsed = self._elapsed()
        if self._pid is None or elapsed < self._limit:
            return 0.0
        return max(0.0, min(self._delay() - self._kept, elapsed - (self._cpu() - self._used)))

    def _delay(self) -> float:
        """Seconds that the thread which waited longest has been ready to run without a core."""
        found = [int(text.split()[1]) / 1e9 for text in _each_thread(self._pid, "schedstat")]
        return max(found, default=0.0)

    def _cpu(self) -> float:
        """Seconds of CPU time of all its threads, those that have ended too."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = _read(f"/proc/{self._pid}/stat").rpartition(b")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0


def peak_memory(handle: int | None) -> int:
    """The most memory that the process has had, in bytes; 0 once it has ended, or if the kernel does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return 1024 * int(_told(f"/proc/{_pid(handle)}/status", b"VmHWM").split()[0])
    return 0


def interrupt(handle: int | None, number: int) -> bool:
    """Send the process a signal that makes our own part of it give up an import; returns whether that worked."""
    if handle is not None:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(handle, number)
            return True
    return False


def _pid(handle: int | None) -> int | None:
    """The number by which this process knows another one that it has a handle for."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if handle is not None and (pid := int(_told(f"/proc/self/fdinfo/{handle}", b"Pid"))) > 0:
            return pid
    return None


def _each_thread(pid: int | None, name: str) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                yield _read(f"/proc/{pid}/task/{thread}/{name}")


def _told(path: str, name: bytes) -> bytes:
    """Read one value of a file of the kernel's in which each line has a name."""
    return _read(path).partition(b"\n" + name + b":")[2].partition(b"\n")[0].strip()


def _read(path: str) -> bytes:
    """Read a small file of the kernel's: this is done for each question, and `open` takes five times as long."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 1 << 14)
    finally:
        os.close(descriptor)
